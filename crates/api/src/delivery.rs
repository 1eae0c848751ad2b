//! One event on its way to one webhook endpoint, with every request that was made for it, and having things sent again.

use crate::Time;
use serde::{Deserialize, Serialize};

words! {
    /// Where a delivery stands.
    pub enum DeliveryStatus {
        /// It will be tried (again).
        Pending = "pending",
        /// The receiver has taken it.
        Delivered = "delivered",
        /// It will not be tried any more by itself.
        Failed = "failed",
        /// Its endpoint was deleted first.
        Canceled = "canceled",
    }
}

words! {
    /// Why a try got no answer.
    pub enum Trouble {
        /// The address is none that may be asked.
        AddressRefused = "address_refused",
        /// The name leads nowhere.
        NameNotFound = "name_not_found",
        /// Nobody took the connection.
        NotConnected = "not_connected",
        /// The receiver could not prove who it is.
        TlsFailed = "tls_failed",
        /// No answer in time.
        Timeout = "timeout",
        /// The connection broke, or what came was no answer.
        Broken = "broken",
    }
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// `dl_...`
    pub id: String,
    /// Always `delivery`.
    pub object: String,
    /// The id of the endpoint.
    pub endpoint: String,
    /// The id of the event, which is also `webhook-id` on each request.
    pub event: String,
    /// The event's place in the order of all events.
    pub sequence: i64,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How many requests were made for it.
    pub try_count: i64,
    /// When it is tried next, while it is pending.
    pub due_at: Option<Time>,
    /// The requests, the latest first; none in lists.
    pub tries: Vec<Try>,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// One request that was made for a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Try {
    /// Which one, from 1.
    pub number: i64,
    /// When it was begun.
    pub at: Time,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub trouble: Option<Trouble>,
    /// The beginning of the answer's body, or more about the trouble.
    pub said: String,
}

/// `POST /v1/webhook_endpoints/{id}/replay`: either a range, or `failed_since`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Only events after this sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_sequence: Option<i64>,
    /// Only events up to this sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_sequence: Option<i64>,
    /// Only events of this instant or later, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only events before this instant, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Every delivery that failed at this instant or later, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_since: Option<String>,
}

/// What a replay came to. One call replays at most a thousand events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replayed {
    /// Always `replay`.
    pub object: String,
    /// How many deliveries are due again.
    pub deliveries: u64,
    /// Whether that is all. If not: the same call again, for a range with this `after_sequence`.
    pub is_complete: bool,
    /// Where a range goes on.
    pub next_after_sequence: Option<i64>,
}
