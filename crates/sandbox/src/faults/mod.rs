//! The faults of a sandbox as pure data: which calls go wrong, where and how, and how often each rule fired.
//! Knows calls by their subject only; carrying a fault out on a connection is the server's work.

mod act;
mod chaos;
mod cut;
mod fault;
mod kind;
mod magic;
mod profiles;
mod rule;
mod scenarios;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use act::{Act, Carry, End, Made};
pub use chaos::{Chance, Chaos, Profile};
pub use cut::Cut;
pub use fault::Fault;
pub use kind::Kind;
pub use profiles::PROFILES;
pub use rule::{BadRule, NewRule, Rule, When};
pub use scenarios::{About, Change, Scenario, Step};
pub use subject::{Call, OPERATIONS, Subject};

/// The most rules at a time.
pub const MOST_RULES: usize = 1_000;
/// The most subjects whose calls are counted; calls of further ones meet neither chaos nor magic values.
pub const MOST_SUBJECTS: usize = 200_000;

/// A fault that was chosen for a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Who chose it: a rule's id, `magic`, or `chaos:` and the profile.
    pub id: String,
    /// What goes wrong.
    pub fault: Fault,
}

/// All rules, the chaos in force, and what has fired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    last: u64,
    rules: Vec<Rule>,
    chaos: Option<Chaos>,
    /// How many calls of each operation and subject there were, while somebody needed to know.
    ordinals: BTreeMap<String, u64>,
}

impl Faults {
    /// Adds a rule after all others; gives its id.
    pub fn add(&mut self, new: NewRule) -> Result<String, BadRule> {
        new.check()?;
        if self.rules.len() >= MOST_RULES {
            return Err(BadRule { field: "rules", why: format!("there are {MOST_RULES} already") });
        }
        self.last += 1;
        let id = format!("f{}", self.last);
        self.rules.push(Rule { id: id.clone(), new, seen: 0, fired: 0 });
        Ok(id)
    }

    /// Adds a script: its steps wait for each other, per operation, in this order. All are added or none.
    pub fn add_script(&mut self, name: &str, steps: Vec<NewRule>) -> Result<Vec<String>, BadRule> {
        let before = self.clone();
        let named = steps.into_iter().map(|step| NewRule { script: Some(name.to_owned()), ..step });
        let added: Result<_, _> = named.map(|step| self.add(step)).collect();
        if added.is_err() {
            *self = before;
        }
        added
    }

    /// The rules in their order, with what fired.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that never fired.
    pub fn unfired(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(|r| r.fired == 0)
    }

    /// For tests: panics and names the rules that never fired, if there are any.
    #[track_caller]
    pub fn assert_fired(&self) {
        let left: Vec<String> = self.unfired().map(ToString::to_string).collect();
        assert!(left.is_empty(), "these faults never fired: {}", left.join("; "));
    }

    /// Forgets the rule of that id; whether there was one.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.rules.len();
        self.rules.retain(|r| r.id != id);
        self.rules.len() < before
    }

    /// Forgets every rule. Chaos stays.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The chaos in force.
    #[must_use]
    pub fn chaos(&self) -> Option<&Chaos> {
        self.chaos.as_ref()
    }

    /// Puts chaos in force, or ends it. Calls are counted anew.
    pub fn set_chaos(&mut self, chaos: Option<Chaos>) {
        self.chaos = chaos;
        self.ordinals.clear();
    }

    /// What goes wrong with this call: the first rule that fits it, else its magic value, else chaos.
    pub fn choose(&mut self, call: &Call<'_>) -> Option<Chosen> {
        if let Some(place) = self.fitting(call) {
            let rule = self.rules.get_mut(place)?;
            rule.fired += 1;
            let chosen = Chosen { id: rule.id.clone(), fault: rule.new.fault.clone() };
            return (!chosen.fault.is_nothing()).then_some(chosen);
        }
        let magic = magic::read(call);
        if magic.is_none() && self.chaos.is_none() {
            return None;
        }
        let ordinal = self.count(call.subject)?;
        if let Some(fault) = magic.filter(|_| ordinal == 1) {
            return Some(Chosen { id: "magic".to_owned(), fault });
        }
        let chaos = self.chaos.as_ref()?;
        let fault = chaos.draw(call.subject, ordinal)?;
        Some(Chosen { id: format!("chaos:{}", chaos.profile), fault })
    }

    fn fitting(&mut self, call: &Call<'_>) -> Option<usize> {
        let mut held = BTreeSet::new();
        for (place, rule) in self.rules.iter_mut().enumerate() {
            if rule.is_used_up() {
                continue;
            }
            // A later step of a script waits for the earlier ones of its operation.
            let turn = rule.new.script.as_ref().is_none_or(|s| held.insert((s.clone(), rule.new.operation.clone())));
            if turn && rule.new.fits(call) {
                rule.seen += 1;
                if rule.seen > rule.new.skip {
                    return Some(place);
                }
            }
        }
        None
    }

    /// Counts a call; gives its ordinal within its operation and subject, from 1.
    fn count(&mut self, subject: &Subject) -> Option<u64> {
        let key = format!("{} {}", subject.operation, subject.key());
        if self.ordinals.len() >= MOST_SUBJECTS && !self.ordinals.contains_key(&key) {
            return None;
        }
        let ordinal = self.ordinals.entry(key).or_insert(0);
        *ordinal += 1;
        Some(*ordinal)
    }
}
