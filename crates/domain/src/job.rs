//! Work that must follow a change, written in the same commit as the change. One row per (kind, subject).
//! Who does it, and how, is the gateway's business.

use crate::Time;

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
    /// Not before this instant.
    pub due_at: Time,
}

impl Job {
    /// A job due at that instant.
    pub fn at(kind: Kind, subject: &str, due_at: Time) -> Self {
        Self { kind, subject: subject.to_owned(), due_at }
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
}
