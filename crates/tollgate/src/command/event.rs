//! `tollgate event`: the facts in their order, through the gateway's API.
//! Arguments and output only.

use api::Event as Resource;
use clap::{Args, Subcommand};
use client::EventFilter;

use super::Context;
use super::remote::{self, Part, RemoteScope};
use crate::config::Flags;
use crate::exit::Exit;
use crate::print;

/// See what happened, in order.
#[derive(Debug, Subcommand)]
pub(crate) enum Event {
    /// Show an event with the thing as it was afterwards.
    Get(One),
    /// List events, oldest first.
    List(List),
}

/// One event.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its id (`evt_...`).
    event: String,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

/// List events.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate event list --subject ch_...
  tollgate event list --type charge.needs_attention")]
pub(crate) struct List {
    /// Only of this type, such as `charge.succeeded`.
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "subject")]
    kind: Option<String>,
    /// Only about the thing with this id.
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    flags: Flags<RemoteScope>,
}

impl Event {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Get(One { event, flags }) => {
                let event = remote::ask(context, flags, async |gateway| gateway.event(&event).await)?;
                if context.json {
                    print::json(&event)?;
                } else {
                    print::facts(&[
                        ("Event", event.id.clone()),
                        ("Type", event.kind.clone()),
                        ("About", event.subject.clone()),
                        ("Sequence", event.sequence.to_string()),
                        ("Created", event.created_at.to_string()),
                    ])?;
                    print::line("")?;
                    print::json(&event.data)?;
                }
            }
            Self::List(command) => command.run(context)?,
        }
        Ok(Exit::Success)
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<()> {
        let (limit, after) = self.part.parts();
        let (kind, subject) = (self.kind, self.subject);
        let filter = EventFilter { after, kind, subject, limit: Some(limit), ..EventFilter::default() };
        let list = remote::ask(context, self.flags, async |gateway| gateway.events(&filter).await)?;
        if context.json {
            return print::json(&list);
        }
        let row = |event: &Resource| {
            let (sequence, created) = (event.sequence.to_string(), event.created_at.to_string());
            [sequence, event.kind.clone(), event.subject.clone(), created, event.id.clone()]
        };
        let rows: Vec<[String; 5]> = list.data.iter().map(row).collect();
        print::table(["sequence", "type", "about", "created", "event"], &rows)?;
        remote::more(list.next_cursor.as_ref());
        Ok(())
    }
}
