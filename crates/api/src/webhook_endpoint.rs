//! Where a merchant wants events: which ones, with which headers, and how well the receiver does.
//! The signature on what is sent is in `webhook`.

use crate::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `POST /v1/webhook_endpoints`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateWebhookEndpoint {
    /// Where events go: `https://`, and no private address unless the gateway is told to allow it.
    pub url: String,
    /// Which events: types such as `charge.succeeded`, groups such as `charge.*`, or `*`; all where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// The merchant's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Headers for each request, such as `Authorization`. Their values are never shown again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<BTreeMap<String, String>>,
}

/// `PATCH /v1/webhook_endpoints/{id}`: what is not given stays.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateWebhookEndpoint {
    /// Another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Another choice of events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Other headers, instead of all that there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<BTreeMap<String, String>>,
}

// A header's value may be a secret, and so may a part of the address.
impl core::fmt::Debug for CreateWebhookEndpoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CreateWebhookEndpoint").field("types", &self.types).finish_non_exhaustive()
    }
}

impl core::fmt::Debug for UpdateWebhookEndpoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UpdateWebhookEndpoint").field("types", &self.types).finish_non_exhaustive()
    }
}

/// `POST /v1/webhook_endpoints/{id}/rotate_secret`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// How long the secret before stays good beside the new one: 0 to 604800; 86400 where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<i64>,
}

words! {
    /// Whether an endpoint is served.
    pub enum WebhookEndpointStatus {
        /// Events are sent to it.
        Enabled = "enabled",
        /// Nothing is sent to it; what is due waits.
        Disabled = "disabled",
        /// It is gone for ever.
        Deleted = "deleted",
    }
}

words! {
    /// Why an endpoint is disabled.
    pub enum DisabledReason {
        /// The merchant wanted it so.
        Merchant = "merchant",
        /// The receiver answered 410: it wants no more.
        Gone = "gone",
        /// It answered nothing well for days.
        Failing = "failing",
    }
}

/// A webhook endpoint.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookEndpoint {
    /// `we_...`
    pub id: String,
    /// Always `webhook_endpoint`.
    pub object: String,
    /// Where events go.
    pub url: String,
    /// The merchant's name for it.
    pub description: String,
    /// Which events go there.
    pub types: Vec<String>,
    /// The names of the headers that each request has. Values are never shown.
    pub header_names: Vec<String>,
    /// Whether it is served.
    pub status: WebhookEndpointStatus,
    /// Why not.
    pub disabled_reason: Option<DisabledReason>,
    /// How many tries in a row went wrong.
    pub failures: i64,
    /// Since when nothing has gone well.
    pub failing_since: Option<Time>,
    /// Until when the secret before the present one is good, too.
    pub old_secret_until: Option<Time>,
    /// The secret, `whsec_...`: only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl core::fmt::Debug for WebhookEndpoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WebhookEndpoint").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_printed() {
        let create = CreateWebhookEndpoint {
            url: "https://shop.example/?canary".to_owned(),
            types: None,
            description: None,
            headers: Some([("authorization".to_owned(), "Bearer canary".to_owned())].into()),
        };
        assert!(!format!("{create:?}").contains("canary"));
        let update = UpdateWebhookEndpoint { headers: create.headers, ..UpdateWebhookEndpoint::default() };
        assert!(!format!("{update:?}").contains("canary"));
    }
}
