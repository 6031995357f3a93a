#![no_main]
//! Bytes of any kind, read as `openai_chat`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("openai_chat", bytes));
