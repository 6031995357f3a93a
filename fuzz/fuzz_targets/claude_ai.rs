#![no_main]
//! Bytes of any kind, read as `claude_ai`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("claude_ai", bytes));
