//! Immutable facts: what happened, to what, and what it looked like afterwards.

use crate::Time;
use serde::{Deserialize, Serialize};

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
    /// Grows with every event of the gateway; gaps mean nothing.
    pub sequence: i64,
    /// The id of the thing it happened to.
    pub subject: String,
    /// The thing as it was afterwards.
    pub data: serde_json::Value,
    /// When.
    pub created_at: Time,
}
