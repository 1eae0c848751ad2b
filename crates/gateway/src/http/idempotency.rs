//! `Idempotency-Key`, and what makes two requests the same: a fingerprint of what was understood, not of the bytes.
//! What a repeat means is decided by the engine.

use super::problem::Refused;
use crate::app::App;
use api::{Code, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::IdempotencyKey;
use domain::idempotency::Operation;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const HEADER: &str = "idempotency-key";

/// The key of a request that can move money.
pub(super) struct Key(pub(super) IdempotencyKey);

impl FromRequestParts<Arc<App>> for Key {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        let invalid = |reason: &str| {
            Refused::from(Problem::new(Code::IdempotencyKeyInvalid, format!("the Idempotency-Key {reason}")))
        };
        let mut values = parts.headers.get_all(HEADER).iter();
        let Some(value) = values.next() else {
            let detail =
                "send a fresh Idempotency-Key with every new request, and the same one with every repeat of it";
            return Err(Problem::new(Code::IdempotencyKeyMissing, detail).into());
        };
        if values.next().is_some() {
            return Err(invalid("is given twice"));
        }
        let text = value.to_str().map_err(|_| invalid("may hold only printable ASCII without spaces"))?;
        IdempotencyKey::parse(text).map(Self).map_err(|reason| invalid(&reason.to_string()))
    }
}

/// SHA-256 over an operation and the fields that were understood. Kept for ever, so it must come out the same in
/// every later version: fields go in by name, and one that is not given leaves no trace.
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    pub(super) fn of(operation: Operation) -> Self {
        let mut this = Self(Sha256::new());
        this.put(operation.as_str());
        this
    }

    #[must_use]
    pub(super) fn with(mut self, name: &str, value: &(impl ToString + ?Sized)) -> Self {
        self.put(name);
        self.put(&value.to_string());
        self
    }

    #[must_use]
    pub(super) fn with_option(self, name: &str, value: Option<&impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }

    /// With its length before it, so that no two lists of texts look the same.
    fn put(&mut self, text: &str) {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Fingerprint {
        Fingerprint::of(Operation::Charge).with("payee_id", "ID123")
    }

    #[test]
    fn what_is_not_given_leaves_no_trace() {
        assert_eq!(base().with_option("purpose", None::<&String>).finish(), base().finish());
        assert_ne!(base().with_option("purpose", Some(&"rent")).finish(), base().finish());
    }

    #[test]
    fn no_two_different_requests_look_alike() {
        assert_ne!(base().finish(), Fingerprint::of(Operation::Payout).with("payee_id", "ID123").finish());
        let split = Fingerprint::of(Operation::Charge).with("a", "bc").finish();
        assert_ne!(split, Fingerprint::of(Operation::Charge).with("ab", "c").finish());
    }

    #[test]
    fn the_fingerprint_of_today_is_the_one_of_tomorrow() {
        let shown = data_encoding::HEXLOWER.encode(&base().finish());
        assert_eq!(shown, "86e89dd993c05d97389957a0e8f36bfbf0b5cbb008e9dfc38ef082090ea5200d");
    }
}
