#![no_main]
//! Bytes of any kind, read as `markdown`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("markdown", bytes));
