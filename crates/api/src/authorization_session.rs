//! One trip of a payee to Payoneer's hosted page.

use crate::Time;
use crate::word::object;
use serde::{Deserialize, Serialize};

/// The languages that pages exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh")]
    Chinese,
}

impl Language {
    /// `en` or `zh`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }
}

/// Whether the payee is thought to have a Payoneer account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Payoneer's page begins with signing up.
    New,
    /// Payoneer's page begins with logging in.
    Existing,
}

impl Account {
    /// `new` or `existing`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }
}

/// What Payoneer's form is filled with beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// At most 26 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// At most 26 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// An e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// `POST /v1/authorization_sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAuthorizationSession {
    /// The merchant's own id of the user; best the key of its own user table.
    pub payee_id: String,
    /// Where the browser goes in the end, and nowhere else; the program's own where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The language of Payoneer's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Sign up (the default) or log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// What Payoneer's form is filled with beforehand.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object")]
    pub contact: Option<Contact>,
}

words! {
    /// Where an authorization session stands.
    pub enum AuthorizationSessionStatus {
        /// The payee may be on Payoneer's page.
        Open = "open",
        /// The mandate became active.
        Completed = "completed",
        /// Nothing came of it in time.
        Expired = "expired",
        /// The merchant called it off.
        Canceled = "canceled",
        /// Payoneer, or the payee, said no.
        Failed = "failed",
    }
}

/// An authorization session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthorizationSession {
    /// `as_...`
    pub id: String,
    /// Always `authorization_session`.
    pub object: String,
    /// The payee who is asked.
    pub payee_id: String,
    /// Payoneer's page, to send the browser to.
    pub url: String,
    /// Where the browser goes in the end.
    pub return_url: String,
    /// Where it stands.
    pub status: AuthorizationSessionStatus,
    /// When it is given up.
    pub expires_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_an_object_and_not_a_list_of_its_values() {
        let read = serde_json::from_str::<CreateAuthorizationSession>;
        let whole = r#"{"payee_id":"p","contact":{"first_name":"Li","last_name":"Na","email":"li@shop.example"}}"#;
        assert_eq!(read(whole).unwrap().contact.unwrap().last_name.as_deref(), Some("Na"));
        assert_eq!(read(r#"{"payee_id":"p","contact":null}"#).unwrap().contact, None);
        assert!(read(r#"{"payee_id":"p","contact":["Li","Na","li@shop.example"]}"#).is_err());
    }

    #[test]
    fn only_languages_that_exist_are_taken() {
        let error = serde_json::from_str::<Language>("\"fr\"").unwrap_err().to_string();
        assert!(error.contains("`en` or `zh`"), "{error}");
    }
}
