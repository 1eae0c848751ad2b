//! What requests that can move money have in common: they go on when the caller hangs up, and their answers tell a
//! definite outcome from an unknown one, and a first answer from a repeated one.

use super::problem::Refused;
use crate::app::App;
use crate::engine::{Engine, Error};
use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use tracing::Instrument as _;

/// Tells a repeat's answer from the first one's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The answer to a request that can move money.
pub(super) struct Answer<T> {
    /// The resource as it is now.
    pub(super) body: T,
    /// Where it is found.
    pub(super) path: String,
    /// Whether it is known what became of the money.
    pub(super) is_definite: bool,
    /// Whether an earlier request with the same key made it.
    pub(super) is_replay: bool,
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let status = match (self.is_definite, self.is_replay) {
            (false, _) => StatusCode::ACCEPTED,
            (true, true) => StatusCode::OK,
            (true, false) => StatusCode::CREATED,
        };
        let mut headers = HeaderMap::new();
        if let Ok(path) = HeaderValue::try_from(self.path) {
            headers.insert(header::LOCATION, path);
        }
        if self.is_replay {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        (status, headers, Json(self.body)).into_response()
    }
}

/// A resource that was made by a request without money in it.
pub(super) fn created<T: Serialize>(path: String, body: T) -> Response {
    Answer { body, path, is_definite: true, is_replay: false }.into_response()
}

/// Runs to its end what can move money, even when the caller hangs up meanwhile; refuses to begin while draining.
pub(crate) async fn to_the_end<T, W, F>(app: &Arc<App>, work: W) -> Result<T, Refused>
where
    T: Send + 'static,
    W: FnOnce(Arc<Engine>) -> F,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    if app.is_draining() {
        return Err(Refused::draining());
    }
    match app.tasks().spawn(work(Arc::clone(&app.engine)).in_current_span()).await {
        Ok(result) => Ok(result?),
        // It panicked, or the process is about to end: what became of the money is found out from what was stored.
        Err(error) => Err(Refused::internal(format!("a request about money did not end well: {error}"))),
    }
}
