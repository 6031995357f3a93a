#![no_main]
//! Bytes of any kind, read as `vscode_copilot`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("vscode_copilot", bytes));
