//! The catalogue of scenarios: what can happen to a payment, told by name, with what a correct client does then.
//! The scenarios themselves are data, one file per subject; installing one is the world's work.

mod callbacks;
mod charges;
mod payees;
mod payouts;

use serde::Deserialize;

use super::cut::Cut;
use super::fault::Fault;
use super::kind::Kind;
use super::rule::{NewRule, When};

/// A setting of the world that a scenario changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Payoneer's refusals come with HTTP 200.
    ErrorsAs200,
    /// A charge that is through is called `DONE`.
    SuccessWordDone,
    /// Payees wait for their review.
    ReviewPending,
}

/// One step of a scenario's script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The operation that it waits for.
    pub operation: &'static str,
    /// How often it fires.
    pub times: u32,
    /// What goes wrong.
    pub fault: Fault,
}

/// Which calls a scenario happens to; what is not said may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct About {
    /// The merchant's reference.
    pub reference: Option<String>,
    /// The payee.
    pub payee_id: Option<String>,
}

/// Something that can happen.
#[derive(Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name, which says what happens.
    pub name: &'static str,
    /// What happens.
    pub happens: &'static str,
    /// What a correct client does.
    pub correct: &'static str,
    /// The faults that make it happen.
    pub steps: &'static [Step],
    /// The setting that makes it happen.
    pub change: Option<Change>,
}

impl Scenario {
    /// Every scenario: charges, payouts, callbacks, payees.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        [charges::SCENARIOS, payouts::SCENARIOS, callbacks::SCENARIOS, payees::SCENARIOS].into_iter().flatten()
    }

    /// The scenario of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|s| s.name == name)
    }

    /// Its steps as rules, for the next calls of their operations or, when said, only for those of one reference.
    #[must_use]
    pub fn rules(&self, reference: Option<&str>) -> Vec<NewRule> {
        self.rules_for(&About { reference: reference.map(str::to_owned), payee_id: None })
    }

    /// The same for those about one reference or payee.
    #[must_use]
    pub fn rules_for(&self, about: &About) -> Vec<NewRule> {
        let About { reference, payee_id } = about;
        let rule = |step: &Step| NewRule {
            when: When { reference: reference.clone(), payee_id: payee_id.clone(), ..When::default() },
            times: step.times,
            ..NewRule::once(step.operation, step.fault.clone())
        };
        self.steps.iter().map(rule).collect()
    }
}

const fn step(operation: &'static str, cut: Cut, kind: Kind) -> Step {
    Step { operation, times: 1, fault: Fault::new(cut, kind) }
}

const fn steps(operation: &'static str, times: u32, cut: Cut, kind: Kind) -> Step {
    Step { operation, times, fault: Fault::new(cut, kind) }
}

const fn scenario(
    name: &'static str,
    happens: &'static str,
    correct: &'static str,
    steps: &'static [Step],
) -> Scenario {
    Scenario { name, happens, correct, steps, change: None }
}
