#![no_main]
//! Bytes of any kind, read as `matrix`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("matrix", bytes));
