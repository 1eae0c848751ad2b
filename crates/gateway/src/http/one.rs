//! One resource by its address: named by an `ETag`, so that who has it already need not be sent it again.
//! The state of a resource is all that it writes, so the name is a hash of that.

use super::problem::Refused;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The answer that shows one resource.
pub(super) struct One<T>(pub(super) T);

impl<T: Serialize> IntoResponse for One<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&self.0) {
            Ok(body) => body,
            Err(error) => return Refused::internal(error.to_string()).into_response(),
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let name = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&body)[..12]));
        if let Ok(name) = HeaderValue::try_from(name) {
            headers.insert(header::ETAG, name);
        }
        (headers, body).into_response()
    }
}

/// Leaves the body out if the caller's `If-None-Match` names what the answer shows.
pub(super) fn unless_known(wanted: Option<&HeaderValue>, response: Response) -> Response {
    let (Some(wanted), Some(name)) = (wanted, response.headers().get(header::ETAG)) else { return response };
    let (Ok(wanted), Ok(name)) = (wanted.to_str(), name.to_str()) else { return response };
    let is_known = wanted.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == name);
    if !is_known || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_still_the_same_is_left_out() {
        let shown = || One(serde_json::json!({ "id": "ch_1" })).into_response();
        let name = shown().headers()[header::ETAG].to_str().unwrap().to_owned();
        let status = |wanted: &str| unless_known(Some(&HeaderValue::from_str(wanted).unwrap()), shown()).status();
        for known in [name.clone(), format!("W/{name}"), format!("\"x\", {name}"), "*".to_owned()] {
            assert_eq!(status(&known), StatusCode::NOT_MODIFIED, "{known}");
        }
        for other in ["\"x\"", "", name.trim_matches('"')] {
            assert_eq!(status(other), StatusCode::OK, "{other}");
        }
        assert_eq!(unless_known(None, shown()).status(), StatusCode::OK);
        let refused = Refused::not_found("charge").into_response();
        assert_eq!(unless_known(Some(&HeaderValue::from_static("*")), refused).status(), StatusCode::NOT_FOUND);
    }
}
