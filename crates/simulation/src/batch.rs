//! Many seeds over several threads: what was met, what broke, how far it is. One seed knows nothing of another.

use crate::plant::Plant;
use crate::run::run;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// After so many broken seeds a batch ends: they have a cause in common.
const BROKEN_MAX: usize = 20;

/// What a long batch has to meet, or the harness has lost its teeth.
pub const SOMETIMES: &[&str] = &[
    "Payoneer blocked a payee",
    "Payoneer knew the reference already",
    "Payoneer refused a charge",
    "Payoneer refused something else than a charge",
    "Payoneer was asked to cancel a payout",
    "a callback came late",
    "a callback came twice",
    "a callback met nobody",
    "a callback was forged",
    "a callback was lost",
    "a charge failed in the end",
    "a charge succeeded in the end",
    "a charge was answered from memory",
    "a charge was made",
    "a charge was refunded in the end",
    "a charge was undecided in the end",
    "a charge was withdrawn before it was sent",
    "a commit did not take place and nobody could know",
    "a commit took place and its answer was lost",
    "a key came with another body",
    "a key was in use",
    "a line was logged and held no secret",
    "a merchant was told that it is not known",
    "a merchant was told that nothing was sent",
    "a node crashed",
    "a node crashed in the middle of a job",
    "a node crashed while a request was on its way",
    "a node crashed while it started",
    "a node was paused",
    "a payee consented",
    "a payee had not authorised",
    "a payout failed in the end",
    "a payout was canceled in the end",
    "a payout was paid in the end",
    "a payout was undecided in the end",
    "a purpose was busy",
    "a query failed or lagged",
    "a query found a charge that was not settled",
    "a query found no charge",
    "a query found nothing while the request was on its way",
    "a reference was taken",
    "a refund failed in the end",
    "a request took effect after it was called unknown",
    "a request was delayed",
    "a request was lost",
    "a status query settled an attempt",
    "an answer proved nothing",
    "an answer was about another request",
    "an answer was lost",
    "garbage came after it was done",
    "garbage came instead of doing it",
    "nobody was up",
    "parked because contested",
    "parked because it never arrived",
    "several nodes were up",
    "somebody else had used the reference",
    "the database refused",
    "the nodes' clocks disagreed",
    "there was no connection",
];
/// From how many seeds on a batch has to meet all of them.
pub const LONG: u64 = 2_000;

/// What came of many seeds.
#[derive(Debug, Default)]
pub struct Batch {
    /// How many seeds were run.
    pub seeds: u64,
    /// How many steps they took together.
    pub steps: u64,
    /// The sum of the runs' hashes: the same seeds have the same, in whatever order they were run.
    pub hash: u64,
    /// Situations, and how often each was met.
    pub met: BTreeMap<&'static str, u64>,
    /// The seeds that broke a promise, and which.
    pub broken: BTreeMap<u64, String>,
}

impl Batch {
    /// What a batch of this length should have met and did not.
    pub fn never_met(&self) -> Vec<&'static str> {
        if self.seeds < LONG {
            return Vec::new();
        }
        SOMETIMES.iter().copied().filter(|situation| !self.met.contains_key(situation)).collect()
    }
}

/// Runs the seeds on so many threads. `look` is called after each seed, from any thread, with how many are done.
pub fn run_all(seeds: Range<u64>, plant: Option<Plant>, threads: usize, look: &(dyn Fn(u64) + Sync)) -> Batch {
    let next = AtomicU64::new(seeds.start);
    let done = AtomicU64::new(0);
    let whole = Mutex::new(Batch::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let report = run(seed, plant, &BTreeSet::new());
                    let mut batch = whole.lock().unwrap_or_else(PoisonError::into_inner);
                    batch.seeds += 1;
                    batch.steps += report.steps;
                    batch.hash = batch.hash.wrapping_add(report.hash);
                    for (situation, times) in report.met {
                        *batch.met.entry(situation).or_insert(0) += times;
                    }
                    if let Some(broken) = report.broken {
                        batch.broken.insert(seed, broken);
                        if batch.broken.len() >= BROKEN_MAX {
                            next.store(seeds.end, Ordering::Relaxed);
                        }
                    }
                    drop(batch);
                    look(done.fetch_add(1, Ordering::Relaxed) + 1);
                }
            });
        }
    });
    whole.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The first of the seeds that breaks a promise, and which promise.
pub fn first_broken(seeds: Range<u64>, plant: Plant, threads: usize) -> Option<(u64, String)> {
    let next = AtomicU64::new(seeds.start);
    let first = Mutex::new(None::<(u64, String)>);
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let beaten = |first: &Option<(u64, String)>| first.as_ref().is_some_and(|(best, _)| *best < seed);
                    if seed >= seeds.end || beaten(&first.lock().unwrap_or_else(PoisonError::into_inner)) {
                        return;
                    }
                    if let Some(broken) = run(seed, Some(plant), &BTreeSet::new()).broken {
                        let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                        if !beaten(&first) {
                            *first = Some((seed, broken));
                        }
                    }
                }
            });
        }
    });
    first.into_inner().unwrap_or_else(PoisonError::into_inner)
}
