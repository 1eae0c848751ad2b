//! Looks that somebody asks for before the schedule comes to them: a callback, a merchant who reads.
//! Whoever asks, an attempt is looked at at most once per `schedule::LOOK_GAP`; nothing is asked of Payoneer here.

use super::{Engine, Error};
use crate::trace;
use domain::Time;
use domain::attempt::Attempt;
use domain::job::Job;
use std::sync::Arc;
use store::Batch;

/// How many merchants' wishes are written down at once; a wish beyond that is dropped, for the schedule looks anyway.
pub(super) const WISHES: usize = 8;

impl Engine {
    /// The looks that a callback about this subject calls for.
    pub(super) async fn wake_attempts(&self, subject: &str, now: Time) -> Result<Vec<Job>, Error> {
        let attempts = self.store.read(store::attempts::of_subject(subject)).await?;
        // A callback carries no trace of ours; it is tied to that of the request it speaks of.
        attempts.iter().filter_map(|attempt| attempt.trace.as_deref()).for_each(trace::link);
        Ok(attempts.iter().filter_map(|attempt| attempt.wake(now)).collect())
    }

    /// A merchant reads something unknown: has it looked at soon, without making the reader wait.
    pub(crate) fn wish_to_know(self: &Arc<Self>, attempts: &[Attempt]) {
        let now = self.now();
        let looks: Vec<Job> = attempts.iter().filter_map(|attempt| attempt.wake(now)).collect();
        if looks.is_empty() {
            return;
        }
        let Ok(permit) = Arc::clone(&self.wishes).try_acquire_owned() else { return };
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            let batch: Batch = looks.iter().map(|look| store::jobs::pull(look, now)).collect();
            match engine.store.commit(batch).await {
                Ok(()) => engine.ring(),
                Err(error) => tracing::debug!(%error, "a wish to know was not written down"),
            }
            drop(permit);
        });
    }

    /// As [`Self::wish_to_know`], for a refund or payout, whose attempts the reader was not shown.
    pub(crate) fn wish_to_know_of(self: &Arc<Self>, unknown: bool, subject: &str) {
        if !unknown {
            return;
        }
        let Ok(permit) = Arc::clone(&self.wishes).try_acquire_owned() else { return };
        let (engine, subject) = (Arc::clone(self), subject.to_owned());
        tokio::spawn(async move {
            match engine.store.read(store::attempts::of_subject(&subject)).await {
                Ok(attempts) => {
                    drop(permit);
                    engine.wish_to_know(&attempts);
                }
                Err(error) => tracing::debug!(%error, "a wish to know was not written down"),
            }
        });
    }
}
