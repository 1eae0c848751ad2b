//! `tollgate sandbox shrink`: a client that fails under chaos, run again until the fewest faults are left that make it fail.
//! Starts the client's command and prints what was found; the search is the `sandbox` crate's.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use sandbox::shrink::{Firing, Shrunk, Smallest};
use serde_json::json;

use super::sandbox::stopped;
use crate::exit::{Exit, Stop};
use crate::print;

/// Find the fewest faults that make a client fail.
///
/// Runs COMMAND against a sandbox under chaos. When it fails - its exit status is not 0, or the verdict is not clean - it
/// is run again with fewer and fewer of the faults that fired, each time against a new sandbox of the same seed, until no
/// fault can be left off. In the arguments `{url}` stands for the sandbox's address; the variable `SANDBOX_URL` holds it, too.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate sandbox shrink --seed 7 --chaos hostile -- ./my-client --payoneer {url}
  tollgate sandbox shrink --seed 7 --chaos hostile --json -- npm test > smallest.json")]
pub(crate) struct Shrink {
    /// The seed of the chaos that makes the client fail.
    #[arg(long)]
    seed: u64,
    /// Its profile.
    #[arg(long, value_name = "PROFILE")]
    chaos: String,
    /// Where each sandbox listens; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How many seconds one run of the command may take; then it has failed.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    patience: u64,
    /// The client and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

impl Shrink {
    pub(super) async fn run(self, as_json: bool) -> anyhow::Result<Exit> {
        let options = sandbox::Options {
            listen: self.listen,
            seed: Some(self.seed),
            chaos: Some(self.chaos.clone()),
            ..sandbox::Options::default()
        };
        let mut trouble = None;
        let mut runs = 0_u32;
        let shrunk = sandbox::shrink::shrink(options, async |sandbox: &sandbox::Sandbox| {
            runs += 1;
            if !as_json {
                eprintln!("run {runs} ...");
            }
            self.client(sandbox.url()).await.unwrap_or_else(|error| {
                trouble = Some(error);
                true
            })
        });
        let shrunk = shrunk.await.map_err(|error| stopped(&error, "--listen"))?;
        if let Some(error) = trouble {
            return Err(error);
        }
        match shrunk {
            Shrunk::Fine => {
                print::line("The client does not fail under this chaos.")?;
                Ok(Exit::Success)
            }
            Shrunk::Unrepeatable(firings) => {
                Err(Stop::new(Exit::Failure, format!("the same {} faults did not make it fail again", firings.len()))
                    .advise("A client can be shrunk when it makes the same calls in every run.")
                    .into())
            }
            Shrunk::Smallest(smallest) => {
                if as_json {
                    as_data(&smallest)?;
                } else {
                    as_words(&smallest)?;
                }
                Ok(Exit::Guilty)
            }
        }
    }

    /// Runs the client once; whether it says that it failed.
    async fn client(&self, url: &str) -> anyhow::Result<bool> {
        let mut words = self.command.iter().map(|word| word.replace("{url}", url));
        let program = words.next().context("no command")?;
        let mut child = tokio::process::Command::new(&program)
            .args(words)
            .env("SANDBOX_URL", url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot run {program}"))?;
        let ended = tokio::time::timeout(Duration::from_secs(self.patience), child.wait()).await;
        Ok(ended.map_or(Ok(true), |ended| ended.map(|status| !status.success()))?)
    }
}

fn as_data(smallest: &Smallest) -> anyhow::Result<()> {
    print::json(&json!({
        "fired": smallest.fired,
        "runs": smallest.runs,
        "unfinished": smallest.unfinished,
        "told": smallest.told,
        "faults": smallest.script,
        "script": { "name": "smallest", "steps": smallest.rules() },
        "verdict": smallest.verdict,
    }))
}

fn as_words(smallest: &Smallest) -> anyhow::Result<()> {
    let Smallest { script, fired, runs, unfinished, verdict, .. } = smallest;
    print::line(format!("{} of {fired} faults are needed ({runs} runs).", script.len()))?;
    if *unfinished {
        print::line("There may be fewer: the bound on runs was reached.")?;
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let row = |firing: &Firing| {
        let about = if firing.reference.is_some() { text(&firing.reference) } else { text(&firing.payee_id) };
        let fault = &firing.fault;
        [firing.operation.clone(), about, firing.ordinal.to_string(), fault.cut.to_string(), fault.kind.to_string()]
    };
    if !script.is_empty() {
        print::table(["call", "about", "which", "cut", "kind"], &script.iter().map(row).collect::<Vec<_>>())?;
        let rules =
            smallest.rules().into_iter().map(|rule| serde_json::to_value(&rule)).collect::<Result<Vec<_>, _>>()?;
        print::line("\nTo see it again, before the client runs:")?;
        for rule in rules {
            print::line(format!("  curl $S/faults -d '{}'", rule.to_string().replace('\'', r"'\''")))?;
        }
    }
    Ok(print::line(format!("\n{verdict}"))?)
}
