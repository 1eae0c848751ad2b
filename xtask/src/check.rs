//! Format and lints: the part of the checks that is quick enough to run while
//! working.

use std::process::Command;

use crate::{root, step};

/// Both, with warnings denied.
pub(crate) fn run() -> Result<(), String> {
    step::run("format", cargo().args(["fmt", "--all", "--", "--check"]))?;
    step::run(
        "clippy",
        cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"]),
    )
}

/// The cargo that runs this, at the top of the checkout.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
