#![no_main]
//! Bytes of any kind, read as `copilot_cli`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("copilot_cli", bytes));
