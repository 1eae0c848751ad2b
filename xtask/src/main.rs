//! The project's own commands, `cargo xtask NAME`. What belongs to the product
//! is not here.

mod bench;
mod check;
mod clients;
mod crash;
mod fuzz;
mod install;
mod schemathesis;
mod simulate;
mod stage;
mod step;
mod tally;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test     everything that must pass: installs what is missing, format, clippy,
                     all tests (a real browser's too), the demo
cargo xtask check    format and clippy, for a quick look while working
cargo xtask tidy     the house rules alone
cargo xtask crash [--cycles N] [--seed S] | --points
                     gateways and sandboxes under load, killed N times, or at each named place
                     in the code; both sides compared
cargo xtask fuzz [TARGET] [--runs N]
                     the fuzz targets under libFuzzer, all or one, N executions each
                     (needs a nightly compiler and cargo-fuzz)
cargo xtask simulate the gateway under many seeds of faults, as a release build; --help says how
cargo xtask bench [NAME ..]
                     the benchmarks, as a release build, each figure beside a ceiling; --help says more
cargo xtask schemathesis [--examples N] [--seed S]
                     requests made up from the OpenAPI document against a live gateway (needs PyPI)
cargo xtask clients  clients generated for Python and TypeScript, a charge through each (needs
                     PyPI and npm)
cargo xtask install  only install what the tests need (Debian, as root)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (name, more) = (words.first().copied(), words.get(1..).unwrap_or_default());
    let result = match (name, more) {
        (Some("test"), []) => test::run(),
        (Some("check"), []) => check::run(),
        (Some("tidy"), []) => tidy::run(),
        (Some("crash"), more) => crash::run(more),
        (Some("fuzz"), more) => fuzz::run(more),
        (Some("bench"), more) => bench::run(more),
        (Some("install"), []) => install::run(),
        (Some("schemathesis"), more) => schemathesis::run(more),
        (Some("clients"), []) => clients::run(),
        (Some("simulate"), more) => simulate::run(more),
        (None | Some("help" | "--help" | "-h"), []) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\nxtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The top folder of the checkout.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}
