//! `tollgate sandbox scenarios` and `tollgate sandbox fault`: the catalogue printed, and a running sandbox told what
//! shall go wrong. What a fault is, the `sandbox` crate says.

use clap::{Args, Subcommand};
use sandbox::faults::{Cut, Fault as Wrong, Kind, NewRule, OPERATIONS, Scenario, When};
use serde_json::{Value, json};

use super::sandbox_at::At;
use crate::print;

/// What can be done about faults.
#[derive(Debug, Subcommand)]
pub(crate) enum Fault {
    /// Let calls go wrong: where, and how.
    #[command(after_help = "\
Examples:
  tollgate sandbox fault add after_apply_before_reply reset --operation create_charge
  tollgate sandbox fault add before_read too_many_requests --retry-after 5 --times 2
  tollgate sandbox fault add --scenario reply_lost_after_charge --reference order-7")]
    Add(Box<Add>),
    /// List the faults of a running sandbox, with how often each fired.
    List(At),
    /// Forget all faults of a running sandbox. Chaos stays.
    Clear(At),
}

/// A fault to add.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Where it cuts in, such as `after_apply_before_reply`.
    #[arg(value_name = "CUT", value_parser = cut, required_unless_present = "scenario")]
    cut: Option<Cut>,
    /// What happens there, such as `reset`.
    #[arg(value_name = "KIND", value_parser = kind, required_unless_present = "scenario")]
    kind: Option<Kind>,
    /// A scenario instead; `tollgate sandbox scenarios` lists them.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["cut", "kind", "operation", "amount", "key"])]
    scenario: Option<String>,
    /// Only calls of this operation, such as `create_charge`.
    #[arg(long, value_parser = operation)]
    operation: Option<String>,
    /// Only calls with this reference; a `*` at the end stands for any rest.
    #[arg(long)]
    reference: Option<String>,
    /// Only calls about this payee.
    #[arg(long)]
    payee_id: Option<String>,
    /// Only calls with this amount, as they write it.
    #[arg(long)]
    amount: Option<String>,
    /// Only calls with this header `X-Sandbox-Fault-Key`.
    #[arg(long)]
    key: Option<String>,
    /// How often it fires; 0: for ever.
    #[arg(long, default_value_t = 1)]
    times: u32,
    /// How many calls are left alone first.
    #[arg(long, default_value_t = 0)]
    skip: u32,
    /// The HTTP status of `server_error` and `html`.
    #[arg(long)]
    status: Option<u16>,
    /// The seconds in `Retry-After`.
    #[arg(long, value_name = "SECONDS")]
    retry_after: Option<u32>,
    /// Real milliseconds of `delay` and `drip`.
    #[arg(long, value_name = "MILLISECONDS")]
    delay_ms: Option<u32>,
    /// Virtual seconds of `delay`, `late`, `returned` and `apply_after_timeout`.
    #[arg(long)]
    seconds: Option<u32>,
    /// How often `duplicate` calls back.
    #[arg(long, value_name = "NUMBER")]
    copies: Option<u8>,
    #[command(flatten)]
    at: At,
}

fn cut(word: &str) -> Result<Cut, String> {
    Cut::from_word(word).ok_or_else(|| format!("must be one of {}", Cut::ALL.map(Cut::word).join(", ")))
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::from_word(word).ok_or_else(|| format!("must be one of {}", Kind::ALL.map(Kind::word).join(", ")))
}

fn operation(word: &str) -> Result<String, String> {
    let known = OPERATIONS.contains(&word);
    known.then(|| word.to_owned()).ok_or_else(|| format!("must be one of {}", OPERATIONS.join(", ")))
}

/// Prints the catalogue.
pub(super) fn scenarios(as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let told = |s: &Scenario| json!({ "name": s.name, "happens": s.happens, "correct": s.correct, "rules": s.rules(None) });
        return print::json(&Scenario::all().map(told).collect::<Vec<_>>());
    }
    for s in Scenario::all() {
        print::line(format!("{}\n    {}\n    A correct client: {}", s.name, s.happens, s.correct))?;
    }
    Ok(())
}

impl Fault {
    /// Does it, and prints the faults then in force.
    pub(super) async fn run(self, as_json: bool) -> anyhow::Result<()> {
        let seen = match self {
            Self::Add(add) => add.run().await?,
            Self::List(at) => at.call(reqwest::Method::GET, "faults", None).await?,
            Self::Clear(at) => at.call(reqwest::Method::DELETE, "faults", None).await?,
        };
        if as_json {
            return print::json(&seen);
        }
        faults(&seen)
    }
}

fn rows(rules: &[Value], text: impl Fn(&Value) -> String) -> Vec<[String; 7]> {
    let paths = ["/id", "/operation", "/fault/cut", "/fault/kind", "/when/reference", "/times", "/fired"];
    rules.iter().map(|rule| paths.map(|path| rule.pointer(path).map(&text).unwrap_or_default())).collect()
}

async fn install(
    at: &At,
    scenario: &str,
    reference: Option<String>,
    payee_id: Option<String>,
) -> anyhow::Result<Value> {
    let about = json!({ "reference": reference, "payee_id": payee_id });
    at.call(reqwest::Method::POST, &format!("scenarios/{scenario}"), Some(about)).await
}

/// A scenario to make happen.
#[derive(Debug, Args)]
pub(crate) struct Trigger {
    /// Which; `tollgate sandbox scenarios` lists them.
    #[arg(value_name = "SCENARIO")]
    scenario: String,
    /// Only to calls about this payee.
    #[arg(long, value_name = "PAYEE_ID")]
    payee: Option<String>,
    /// Only to calls with this reference; a `*` at the end stands for any rest.
    #[arg(long)]
    reference: Option<String>,
    #[command(flatten)]
    at: At,
}

impl Trigger {
    /// Installs it and says what a correct client does then.
    pub(super) async fn run(self, as_json: bool) -> anyhow::Result<()> {
        let seen = install(&self.at, &self.scenario, self.reference, self.payee).await?;
        if as_json {
            return print::json(&seen);
        }
        if let Some(scenario) = Scenario::named(&self.scenario) {
            print::line(format!("{}\nA correct client: {}\n", scenario.happens, scenario.correct))?;
        }
        faults(&seen)
    }
}

/// Prints the rules in force, or the one that was added.
fn faults(seen: &Value) -> anyhow::Result<()> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    // Adding one fault answers that fault; everything else answers the list.
    let rules = seen.get("data").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![seen.clone()]);
    let rows: Vec<_> = rows(&rules, text);
    print::table(["id", "operation", "cut", "kind", "reference", "times", "fired"], &rows)?;
    Ok(())
}

impl Add {
    async fn run(self) -> anyhow::Result<Value> {
        let (Some(cut), Some(kind)) = (self.cut, self.kind) else {
            let name = self.scenario.unwrap_or_default();
            return install(&self.at, &name, self.reference, self.payee_id).await;
        };
        let fault = Wrong {
            status: self.status,
            retry_after_seconds: self.retry_after,
            delay_ms: self.delay_ms,
            seconds: self.seconds,
            copies: self.copies,
            ..Wrong::new(cut, kind)
        };
        let when = When {
            reference: self.reference,
            payee_id: self.payee_id,
            amount: self.amount,
            key: self.key,
            username: None,
        };
        let rule = NewRule { operation: self.operation, when, fault, skip: self.skip, times: self.times, script: None };
        self.at.call(reqwest::Method::POST, "faults", Some(serde_json::to_value(rule)?)).await
    }
}
