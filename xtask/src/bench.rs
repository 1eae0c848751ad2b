//! `cargo xtask bench`: builds gateway, sandbox and benchmarks as released and runs the benchmarks. What is measured is
//! theirs; nothing is decided here.

use crate::check::cargo;

/// Passes the words on.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    let mut build = cargo();
    build.args(["build", "--release", "--locked", "--package", "tollgate", "--package", "bench"]);
    ended("the release build", build.status())?;
    let mut bench = cargo();
    bench.args(["run", "--release", "--quiet", "--locked", "--package", "bench", "--"]).args(words);
    ended("the benchmark", bench.status())
}

fn ended(what: &str, status: std::io::Result<std::process::ExitStatus>) -> Result<(), String> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} ended with {status}")),
        Err(error) => Err(format!("cannot start cargo: {error}")),
    }
}
