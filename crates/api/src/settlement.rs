//! What operators say about a charge, refund or payout of which nobody else can say what became of it.

use crate::Time;
use serde::{Deserialize, Serialize};

words! {
    /// What became of it.
    pub enum Verdict {
        /// Payoneer did it.
        Succeeded = "succeeded",
        /// Payoneer did not and will not.
        Failed = "failed",
    }
}

words! {
    /// What is settled of a payout.
    pub enum SettleAbout {
        /// The payout itself.
        Payout = "payout",
        /// Its cancel, of a payout that Payoneer has accepted.
        Cancel = "cancel",
    }
}

words! {
    /// Where a settlement stands.
    pub enum SettlementStatus {
        /// One operator has spoken; another must agree.
        Proposed = "proposed",
        /// It settled the matter.
        Settled = "settled",
    }
}

/// `POST /v1/charges/{id}/settle` and `POST /v1/refunds/{id}/settle`. Only what is `unknown` can be settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// What became of it.
    #[serde(rename = "as")]
    pub verdict: Verdict,
    /// Why it is right to decide; kept for ever. 1 to 500 characters.
    pub reason: String,
    /// What shows it, such as a line of Payoneer's report; kept for ever. 1 to 500 characters.
    pub evidence: String,
}

/// `POST /v1/payouts/{id}/settle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettlePayout {
    /// What became of it.
    #[serde(rename = "as")]
    pub verdict: Verdict,
    /// Why it is right to decide; kept for ever. 1 to 500 characters.
    pub reason: String,
    /// What shows it, such as a line of Payoneer's report; kept for ever. 1 to 500 characters.
    pub evidence: String,
    /// Whether the payout itself or its cancel is meant; the payout if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<SettleAbout>,
}

/// `POST /v1/charges/{id}/settle/withdraw` and the same of refunds and payouts: takes an open proposal back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WithdrawSettlement {
    /// Why; kept for ever. 1 to 500 characters.
    pub reason: String,
    /// For a payout: whether the payout itself or its cancel is meant; the payout if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<SettleAbout>,
}

/// What operators said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settlement {
    /// `stl_...`
    pub id: String,
    /// Always `settlement`.
    pub object: String,
    /// The attempt it is about.
    pub attempt: String,
    /// Where it stands.
    pub status: SettlementStatus,
    /// What became of it.
    #[serde(rename = "as")]
    pub verdict: Verdict,
    /// Why it was right to decide.
    pub reason: String,
    /// What shows it.
    pub evidence: String,
    /// Who spoke first: the id of an API key.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Time,
    /// Who agreed: the id of another API key. `null` while nobody has, and where one operator is enough.
    pub settled_by: Option<String>,
    /// When it was settled.
    pub settled_at: Option<Time>,
}
