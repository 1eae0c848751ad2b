//! What the client under test meant to do and what it says became of it: kept for the verdict alone.
//! Nothing of Payoneer's behaviour may depend on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::money::{Amount, Currency};
use super::refusal::Refusal;
use super::time::Time;
use super::{World, limits};

/// What an intent is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentKind {
    /// Money from a payee.
    Charge,
    /// A charge's money back.
    Refund,
    /// Money to a payee.
    Payout,
}

/// What the client says became of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// It is under way.
    Pending,
    /// The money moved.
    Succeeded,
    /// The money certainly did not move.
    Failed,
    /// The client knows that it does not know.
    Unknown,
}

/// One report of the client about an intent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewIntent {
    /// The client's own name of what it means to do once, such as an order number; 1 to 100 characters.
    pub intent: String,
    /// What it is about.
    pub kind: IntentKind,
    /// Whose money, or to whom; 1 to 50 characters.
    pub payee_id: String,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
    /// The reference used, once there is one; 1 to 50 characters.
    #[serde(default)]
    pub reference: Option<String>,
    /// What became of it.
    pub says: Says,
}

/// An intent and the newest word about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The client's own name of it.
    pub intent: String,
    /// What it is about.
    pub kind: IntentKind,
    /// Whose money, or to whom.
    pub payee_id: String,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
    /// Every reference named for it, oldest first.
    pub references: Vec<String>,
    /// What became of it, by the client's word.
    pub says: Says,
    /// When the client first said just that, on the virtual clock.
    pub said_at: Time,
    /// The number of the last exchange before the client first said just that.
    pub said_after: u64,
}

/// The most references that one intent keeps.
const MOST_REFERENCES: usize = 16;

/// All intents, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Intents(BTreeMap<String, Intent>);

fn check(field: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    let fits = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Refusal::invalid(field, format!("must be 1 to {most} characters"))) }
}

impl World {
    /// Notes what the client means and says. A repeated report updates what it says and adds its reference; kind, payee,
    /// amount and currency of an intent never change. Nothing has changed when it is refused.
    pub fn note_intent(&mut self, new: NewIntent) -> Result<Intent, Refusal> {
        check("intent", &new.intent, 100)?;
        check("payee_id", &new.payee_id, 50)?;
        if let Some(reference) = &new.reference {
            check("reference", reference, 50)?;
        }
        let (now, last) = (self.now(), self.last_exchange());
        if !self.intents.0.contains_key(&new.intent) && self.intents.0.len() >= limits::INTENTS {
            return Err(Refusal::Full("intents"));
        }
        let fresh = Intent {
            intent: new.intent.clone(),
            kind: new.kind,
            payee_id: new.payee_id.clone(),
            amount: new.amount,
            currency: new.currency,
            references: Vec::new(),
            says: new.says,
            said_at: now,
            said_after: last,
        };
        let mut intent = self.intents.0.get(&new.intent).cloned().unwrap_or(fresh);
        if (intent.kind, &intent.payee_id, intent.amount, intent.currency)
            != (new.kind, &new.payee_id, new.amount, new.currency)
        {
            return Err(Refusal::conflict("intent", "was reported with another kind, payee, amount or currency"));
        }
        if let Some(reference) = new.reference {
            let known = intent.references.iter().any(|r| r.eq_ignore_ascii_case(&reference));
            if !known && intent.references.len() >= MOST_REFERENCES {
                return Err(Refusal::Full("references of one intent"));
            }
            if !known {
                intent.references.push(reference);
            }
        }
        if intent.says != new.says {
            (intent.says, intent.said_at, intent.said_after) = (new.says, now, last);
        }
        self.intents.0.insert(new.intent, intent.clone());
        Ok(intent)
    }

    /// Every intent that the client reported, by name.
    pub fn intents(&self) -> impl DoubleEndedIterator<Item = &Intent> {
        self.intents.0.values()
    }

    fn last_exchange(&self) -> u64 {
        self.exchanges().next_back().map_or(0, |e| e.number)
    }
}
