//! Immutable facts: what happened, to what, what it looked like afterwards, what changed, and by what evidence. What
//! `GET /v1/events` lists and what a webhook carries is one and the same.

use crate::Time;
use serde::{Deserialize, Serialize};

/// The version of the payload that this crate knows: of `data` and its meaning. Fields may be added within a version.
pub const VERSION: i64 = 1;

words! {
    /// What kind of proof an event rests on. A callback is none.
    pub enum EvidenceKind {
        /// Payoneer's reply to our own request.
        Reply = "reply",
        /// Payoneer's answer to a status query.
        StatusQuery = "status_query",
        /// The gateway saw that no byte left.
        Transport = "transport",
        /// Two named operators.
        Operator = "operator",
    }
}

/// What an event rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EventEvidence))]
pub struct Evidence {
    /// Its kind.
    pub kind: EvidenceKind,
    /// The id of the attempt that it settled, if it settled one.
    pub attempt: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// `evt_...`
    pub id: String,
    /// Always `event`.
    pub object: String,
    /// What happened, such as `charge.succeeded`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version of the payload, see [`VERSION`].
    pub version: i64,
    /// Grows with every event of the gateway; gaps mean nothing.
    pub sequence: i64,
    /// The id of the thing it happened to.
    pub subject: String,
    /// The thing as it was afterwards.
    pub data: serde_json::Value,
    /// The fields of `data` that were different in the event before about the same thing, as they were then; none for
    /// the first. A field that was not there is `null`.
    pub previous: Option<serde_json::Value>,
    /// What settled it; none where it was the merchant's or the gateway's own decision.
    pub evidence: Option<Evidence>,
    /// When.
    pub created_at: Time,
}
