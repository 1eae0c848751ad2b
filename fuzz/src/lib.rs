//! The targets of `crates/tollgate/tests/fuzz`, for libFuzzer. No property lives here.

#[path = "../../crates/tollgate/tests/fuzz/targets/mod.rs"]
mod targets;

/// Runs the target of that name on these bytes; panics where its property is broken.
pub fn run(name: &str, data: &[u8]) {
    targets::run(name, data);
}
