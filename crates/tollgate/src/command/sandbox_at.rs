//! `tollgate sandbox ACTION`: what can be done beside running one, and the call of a running one's control API.
//! Each larger action has a file of its own.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use url::Url;

use super::Context;
use super::sandbox_clock::Clock;
use super::sandbox_faults::{Fault, Trigger, scenarios};
use super::sandbox_shrink::Shrink;
use crate::exit::{Exit, Stop};
use crate::print;

/// How long a running sandbox may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What can be asked of a sandbox beside running one.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List what can happen to a payment, by name, with what a correct client does then.
    Scenarios,
    /// Let a scenario happen to the next calls of a running sandbox.
    #[command(after_help = "\
Examples:
  tollgate sandbox trigger reply_lost_after_charge
  tollgate sandbox trigger duplicate_callback --payee Test123")]
    Trigger(Trigger),
    /// Let calls of a running sandbox go wrong.
    #[command(subcommand)]
    Fault(Fault),
    /// Find the fewest faults that make a client fail.
    Shrink(Shrink),
    /// Look at the clock of a running sandbox, and move it.
    #[command(subcommand)]
    Clock(Clock),
    /// Show the settings of a running sandbox, or change them.
    #[command(after_help = "\
Examples:
  tollgate sandbox settings
  tollgate sandbox settings same_reference=taken reference_memory_seconds=null
  tollgate sandbox settings status_lag_seconds=30")]
    Settings(Settings),
}

impl Action {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Scenarios => scenarios(context.json)?,
            Self::Fault(fault) => super::block_on(fault.run(context.json))?,
            Self::Trigger(trigger) => super::block_on(trigger.run(context.json))?,
            Self::Shrink(shrink) => return super::block_on(shrink.run(context.json)),
            Self::Clock(clock) => super::block_on(clock.run(context.json))?,
            Self::Settings(settings) => super::block_on(settings.run(context.json))?,
        }
        Ok(Exit::Success)
    }
}

/// Which sandbox.
#[derive(Debug, Args)]
pub(super) struct At {
    /// The running sandbox, or a namespace of it, such as `http://127.0.0.1:8090/ns/NAME`.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8090")]
    sandbox: Url,
}

/// Settings to change; none: they are shown.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// A setting and its new value, such as `status_lag_seconds=30`; `null` takes one away.
    #[arg(value_name = "NAME=VALUE", value_parser = assignment)]
    changes: Vec<(String, Value)>,
    #[command(flatten)]
    at: At,
}

/// Reads `name=value`; a value that is no JSON is a text.
fn assignment(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((name.trim().to_owned(), value))
}

impl Settings {
    async fn run(self, as_json: bool) -> anyhow::Result<()> {
        let settings = if self.changes.is_empty() {
            self.at.call(reqwest::Method::GET, "settings", None).await?
        } else {
            let changes: Map<String, Value> = self.changes.into_iter().collect();
            self.at.call(reqwest::Method::PATCH, "settings", Some(json!(changes))).await?
        };
        if as_json {
            return print::json(&settings);
        }
        let rows = settings.as_object().into_iter().flatten().map(|(name, value)| [name.clone(), value.to_string()]);
        Ok(print::table(["setting", "value"], &rows.collect::<Vec<_>>())?)
    }
}

impl At {
    /// A call of the sandbox's control API; what it answers.
    pub(super) async fn call(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let url = format!("{}/_sandbox/{path}", self.sandbox.as_str().trim_end_matches('/'));
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let request = client.request(method, url).body(body.map(|b| b.to_string()).unwrap_or_default());
        let answer = request.send().await.map_err(|error| {
            Stop::new(Exit::Failure, format!("no sandbox answers at {}: {error}", self.sandbox))
                .advise("Start one with `tollgate sandbox`, or name another with --sandbox URL.")
        })?;
        let refused = !answer.status().is_success();
        let value: Value = serde_json::from_slice(&answer.bytes().await?)?;
        if refused {
            let why = value.pointer("/error/message").and_then(Value::as_str).unwrap_or("it does not say why");
            return Err(Stop::new(Exit::Failure, format!("the sandbox refuses: {why}")).into());
        }
        Ok(value)
    }
}
