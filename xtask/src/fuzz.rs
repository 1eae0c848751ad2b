//! `cargo xtask fuzz`: runs the fuzz targets under libFuzzer. What they assert
//! is in `crates/tollgate/tests/fuzz`, where an ordinary test runs them too.

use std::process::Command;

use crate::{root, step};

/// What is run of each target unless told otherwise: about a minute.
const RUNS: u64 = 1_000_000;

/// The longest input, in bytes.
const INPUT_BYTES: u32 = 2_048;

/// All targets, or the one that is named, one after the other.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let (mut wanted, mut runs) = (None, RUNS);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--runs" => {
                let number = rest.next().and_then(|text| text.parse().ok());
                runs = number.ok_or("--runs needs a number")?;
            }
            name => wanted = Some(name),
        }
    }
    let targets = targets()?;
    if let Some(name) = wanted
        && !targets.iter().any(|known| known == name)
    {
        return Err(format!("there is no target {name}; there are {}", targets.join(", ")));
    }
    for target in targets.iter().filter(|name| wanted.is_none_or(|wanted| wanted == name.as_str())) {
        one(target, runs)?;
    }
    Ok(())
}

/// The folders of the seed corpus, which a test compares with the targets.
fn targets() -> Result<Vec<String>, String> {
    let corpus = root().join("fuzz/corpus");
    let folders = std::fs::read_dir(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
    let mut names: Vec<String> =
        folders.flatten().map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn one(target: &str, runs: u64) -> Result<(), String> {
    // What libFuzzer finds goes to a folder of its own; the committed seeds are only read.
    let found = root().join("target/fuzz-corpus").join(target);
    std::fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
    let mut command = Command::new("cargo");
    // The cargo that runs this put its own version in the way of `+nightly`.
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").current_dir(root().join("fuzz"));
    // No address sanitizer: the project has no unsafe code, and ten times the inputs find more.
    command.args(["+nightly", "fuzz", "run", "--sanitizer", "none", target]);
    command.arg(&found).arg(root().join("fuzz/corpus").join(target)).arg("--");
    command.arg(format!("-runs={runs}")).arg(format!("-max_len={INPUT_BYTES}")).arg("-print_final_stats=1");
    step::run(&format!("fuzz {target}, {runs} executions"), &mut command).map_err(|message| {
        format!("{message}\nIf cargo has no such command: rustup toolchain install nightly && cargo install cargo-fuzz")
    })
}
