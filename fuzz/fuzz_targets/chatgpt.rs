#![no_main]
//! Bytes of any kind, read as `chatgpt`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("chatgpt", bytes));
