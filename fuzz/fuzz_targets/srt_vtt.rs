#![no_main]
//! Bytes of any kind, read as `srt_vtt`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("srt_vtt", bytes));
