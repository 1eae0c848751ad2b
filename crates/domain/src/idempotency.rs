//! The same request twice is one charge: what a key was first used for, and whether a repeat is the same request.

use crate::{IdempotencyKey, ProgramId, Time};

text_enum! {
    /// Which request a key was used for.
    pub enum Operation {
        /// `POST /v1/charges`.
        Charge = "charge",
        /// `POST /v1/charges/{id}/refund`.
        Refund = "refund",
        /// `POST /v1/payouts`.
        Payout = "payout",
    }
}

/// A key that was used, kept for ever beside what it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// Whose key.
    pub program: ProgramId,
    /// The key.
    pub key: IdempotencyKey,
    /// For which request.
    pub operation: Operation,
    /// SHA-256 over the operation and the body's canonical form.
    pub fingerprint: Vec<u8>,
    /// The id of what it made.
    pub subject: String,
    /// When.
    pub created_at: Time,
}

impl Used {
    /// Whether a request with this fingerprint is the one that used the key.
    pub fn is_same(&self, operation: Operation, fingerprint: &[u8]) -> bool {
        self.operation == operation && self.fingerprint == fingerprint
    }
}
