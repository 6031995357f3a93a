#![no_main]
//! Bytes of any kind, read as `frontends`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("frontends", bytes));
