//! What every handler shares: the engine, where request ids come from, and how far the service is in shutting down.
//! No request is answered here.

use crate::deliver::guard::Rules;
use crate::engine::Engine;
use crate::http::{Guesses, Rates};
use crate::source::Source;
use domain::settlement::SettleBy;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_util::task::TaskTracker;

/// The state of the HTTP side.
pub(crate) struct App {
    /// Where everything is decided and done.
    pub(crate) engine: Arc<Engine>,
    /// How many operators it takes to settle what is unknown.
    pub(crate) settle_by: SettleBy,
    /// What holds for the addresses of webhook endpoints.
    pub(crate) webhooks: Rules,
    /// Failures of authentication.
    pub(crate) guesses: Guesses,
    /// How often each key may ask, and how often it did.
    pub(crate) rates: Rates,
    source: Arc<dyn Source>,
    leaving: AtomicBool,
    draining: AtomicBool,
    tasks: TaskTracker,
}

impl App {
    /// A running application.
    pub(crate) fn new(
        engine: Arc<Engine>,
        source: Arc<dyn Source>,
        settle_by: SettleBy,
        webhooks: Rules,
        rates: Rates,
    ) -> Self {
        let (leaving, draining) = (AtomicBool::new(false), AtomicBool::new(false));
        let guesses = Guesses::new();
        Self { engine, settle_by, webhooks, guesses, rates, source, leaving, draining, tasks: TaskTracker::new() }
    }

    /// From now on `/readyz` tells everybody to go elsewhere; whoever comes all the same is served.
    pub(crate) fn leave(&self) {
        self.leaving.store(true, Ordering::SeqCst);
    }

    /// Whether nobody should come any more.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::SeqCst)
    }

    /// From now on no money is moved any more and `/readyz` says so; what has begun goes on to its end.
    pub(crate) fn drain(&self) {
        self.leave();
        self.draining.store(true, Ordering::SeqCst);
    }

    /// Whether the service is shutting down.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }

    /// The work that goes on even when its caller hangs up.
    pub(crate) const fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// A fresh id for a request that brought none.
    pub(crate) fn new_request_id(&self) -> String {
        format!("req_{}", domain::id::sortable(self.source.now(), self.source.randomness()))
    }
}
