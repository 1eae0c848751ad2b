//! What a call is about: all that faults are chosen by.
//! Nothing is decided here.

use serde::{Deserialize, Serialize};

/// The operations that calls are told apart by.
pub const OPERATIONS: [&str; 12] = [
    "create_charge",
    "charge_status",
    "cancel_charge",
    "create_payout",
    "payout_status",
    "cancel_payout",
    "payee_status",
    "payee_details",
    "make_link",
    "release_payee",
    "report",
    "other",
];

/// What a call is about, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// One of [`OPERATIONS`].
    pub operation: String,
    /// The merchant's reference, as it was written.
    pub reference: Option<String>,
    /// The payee named.
    pub payee_id: Option<String>,
    /// The amount, as it was written.
    pub amount: Option<String>,
    /// The currency, as it was written.
    pub currency: Option<String>,
    /// The merchant's text.
    pub description: Option<String>,
}

impl Subject {
    /// What its calls are counted under: the reference in lower case, else the payee, else nothing.
    #[must_use]
    pub fn key(&self) -> String {
        match (&self.reference, &self.payee_id) {
            (Some(reference), _) => reference.to_lowercase(),
            (None, Some(payee)) => payee.clone(),
            (None, None) => String::new(),
        }
    }
}

/// A call and how it came.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What it is about.
    pub subject: &'a Subject,
    /// The header `X-Sandbox-Fault-Key`.
    pub key: Option<&'a str>,
    /// The username of its Basic credentials.
    pub username: Option<&'a str>,
}
