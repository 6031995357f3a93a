#![no_main]
//! Bytes of any kind, read as `locomo`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("locomo", bytes));
