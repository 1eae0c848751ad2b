//! The ear of the metrics at the store: how long commits take, how many batches share one, which events were written.
//! The store has no clock of its own, so it is lent the gateway's.

use super::Metrics;
use crate::source::Source;
use domain::Span;
use std::sync::Arc;

/// Passes on what the store says.
pub(crate) struct StoreWatch {
    metrics: Arc<Metrics>,
    source: Arc<dyn Source>,
}

impl StoreWatch {
    pub(crate) fn new(metrics: Arc<Metrics>, source: Arc<dyn Source>) -> Self {
        Self { metrics, source }
    }
}

impl store::Watch for StoreWatch {
    fn clock(&self) -> i64 {
        self.source.now().micros()
    }

    fn committed(&self, batches: u64, micros: i64) {
        self.metrics.committed(u32::try_from(batches).unwrap_or(u32::MAX), Span::from_micros(micros));
    }

    fn event(&self, kind: &str) {
        self.metrics.event(kind);
    }
}
