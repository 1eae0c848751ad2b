//! Whether the disk under the database can still be trusted, and what was written so far.
//! Once the answer is no, it stays no until the process ends.

use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::errors::Disk;
use crate::{Counts, Fault, OnIoError, Trust, Watch};

const SOUND: u8 = 0;
const QUARANTINED: u8 = 1;
const RESTORED: u8 = 2;

/// The state that the writer, the readers and the callers share.
pub(super) struct Health {
    on_io_error: OnIoError,
    watch: Option<Arc<dyn Watch>>,
    /// Why nothing may be written any more.
    no_writes: OnceLock<String>,
    /// Why nothing may be read any more.
    no_reads: OnceLock<String>,
    /// When the transaction that runs now began, on the clock of whoever watches.
    began: AtomicI64,
    trust: AtomicU8,
    commits: AtomicU64,
    batches: AtomicU64,
    failed: AtomicU64,
}

impl Health {
    pub(super) fn new(on_io_error: OnIoError, watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            on_io_error,
            watch,
            no_writes: OnceLock::new(),
            no_reads: OnceLock::new(),
            began: AtomicI64::new(0),
            trust: AtomicU8::new(SOUND),
            commits: AtomicU64::new(0),
            batches: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }

    /// Takes the store down for ever: for writes in any case, for reads too unless the disk is
    /// merely full.
    pub(super) fn fail(&self, disk: &Disk, cause: &str) {
        let cause = format!("stopped after a disk error, restart to recover: {cause}");
        if *disk == Disk::Broken {
            self.no_reads.get_or_init(|| cause.clone());
        }
        if self.no_writes.set(cause.clone()).is_err() {
            return;
        }
        tracing::error!(%cause, "the store writes no more");
        // A full disk loses nothing, so reading may go on.
        if *disk == Disk::Broken
            && let OnIoError::Call(call) = &self.on_io_error
        {
            call(&cause);
        }
    }

    pub(super) fn may_write(&self) -> Result<(), Fault> {
        refuse(&self.no_writes)
    }

    pub(super) fn may_read(&self) -> Result<(), Fault> {
        refuse(&self.no_reads)
    }

    pub(super) fn stand(&self, trust: Trust) {
        let number = match trust {
            Trust::Sound => SOUND,
            Trust::Quarantined => QUARANTINED,
            Trust::Restored => RESTORED,
        };
        self.trust.store(number, Ordering::Release);
    }

    pub(super) fn trust(&self) -> Trust {
        match self.trust.load(Ordering::Acquire) {
            SOUND => Trust::Sound,
            RESTORED => Trust::Restored,
            _ => Trust::Quarantined,
        }
    }

    pub(super) fn down(&self) -> Option<String> {
        self.no_writes.get().cloned()
    }

    /// The writer begins a transaction.
    pub(super) fn begin(&self) {
        if let Some(watch) = &self.watch {
            self.began.store(watch.clock(), Ordering::Relaxed);
        }
    }

    /// The transaction that was begun last has become durable.
    pub(super) fn committed(&self, batches: u64) {
        if let Some(watch) = &self.watch {
            watch.committed(batches, watch.clock() - self.began.load(Ordering::Relaxed));
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.batches.fetch_add(batches, Ordering::Relaxed);
    }

    pub(super) fn failed(&self, batches: u64) {
        self.failed.fetch_add(batches, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        Counts {
            commits: self.commits.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }
}

fn refuse(cause: &OnceLock<String>) -> Result<(), Fault> {
    match cause.get() {
        Some(cause) => Err(Fault::Down(cause.clone())),
        None => Ok(()),
    }
}
