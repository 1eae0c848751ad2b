//! The simulation as a test: a fresh batch of seeds and all that ever failed, the same run twice, every planted bug.
//! `TOLLGATE_SEEDS` says how many seeds, `TOLLGATE_FROM` which is the first (drawn and printed when nobody says).

use simulation::batch::{first_broken, run_all};
use simulation::{Plant, run, tell, trace};
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many seeds when nobody says.
const SEEDS: u64 = 2_000;
/// How many seeds a planted bug may need before it is found.
const PLANT_SEEDS: u64 = 1_000;
/// Seeds that once broke a promise, kept for ever.
const FAILED: &str = include_str!("../seeds.txt");

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A start that differs from run to run, small enough to be typed.
fn drawn() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    since % 1_000_000_000 * 10_000
}

#[test]
fn every_promise_is_kept_under_every_seed() {
    let from = number("TOLLGATE_FROM").unwrap_or_else(drawn);
    let seeds = number("TOLLGATE_SEEDS").unwrap_or(SEEDS);
    println!("TOLLGATE_FROM={from} TOLLGATE_SEEDS={seeds}");
    let batch = run_all(from..from + seeds, None, threads(), &|_| ());
    if let Some((seed, broken)) = batch.broken.first_key_value() {
        panic!("{:?}\n{}", batch.broken, tell(*seed, None, broken));
    }
    assert_eq!(batch.seeds, seeds);
    assert_eq!(batch.never_met(), Vec::<&str>::new(), "never met from seed {from}");
}

#[test]
fn every_seed_that_ever_failed_passes() {
    let mut count = 0;
    for line in FAILED.lines().filter(|line| !line.starts_with('#')) {
        let seed = line.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a seed on each line");
        if let Some(broken) = run(seed, None, &BTreeSet::new()).broken {
            panic!("{}", tell(seed, None, &broken));
        }
        count += 1;
    }
    assert!(count > 0, "the list is empty");
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..12 {
        let (one, two) = (trace(seed, None, &BTreeSet::new()), trace(seed, None, &BTreeSet::new()));
        let differs = one.lines.iter().zip(&two.lines).find(|(a, b)| a != b);
        assert_eq!(differs, None, "seed {seed}");
        let untraced = run(seed, None, &BTreeSet::new());
        assert_eq!((one.hash, one.steps), (two.hash, two.steps), "seed {seed}");
        assert_eq!((one.hash, one.steps), (untraced.hash, untraced.steps), "seed {seed} without its lines");
        assert_ne!(one.hash, run(seed + 1, None, &BTreeSet::new()).hash);
    }
}

#[test]
fn every_planted_bug_is_found() {
    let most = number("TOLLGATE_PLANT_SEEDS").unwrap_or(PLANT_SEEDS);
    let mut missed = Vec::new();
    for &plant in Plant::ALL {
        match first_broken(0..most, plant, threads()) {
            Some((seed, broken)) => println!("{plant:?}: found after {} seeds: {broken}", seed + 1),
            None => missed.push(plant),
        }
    }
    assert_eq!(missed, [], "not found within {most} seeds");
}
