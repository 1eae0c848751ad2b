//! One failure at one call, the n-th of its kind, for runs in which nothing else goes wrong.
//! What the call then does is the gate's and the line's business.

use crate::line::{GARBAGE, LOST};
use crate::stage::Stage;
use store::{Door, Passage};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A call of the database's is refused, or nobody hears what became of it.
    Database(Passage),
    /// The process ends before a call of the database's.
    EndBefore,
    /// The process ends after it, before anything else.
    EndAfter,
    /// A request that can move money.
    Send(Send),
    /// A query.
    Query(Query),
}

/// What becomes of a request that can move money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Send {
    /// There is no connection.
    NotConnected,
    /// It is lost, in the n-th way of noticing that.
    LostRequest(usize),
    /// It is done and its answer is lost, in the n-th way of noticing that.
    LostReply(usize),
    /// It is done so many seconds later, when its sender has given up.
    Late(i64),
    /// The n-th kind of garbage comes instead of doing it.
    GarbageBefore(usize),
    /// The n-th kind of garbage comes after it was done.
    GarbageAfter(usize),
    /// The answer is about another request; whether it was done.
    WrongReply(bool),
}

/// What becomes of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// It is lost, in the n-th way of noticing that.
    Lost(usize),
    /// The n-th kind of garbage is the answer.
    Garbage(usize),
    /// The answer is that there is nothing by this name.
    NotFound,
}

impl Failure {
    /// Every failure that a call can have.
    pub fn all() -> Vec<Self> {
        let passages = [Passage::Shut, Passage::Deaf, Passage::Lost].map(Self::Database);
        let mut all: Vec<Self> = passages.into_iter().chain([Self::EndBefore, Self::EndAfter]).collect();
        let ways = 0..LOST.len();
        let sends = ways.clone().flat_map(|n| [Send::LostRequest(n), Send::LostReply(n)]);
        let sends = sends.chain((0..GARBAGE).flat_map(|n| [Send::GarbageBefore(n), Send::GarbageAfter(n)]));
        let others = [Send::NotConnected, Send::Late(120), Send::Late(172_000)];
        let sends = sends.chain(others).chain([Send::WrongReply(true), Send::WrongReply(false)]);
        all.extend(sends.map(Self::Send));
        let queries = ways.map(Query::Lost).chain((0..GARBAGE).map(Query::Garbage)).chain([Query::NotFound]);
        all.extend(queries.map(Self::Query));
        all
    }

    /// Whether a call of the database's at that door can have it.
    fn is_of(self, door: Door) -> bool {
        match self {
            // A read of which nobody hears has changed nothing: as if it were refused.
            Self::Database(Passage::Deaf | Passage::Lost) => door != Door::Read,
            Self::Database(_) | Self::EndBefore | Self::EndAfter => true,
            Self::Send(_) | Self::Query(_) => false,
        }
    }
}

/// A failure that waits for its call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trip {
    failure: Failure,
    /// How many more calls of the kind pass before it.
    left: u32,
    /// Whether it has happened.
    pub(crate) hit: bool,
}

impl Trip {
    /// At the n-th call of the kind, from 1.
    pub(crate) fn new(failure: Failure, nth: u32) -> Self {
        Self { failure, left: nth, hit: false }
    }
}

impl Stage {
    /// What goes wrong with this call of the database's, if it is the one.
    pub(crate) fn trip_database(&mut self, door: Door) -> Option<Failure> {
        self.trip(|failure| failure.is_of(door))
    }

    /// What goes wrong with this request that can move money, if it is the one.
    pub(crate) fn trip_send(&mut self) -> Option<Send> {
        match self.trip(|failure| matches!(failure, Failure::Send(_)))? {
            Failure::Send(send) => Some(send),
            _ => None,
        }
    }

    /// What goes wrong with this query, if it is the one.
    pub(crate) fn trip_query(&mut self) -> Option<Query> {
        match self.trip(|failure| matches!(failure, Failure::Query(_)))? {
            Failure::Query(query) => Some(query),
            _ => None,
        }
    }

    fn trip(&mut self, fits: impl Fn(Failure) -> bool) -> Option<Failure> {
        let trip = self.trip.as_mut().filter(|trip| !trip.hit && fits(trip.failure))?;
        trip.left -= 1;
        if trip.left > 0 {
            return None;
        }
        trip.hit = true;
        let failure = trip.failure;
        self.note(format_args!("the one failure: {failure:?}"));
        Some(failure)
    }
}
