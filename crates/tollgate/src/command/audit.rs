//! `tollgate audit`: who changed what, through the gateway's API.
//! Arguments and output only.

use api::AuditEntry;
use clap::{Args, Subcommand};

use super::Context;
use super::remote::{self, Part, RemoteScope, dash};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// See who changed what about the gateway, and why.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// List every administrative change, newest first. Needs a key with the scope admin.
    List(List),
}

/// List every administrative change.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  tollgate audit list --limit 100 --json")]
pub(crate) struct List {
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

impl Audit {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let Self::List(List { part, flags }) = self;
        let page = part.page();
        let list = remote::ask(context, flags, async |gateway| gateway.audit(&page).await)?;
        if context.json {
            print::json(&list)?;
            return Ok(Exit::Success);
        }
        let row = |entry: &AuditEntry| {
            let (at, reason) = (entry.created_at.to_string(), dash(entry.reason.as_ref()));
            [at, entry.actor.clone(), entry.action.clone(), entry.subject.clone(), reason]
        };
        let rows: Vec<[String; 5]> = list.data.iter().map(row).collect();
        print::table(["when", "who", "what", "about", "why"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(Exit::Success)
    }
}
