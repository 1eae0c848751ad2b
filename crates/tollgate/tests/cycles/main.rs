//! The crash test: real gateways and sandboxes under load on a line that loses things, killed again and again at seeded
//! moments; after each life both sides are compared. A few cycles in `cargo test`, many with `cargo xtask crash`.

#![expect(clippy::expect_used, reason = "a test ends where something is missing")]

mod check;
#[path = "../../../simulation/src/dice.rs"]
#[expect(dead_code, reason = "of which not every throw is used here")]
mod dice;
mod load;
#[cfg(feature = "crash-points")]
mod points;
mod stage;
#[path = "../support/mod.rs"]
mod support;

use dice::Dice;
use stage::Stage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Stages side by side: each waits most of the time for the gateway's next look.
const LANES: u64 = 4;
/// Cycles of one stage, until it is torn down and a new one begins with an empty database.
const CYCLES_PER_STAGE: u64 = 10;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// How far all lanes together are.
struct Progress {
    seed: u64,
    wanted: u64,
    begun: AtomicU64,
    ended: AtomicU64,
    since: Instant,
}

impl Progress {
    fn next(&self) -> Option<u64> {
        let number = self.begun.fetch_add(1, Ordering::SeqCst);
        (number < self.wanted).then_some(number)
    }

    fn end(&self, lane: u64, what: &str) {
        let ended = self.ended.fetch_add(1, Ordering::SeqCst) + 1;
        let seconds = self.since.elapsed().as_secs().max(1);
        let per_minute = ended * 60 / seconds;
        println!("cycle {ended}/{} ({per_minute} a minute), lane {lane}: {what}", self.wanted);
    }
}

/// One stage after the other until all cycles are run.
async fn lane(lane: u64, progress: Arc<Progress>) {
    let mut dice = Dice::new(progress.seed, lane);
    while progress.begun.load(Ordering::SeqCst) < progress.wanted {
        let mut stage = Stage::open(&mut dice, lane);
        for cycle in 0..CYCLES_PER_STAGE {
            if progress.next().is_none() {
                return;
            }
            let what = stage.cycle(cycle, &mut dice).await;
            progress.end(lane, &what);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_charge_is_lost_or_doubled_through_crashes() {
    let (wanted, seed) = (number("TOLLGATE_CRASH_CYCLES", 8), number("TOLLGATE_CRASH_SEED", 1));
    let (begun, ended) = (AtomicU64::new(0), AtomicU64::new(0));
    let progress = Arc::new(Progress { seed, wanted, begun, ended, since: Instant::now() });
    let lanes: Vec<_> = (0..LANES).map(|number| tokio::spawn(lane(number, Arc::clone(&progress)))).collect();
    let mut broken = 0;
    for lane in lanes {
        broken += u64::from(lane.await.is_err());
    }
    let ended = progress.ended.load(Ordering::SeqCst);
    println!("{ended} cycles in {} s, {broken} lanes with a violation", progress.since.elapsed().as_secs());
    assert_eq!(broken, 0, "replay: cargo xtask crash --cycles {wanted} --seed {seed}");
    assert_eq!(ended, wanted);
}
