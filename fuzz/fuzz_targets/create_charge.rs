//! libFuzzer's door to the target `create_charge`. The property itself is in `crates/tollgate/tests/fuzz/targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tollgate_fuzz::run("create_charge", data));
