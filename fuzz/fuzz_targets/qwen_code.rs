#![no_main]
//! Bytes of any kind, read as `qwen_code`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("qwen_code", bytes));
