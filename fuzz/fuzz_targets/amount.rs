//! libFuzzer's door to the target `amount`. The property itself is in `crates/tollgate/tests/fuzz/targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tollgate_fuzz::run("amount", data));
