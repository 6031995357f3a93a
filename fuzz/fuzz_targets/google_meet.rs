#![no_main]
//! Bytes of any kind, read as `google_meet`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("google_meet", bytes));
