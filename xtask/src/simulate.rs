//! `cargo xtask simulate`: the simulation as a release build. Its options are its own; nothing is decided here.

use crate::check::cargo;

/// Each run makes and drops a database; glibc would give the pages back each time and fault them in again.
const MEMORY: &[(&str, &str)] = &[
    ("MALLOC_TRIM_THRESHOLD_", "2000000000"),
    ("MALLOC_MMAP_THRESHOLD_", "2000000000"),
    ("MALLOC_TOP_PAD_", "16000000"),
];

/// Passes the words on.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let mut run = cargo();
    run.args(["run", "--release", "--quiet", "--locked", "--package", "simulation", "--"]).args(words);
    let status = run.envs(MEMORY.iter().copied()).status();
    let status = status.map_err(|error| format!("cannot start cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the simulation ended with {status}")) }
}
