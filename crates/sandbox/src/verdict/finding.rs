//! A finding: what is held against the client, about which references, with the exchanges that show it and how to see
//! it again. Also the gathering of findings, where of one sin only the gravest name is kept.

use std::collections::BTreeMap;

use serde::Serialize;

use super::case::{Case, Key};
use super::kind::{Kind, Level};
use crate::world::{Exchange, FaultMark};

/// One thing that the judge found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// How much it weighs; a property of the kind.
    pub level: Level,
    /// The intent, by the client's name of it, when the client reported one.
    pub intent: Option<String>,
    /// The references concerned, in lower case.
    pub references: Vec<String>,
    /// The numbers of the exchanges that show it.
    pub exchanges: Vec<u64>,
    /// One line that says what it means.
    pub explanation: String,
    /// One line that says how to see it again.
    pub reproduction: String,
    #[serde(skip)]
    keys: Vec<Key>,
}

impl Finding {
    pub(super) fn new(kind: Kind, keys: &[Key]) -> Self {
        let mut references: Vec<String> = keys.iter().map(|(_, reference)| plain(reference)).collect();
        references.dedup();
        Self {
            kind,
            level: kind.level(),
            intent: None,
            references,
            exchanges: Vec::new(),
            explanation: kind.english().to_owned(),
            reproduction: String::new(),
            keys: keys.to_vec(),
        }
    }

    /// Whether it is about the intent of that name or one of these references.
    pub(super) fn concerns(&self, intent: Option<&str>, keys: &[Key]) -> bool {
        (intent.is_some() && self.intent.as_deref() == intent) || self.keys.iter().any(|at| keys.contains(at))
    }
}

/// Control characters have no place in XML and none in a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The most findings of one kind that are told; the rest is counted.
const MOST_OF_A_KIND: usize = 100;

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    told: Vec<Finding>,
    of_a_kind: BTreeMap<Kind, usize>,
    left_off: usize,
}

impl Notes {
    /// Adds a finding that one exchange shows, or none.
    pub(super) fn add(&mut self, case: &Case<'_>, finding: Finding, shown_by: Option<&Exchange>) {
        let shown_by: Vec<&Exchange> = shown_by.into_iter().collect();
        self.add_all(case, finding, &shown_by);
    }

    /// Adds a finding that these exchanges show.
    pub(super) fn add_all(&mut self, case: &Case<'_>, mut finding: Finding, shown_by: &[&Exchange]) {
        finding.exchanges = shown_by.iter().map(|e| e.number).collect();
        finding.exchanges.dedup();
        finding.reproduction = reproduction(case.seed, shown_by);
        let so_far = self.of_a_kind.entry(finding.kind).or_default();
        *so_far += 1;
        if *so_far > MOST_OF_A_KIND {
            self.left_off += 1;
        } else {
            self.told.push(finding);
        }
    }

    /// How many findings are not told because there were too many of their kind.
    pub(super) fn left_off(&self) -> usize {
        self.left_off
    }

    /// The findings, without those that a graver one about the same reference explains, the gravest first.
    pub(super) fn weighed(self) -> Vec<Finding> {
        let mut kept: Vec<Finding> = Vec::new();
        let explained = |one: &Finding| {
            self.told.iter().any(|graver| {
                graver.kind.explains().contains(&one.kind) && graver.concerns(one.intent.as_deref(), &one.keys)
            })
        };
        for finding in self.told.iter().filter(|f| !explained(f)) {
            let told = kept.iter().any(|k| {
                k.kind == finding.kind
                    && k.exchanges == finding.exchanges
                    && k.concerns(finding.intent.as_deref(), &finding.keys)
            });
            if !told {
                kept.push(finding.clone());
            }
        }
        kept.sort_by_key(|f| (std::cmp::Reverse(f.level), f.kind));
        kept
    }
}

/// One line: the start with seed and chaos, then each exchange, preceded by the fault that it is to meet.
fn reproduction(seed: u64, shown_by: &[&Exchange]) -> String {
    let mut faults = shown_by.iter().filter_map(|e| e.fault.as_ref());
    let profile = faults.find_map(|f| f.id.strip_prefix("chaos:"));
    let chaos = profile.map(|profile| format!(" --chaos {}", plain(profile))).unwrap_or_default();
    let mut line = format!("tollgate sandbox --seed {seed}{chaos}");
    for exchange in shown_by {
        if let Some(fault) = exchange.fault.as_ref().filter(|f| !f.id.starts_with("chaos:")) {
            line.push_str("; ");
            line.push_str(&asked_for(exchange, fault));
        }
        line.push_str("; ");
        line.push_str(&call(exchange));
    }
    line
}

/// The call of the control API that makes the next such call meet the same fault.
fn asked_for(exchange: &Exchange, fault: &FaultMark) -> String {
    let mut made = serde_json::json!({ "cut": fault.cut, "kind": fault.kind });
    if let Some(seconds) = fault.retry_after_seconds {
        made["retry_after_seconds"] = seconds.into();
    }
    let rule = serde_json::json!({ "operation": exchange.operation, "fault": made });
    plain(&format!("curl $S/faults -d '{}'", rule.to_string().replace('\'', r"'\''")))
}

/// The call as a line for a shell, `$API` being the address of the program.
fn call(exchange: &Exchange) -> String {
    let text = |value: &Option<String>| value.as_deref().map(plain).unwrap_or_default();
    let reference = text(&exchange.reference);
    let path: String = url::form_urlencoded::byte_serialize(reference.as_bytes()).collect();
    let path = path.replace('+', "%20");
    let tail = match exchange.operation.as_str() {
        "create_charge" | "create_payout" => {
            let noun = if exchange.operation == "create_charge" { "charges" } else { "payouts" };
            let body = serde_json::json!({
                "payee_id": text(&exchange.payee_id),
                "amount": text(&exchange.amount),
                "currency": text(&exchange.currency),
                "client_reference_id": reference,
                "description": "again",
            });
            format!("-X POST $API/{noun} -d '{}'", body.to_string().replace('\'', r"'\''"))
        }
        "charge_status" => format!("$API/charges/{path}/status"),
        "cancel_charge" => format!("-X POST $API/charges/{path}/cancel"),
        "payout_status" => format!("$API/payouts/{path}"),
        "cancel_payout" => format!("-X POST $API/payouts/{path}/cancel"),
        other => format!("$API # {}", plain(other)),
    };
    format!("curl -u $USER {tail}")
}
