//! The simulation: the real engine on the real store against the sandbox's real world, in one thread, in virtual time,
//! with one seed that decides every fault, crash and interleaving. See `docs/reliability.md`.
//!
//! `TOLLGATE_SEEDS` says how many seeds, `TOLLGATE_FROM` which is the first, `TOLLGATE_SEED` replays one with its trace.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]

mod dice;
mod line;
mod merchant;
mod oracle;
mod plan;
mod plant;
mod run;
mod scene;
mod stage;

use plant::Plant;
use run::{Report, run};
use std::collections::{BTreeMap, BTreeSet};

/// How many seeds when nobody says: about twenty seconds in a debug build.
const SEEDS: u64 = 100;
/// How many seeds a planted bug may need before it is found.
const PLANT_SEEDS: u64 = 400;
/// Bugs that need a rare situation, and a seed just before one, so that the ordinary test is quick. With
/// `TOLLGATE_PLANT_SEEDS` the search begins at 0 for all.
const RARE: &[(Plant, u64)] = &[
    (Plant::RateLimitedIsNeverSent, 128),
    (Plant::ServerErrorIsDeclined, 33),
    (Plant::BackToPlanned, 17),
    (Plant::MismatchIsSuccess, 5),
    (Plant::DuplicateIsSuccess, 12),
];
/// What a batch of the usual size has to meet, or the harness has lost its teeth.
const SOMETIMES: &[&str] = &[
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
/// After so many broken seeds the batch ends: they have a cause in common.
const BROKEN_MAX: usize = 20;
/// How much of a trace is shown.
const SHOWN: usize = 160;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// What a person needs to find the bug: the shortest run that still breaks the same promise, and how to see it again.
fn tell(seed: u64, plant: Option<Plant>, report: &Report) -> String {
    let (without, shortest) = shrink(seed, plant, report);
    let lines = if number("TOLLGATE_TRACE").is_some() { 0 } else { shortest.lines.len().saturating_sub(SHOWN) };
    format!(
        "seed {seed} breaks {}\n{}\n(without the items {without:?}: {})\nagain: TOLLGATE_SEED={seed} cargo test -p gateway --test simulation one_seed -- --nocapture",
        report.broken.as_deref().unwrap_or("nothing"),
        shortest.lines[lines..].join("\n"),
        shortest.broken.as_deref().unwrap_or("nothing"),
    )
}

fn oracle_of(report: &Report) -> Option<&str> {
    report.broken.as_deref()?.split(':').next()
}

/// Leaves out what merchants do, one thing after the other, as long as the same promise is broken.
fn shrink(seed: u64, plant: Option<Plant>, report: &Report) -> (BTreeSet<usize>, Report) {
    let mut without = BTreeSet::new();
    let mut shortest = run(seed, plant, &without);
    for item in 0..plan::Plan::draw(seed).items.len() {
        without.insert(item);
        let shorter = run(seed, plant, &without);
        if oracle_of(&shorter) == oracle_of(report) {
            shortest = shorter;
        } else {
            without.remove(&item);
        }
    }
    (without, shortest)
}

#[test]
fn every_promise_is_kept_under_every_seed() {
    let (from, seeds) = (number("TOLLGATE_FROM").unwrap_or(0), number("TOLLGATE_SEEDS").unwrap_or(SEEDS));
    let mut met: BTreeMap<&str, u64> = BTreeMap::new();
    let mut steps = 0;
    let mut broken = Vec::new();
    for seed in from..from + seeds {
        let report = run(seed, None, &BTreeSet::new());
        if let Some(what) = &report.broken {
            println!("seed {seed} breaks {what}");
            broken.push((seed, report));
            if broken.len() >= BROKEN_MAX {
                break;
            }
            continue;
        }
        steps += report.steps;
        for (situation, times) in report.met {
            *met.entry(situation).or_insert(0) += times;
        }
    }
    if let Some((seed, report)) = broken.first() {
        panic!("{}", tell(*seed, None, report));
    }
    println!("{seeds} seeds from {from}, {steps} steps, no promise broken; met: {met:#?}");
    if seeds >= SEEDS {
        let never: Vec<_> = SOMETIMES.iter().filter(|situation| !met.contains_key(**situation)).collect();
        assert!(never.is_empty(), "never met: {never:?}");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..12 {
        let (one, two) = (run(seed, None, &BTreeSet::new()), run(seed, None, &BTreeSet::new()));
        let differs = one.lines.iter().zip(&two.lines).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!((one.hash, one.steps), (two.hash, two.steps), "seed {seed}");
        assert_ne!(one.hash, run(seed + 1, None, &BTreeSet::new()).hash);
    }
}

#[test]
fn every_planted_bug_is_found() {
    let asked = number("TOLLGATE_PLANT_SEEDS");
    let most = asked.unwrap_or(PLANT_SEEDS);
    let mut missed = Vec::new();
    for &plant in Plant::ALL {
        let rare = RARE.iter().find(|(rare, _)| *rare == plant && asked.is_none());
        let from = rare.map_or(0, |(_, seed)| *seed);
        let found = (from..from + most).find_map(|seed| Some((seed, run(seed, Some(plant), &BTreeSet::new()).broken?)));
        match found {
            Some((seed, broken)) => println!("{plant:?}: found at seed {seed} of those from {from}: {broken}"),
            None => missed.push(plant),
        }
    }
    assert_eq!(missed, [], "not found within {most} seeds");
}

#[test]
fn one_seed() {
    let Some(seed) = number("TOLLGATE_SEED") else { return };
    let report = run(seed, None, &BTreeSet::new());
    println!("{}\nseed {seed}: {} steps, hash {:016x}", report.lines.join("\n"), report.steps, report.hash);
    assert!(report.broken.is_none(), "{}", tell(seed, None, &report));
}
