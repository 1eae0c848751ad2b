//! What an engine tells about itself at any time: what was written so far, and whether the database can be trusted.
//! Only numbers; what follows from them is decided elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use crate::{Counts, Trust, Watch};

const SOUND: u8 = 0;
const QUARANTINED: u8 = 1;
const RESTORED: u8 = 2;

/// Counters that every task and thread of an engine shares.
#[derive(Default)]
pub(crate) struct Tally {
    watch: Option<Arc<dyn Watch>>,
    trust: AtomicU8,
    commits: AtomicU64,
    batches: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    pub(crate) fn new(watch: Option<Arc<dyn Watch>>) -> Self {
        Self { watch, ..Self::default() }
    }

    /// Now, on the clock of whoever watches.
    pub(crate) fn clock(&self) -> i64 {
        self.watch.as_ref().map_or(0, |watch| watch.clock())
    }

    pub(crate) fn stand(&self, trust: Trust) {
        let number = match trust {
            Trust::Sound => SOUND,
            Trust::Quarantined => QUARANTINED,
            Trust::Restored => RESTORED,
        };
        self.trust.store(number, Ordering::Release);
    }

    pub(crate) fn trust(&self) -> Trust {
        match self.trust.load(Ordering::Acquire) {
            SOUND => Trust::Sound,
            RESTORED => Trust::Restored,
            _ => Trust::Quarantined,
        }
    }

    /// A transaction that began then has become durable.
    pub(crate) fn committed(&self, batches: u64, began: i64) {
        if let Some(watch) = &self.watch {
            watch.committed(batches, watch.clock() - began);
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.batches.fetch_add(batches, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, batches: u64) {
        self.failed.fetch_add(batches, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            commits: self.commits.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }
}
