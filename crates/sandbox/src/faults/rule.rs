//! A rule: which calls meet a fault, and how often. A script is rules that wait for each other.
//! Matching only; in which order rules are asked is said in `mod.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::subject::{Call, OPERATIONS};

/// Why a rule cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {why}")]
pub struct BadRule {
    /// The field concerned.
    pub field: &'static str,
    /// What is wrong with it, as the end of a sentence that begins with the name.
    pub why: String,
}

/// What a call must be like; what is not said may be anything. A `*` at the end stands for any rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The merchant's reference, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The payee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_id: Option<String>,
    /// The amount, as the call writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The header `X-Sandbox-Fault-Key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The username of the Basic credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// A rule as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// One of [`OPERATIONS`]; nothing: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What else the call must be like.
    #[serde(default)]
    pub when: When,
    /// What goes wrong with it.
    pub fault: Fault,
    /// How many fitting calls are left alone first.
    #[serde(default)]
    pub skip: u32,
    /// How often it fires; 0: for ever.
    #[serde(default = "once")]
    pub times: u32,
    /// The script of which it is a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
}

fn once() -> u32 {
    1
}

impl NewRule {
    /// A rule for the next call of `operation`.
    #[must_use]
    pub fn once(operation: &str, fault: Fault) -> Self {
        let operation = Some(operation.to_owned());
        Self { operation, when: When::default(), fault, skip: 0, times: 1, script: None }
    }

    pub(super) fn check(&self) -> Result<(), BadRule> {
        if self.operation.as_deref().is_some_and(|o| !OPERATIONS.contains(&o)) {
            return Err(BadRule { field: "operation", why: format!("must be one of {}", OPERATIONS.join(", ")) });
        }
        let When { reference, payee_id, amount, key, username } = &self.when;
        let texts = [reference, payee_id, amount, key, username, &self.script];
        if texts.into_iter().flatten().any(|t| t.is_empty() || t.chars().count() > 200) {
            return Err(BadRule { field: "when", why: "holds texts of 1 to 200 characters".to_owned() });
        }
        self.fault.check()
    }

    pub(super) fn fits(&self, call: &Call<'_>) -> bool {
        let subject = call.subject;
        let like = |wanted: &Option<String>, is: Option<&str>| match (wanted, is) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wanted), Some(is)) => match wanted.strip_suffix('*') {
                Some(beginning) => is.starts_with(beginning),
                None => is == wanted,
            },
        };
        let lower = |text: &Option<String>| text.as_ref().map(|t| t.to_lowercase());
        self.operation.as_ref().is_none_or(|o| *o == subject.operation)
            && like(&lower(&self.when.reference), lower(&subject.reference).as_deref())
            && like(&self.when.payee_id, subject.payee_id.as_deref())
            && like(&self.when.amount, subject.amount.as_deref())
            && like(&self.when.key, call.key)
            && like(&self.when.username, call.username)
    }
}

/// A rule in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `f1`, `f2`, ...
    pub id: String,
    /// What was asked for.
    #[serde(flatten)]
    pub new: NewRule,
    /// How many calls fitted it.
    pub seen: u32,
    /// How often it fired.
    pub fired: u32,
}

impl Rule {
    pub(super) fn is_used_up(&self) -> bool {
        self.new.times != 0 && self.fired >= self.new.times
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.new.operation.as_deref().unwrap_or("any call");
        write!(f, "{} ({operation}, {}, {})", self.id, self.new.fault.cut, self.new.fault.kind)
    }
}
