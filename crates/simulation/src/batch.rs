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
    "a callback came twice",
    "a callback was forged",
    "a commit did not take place and nobody could know",
    "a commit took place and its answer was lost",
    "a merchant was told that it is not known",
    "a node crashed",
    "a node was paused",
    "a payee consented",
    "a query failed or lagged",
    "a request took effect after it was called unknown",
    "a request was delayed",
    "a request was lost",
    "an answer was about another request",
    "an answer was lost",
    "garbage came after it was done",
    "garbage came instead of doing it",
    "parked because contested",
    "parked because it never arrived",
    "the database refused",
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
