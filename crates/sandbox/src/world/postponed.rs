//! Calls whose effect is put off until the client has given up: what they asked for, and when it is taken.
//! Carrying them out is the API's work.

use serde::{Deserialize, Serialize};

use super::time::Time;
use super::{World, limits};

/// A call to be carried out later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Postponed {
    /// When.
    pub(crate) at: Time,
    /// Its exchange's number.
    pub(crate) exchange: u64,
    /// HTTP method.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// The body, as text.
    pub(crate) body: String,
}

impl World {
    /// Puts a call off; it is lost when [`limits::POSTPONED`] are waiting already.
    pub(crate) fn postpone(&mut self, call: Postponed) {
        if self.postponed.len() < limits::POSTPONED {
            let place = self.postponed.partition_point(|p| (p.at, p.exchange) > (call.at, call.exchange));
            self.postponed.insert(place, call);
        }
    }

    /// The exchanges of the calls that are put off, soonest first.
    pub(crate) fn postponed(&self) -> impl Iterator<Item = u64> {
        self.postponed.iter().rev().map(|call| call.exchange)
    }

    /// When the next call that was put off takes effect.
    pub(super) fn next_postponed(&self) -> Option<Time> {
        self.postponed.last().map(|p| p.at)
    }

    /// The next call whose time has come; it is not given again.
    pub(crate) fn take_postponed(&mut self) -> Option<Postponed> {
        if self.next_postponed().is_none_or(|at| at > self.clock.now) { None } else { self.postponed.pop() }
    }
}
