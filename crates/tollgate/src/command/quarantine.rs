//! `tollgate quarantine`: what an operator does when the database went back in
//! time. Arguments and output only; what is found out is the gateway's work.

use clap::{Args, Subcommand};
use gateway::engine::Compared;
use serde::Serialize;

use super::Context;
use super::admin::{self, AdminScope, stopped};
use crate::config::{Config, Flags};
use crate::exit::{Exit, Stop};
use crate::print;

/// What to do when the database went back in time.
#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// Show whether the database is in quarantine, and every time it was.
    Status(Status),
    /// Ask Payoneer about everything that is not settled in the database.
    Reconcile(Reconcile),
    /// Let the gateway send again. Asks Payoneer about everything open first.
    Leave(Leave),
}

/// Show whether the database is in quarantine, and every time it was.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// Ask Payoneer about everything that is not settled in the database.
#[derive(Debug, Args)]
pub(crate) struct Reconcile {
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// Let the gateway send again.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate quarantine leave --by 'Ada L.' --reason 'restored the backup of 3 May after a disk failure'

If a newer copy of the database exists, put that one back instead: then there is nothing to leave.
Afterwards every charge, refund and payout is preceded by a question to Payoneer, so that what the
database has forgotten is not done twice.")]
pub(crate) struct Leave {
    /// Who takes the decision; recorded for ever.
    #[arg(long)]
    by: String,
    /// Why it is right; recorded for ever.
    #[arg(long)]
    reason: String,
    /// Leave even if Payoneer does not answer about everything.
    #[arg(long)]
    despite_unanswered: bool,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

#[derive(Debug, Serialize)]
struct Found {
    cause: String,
    head: i64,
    seen: Option<i64>,
    left_by: Option<String>,
    left_reason: Option<String>,
    left_at: Option<String>,
}

impl From<gateway::Quarantine> for Found {
    fn from(found: gateway::Quarantine) -> Self {
        Self {
            cause: found.cause,
            head: found.head_sequence,
            seen: found.seen_sequence,
            left_by: found.left_by,
            left_reason: found.left_reason,
            left_at: found.left_at.map(|time| time.to_string()),
        }
    }
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    object: &'static str,
    id: &'a str,
    reference: &'a str,
    ours: &'a str,
    payoneer: Option<&'a str>,
    unanswered: Option<&'a str>,
}

impl Quarantine {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Status(command) => command.run(context),
            Self::Reconcile(command) => command.run(context),
            Self::Leave(command) => command.run(context),
        }
    }
}

impl Status {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let found = super::block_on(async {
            let admin = admin::open(&config)?;
            let found = admin.quarantines().await.map_err(stopped)?;
            admin.close().await;
            Ok(found)
        })?;
        let found: Vec<Found> = found.into_iter().map(Found::from).collect();
        let quarantined = found.iter().any(|found| found.left_at.is_none());
        if context.json {
            print::json(&serde_json::json!({ "quarantined": quarantined, "quarantines": found }))?;
            return Ok(Exit::Success);
        }
        print::line(if quarantined {
            "In quarantine: the database may be an old copy, and nothing is sent to Payoneer.\n\
             Put the newest copy back, or `tollgate quarantine reconcile` and then `leave`."
        } else {
            "Not in quarantine."
        })?;
        let dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let rows: Vec<[String; 6]> = found
            .into_iter()
            .map(|found| {
                let seen = dash(found.seen.map(|seen| seen.to_string()));
                let left = [dash(found.left_at), dash(found.left_by), dash(found.left_reason)];
                let [at, by, reason] = left;
                [found.cause, found.head.to_string(), seen, at, by, reason]
            })
            .collect();
        if !rows.is_empty() {
            print::table(["cause", "commits", "commits seen", "left", "by", "reason"], &rows)?;
        }
        Ok(Exit::Success)
    }
}

impl Reconcile {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let compared = super::block_on(async {
            let admin = admin::open(&config)?;
            let compared = admin.reconcile().await.map_err(stopped)?;
            admin.close().await;
            Ok(compared)
        })?;
        show(&compared, context.json)?;
        Ok(if unanswered(&compared) == 0 { Exit::Success } else { Exit::Failure })
    }
}

impl Leave {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        super::block_on(async {
            let admin = admin::open(&config)?;
            let compared = admin.reconcile().await.map_err(stopped)?;
            show(&compared, context.json)?;
            let unanswered = unanswered(&compared);
            if unanswered > 0 && !self.despite_unanswered {
                let message = format!("Payoneer did not answer about {unanswered} of them; the quarantine stays");
                return Err(Stop::new(Exit::Failure, message).advise("Try again, or add --despite-unanswered.").into());
            }
            admin.leave_quarantine(&self.by, &self.reason).await.map_err(stopped)?;
            admin.close().await;
            Ok(())
        })?;
        if !context.json {
            print::line(
                "The quarantine is left. From now on Payoneer is asked about each reference before it is used.",
            )?;
        }
        Ok(Exit::Success)
    }
}

fn unanswered(compared: &[Compared]) -> usize {
    compared.iter().filter(|line| line.payoneer.is_err()).count()
}

fn show(compared: &[Compared], json: bool) -> anyhow::Result<()> {
    if json {
        let lines: Vec<Line<'_>> = compared
            .iter()
            .map(|line| Line {
                object: line.object,
                id: &line.id,
                reference: &line.reference,
                ours: &line.ours,
                payoneer: line.payoneer.as_deref().ok(),
                unanswered: line.payoneer.as_ref().err().map(String::as_str),
            })
            .collect();
        return print::json(&lines);
    }
    let rows: Vec<[String; 5]> = compared
        .iter()
        .map(|line| {
            let payoneer = line.payoneer.clone().unwrap_or_else(|error| format!("no answer: {error}"));
            [line.object.to_owned(), line.id.clone(), line.reference.clone(), line.ours.clone(), payoneer]
        })
        .collect();
    if rows.is_empty() {
        print::line("Nothing is open in the database.")?;
        return Ok(());
    }
    print::table(["object", "id", "reference", "here", "at Payoneer"], &rows)?;
    Ok(())
}
