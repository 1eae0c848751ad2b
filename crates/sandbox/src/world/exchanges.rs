//! The record of every call of the imitated API as seen from outside: who asked for what, what came of it, what went wrong.
//! Part of snapshots and bounded; nothing in the world decides by it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::time::Time;
use super::{World, limits};

/// The fault that a call met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultMark {
    /// Which: a rule's id, `chaos:...` or `magic`.
    pub id: String,
    /// Where it cut in, such as `after_apply_before_reply`.
    pub cut: String,
    /// What it did, such as `reset`.
    pub kind: String,
    /// The seconds that its answer asked to wait, when it did.
    pub retry_after_seconds: Option<u64>,
}

/// What the client could have read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answered {
    /// A whole HTTP answer, be it true or a fault's.
    #[default]
    Whole,
    /// A part of one, or bytes that are no answer.
    Broken,
    /// Not a byte.
    Nothing,
}

/// One call and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// 1, 2, 3, ... in the order of arrival.
    pub number: u64,
    /// When it came, on the virtual clock.
    pub at: Time,
    /// What was asked for, one of [`crate::faults::OPERATIONS`].
    pub operation: String,
    /// The merchant's reference, as it was written.
    pub reference: Option<String>,
    /// The payee named.
    pub payee_id: Option<String>,
    /// The amount, as it was written.
    pub amount: Option<String>,
    /// The currency, as it was written.
    pub currency: Option<String>,
    /// SHA-256 of the request's body, lower-case hexadecimal; of no bytes when it was too large to keep.
    pub body_sha256: String,
    /// The code in the answer, 0 for success; the HTTP status where the answer has no code, -1 where none was made.
    pub code: i64,
    /// The answer's HTTP status, 0 where none was made. A true answer that was lost stands here all the same.
    pub http_status: u16,
    /// Whether the world changed by it.
    pub effect: bool,
    /// Whether it was carried out at all: neither malformed or unauthorised nor cut off by a fault before that.
    pub applied: bool,
    /// The fault that it met.
    pub fault: Option<FaultMark>,
    /// What the client could have read.
    pub answered: Answered,
}

/// The newest exchanges.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Exchanges {
    last: u64,
    kept: VecDeque<Exchange>,
}

impl World {
    /// Records a call; gives its number. The oldest goes when there are more than [`limits::EXCHANGES`].
    pub(crate) fn record_exchange(&mut self, mut exchange: Exchange) -> u64 {
        self.exchanges.last += 1;
        exchange.number = self.exchanges.last;
        self.exchanges.kept.push_back(exchange);
        if self.exchanges.kept.len() > limits::EXCHANGES {
            self.exchanges.kept.pop_front();
        }
        self.exchanges.last
    }

    /// Every call that is still kept, oldest first.
    pub fn exchanges(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.exchanges.kept.iter()
    }

    /// Notes the fault that the exchange of that number met and what the client could have read of the answer.
    pub fn mark_exchange(&mut self, number: u64, fault: FaultMark, answered: Answered) {
        if let Some(exchange) = self.exchange_mut(number) {
            exchange.fault = Some(fault);
            exchange.answered = answered;
        }
    }

    /// The exchange of that number, while it is kept.
    pub(crate) fn exchange_mut(&mut self, number: u64) -> Option<&mut Exchange> {
        let first = self.exchanges.kept.front()?.number;
        let place = usize::try_from(number.checked_sub(first)?).ok()?;
        self.exchanges.kept.get_mut(place)
    }
}
