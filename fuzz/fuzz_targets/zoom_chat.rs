#![no_main]
//! Bytes of any kind, read as `zoom_chat`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("zoom_chat", bytes));
