//! A notification from Payoneer as it came in: kept raw, never believed.

use crate::Time;
use serde::{Deserialize, Serialize};

words! {
    /// How far a callback has come.
    pub enum CallbackStatus {
        /// Stored, not yet interpreted.
        Received = "received",
        /// It woke the query it called for.
        Digested = "digested",
        /// It was about nothing the gateway knows.
        Ignored = "ignored",
    }
}

/// A callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Callback {
    /// `cb_...`
    pub id: String,
    /// Always `callback`.
    pub object: String,
    /// The HTTP method.
    pub method: String,
    /// What followed the program's callback address: `/approved?payeeid=ID123`, or empty.
    pub target: String,
    /// The body as it came, in base64.
    pub body: String,
    /// How often the same callback came.
    pub times: i64,
    /// How far it has come.
    pub status: CallbackStatus,
    /// What was made of it.
    pub interpretation: Option<serde_json::Value>,
    /// When it first came.
    pub received_at: Time,
    /// When it last came.
    pub last_received_at: Time,
    /// The same as `received_at`.
    pub created_at: Time,
    /// The same as `last_received_at`.
    pub updated_at: Time,
}
