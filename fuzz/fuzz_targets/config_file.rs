//! libFuzzer's door to the target `config_file`. The property itself is in `crates/tollgate/tests/fuzz/targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tollgate_fuzz::run("config_file", data));
