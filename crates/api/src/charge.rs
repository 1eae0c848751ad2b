//! Money taken from a payee's Payoneer balance, as a merchant asks for it and sees it.

use crate::{Amount, Failure, Outcome, Settlement, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /v1/charges`, with an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCharge {
    /// The merchant's own id of the payee who pays; must have an active mandate.
    pub payee_id: String,
    /// How much, with at most as many decimals as the currency has.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// What the payee reads on the statement; at most 150 characters.
    pub description: String,
    /// The merchant's own reference, unique within the program for ever; at most 50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_reference_id: Option<String>,
    /// What the charge is for: while one charge for a purpose is undecided, no other is begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The merchant's own notes, returned unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
}

words! {
    /// Where a charge stands.
    pub enum ChargeStatus {
        /// Recorded; certainly nothing of it has been sent.
        Created = "created",
        /// On its way to Payoneer.
        Processing = "processing",
        /// The payee must confirm first.
        RequiresAction = "requires_action",
        /// Nobody can say yet whether the money was taken; it is being found out. Never charge again under a new key.
        Unknown = "unknown",
        /// The money was taken.
        Succeeded = "succeeded",
        /// Payoneer refused; no money moved.
        Failed = "failed",
        /// Withdrawn before anything was sent.
        Canceled = "canceled",
        /// A refund is on its way.
        RefundPending = "refund_pending",
        /// The money was given back.
        Refunded = "refunded",
    }
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Charge {
    /// `ch_...`
    pub id: String,
    /// Always `charge`.
    pub object: String,
    /// Who pays.
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
    /// What it is for.
    pub purpose: Option<String>,
    /// The merchant's own notes.
    pub metadata: Option<BTreeMap<String, String>>,
    /// Where it stands.
    pub status: ChargeStatus,
    /// Whether money moved.
    pub outcome: Outcome,
    /// Since when it has been unknown for so long that a person must look, if it is. It is still being looked at.
    pub attention_since: Option<Time>,
    /// What operators have said about it, where they have; in lists and events, always `null`.
    #[serde(default)]
    pub settlement: Option<Settlement>,
    /// Why it failed, or why nothing could be sent.
    pub failure: Option<Failure>,
    /// The id of its latest refund.
    pub refund: Option<String>,
    /// Its trips to Payoneer; in lists, always empty.
    pub attempts: Vec<Attempt>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

words! {
    /// Where one trip to Payoneer stands.
    pub enum AttemptStatus {
        /// Recorded, nothing sent.
        Planned = "planned",
        /// On its way.
        Sending = "sending",
        /// Payoneer wants the payee to confirm first.
        Challenged = "challenged",
        /// Sent or possibly sent, and no definite answer.
        Unknown = "unknown",
        /// Payoneer did it.
        Succeeded = "succeeded",
        /// Payoneer definitely refused.
        Declined = "declined",
        /// Certainly nothing left the gateway.
        NeverSent = "never_sent",
        /// A quote that was never committed.
        Expired = "expired",
    }
}

words! {
    /// What kind of proof settled an attempt. A callback is none.
    pub enum Evidence {
        /// A well-formed reply to the gateway's own request.
        Reply = "reply",
        /// An answer to a status query.
        StatusQuery = "status_query",
        /// The gateway saw that nothing left.
        Transport = "transport",
        /// Named operators: two, unless the gateway is told that one is enough.
        Operator = "operator",
    }
}

/// One trip to Payoneer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// `at_...`
    pub id: String,
    /// Always `attempt`.
    pub object: String,
    /// What was asked of Payoneer: `charge`, `refund`, `payout` or `payout_cancel`.
    pub kind: String,
    /// 1 for the first.
    pub number: i64,
    /// Where it stands.
    pub status: AttemptStatus,
    /// When the gateway allowed it to be sent.
    pub sent_at: Time,
    /// When it became definite.
    pub settled_at: Option<Time>,
    /// What made it definite.
    pub evidence: Option<Evidence>,
    /// Why it is unknown, in words for people.
    pub doubt: Option<String>,
    /// What the latest look at it showed, in words for people.
    pub seen: Option<String>,
    /// Why it was declined or never sent.
    pub failure: Option<Failure>,
    /// How often Payoneer was asked about it since.
    pub looks: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"payee_id":"ID123","amount":"1.2","currency":"USD","description":"Charge test"}"#;

    #[test]
    fn what_is_not_given_is_not_sent() {
        let request: CreateCharge = serde_json::from_str(BODY).unwrap();
        assert_eq!(request.client_reference_id, None);
        assert_eq!(serde_json::to_string(&request).unwrap(), BODY);
    }

    #[test]
    fn a_mistyped_field_is_not_ignored() {
        let error = serde_json::from_str::<CreateCharge>(&BODY.replace("amount", "amonut")).unwrap_err();
        assert!(error.to_string().contains("unknown field `amonut`"), "{error}");
    }

    #[test]
    fn a_status_from_the_future_does_not_break_a_client() {
        assert_eq!(serde_json::from_str::<ChargeStatus>("\"quoted\"").unwrap(), ChargeStatus::Unrecognized);
        for status in ChargeStatus::ALL {
            let text = serde_json::to_string(status).unwrap();
            assert_eq!(serde_json::from_str::<ChargeStatus>(&text).unwrap(), *status);
        }
    }
}
