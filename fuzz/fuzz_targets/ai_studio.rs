#![no_main]
//! Bytes of any kind, read as `ai_studio`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("ai_studio", bytes));
