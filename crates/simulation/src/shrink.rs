//! What a person needs to find a bug: the shortest run that still breaks the same promise, and how to see it again.
//! Runs are only repeated here, never judged.

use crate::plan::Plan;
use crate::plant::Plant;
use crate::run::{Report, run, trace};
use std::collections::BTreeSet;

/// How many lines of a trace are shown.
const SHOWN: usize = 160;

/// The end of the shortest trace that still breaks the promise that the seed breaks, and the command that replays it.
pub fn tell(seed: u64, plant: Option<Plant>, broken: &str) -> String {
    let (without, shortest) = shrink(seed, plant, broken);
    let lines = shortest.lines.len().saturating_sub(SHOWN);
    format!(
        "seed {seed} breaks {broken}\n{}\n(without the items {without:?}: {})\nagain: cargo xtask simulate --seed {seed}",
        shortest.lines[lines..].join("\n"),
        shortest.broken.as_deref().unwrap_or("nothing"),
    )
}

fn oracle_of(broken: &str) -> Option<&str> {
    broken.split(':').next()
}

/// Leaves out what merchants do, one thing after the other, as long as the same promise is broken.
fn shrink(seed: u64, plant: Option<Plant>, broken: &str) -> (BTreeSet<usize>, Report) {
    let mut without = BTreeSet::new();
    for item in 0..Plan::draw(seed).items.len() {
        without.insert(item);
        let shorter = run(seed, plant, &without);
        if shorter.broken.as_deref().and_then(oracle_of) != oracle_of(broken) {
            without.remove(&item);
        }
    }
    let shortest = trace(seed, plant, &without);
    (without, shortest)
}
