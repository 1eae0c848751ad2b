//! The machine's clock, set forward as far as a test says. No assertion lives here.

use domain::{Span, Time};
use gateway::source::{Source, SystemSource};
use std::sync::atomic::{AtomicI64, Ordering};

/// The clock, as the gateway of a house reads it.
#[derive(Debug, Default)]
pub struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// From now on it is this much later.
    pub fn advance(&self, by: Span) {
        self.ahead.fetch_add(by.micros(), Ordering::SeqCst);
    }
}

impl Source for Clock {
    fn now(&self) -> Time {
        SystemSource.now() + Span::from_micros(self.ahead.load(Ordering::SeqCst))
    }

    fn fill(&self, buffer: &mut [u8]) {
        SystemSource.fill(buffer);
    }
}
