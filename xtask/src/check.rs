//! Format and lints: the part of the checks that is quick enough to run while
//! working.

use std::process::Command;

use crate::{root, step};

/// Both, with warnings denied.
pub(crate) fn run() -> Result<(), String> {
    step::run("format", cargo().args(["fmt", "--all", "--", "--check"]))?;
    lint("clippy", &["--workspace"])?;
    // Code that no other step compiles.
    lint("clippy with crash points", &["--package", "tollgate", "--features", "crash-points"])
}

fn lint(name: &str, what: &[&str]) -> Result<(), String> {
    let mut clippy = cargo();
    clippy.arg("clippy").args(what).args(["--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"]);
    step::run(name, &mut clippy)
}

/// The cargo that runs this, at the top of the checkout.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
