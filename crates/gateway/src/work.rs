//! The crew: takes due jobs under a lease, runs each with no transaction open, and commits the effect together with
//! the end of the job. What a job does is the engine's business.

use crate::engine::{Engine, Error, Run};
use crate::metrics;
use domain::Span;
use domain::job::Lease;
use domain::schedule;
use std::sync::Arc;
use std::time::Duration;
use store::{Batch, Fault};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many jobs run at once.
const CREW: usize = 16;
/// How many jobs one lease takes.
const HAUL: i64 = 16;
/// How long a lease lasts. Longer than any run can take, for every wait in a run has a limit of its own.
const LEASE: Span = Span::from_secs(120);
/// How often to look for due jobs when nobody rings.
const TICK: Duration = Duration::from_millis(500);
/// How often to tell the other nodes that this one is alive.
const PULSE: Duration = Duration::from_secs(5);
/// How often to look for programs that were added or rotated by another process.
const RENEW_EVERY_TICKS: u32 = 4;

/// Runs jobs until told to stop, then lets the running ones finish.
pub(crate) async fn run(engine: Arc<Engine>, stop: CancellationToken) {
    let running = TaskTracker::new();
    let free = Arc::new(Semaphore::new(CREW));
    let mut ticks = 0_u32;
    while !stop.is_cancelled() {
        let taken = match take(&engine, &free).await {
            Ok(leases) => leases,
            Err(error) => {
                tracing::warn!(%error, "no jobs could be taken");
                Vec::new()
            }
        };
        let full = taken.len() >= usize::try_from(HAUL).unwrap_or(usize::MAX);
        for lease in taken {
            let (engine, free) = (Arc::clone(&engine), Arc::clone(&free));
            let Ok(permit) = free.acquire_owned().await else { return };
            running.spawn(async move {
                work(&engine, &lease).await;
                drop(permit);
            });
        }
        if full {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.rung() => {}
            () = tokio::time::sleep(TICK) => {
                ticks = ticks.wrapping_add(1);
                if ticks.is_multiple_of(RENEW_EVERY_TICKS) && let Err(error) = engine.check().await {
                    tracing::warn!(%error, "programs could not be renewed");
                }
            }
        }
    }
    running.close();
    running.wait().await;
}

/// Says at regular times that this process is alive, and takes over from those that are not.
pub(crate) async fn pulse(engine: Arc<Engine>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(PULSE) => {}
        }
        match engine.beat().await {
            Ok(0) => {}
            Ok(lost) => tracing::warn!(lost, "attempts of a lost node have no answer; they are being resolved"),
            Err(error) => tracing::warn!(%error, "the other nodes could not be told that this one is alive"),
        }
    }
    engine.leave().await;
}

/// Takes the jobs that are due now, up to `limit`, and runs them one after the other; how many there were.
/// For whoever brings a clock of his own and wants no task in the background, such as a simulation.
pub async fn run_due(engine: &Engine, limit: i64) -> Result<usize, Error> {
    let leases = engine.lease_jobs(LEASE, limit).await?;
    for lease in &leases {
        work(engine, lease).await;
    }
    Ok(leases.len())
}

/// Nothing is leased that could not be begun at once.
async fn take(engine: &Engine, free: &Semaphore) -> Result<Vec<Lease>, Error> {
    match i64::try_from(free.available_permits()).unwrap_or(0).min(HAUL) {
        0 => Ok(Vec::new()),
        room => engine.lease_jobs(LEASE, room).await,
    }
}

/// Runs one job and records how it ended.
async fn work(engine: &Engine, lease: &Lease) {
    store::crash_point::reach("job.leased");
    let began = engine.now();
    let ran = engine.run(lease).await;
    let end = match &ran {
        Ok(Run::Done(_)) => metrics::DONE,
        Ok(Run::Again(..)) => metrics::AGAIN,
        Err(_) => metrics::FAILED,
    };
    engine.metrics().run(lease.kind, end, engine.now() - began);
    store::crash_point::reach("job.ran");
    let end = match ran {
        Ok(Run::Done(effect)) => engine.finish_job(lease, effect).await,
        Ok(Run::Again(due_at, why)) => engine.postpone_job(lease, due_at, &why).await,
        Err(error) => {
            tracing::warn!(job = %lease.kind, subject = %lease.subject, runs = lease.runs, %error, "job will be retried");
            let due_at = engine.now() + schedule::retry(lease.runs);
            engine.postpone_job(lease, due_at, &error.to_string()).await
        }
    };
    store::crash_point::reach("job.ended");
    match end {
        Ok(()) => {}
        // Lost or changed in the meantime: it is looked at again, with what is true now.
        Err(Fault::Stale | Fault::Duplicate(_)) => {
            if let Err(error) = engine.release_job(lease).await {
                tracing::warn!(job = %lease.kind, %error, "the lease will run out by itself");
            }
        }
        Err(error) => tracing::warn!(job = %lease.kind, subject = %lease.subject, %error, "the end was not recorded"),
    }
}

impl Engine {
    async fn lease_jobs(&self, length: Span, limit: i64) -> Result<Vec<Lease>, Error> {
        let now = self.now();
        Ok(self.store().take(store::jobs::lease(self.node(), now, now + length, limit)).await?)
    }

    async fn finish_job(&self, lease: &Lease, effect: Batch) -> Result<(), Fault> {
        // First the end of this run, then what it puts: a job that puts itself back is a new one. What was learnt is
        // kept even if a wake came meanwhile, else whoever wakes often enough could keep us from ever learning it.
        let mut batch = Batch::new().with(store::jobs::hold(lease, self.node()));
        batch.push(store::jobs::finish(lease, self.node()));
        batch.extend(effect);
        store::crash_point::reach("job.before_finish");
        self.store().commit(batch).await?;
        store::crash_point::reach("job.after_finish");
        self.ring();
        Ok(())
    }

    async fn postpone_job(&self, lease: &Lease, due_at: domain::Time, why: &str) -> Result<(), Fault> {
        let batch = Batch::new()
            .with(store::jobs::postpone(lease, self.node(), due_at, why))
            // Where the wake came meanwhile, the first write touched nothing and the job is due as the wake said.
            .with(store::jobs::release(lease, self.node()));
        self.store().commit(batch).await
    }

    async fn release_job(&self, lease: &Lease) -> Result<(), Fault> {
        self.store().commit(Batch::new().with(store::jobs::release(lease, self.node()))).await
    }
}
