//! libFuzzer's door to the target `list_query`. The property itself is in `crates/tollgate/tests/fuzz/targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tollgate_fuzz::run("list_query", data));
