//! The v2 API over HTTP: reads a request whole, has it answered, writes the answer.
//! What is answered is decided by the pure crate-level `v2`.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::basic;
use super::bodies::{self, Read};
use super::disturbed;
use crate::App;
use crate::line::Line;
use crate::v2::{self, Answer, Context, MAX_BODY, Sender};
use crate::world::World;

const FAULT_KEY: &str = "x-sandbox-fault-key";
const FIDELITY: HeaderName = HeaderName::from_static("x-sandbox-fidelity");
/// How long a call waits between its arrival and its effect where that makes a difference: another one may arrive
/// meanwhile, or its client be gone.
const PAUSE: Duration = Duration::from_millis(10);

/// Answers a request of the v2 API, or of nothing at all.
pub(super) async fn serve(State(app): State<Arc<App>>, Extension(line): Extension<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match bodies::read(body, MAX_BODY).await {
        Read::Whole(bytes) => Some(bytes),
        Read::TooLarge => None,
        Read::Broken => return (StatusCode::REQUEST_TIMEOUT, "The body did not arrive.\n").into_response(),
    };
    let target = parts.uri.path_and_query().map_or("/", axum::http::uri::PathAndQuery::as_str);
    let request = v2::Request {
        method: parts.method.as_str(),
        target,
        authorized: basic::is_authorized(&parts.headers, &app),
        body: body.as_deref(),
    };
    let arrived = app.read(World::arrival);
    if parts.method == Method::POST && !is_waited_for(&app, &line, parts.uri.path()).await {
        app.note(|w| v2::abandon(w, &request));
        return StatusCode::REQUEST_TIMEOUT.into_response();
    }
    let context = Context { public_url: app.public_url() };
    let username = basic::username(&parts.headers);
    let key = parts.headers.get(FAULT_KEY).and_then(|k| k.to_str().ok());
    let sender = Sender { key, username: username.as_deref(), arrived: Some(arrived) };
    let met = app.note(|w| {
        let met = v2::meet(w, context, &request, sender);
        if met.answer.effect || met.act.is_some() {
            app.noted();
        }
        met
    });
    if met.answer.effect || met.act.is_some() {
        app.saver.written().await;
    }
    match met.act {
        None => respond(met.answer),
        Some(act) => disturbed::carry_out(&app, line, act, respond(met.answer)).await,
    }
}

/// Waits where that makes a difference; whether the call is to be carried out after that.
async fn is_waited_for(app: &App, line: &Line, path: &str) -> bool {
    let (races, survives) = app.read(|w| (w.settings().same_reference_races, w.settings().survives_close));
    if !survives {
        return tokio::select! {
            biased;
            () = line.gone() => false,
            () = tokio::time::sleep(PAUSE) => true,
        };
    }
    if races && path.trim_end_matches('/').ends_with("/charges") {
        tokio::time::sleep(PAUSE).await;
    }
    true
}

fn respond(answer: Answer) -> Response {
    let fidelity = format!("{}; {}", answer.behaviour.fidelity, answer.behaviour.key);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(fidelity) = HeaderValue::from_str(&fidelity) {
        headers.insert(FIDELITY, fidelity);
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Payoneer sandbox\""));
    }
    if let Some(Ok(allow)) = answer.allow.map(|a| HeaderValue::from_str(&a)) {
        headers.insert(header::ALLOW, allow);
    }
    response
}
