//! `tollgate event`: the facts in their order, through the gateway's API.
//! Arguments and output only.

use api::Event as Resource;
use clap::{Args, Subcommand};
use client::EventFilter;

use super::Context;
use super::feed::Follow;
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
    /// Show events as they come.
    Tail(Tail),
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

/// Show events as they come.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate event tail
  tollgate event tail --type charge.needs_attention --json
  tollgate event tail --after 0 --count 10")]
pub(crate) struct Tail {
    #[command(flatten)]
    follow: Follow,
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
                        ("Evidence", evidence(&event)),
                        ("Created", event.created_at.to_string()),
                    ])?;
                    print::line("")?;
                    print::json(&event.data)?;
                }
            }
            Self::List(command) => command.run(context)?,
            Self::Tail(Tail { follow, flags }) => {
                let json = context.json;
                remote::follow(context, flags, async |gateway| {
                    follow.run(gateway, async |event| tell(event, json)).await
                })?;
            }
        }
        Ok(Exit::Success)
    }
}

/// What an event rests on, in words.
fn evidence(event: &Resource) -> String {
    match &event.evidence {
        None => "-".to_owned(),
        Some(evidence) => match &evidence.attempt {
            Some(attempt) => format!("{} ({attempt})", evidence.kind),
            None => evidence.kind.to_string(),
        },
    }
}

/// One event on one line.
fn tell(event: &Resource, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json_line(event);
    }
    let Resource { created_at, sequence, kind, subject, .. } = event;
    print::line(format_args!("{created_at}  {sequence:>8}  {kind:<36}  {subject}"))?;
    Ok(())
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
