//! API keys of a program, as an administrator makes and sees them. A key's own text is in one answer, [`MadeApiKey`].

use crate::Time;
use core::fmt;
use serde::{Deserialize, Serialize};

words! {
    /// What a key may do.
    pub enum Scope {
        /// See everything of the program.
        Read = "read",
        /// Authorise payees, charge, refund, open checkouts.
        Charge = "charge",
        /// Pay out.
        Payout = "payout",
        /// Everything.
        Admin = "admin",
    }
}

/// `POST /v1/api_keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What the key is for; at most 100 characters.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// After how many days it opens nothing any more: 1 to 3650; never if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<i64>,
}

/// An API key, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// `key_...`, which is a part of its text, too.
    pub id: String,
    /// Always `api_key`.
    pub object: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The key that it goes back to: itself if it was made on the gateway's machine, else the origin of the key that made
    /// it. Keys of one origin count as one person where two are asked for.
    pub origin: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Option<Time>,
    /// When it was last used, to a few minutes.
    pub last_used_at: Option<Time>,
    /// When it was closed for ever.
    pub revoked_at: Option<Time>,
}

/// A key just made, with its text: an [`ApiKey`] and `secret`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeApiKey {
    /// `key_...`, which is a part of its text, too.
    pub id: String,
    /// Always `api_key`.
    pub object: String,
    /// Its text, which begins with `tg_live_` or `tg_test_`. This is the only time it is shown.
    pub secret: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The key that it goes back to: that of whoever made it.
    pub origin: String,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing.
    pub expires_at: Option<Time>,
}

impl fmt::Debug for MadeApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeApiKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_key_is_on_the_wire_and_not_in_a_log() {
        let wire = r#"{"id":"key_1","object":"api_key","name":"n","scopes":["read"],"origin":"key_1",
            "created_at":"2026-01-01T00:00:00Z","expires_at":null,"secret":"tg_test_canary"}"#;
        let made: MadeApiKey = serde_json::from_str(wire).unwrap();
        assert_eq!(made.scopes, [Scope::Read]);
        assert!(serde_json::to_string(&made).unwrap().contains("tg_test_canary"));
        assert!(!format!("{made:?}").contains("canary"));
    }
}
