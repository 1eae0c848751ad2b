//! Money given back to a payee: always the whole of a charge.

use crate::{Amount, Failure, Outcome, Settlement, Time};
use serde::{Deserialize, Serialize};

/// `POST /v1/charges/{id}/refund`, with an `Idempotency-Key`. Payoneer knows no partial refund, so there is nothing to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {}

words! {
    /// Where a refund stands.
    pub enum RefundStatus {
        /// On its way to Payoneer.
        Processing = "processing",
        /// Nobody can say yet; it is being found out.
        Unknown = "unknown",
        /// The money was given back.
        Succeeded = "succeeded",
        /// It was not; the charge stands.
        Failed = "failed",
    }
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refund {
    /// `rf_...`
    pub id: String,
    /// Always `refund`.
    pub object: String,
    /// The id of the charge that is given back.
    pub charge: String,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// The key it was asked for under.
    pub idempotency_key: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// Whether money moved.
    pub outcome: Outcome,
    /// Since when it has been unknown for so long that a person must look, if it is. It is still being looked at.
    pub attention_since: Option<Time>,
    /// What operators have said about it, where they have; in lists and events, always `null`.
    #[serde(default)]
    pub settlement: Option<Settlement>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}
