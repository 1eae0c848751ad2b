//! Problem documents (RFC 9457): every way in which the gateway says no, and what the caller then knows about money.
//! The catalogue - which code has which status, title, outcome and advice - is in `problem::code`.

mod code;

pub use code::{Code, Entry};

use serde::{Deserialize, Serialize};

words! {
    /// What is known of a request that can move money.
    pub enum Outcome {
        /// It certainly did not.
        None = "none",
        /// It did.
        Done = "done",
        /// Nobody can say yet. Repeat with the same key, or look the resource up; never use a new key.
        Unknown = "unknown",
    }
}

words! {
    /// Whether and how to try again.
    pub enum Retry {
        /// Never: the same request will fail the same way.
        No = "no",
        /// Repeat the same request with the same `Idempotency-Key`.
        SameKey = "same_key",
        /// A new request with a new key, later.
        NewKeyLater = "new_key_later",
        /// After the time that `Retry-After` says, with the same key.
        AfterTime = "after_time",
        /// After the payee has done something, as a rule authorised.
        AfterPayeeAction = "after_payee_action",
        /// After the request or the configuration has been corrected.
        AfterFix = "after_fix",
    }
}

/// What Payoneer itself said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Provider {
    /// Its code, as text.
    pub code: String,
    /// Its description.
    pub description: String,
    /// Its hint.
    pub hint: Option<String>,
    /// Its number for the exchange, by which its support finds it.
    pub audit_id: Option<i64>,
}

/// The resource that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Resource {
    /// Its noun, such as `charge`.
    pub object: String,
    /// Its id.
    pub id: String,
}

/// How to get a payee's authorisation: a request to this gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Authorize {
    /// Always `POST`.
    pub method: String,
    /// The path.
    pub path: String,
    /// The body that will do.
    pub body: serde_json::Value,
}

/// A problem document, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `urn:tollgate:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words; the same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, for people.
    pub detail: String,
    /// For programs.
    pub code: Code,
    /// What is known about money.
    pub outcome: Outcome,
    /// Whether and how to try again.
    pub retry: Retry,
    /// The id of the request, to be found in the gateway's log.
    pub request_id: String,
    /// The field of the request that is wrong: `amount`, `contact.email`, `?limit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What Payoneer said, where it spoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The resource it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// How to get the missing authorisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<Authorize>,
}

impl Problem {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem of this code as the catalogue has it, with what happened this time.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let entry = code.entry();
        Self {
            kind: format!("urn:tollgate:problem:{code}"),
            title: entry.title.to_owned(),
            status: entry.status,
            detail: detail.into(),
            code,
            outcome: entry.outcome,
            retry: entry.retry,
            request_id: String::new(),
            field: None,
            provider: None,
            resource: None,
            authorize: None,
        }
    }

    /// Names the wrong field.
    #[must_use]
    pub fn with_field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Names the resource it is about.
    #[must_use]
    pub fn with_resource(self, object: impl Into<String>, id: impl Into<String>) -> Self {
        Self { resource: Some(Resource { object: object.into(), id: id.into() }), ..self }
    }

    /// Tells what Payoneer said.
    #[must_use]
    pub fn with_provider(self, provider: Provider) -> Self {
        Self { provider: Some(provider), ..self }
    }

    /// Tells how to get the missing authorisation of this payee.
    #[must_use]
    pub fn with_authorize(self, payee_id: &str) -> Self {
        let authorize = Authorize {
            method: "POST".to_owned(),
            path: "/v1/authorization_sessions".to_owned(),
            body: serde_json::json!({ "payee_id": payee_id }),
        };
        Self { authorize: Some(authorize), ..self }
    }

    /// Says what is known about money, where this time it is not what the catalogue says.
    #[must_use]
    pub fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// Gives the advice, where this time it is not what the catalogue says.
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }
}

impl core::fmt::Display for Problem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} ({})", self.title, self.code)?;
        if let Some(field) = &self.field {
            write!(f, " in {field}")?;
        }
        write!(f, ": {}", self.detail)
    }
}
