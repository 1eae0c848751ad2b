//! The benchmarks, `cargo xtask bench [NAME ..]`: which there are and in which order they run. Each prints figures with a
//! ratio against a ceiling of the same run, because the machine is never alone. What is measured is the product as it is;
//! nothing here is tuned for it.

mod ceiling;
mod charge;
mod figure;
mod growth;
mod load;
mod machine;
mod pair;
mod process;
mod start;
mod store_pairs;

use figure::{Figure, Report};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// What a benchmark may fail with: it stops, and says so.
type Failed = Box<dyn Error + Send + Sync>;

/// A benchmark: how much to measure, and what came of it.
type Benchmark = fn(&Scale) -> Result<Vec<Figure>, Failed>;

const HELP: &str = "\
bench [NAME ..] [--runs N] [--quick] [--json FILE]

  store    durable charge pairs per second against the raw group commit and one transaction per write
  charge   POST /v1/charges over HTTP, gateway and sandbox as processes of their own
  start    cold start, idle memory, size of the binary, the sandbox's start
  growth   charge and list latency with many stored charges

Without a name: all of them. --runs: how often each is measured (5); figures are medians. --quick: numbers so small that
nothing is learnt but that it runs. --json: the report, with facts about the machine, also to this file.
";

/// How much is measured.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    /// How often each figure is measured.
    pub(crate) runs: usize,
    /// Whether only to show that it runs.
    pub(crate) quick: bool,
    /// The program under test.
    pub(crate) binary: PathBuf,
}

impl Scale {
    /// That many, or very few.
    pub(crate) const fn of(&self, many: usize, few: usize) -> usize {
        if self.quick { few } else { many }
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let (mut names, mut json) = (Vec::new(), None);
    let mut scale = Scale { runs: 5, quick: false, binary: process::beside_us() };
    while let Some(word) = words.next() {
        match word.as_str() {
            // The other end of the HTTP ceiling, started by `charge`.
            "echo" => return ended(ceiling::echo()),
            "--quick" => scale = Scale { runs: 1, quick: true, ..scale },
            "--runs" => match words.next().and_then(|number| number.parse().ok()) {
                Some(runs) if runs > 0 => scale.runs = runs,
                _ => return usage(),
            },
            "--json" => match words.next() {
                Some(file) => json = Some(PathBuf::from(file)),
                None => return usage(),
            },
            "store" | "charge" | "start" | "growth" => names.push(word),
            _ => return usage(),
        }
    }
    ended(run(&names, &scale, json))
}

fn usage() -> ExitCode {
    eprint!("{HELP}");
    ExitCode::from(2)
}

fn ended(result: Result<(), Failed>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(names: &[String], scale: &Scale, json: Option<PathBuf>) -> Result<(), Failed> {
    let all: [(&str, Benchmark); 4] =
        [("store", store_pairs::run), ("charge", charge::run), ("start", start::run), ("growth", growth::run)];
    let mut report = Report { machine: machine::facts(), runs: scale.runs, quick: scale.quick, figures: Vec::new() };
    report.show_machine();
    for (name, run) in all {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            let figures = run(scale)?;
            figure::show(name, &figures);
            report.figures.extend(figures);
        }
    }
    if let Some(file) = json {
        std::fs::write(file, serde_json::to_string_pretty(&report)? + "\n")?;
    }
    Ok(())
}
