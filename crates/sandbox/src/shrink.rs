//! Shrinking: a client that fails under chaos is run again with fewer and fewer of the faults that fired, until the
//! smallest script is left that still makes it fail. Starts sandboxes and compares verdicts; what a fault is, is said elsewhere.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::faults::{Cut, Fault, Kind, NewRule, When};
use crate::options::{Options, StartError};
use crate::running::Sandbox;
use crate::verdict::Verdict;
use crate::world::World;

/// The most runs of the client for one shrinking.
pub const MOST_RUNS: usize = 300;
/// The most faults of a run that can be told apart in a replay.
pub const MOST_FIRED: usize = 300;

/// A fault that chaos let happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Firing {
    /// The call that met it.
    pub operation: String,
    /// The call's reference.
    pub reference: Option<String>,
    /// The call's payee, where it has no reference.
    pub payee_id: Option<String>,
    /// Which call of this operation about this reference or payee it was, from 1.
    pub ordinal: u32,
    /// Which call of this operation it was, from 1.
    pub place: u32,
    /// What went wrong.
    pub fault: Fault,
}

/// How a replay finds the calls that are to meet a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// By reference or payee: for clients that use the same ones in every run.
    BySubject,
    /// By their order alone: for clients that make new references.
    ByOrder,
}

/// What came of shrinking.
#[derive(Clone, Debug)]
pub enum Shrunk {
    /// The client does not fail under this chaos.
    Fine,
    /// The faults that fired do not make it fail a second time: the client itself is not the same in every run.
    Unrepeatable(Vec<Firing>),
    /// The smallest script that still makes it fail.
    Smallest(Smallest),
}

/// A script from which no fault can be left off.
#[derive(Clone, Debug)]
pub struct Smallest {
    /// The faults, in the order in which they fired at first; none when the client fails without any.
    pub script: Vec<Firing>,
    /// How their calls are found.
    pub told: Told,
    /// How many faults had fired.
    pub fired: usize,
    /// How often the client was run.
    pub runs: usize,
    /// Whether it may be made smaller still, for [`MOST_RUNS`] were over.
    pub unfinished: bool,
    /// The verdict on the last run that failed.
    pub verdict: Verdict,
}

impl Smallest {
    /// The script as rules, for [`crate::faults::Faults::add`] or the control API.
    #[must_use]
    pub fn rules(&self) -> Vec<NewRule> {
        rules(&self.script, self.told)
    }
}

/// Every fault of a world's record that chaos let happen, oldest first.
#[must_use]
pub fn fired(world: &World) -> Vec<Firing> {
    let (mut ordinals, mut places) = (BTreeMap::<_, u32>::new(), BTreeMap::<_, u32>::new());
    let mut firings = Vec::new();
    for e in world.exchanges() {
        let payee_id = e.payee_id.clone().filter(|_| e.reference.is_none());
        let subject = (e.operation.clone(), e.reference.as_deref().map(str::to_lowercase), payee_id.clone());
        let (ordinal, place) = (ordinals.entry(subject).or_default(), places.entry(e.operation.clone()).or_default());
        *ordinal += 1;
        *place += 1;
        let Some(mark) = e.fault.as_ref().filter(|mark| mark.id.starts_with("chaos:")) else { continue };
        let (Some(cut), Some(kind)) = (Cut::from_word(&mark.cut), Kind::from_word(&mark.kind)) else { continue };
        let retry_after_seconds = mark.retry_after_seconds.and_then(|seconds| u32::try_from(seconds).ok());
        firings.push(Firing {
            operation: e.operation.clone(),
            reference: e.reference.clone(),
            payee_id,
            ordinal: *ordinal,
            place: *place,
            fault: Fault { retry_after_seconds, ..Fault::new(cut, kind) },
        });
    }
    firings.truncate(MOST_FIRED);
    firings
}

/// The rules that let exactly these faults happen again: per kind of call one script, whose steps of the kind `pass` count
/// the calls between.
#[must_use]
pub fn rules(firings: &[Firing], told: Told) -> Vec<NewRule> {
    let mut threads = BTreeMap::<(String, Option<String>, Option<String>), Vec<(u32, &Fault)>>::new();
    for firing in firings {
        let (subject, number) = match told {
            Told::BySubject => ((firing.reference.clone(), firing.payee_id.clone()), firing.ordinal),
            Told::ByOrder => ((None, None), firing.place),
        };
        threads.entry((firing.operation.clone(), subject.0, subject.1)).or_default().push((number, &firing.fault));
    }
    let mut rules = Vec::new();
    for (thread, ((operation, reference, payee_id), mut faults)) in threads.into_iter().enumerate() {
        faults.sort_by_key(|(number, _)| *number);
        let mut passed = 0;
        for (number, fault) in faults {
            let step = |fault: Fault, times| NewRule {
                when: When { reference: reference.clone(), payee_id: payee_id.clone(), ..When::default() },
                times,
                script: Some(format!("shrink-{}", thread + 1)),
                ..NewRule::once(&operation, fault)
            };
            let between = number.saturating_sub(passed + 1);
            if between > 0 {
                rules.push(step(Fault::new(Cut::BeforeRead, Kind::Pass), between));
            }
            rules.push(step(fault.clone(), 1));
            passed = number;
        }
    }
    rules
}

