#![no_main]
//! Bytes of any kind, read as `grok`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("grok", bytes));
