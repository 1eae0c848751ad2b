//! `cargo xtask test`, the test command: everything that must pass before a
//! change is taken, in the order in which failures are cheapest to find.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use crate::check::{self, cargo};
use crate::tally::Tally;
use crate::{install, root, step};

/// Runs all steps; ends with one line that counts the tests.
pub(crate) fn run() -> Result<(), String> {
    let start = Instant::now();
    let mut tally = Tally::default();
    let result = steps(&mut tally);
    if result.is_err() && tally.failed == 0 {
        // A step that is not a test failed; the count must not look green.
        tally.failed = 1;
    }
    println!("\nAll steps took {} s.", start.elapsed().as_secs());
    println!("{tally}");
    result
}

fn steps(tally: &mut Tally) -> Result<(), String> {
    install::run()?;
    check::run()?;
    step::run_tests(
        "tests: units, properties, real processes, a real browser, documentation",
        cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]),
        tally,
    )?;
    step::run_tests(
        "tests of traces, which a feature turns on",
        cargo().args(["test", "-p", "tollgate", "--features", "otel", "--test", "traces", "--locked"]),
        tally,
    )?;
    let demo = step::run("the demo", Command::new(binary()?).args(["demo", "--once", "--listen", "127.0.0.1:0"]));
    tally.add(&demo);
    demo
}

/// The binary that the tests have built.
pub(crate) fn binary() -> Result<PathBuf, String> {
    let output = cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let target = metadata["target_directory"].as_str().map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("debug/tollgate"))
}
