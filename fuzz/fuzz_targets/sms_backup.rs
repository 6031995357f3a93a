#![no_main]
//! Bytes of any kind, read as `sms_backup`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| recount_fuzz::read_as("sms_backup", bytes));
