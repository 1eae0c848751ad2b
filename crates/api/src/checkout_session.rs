//! One hosted checkout: a page on which a payee authorises where needed, confirms, and pays once.

use crate::authorization_session::Language;
use crate::{Amount, Time};
use serde::{Deserialize, Serialize};

/// `POST /v1/checkout_sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCheckoutSession {
    /// The merchant's own id of the user who is to pay.
    pub payee_id: String,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// What for; the payee reads it on the page and on the statement.
    pub description: String,
    /// Where the browser goes after payment.
    pub success_url: String,
    /// Where the browser goes when the payee gives up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_url: Option<String>,
    /// The merchant's own reference for the charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_reference_id: Option<String>,
    /// The language of the page; the browser's own where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// How long it can be paid: 300 to 2592000; 86400 where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_seconds: Option<i64>,
}

words! {
    /// Where a checkout session stands.
    pub enum CheckoutSessionStatus {
        /// It can still be paid.
        Open = "open",
        /// It has been paid.
        Complete = "complete",
        /// It can no longer be paid.
        Expired = "expired",
    }
}

/// A checkout session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutSession {
    /// `cs_...`
    pub id: String,
    /// Always `checkout_session`.
    pub object: String,
    /// Who is to pay.
    pub payee_id: String,
    /// How much.
    pub amount: Amount,
    /// ISO 4217 code.
    pub currency: String,
    /// What for.
    pub description: String,
    /// The merchant's own reference for the charge, where given.
    pub client_reference_id: Option<String>,
    /// The page, to send the browser to. Whoever holds this address can pay: treat it as a secret.
    pub url: String,
    /// Where the browser goes after payment.
    pub success_url: String,
    /// Where the browser goes when the payee gives up.
    pub cancel_url: Option<String>,
    /// Where it stands.
    pub status: CheckoutSessionStatus,
    /// The id of the latest charge begun.
    pub charge: Option<String>,
    /// When it can no longer be paid.
    pub expires_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}
