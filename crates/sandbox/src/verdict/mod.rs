//! The verdict: a judgement of the client under test by the sandbox's own record. Pure: a world in, a verdict out.
//! The judge never asks how a client is built, only what it did, what came of it, and what it says.

#[cfg(test)]
mod acquittal_tests;
mod case;
mod finding;
mod kind;
mod manners;
mod money;
mod pages;
mod reading;

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::world::{Time, World};
use case::{Act, Case, Fate, Key};
use finding::{Notes, plain};

pub use finding::Finding;
pub use kind::{Kind, Level};
pub use pages::Form;

/// One payment as the client meant it, or one reference where it did not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The intent, by the client's name of it.
    pub intent: Option<String>,
    /// The references, in lower case.
    pub references: Vec<String>,
    /// The gravest violation about it, or else whether the money moved.
    pub outcome: Kind,
}

/// A judgement of the client under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether there is no violation.
    pub clean: bool,
    /// When it was given, on the virtual clock.
    pub at: Time,
    /// The seed of the world.
    pub seed: u64,
    /// How many exchanges were judged.
    pub exchanges: usize,
    /// Whether older exchanges were no longer kept, so that something may have been missed.
    pub partial: bool,
    /// How many findings are violations.
    pub violations: usize,
    /// How many findings are warnings.
    pub warnings: usize,
    /// How many further findings are not told because there were too many of their kind.
    pub left_off: usize,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
    /// Every payment and what became of it.
    pub payments: Vec<Judged>,
}

impl Verdict {
    /// Judges the client by the record of a world.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let case = Case::of(world);
        let mut notes = Notes::default();
        money::judge(&case, &mut notes);
        manners::judge(&case, &mut notes);
        let left_off = notes.left_off();
        let findings = notes.weighed();
        let of = |level| findings.iter().filter(|f| f.level == level).count();
        let violations = of(Level::Violation);
        Self {
            clean: violations == 0,
            at: world.now(),
            seed: world.seed(),
            exchanges: case.exchanges.len(),
            partial: case.exchanges.first().is_some_and(|e| e.number > 1),
            violations,
            warnings: of(Level::Warning),
            payments: payments(&case, &findings),
            findings,
            left_off,
        }
    }

    /// The kinds found, each once.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<Kind> {
        self.findings.iter().map(|f| f.kind).collect()
    }
}

impl fmt::Display for Verdict {
    /// One line per finding, for people and for failing tests.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the verdict: {} violations, {} warnings", self.violations, self.warnings)?;
        for finding in &self.findings {
            let about = finding.intent.iter().chain(&finding.references).map(String::as_str).collect::<Vec<_>>();
            writeln!(f, "  {} {} [{}]", finding.level.word(), finding.kind, about.join(", "))?;
            writeln!(f, "    {}", finding.explanation)?;
            writeln!(f, "    {}", finding.reproduction)?;
        }
        Ok(())
    }
}

fn payments(case: &Case<'_>, findings: &[Finding]) -> Vec<Judged> {
    let violations: Vec<&Finding> = findings.iter().filter(|f| f.level == Level::Violation).collect();
    let outcome = |intent: Option<&str>, keys: &[Key], moved: bool| {
        let violation = violations.iter().find(|f| f.concerns(intent, keys));
        violation.map_or(if moved { Kind::PaidOnce } else { Kind::NotPaid }, |f| f.kind)
    };
    let words = |keys: &[Key]| {
        let words: BTreeSet<String> = keys.iter().map(|(_, reference)| plain(reference)).collect();
        words.into_iter().collect()
    };
    let mut claimed = BTreeSet::new();
    let mut judged = Vec::new();
    for claim in &case.intents {
        claimed.extend(&claim.keys);
        let name = claim.intent.intent.as_str();
        let outcome = outcome(Some(name), &claim.keys, money::happened(case, claim));
        judged.push(Judged { intent: Some(name.to_owned()), references: words(&claim.keys), outcome });
    }
    for (at, thread) in case.threads.iter().filter(|(at, _)| !claimed.contains(at)) {
        let cancelled = thread.standing(at.0, Act::Cancel, case.last).sent.is_some();
        if cancelled || thread.first_send(at.0).is_some() {
            let keys = std::slice::from_ref(at);
            let moved = case.has(at, |fate| fate == Fate::Kept);
            judged.push(Judged { intent: None, references: words(keys), outcome: outcome(None, keys, moved) });
        }
    }
    judged
}
