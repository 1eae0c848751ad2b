//! `cargo xtask clients`: clients for Python and TypeScript, generated from the OpenAPI document by generators that
//! others wrote, each of which takes one charge through a live gateway and sandbox.

use std::path::Path;
use std::process::Command;

use crate::{root, stage, step};

/// What is installed from PyPI.
const PYTHON: &str = "openapi-python-client==0.29.1";
/// What is installed from npm.
const NODE: [&str; 3] = ["openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9"];

/// Generates both, and charges once through each.
pub(crate) fn run() -> Result<(), String> {
    let bin = stage::python(&[PYTHON])?;
    let stage = stage::Stage::start("clients")?;
    let document = root().join("docs/openapi.json");
    let clients = root().join("xtask/clients");
    let folder = stage::folder("generated")?;
    let asked = |command: &mut Command| {
        command.env("TOLLGATE_URL", &stage.url).env("TOLLGATE_KEY", &stage.key);
    };

    let mut generate = Command::new(bin.join("openapi-python-client"));
    generate.args(["generate", "--meta", "none", "--overwrite", "--path"]).arg(&document);
    step::run("the Python client", generate.arg("--output-path").arg(folder.join("tollgate_client")))?;
    let mut charge = Command::new(bin.join("python"));
    charge.arg(clients.join("charge.py")).env("PYTHONPATH", &folder);
    asked(&mut charge);
    step::run("a charge from Python", &mut charge)?;

    let node = stage::tools()?.join("node");
    std::fs::create_dir_all(&node).map_err(|error| error.to_string())?;
    let mut install = Command::new("npm");
    install.args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"]).arg(&node).args(NODE);
    step::run(&NODE.join(", "), &mut install)?;
    let tool = |name: &str| Command::new(node.join("node_modules/.bin").join(name));
    let mut generate = tool("openapi-typescript");
    step::run("the TypeScript types", generate.arg(&document).arg("-o").arg(node.join("schema.d.ts")))?;
    copy(&clients.join("charge.ts"), &node.join("charge.mts"))?;
    let options = ["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "charge.mts"];
    step::run("its types are right", tool("tsc").args(options).current_dir(&node))?;
    let mut charge = Command::new("node");
    charge.arg("charge.mjs").current_dir(&node);
    asked(&mut charge);
    step::run("a charge from TypeScript", &mut charge)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to).map(|_| ()).map_err(|error| format!("{}: {error}", from.display()))
}
