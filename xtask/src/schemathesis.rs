//! `cargo xtask schemathesis`: requests made up from the OpenAPI document, good ones and bad ones, against a live gateway
//! and sandbox. No answer may be a fault of the server's, be undocumented or differ from its schema.

use std::process::Command;

use crate::{root, stage, step};

/// What is installed from PyPI.
const PACKAGE: &str = "schemathesis==4.32.5";
/// Examples for each operation unless told otherwise: about half a minute.
const EXAMPLES: &str = "15";
/// The seed unless told otherwise.
const SEED: &str = "1";

/// Runs with `--examples N` and `--seed S`.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let (mut examples, mut seed) = (EXAMPLES, SEED);
    for pair in arguments.chunks(2) {
        match pair {
            ["--examples", number] => examples = number,
            ["--seed", number] => seed = number,
            other => return Err(format!("schemathesis does not know {}", other.join(" "))),
        }
    }
    let bin = stage::python(&[PACKAGE])?;
    let stage = stage::Stage::start("schemathesis")?;
    let mut command = Command::new(bin.join("schemathesis"));
    command.arg("--config-file").arg(root().join("xtask/schemathesis.toml"));
    command.arg("run").arg(format!("{}/openapi.json", stage.url));
    command.args(["--max-examples", examples, "--seed", seed]).env("TOLLGATE_KEY", &stage.key);
    step::run(&format!("schemathesis with {examples} examples and seed {seed}"), &mut command)
}
