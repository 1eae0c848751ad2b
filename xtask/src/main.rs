//! The project's own commands, `cargo xtask NAME`. What belongs to the product
//! is not here.

mod check;
mod install;
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
cargo xtask install  only install what the tests need (Debian, as root)
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (name, more) = (arguments.next(), arguments.next());
    let result = match (name.as_deref(), more) {
        (Some("test"), None) => test::run(),
        (Some("check"), None) => check::run(),
        (Some("tidy"), None) => tidy::run(),
        (Some("install"), None) => install::run(),
        (None | Some("help" | "--help" | "-h"), None) => {
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
