//! Where Payoneer's callbacks arrive. At the door nothing is decided: a callback is stored and acknowledged, or not.
//!
//! A body of more than 64 KiB is refused with 413 and not kept: a callback cut short would be another callback, and
//! none that is known of is larger than 1 KiB. An address that is not ours answers like any address without a route.

use super::answer;
use super::body;
use super::problem::Refused;
use super::query::Segments;
use crate::app::App;
use crate::engine::{Arrival, Received};
use api::{Code, Problem};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The longest query part kept.
const QUERY_MAX: usize = 8 * 1_024;
/// The longest event name in an address.
const EVENT_MAX: usize = 64;

/// Any method on `/callbacks/payoneer/{program}/{token}` and `/callbacks/payoneer/{program}/{token}/{event}`
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    Segments(segments): Segments,
    request: Request,
) -> Result<Response, Refused> {
    let mut segments = segments.iter().map(String::as_str);
    let (program, token) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    let event = segments.next();
    if event.is_some_and(|event| event.len() > EVENT_MAX || event.chars().any(char::is_control)) {
        return Err(answer::not_found().await);
    }
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    if query.len() > QUERY_MAX {
        return Err(Problem::new(Code::BadRequest, "the query part is too long").into());
    }
    let body = body::read(body, body::CALLBACK_MAX).await?;
    let arrival = Arrival { method: parts.method.as_str(), event, query, body: &body };
    match app.engine.receive_callback(program, token, arrival).await? {
        Received::Stored => Ok("ok".into_response()),
        Received::NoSuchAddress => Err(answer::not_found().await),
    }
}