/// Runs a client under the chaos of these options and, where it fails, looks for the smallest script of faults that still
/// makes it fail. Every run has a sandbox of its own, begun alike. `client` says whether it found itself failing; a verdict
/// that is not clean is a failure, too.
pub async fn shrink(options: Options, client: impl AsyncFnMut(&Sandbox) -> bool) -> Result<Shrunk, StartError> {
    let seed = match options.seed {
        Some(seed) => seed,
        None => crate::source::seed().map_err(|e| StartError::System(format!("no randomness: {e}")))?,
    };
    let options = Options { seed: Some(seed), ..options };
    let mut search = Search { quiet: Options { chaos: None, ..options.clone() }, client, runs: 0, verdict: None };
    let (failed, firings) = search.run(options, &[], Told::BySubject).await?;
    if !failed {
        return Ok(Shrunk::Fine);
    }
    for told in [Told::BySubject, Told::ByOrder] {
        if search.fails(&firings, told).await? {
            let fired = firings.len();
            let script = search.smallest(firings, told).await?;
            let (unfinished, count) = (search.is_over(), search.runs);
            let Some(verdict) = search.verdict else { return Ok(Shrunk::Unrepeatable(script)) };
            return Ok(Shrunk::Smallest(Smallest { script, told, fired, runs: count, unfinished, verdict }));
        }
    }
    Ok(Shrunk::Unrepeatable(firings))
}

/// The runs of one client so far.
struct Search<C> {
    /// What each replay begins with: no chaos, the same seed.
    quiet: Options,
    client: C,
    runs: usize,
    /// On the last run that failed.
    verdict: Option<Verdict>,
}

impl<C: AsyncFnMut(&Sandbox) -> bool> Search<C> {
    /// One run; whether it failed, and what chaos let happen.
    async fn run(
        &mut self,
        options: Options,
        script: &[Firing],
        told: Told,
    ) -> Result<(bool, Vec<Firing>), StartError> {
        self.runs += 1;
        let sandbox = Sandbox::start(options).await?;
        sandbox.with_world(|w| {
            for rule in rules(script, told) {
                if let Err(bad) = w.faults_mut().add(rule) {
                    tracing::warn!(%bad, "a fault cannot happen again");
                }
            }
        });
        let failed = (self.client)(&sandbox).await;
        let firings = sandbox.with_world(|w| fired(w));
        let verdict = sandbox.conclude().await;
        let failed = failed || !verdict.clean;
        if failed {
            self.verdict = Some(verdict);
        }
        Ok((failed, firings))
    }

    fn is_over(&self) -> bool {
        self.runs >= MOST_RUNS
    }

    async fn fails(&mut self, script: &[Firing], told: Told) -> Result<bool, StartError> {
        Ok(!self.is_over() && self.run(self.quiet.clone(), script, told).await?.0)
    }

    /// Leaves off as much at a time as goes, then less and less, until each single fault is needed.
    async fn smallest(&mut self, mut left: Vec<Firing>, told: Told) -> Result<Vec<Firing>, StartError> {
        if self.fails(&[], told).await? {
            return Ok(Vec::new());
        }
        let mut parts = 2;
        while left.len() > 1 && !self.is_over() {
            let size = left.len().div_ceil(parts);
            let mut smaller = None;
            for start in (0..left.len()).step_by(size) {
                let end = (start + size).min(left.len());
                let some: Vec<Firing> = left.get(start..end).unwrap_or_default().to_vec();
                let rest: Vec<Firing> = left
                    .iter()
                    .enumerate()
                    .filter(|(n, _)| !(start..end).contains(n))
                    .map(|(_, f)| f.clone())
                    .collect();
                if some.len() < rest.len() && self.fails(&some, told).await? {
                    (smaller, parts) = (Some(some), 2);
                    break;
                }
                if self.fails(&rest, told).await? {
                    (smaller, parts) = (Some(rest), parts.saturating_sub(1).max(2));
                    break;
                }
            }
            match smaller {
                Some(script) => left = script,
                None if size == 1 => break,
                None => parts = (parts * 2).min(left.len()),
            }
        }
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn firing(reference: &str, ordinal: u32, place: u32) -> Firing {
        Firing {
            operation: "create_charge".to_owned(),
            reference: Some(reference.to_owned()),
            payee_id: None,
            ordinal,
            place,
            fault: Fault::new(Cut::BeforeRead, Kind::Reset),
        }
    }

    #[test]
    fn a_script_counts_the_calls_between() {
        let firings = [firing("a", 1, 1), firing("b", 2, 4), firing("a", 3, 7)];
        let steps = |told| -> Vec<_> {
            let rules = rules(&firings, told);
            rules.into_iter().map(|r| (r.when.reference, r.fault.kind, r.times, r.script)).collect()
        };
        let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
        let (one, two) = (Some("shrink-1".to_owned()), Some("shrink-2".to_owned()));
        assert_eq!(
            steps(Told::BySubject),
            [
                (a.clone(), Kind::Reset, 1, one.clone()),
                (a.clone(), Kind::Pass, 1, one.clone()),
                (a, Kind::Reset, 1, one.clone()),
                (b.clone(), Kind::Pass, 1, two.clone()),
                (b, Kind::Reset, 1, two),
            ]
        );
        assert_eq!(
            steps(Told::ByOrder),
            [
                (None, Kind::Reset, 1, one.clone()),
                (None, Kind::Pass, 2, one.clone()),
                (None, Kind::Reset, 1, one.clone()),
                (None, Kind::Pass, 2, one.clone()),
                (None, Kind::Reset, 1, one),
            ]
        );
    }
}
