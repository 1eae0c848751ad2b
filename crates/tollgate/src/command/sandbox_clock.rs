//! `tollgate sandbox clock`: the virtual clock of a running sandbox, read and moved over its control API.
//! What moving it causes is the sandbox's business; here it is printed.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::sandbox_at::At;
use crate::print;

/// What can be done with the clock.
#[derive(Debug, Subcommand)]
pub(crate) enum Clock {
    /// Show the time, what moves the clock, and what is to come.
    Show(At),
    /// Move the clock; answers when all that was due has happened, callbacks included, and says what that was.
    #[command(after_help = "\
Examples:
  tollgate sandbox clock advance 3600
  tollgate sandbox clock advance --to 2027-01-01T00:00:00Z")]
    Advance(Advance),
    /// Move the clock to the next thing that is due.
    Next(At),
    /// Let the clock run so many times as fast as real time.
    Times(Times),
    /// Let the clock follow real time.
    Real(At),
    /// Let the clock stand until it is moved.
    Manual(At),
}

/// How far to move the clock.
#[derive(Debug, Args)]
pub(crate) struct Advance {
    /// By so many seconds.
    #[arg(value_name = "SECONDS", required_unless_present = "to", conflicts_with = "to")]
    seconds: Option<u64>,
    /// To this moment, RFC 3339.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    at: At,
}

/// How fast the clock runs.
#[derive(Debug, Args)]
pub(crate) struct Times {
    /// How many times as fast as real time.
    #[arg(value_name = "N")]
    times: u32,
    #[command(flatten)]
    at: At,
}

impl Clock {
    pub(super) async fn run(self, as_json: bool) -> anyhow::Result<()> {
        let post = reqwest::Method::POST;
        let (answer, advanced) = match self {
            Self::Show(at) => (at.call(reqwest::Method::GET, "clock", None).await?, false),
            Self::Advance(Advance { seconds, to, at }) => {
                let wish = seconds.map_or_else(|| json!({ "to": to }), |seconds| json!({ "seconds": seconds }));
                (at.call(post, "clock/advance", Some(wish)).await?, true)
            }
            Self::Next(at) => (at.call(post, "clock/advance", Some(json!({ "next": true }))).await?, true),
            Self::Times(Times { times, at }) => {
                let wish = json!({ "mode": "times", "times": times });
                (at.call(post, "clock/mode", Some(wish)).await?, false)
            }
            Self::Real(at) => (at.call(post, "clock/mode", Some(json!({ "mode": "real" }))).await?, false),
            Self::Manual(at) => (at.call(post, "clock/mode", Some(json!({ "mode": "manual" }))).await?, false),
        };
        if as_json {
            return print::json(&answer);
        }
        if advanced { told(&answer) } else { shown(&answer) }
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

fn rows(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// What a transition or a callback is about.
fn about(row: &Value) -> String {
    text(row.get("client_reference_id").filter(|value| !value.is_null()).or_else(|| row.get("payee_id")))
}

fn shown(clock: &Value) -> anyhow::Result<()> {
    let mode = text(clock.get("mode"));
    let mode = if mode == "times" { format!("times {}", text(clock.get("times"))) } else { mode };
    print::facts(&[("Now", text(clock.get("now"))), ("Clock", mode), ("Next due", text(clock.get("next_due")))])?;
    let planned = rows(clock.get("planned")).map(|row| [text(row.get("at")), text(row.get("what")), about(row)]);
    Ok(print::table(["at", "what", "about"], &planned.collect::<Vec<_>>())?)
}

fn told(advanced: &Value) -> anyhow::Result<()> {
    print::facts(&[("Now", text(advanced.get("now")))])?;
    let effect = |row: &Value| if row["effect"] == true { "" } else { "no effect" }.to_owned();
    let fired = rows(advanced.get("fired"));
    let fired = fired.map(|row| [text(row.get("at")), text(row.get("what")), about(row), effect(row)]);
    let late = rows(advanced.get("late_calls"));
    let late = late.map(|number| [String::new(), "late call".to_owned(), format!("exchange {number}"), String::new()]);
    let callbacks = rows(advanced.get("callbacks")).map(|row| {
        let what = format!("callback {}", text(row.get("event")));
        [text(row.get("created_at")), what, about(row), text(row.get("status"))]
    });
    Ok(print::table(["at", "what", "about", ""], &fired.chain(late).chain(callbacks).collect::<Vec<_>>())?)
}
