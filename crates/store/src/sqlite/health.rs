//! Whether the disk under the database can still be trusted, and what was written so far.
//! Once the answer is no, it stays no until the process ends.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use super::errors::Disk;
use crate::tally::Tally;
use crate::{Counts, Fault, OnIoError, Trust, Watch};

/// The state that the writer, the readers and the callers share.
pub(super) struct Health {
    on_io_error: OnIoError,
    /// Why nothing may be written any more.
    no_writes: OnceLock<String>,
    /// Why nothing may be read any more.
    no_reads: OnceLock<String>,
    /// When the transaction that runs now began, on the clock of whoever watches.
    began: AtomicI64,
    tally: Tally,
}

impl Health {
    pub(super) fn new(on_io_error: OnIoError, watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            on_io_error,
            no_writes: OnceLock::new(),
            no_reads: OnceLock::new(),
            began: AtomicI64::new(0),
            tally: Tally::new(watch),
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
        self.tally.stand(trust);
    }

    pub(super) fn trust(&self) -> Trust {
        self.tally.trust()
    }

    pub(super) fn down(&self) -> Option<String> {
        self.no_writes.get().cloned()
    }

    /// The writer begins a transaction.
    pub(super) fn begin(&self) {
        self.began.store(self.tally.clock(), Ordering::Relaxed);
    }

    /// The transaction that was begun last has become durable.
    pub(super) fn committed(&self, batches: u64) {
        self.tally.committed(batches, self.began.load(Ordering::Relaxed));
    }

    pub(super) fn failed(&self, batches: u64) {
        self.tally.failed(batches);
    }

    pub(super) fn counts(&self) -> Counts {
        self.tally.counts()
    }
}

fn refuse(cause: &OnceLock<String>) -> Result<(), Fault> {
    match cause.get() {
        Some(cause) => Err(Fault::Down(cause.clone())),
        None => Ok(()),
    }
}
