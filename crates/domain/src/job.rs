//! Work that must follow a change, written in the same commit as the change. One row per (kind, subject).
//! Who does it, and how, is the gateway's business.

use crate::{Span, Time};

text_enum! {
    /// What is to be done.
    pub enum Kind {
        /// Find out what became of an attempt.
        Resolve = "resolve",
        /// Ask Payoneer to confirm a charge that its bare reply called done.
        Confirm = "confirm",
        /// Ask Payoneer whether a payout has been executed.
        WatchPayout = "watch_payout",
        /// Interpret a callback.
        Digest = "digest",
        /// Ask Payoneer about a payee.
        Verify = "verify",
        /// End an authorization session whose time is over.
        ExpireAuthorization = "expire_authorization",
        /// End a checkout session whose time is over.
        ExpireCheckout = "expire_checkout",
    }
}

/// A job to be put, or pulled forward if it is there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What is to be done.
    pub kind: Kind,
    /// To what: an id.
    pub subject: String,
    /// When.
    pub due_at: Time,
    /// How far from that instant it may be moved, so that what was put together does not come due together.
    pub jitter: Jitter,
    /// Whether a callback asked for it.
    pub called: bool,
}

/// How a job's instant may be moved, by up to a fifth of the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// To a later instant: nothing is to be done before.
    Later,
    /// To either side.
    Around,
    /// Not at all.
    None,
}

impl Jitter {
    /// How far a wait is moved for a random byte, in whole microseconds.
    pub fn of(self, wait: Span, byte: u8) -> Span {
        let fifth = wait.micros().max(0) / 5;
        let byte = i64::from(byte);
        Span::from_micros(match self {
            Self::Later => fifth * byte / 256,
            Self::Around => fifth * (byte * 2 - 255) / 255,
            Self::None => 0,
        })
    }
}

impl Job {
    /// A job due at that instant, or a little later.
    pub fn at(kind: Kind, subject: &str, due_at: Time) -> Self {
        Self { kind, subject: subject.to_owned(), due_at, jitter: Jitter::Later, called: false }
    }

    /// A look at an attempt, a little before or after that instant.
    pub fn look(subject: &str, due_at: Time) -> Self {
        Self { jitter: Jitter::Around, ..Self::at(Kind::Resolve, subject, due_at) }
    }

    /// The same job at exactly its instant.
    #[must_use]
    pub fn exactly(self) -> Self {
        Self { jitter: Jitter::None, ..self }
    }

    /// The same job, asked for by a callback.
    #[must_use]
    pub fn by_callback(self) -> Self {
        Self { called: true, ..self }
    }
}

/// A job as a worker holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What is to be done.
    pub kind: Kind,
    /// To what.
    pub subject: String,
    /// Counts the times the job was taken: who holds an older epoch has lost it.
    pub epoch: i64,
    /// Counts the times the job was put again while it was there.
    pub wakes: i64,
    /// How many runs ended in a retry.
    pub runs: i64,
    /// Whether a callback has asked for it since it was put.
    pub called: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_within_a_fifth() {
        let wait = Span::from_micros(1_000);
        let moved = |jitter: Jitter, byte| jitter.of(wait, byte).micros();
        assert_eq!((moved(Jitter::Around, 0), moved(Jitter::Around, 255)), (-200, 200));
        assert_eq!((moved(Jitter::Later, 0), moved(Jitter::Later, 255)), (0, 199));
        assert_eq!((moved(Jitter::None, 0), moved(Jitter::None, 255)), (0, 0));
        assert_eq!(Jitter::Around.of(Span::from_micros(-5), 255), Span::ZERO);
        for byte in 0..=255 {
            assert!((-200..=200).contains(&moved(Jitter::Around, byte)), "{byte}");
        }
    }
}
