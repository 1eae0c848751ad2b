//! Money sent to a payee, as a merchant asks for it and sees it.

use crate::{Amount, Failure, Outcome, Settlement, Time};
use serde::{Deserialize, Serialize};

/// `POST /v1/payouts`, with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreatePayout {
    /// The merchant's own id of the payee who is paid.
    pub payee_id: String,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// What the payee reads; at most 150 characters.
    pub description: String,
    /// The merchant's own reference, unique within the program for ever; at most 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_reference_id: Option<String>,
}

words! {
    /// Where a payout stands.
    pub enum PayoutStatus {
        /// Recorded; certainly nothing of it has been sent.
        Created = "created",
        /// On its way to Payoneer.
        Processing = "processing",
        /// Nobody can say yet whether Payoneer took it; it is being found out.
        Unknown = "unknown",
        /// Payoneer has accepted it and has not executed it yet.
        Pending = "pending",
        /// Payoneer has executed it. A bank may still reject it: then it becomes `canceled`.
        Paid = "paid",
        /// Payoneer refused it.
        Failed = "failed",
        /// It was taken back.
        Canceled = "canceled",
    }
}

/// A payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payout {
    /// `po_...`
    pub id: String,
    /// Always `payout`.
    pub object: String,
    /// Who is paid.
    pub payee_id: String,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// What the payee reads.
    pub description: String,
    /// The merchant's own reference, where given.
    pub client_reference_id: Option<String>,
    /// The reference that Payoneer sees.
    pub reference: String,
    /// The key it was asked for under.
    pub idempotency_key: String,
    /// Payoneer's number of it, once known.
    pub provider_payout_id: Option<String>,
    /// Where it stands.
    pub status: PayoutStatus,
    /// Whether money moved.
    pub outcome: Outcome,
    /// Since when it has been unknown for so long that a person must look, if it is. It is still being looked at.
    pub attention_since: Option<Time>,
    /// What operators have said about it, where they have; in lists and events, always `null`.
    #[serde(default)]
    pub settlement: Option<Settlement>,
    /// Why it failed, or why nothing could be sent.
    pub failure: Option<Failure>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}
