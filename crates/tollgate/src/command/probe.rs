//! `tollgate program probe`: how Payoneer behaves where no document says, found out in a sandbox.
//! Arguments and output only; what is asked and what it proves is the gateway's and the domain's business.

use std::io;

use clap::Args;
use serde::Serialize;

use super::Context;
use super::admin::{self, AdminScope, stopped};
use crate::config::{Config, Flags};
use crate::exit::{Exit, Stop};
use crate::print;

/// Find out how Payoneer behaves, by small charges in a sandbox.
///
/// Charges the payee at most eight times with about one unit of the program's currency, asks for the status of those
/// charges, cancels one and uses its reference again, and closes the connection of one before the answer. Every answer is recorded with what went over the wire. What was
/// proven is turned on for the program, what was refuted is turned off. Refused for production.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tollgate program probe Shop --payee Test123 --yes")]
pub(crate) struct Probe {
    /// Its id (`prg_...`), Payoneer's number or its name.
    program: String,
    /// An active payee of the sandbox with some money, made for tests.
    #[arg(long, value_name = "PAYEE_ID")]
    payee: String,
    /// Charge that payee, without being asked again.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// What is printed for programs.
#[derive(Serialize)]
struct Report {
    probes: Vec<Shown>,
    capabilities: Vec<api::program::Capability>,
}

#[derive(Serialize)]
struct Shown {
    probe: &'static str,
    reaction: &'static str,
    exchange: serde_json::Value,
}

impl Probe {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        if !self.yes {
            let stop = Stop::new(Exit::Usage, format!("this charges payee {} in the sandbox", self.payee));
            return Err(stop.advise("Say --yes if that is meant.").into());
        }
        let config = Config::load(context.config_file, self.flags)?;
        let report = super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.program(&self.program).await.map_err(stopped)?;
            let answers = admin.probe(&program, &self.payee).await.map_err(stopped)?;
            let capabilities = admin.capabilities(&program).await.map_err(stopped)?;
            admin.close().await;
            let probes = answers.iter().map(|answer| Shown {
                probe: answer.probe.as_str(),
                reaction: answer.reaction.as_str(),
                exchange: serde_json::from_str(&answer.exchange).unwrap_or_default(),
            });
            Ok(Report { probes: probes.collect(), capabilities })
        })?;
        if context.json {
            print::json(&report)?;
            return Ok(Exit::Success);
        }
        let rows: Vec<[String; 2]> =
            report.probes.iter().map(|shown| [shown.probe.to_owned(), shown.reaction.to_owned()]).collect();
        print::table(["probe", "answer"], &rows)?;
        print::line("")?;
        show(&report.capabilities)?;
        print::line("\nWhat went over the wire is recorded; --json shows it.")?;
        Ok(Exit::Success)
    }
}

/// The capabilities of a program, for people.
pub(super) fn show(capabilities: &[api::program::Capability]) -> io::Result<()> {
    let rows: Vec<[String; 3]> = capabilities
        .iter()
        .map(|capability| {
            let stand = match (capability.proven, &capability.found_at) {
                (true, _) => "on",
                (false, Some(_)) => "off, refuted",
                (false, None) => "off, not proven",
            };
            let at = capability.found_at.as_ref().map(ToString::to_string).unwrap_or_default();
            [capability.name.clone(), stand.to_owned(), at]
        })
        .collect();
    print::table(["capability", "stands", "since"], &rows)
}
