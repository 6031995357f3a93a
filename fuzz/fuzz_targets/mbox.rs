#![no_main]
//! Bytes of any kind, read as `mbox`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("mbox", bytes));
