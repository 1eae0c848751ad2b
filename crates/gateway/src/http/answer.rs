//! What happens around every request: its id, the log line, the headers that every answer carries, and turning a
//! refusal or a panic into its problem document. Nothing here knows what a route does.

use super::body;
use super::one;
use super::problem::Refused;
use super::rate::Standing;
use super::request_id::{REQUEST_ID, RequestId};
use super::version;
use crate::app::App;
use crate::trace;
use api::{Code, Problem};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::ProgramId;
use domain::id::ApiKeyId;
use std::any::Any;
use std::sync::{Arc, OnceLock};
use tracing::Instrument as _;

/// Headers that every answer carries unless a page set a stricter or more fitting one itself.
const DEFAULTS: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Who asked and how much more they may, as far as a handler found out; for the log line and the headers.
#[derive(Debug, Clone, Default)]
pub(super) struct AskedBy(Arc<OnceLock<(ApiKeyId, ProgramId)>>, Arc<OnceLock<Standing>>);

impl AskedBy {
    /// Notes the ids of the key (never the key itself) and of the program.
    pub(super) fn note(&self, key: &ApiKeyId, program: &ProgramId) {
        self.0.get_or_init(|| (key.clone(), program.clone()));
    }

    /// Notes how much the key may still ask.
    pub(super) fn note_rate(&self, standing: Standing) {
        self.1.get_or_init(|| standing);
    }

    fn names(&self) -> (&str, &str) {
        self.0.get().map_or(("-", "-"), |(key, program)| (key.as_str(), program.as_str()))
    }
}

/// Runs around every route and around what matches none.
pub(super) async fn finish(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers(), || app.new_request_id());
    let method = request.method().clone();
    // The route, not the path: a path can hold a token.
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let asked_by = AskedBy::default();
    let (body, taken) = body::watch(std::mem::take(request.body_mut()));
    *request.body_mut() = body;
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(asked_by.clone());
    let span = trace::request(&method, &route, request.headers());
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let started = app.engine.now();
    let version = request.uri().path().starts_with("/v1/").then(|| version::of(request.headers()));
    let mut response = match &version {
        Some(Err(refused)) => refused.clone().into_response(),
        _ => next.run(request).instrument(span.clone()).await,
    };
    let took = app.engine.now() - started;
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        let kept = std::mem::take(response.headers_mut());
        response = document(refused, &id, kept);
    } else if is_foreign_error(&response) {
        // The web framework said no by itself; its texts are not part of our API.
        let refused = Refused::from(Problem::new(code_of(response.status()), "the request could not be read"));
        response = document(refused, &id, HeaderMap::new());
    }
    response = one::unless_known(known.as_ref(), response);
    dress(response.headers_mut(), &id, app.engine.public_url());
    if let Some(version) = version {
        let version = version.unwrap_or(version::NEWEST);
        response.headers_mut().insert(version::HEADER, HeaderValue::from_static(version));
    }
    if let Some(standing) = asked_by.1.get() {
        standing.dress(response.headers_mut());
    }
    if !taken.is_whole() {
        // Said in time, so that no client sends its next request into a connection that is about to close.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let (key, program) = asked_by.names();
    let status = response.status().as_u16();
    trace::answered(&span, status);
    app.engine.metrics().request(method.as_str(), &route, status, took);
    let micros = took.micros();
    tracing::info!(request_id = id.as_str(), %method, route, status, micros, key, program, "request");
    response
}

/// Makes a problem document of a refusal and tells the log what the caller is not told.
fn document(refused: Refused, id: &RequestId, mut headers: HeaderMap) -> Response {
    let Refused { mut problem, retry_after, cause } = refused;
    if let Some(cause) = cause {
        tracing::error!(request_id = id.as_str(), code = problem.code.as_str(), cause, "a request failed");
    }
    id.as_str().clone_into(&mut problem.request_id);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.code == Code::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tollgate\""));
    }
    (status, headers, Body::from(body)).into_response()
}

/// Adds what every answer carries.
fn dress(headers: &mut HeaderMap, id: &RequestId, public_url: &str) {
    headers.insert(REQUEST_ID, id.to_header());
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if public_url.starts_with("https://") {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
}

/// An error with neither a problem document nor a page in it.
fn is_foreign_error(response: &Response) -> bool {
    let ours = |value: &HeaderValue| value == Problem::MEDIA_TYPE || value.as_bytes().starts_with(b"text/html");
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && !response.headers().get(header::CONTENT_TYPE).is_some_and(ours)
}

fn code_of(status: StatusCode) -> Code {
    match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_client_error() => Code::BadRequest,
        _ => Code::Internal,
    }
}

/// What a handler that panicked answers. Whether money moved is not known here.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Refused::internal("a handler panicked").into_response()
}

/// What matches no route.
pub(super) async fn not_found() -> Refused {
    Problem::new(Code::NotFound, "there is nothing at this address").into()
}

/// A known path with a method it does not know.
pub(super) async fn method_not_allowed() -> Refused {
    Problem::new(Code::MethodNotAllowed, "see the Allow header for the methods of this address").into()
}
