//! How the control API says no: one JSON shape, a status, and words that name the field.
//! Nothing here knows any single call.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::world::{BadSetting, BadSnapshot, Refusal};

/// Why a call of the control API was refused; nothing has changed.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    field: Option<String>,
    message: String,
}

impl Problem {
    pub(super) fn invalid(field: Option<&str>, message: impl Into<String>) -> Self {
        let field = field.map(str::to_owned);
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, code: "invalid", field, message: message.into() }
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "malformed", field: None, message: message.into() }
    }

    pub(crate) fn not_found(noun: &str) -> Self {
        let message = format!("no such {noun}");
        Self { status: StatusCode::NOT_FOUND, code: "not_found", field: None, message }
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, code: "conflict", field: None, message: message.into() }
    }

    pub(crate) fn too_large() -> Self {
        let message = "the body is larger than it may be".to_owned();
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, code: "too_large", field: None, message }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let error = json!({ "code": self.code, "field": self.field, "message": self.message });
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::NotFound(noun) => Self::not_found(noun),
            Refusal::Invalid { field, .. } => Self::invalid(Some(field), message),
            Refusal::Conflict { field, .. } => Self { field: Some(field.to_owned()), ..Self::conflict(message) },
            Refusal::Full(_) => Self { status: StatusCode::INSUFFICIENT_STORAGE, code: "full", field: None, message },
            Refusal::WrongPassword
            | Refusal::Short
            | Refusal::NotAuthorised
            | Refusal::Inactive
            | Refusal::Pending
            | Refusal::Duplicate
            | Refusal::Currency => Self::conflict(message),
        }
    }
}

impl From<BadSetting> for Problem {
    fn from(bad: BadSetting) -> Self {
        Self::invalid(Some(&bad.field), bad.to_string())
    }
}

impl From<BadSnapshot> for Problem {
    fn from(bad: BadSnapshot) -> Self {
        Self::invalid(None, bad.to_string())
    }
}

pub(super) async fn no_such_path() -> Problem {
    Problem::not_found("call of the control API; docs/sandbox.md lists them")
}

pub(super) async fn wrong_method() -> Problem {
    let message = "this call takes another method; docs/sandbox.md lists them".to_owned();
    Problem { status: StatusCode::METHOD_NOT_ALLOWED, code: "method_not_allowed", field: None, message }
}
