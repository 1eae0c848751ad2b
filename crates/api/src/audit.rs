//! The audit log: every administrative change, by whom and why.

use crate::Time;
use serde::{Deserialize, Serialize};

/// One change. Never altered and never removed; nothing secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// `aud_...`
    pub id: String,
    /// Always `audit_entry`.
    pub object: String,
    /// Who: the id of an API key, or `console:` and the user of the gateway's machine.
    pub actor: String,
    /// What, such as `api_key.revoked`.
    pub action: String,
    /// The id of the thing it was done to.
    pub subject: String,
    /// Why, in the actor's words, where they were asked.
    pub reason: Option<String>,
    /// What matters of the thing before.
    pub before: Option<serde_json::Value>,
    /// What matters of the thing afterwards.
    pub after: Option<serde_json::Value>,
    /// When.
    pub created_at: Time,
}
