//! The two logs: calls of the API, and callbacks with every try; and sending a callback again.
//! Reads only, but for the replay.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::format;
use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::OfficeText;
use super::frame::{Frame, Notice, Pager, Section, holds};
use super::status_of;
use crate::App;
use crate::provenance;
use crate::world::{ApiCall, Callback, CallbackStatus, Style};

#[derive(Template)]
#[template(path = "office/log.html")]
struct Log {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    pager: Pager,
    rows: Vec<CallRow>,
}

struct CallRow {
    number: u64,
    at: String,
    method: String,
    path: String,
    http: u16,
    tone: &'static str,
    code: i64,
    audit_id: i64,
    request: String,
    reply: String,
    behaviour: String,
}

impl CallRow {
    fn new(call: &ApiCall) -> Self {
        let known = provenance::TABLE.iter().find(|behaviour| behaviour.key == call.behaviour);
        Self {
            number: call.number,
            at: format::moment(call.at),
            method: call.method.clone(),
            path: call.path.clone(),
            http: call.status,
            tone: if call.code == 0 && call.status < 400 { "good" } else { "bad" },
            code: call.code,
            audit_id: call.audit_id,
            request: call.request.clone(),
            reply: call.reply.clone(),
            behaviour: known.map_or_else(
                || call.behaviour.to_owned(),
                |behaviour| format!("{} ({})", behaviour.key, behaviour.fidelity),
            ),
        }
    }
}

/// Shows the API log.
pub(super) async fn log(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let frame = Frame::new(&app, &reader, Some(Section::Log), None);
    let (shell, t) = (frame.shell, frame.t);
    let (rows, pager) = app.read(|w| {
        let calls: Vec<&ApiCall> = w.api_calls().rev().collect();
        let (calls, pager) = Pager::cut(Section::Log.path(), &reader, t, calls, |call, needle| {
            let (status, code) = (call.status.to_string(), call.code.to_string());
            holds(&[&call.path, &call.method, &status, &code, &call.request, &call.audit_id.to_string()], needle)
        });
        (calls.into_iter().map(CallRow::new).collect(), pager)
    });
    shell::page(StatusCode::OK, &Log { shell, t, frame, pager, rows })
}

#[derive(Template)]
#[template(path = "office/callbacks.html")]
struct Callbacks {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    pager: Pager,
    rows: Vec<CallbackRow>,
}

struct CallbackRow {
    id: u64,
    at: String,
    event: &'static str,
    about: Vec<String>,
    method: &'static str,
    url: String,
    body: String,
    word: String,
    status: &'static str,
    tone: &'static str,
    next: Option<String>,
    tries: Vec<(String, String)>,
    replay_of: Option<String>,
}

impl CallbackRow {
    fn new(callback: &Callback, t: &OfficeText) -> Self {
        let tries = callback.tries.iter().map(|tried| {
            let answer = match (&tried.status, &tried.error) {
                (Some(status), _) => format!("HTTP {status}"),
                (None, Some(error)) => error.clone(),
                (None, None) => String::new(),
            };
            (format::moment(tried.at), answer)
        });
        Self {
            id: callback.id,
            at: format::moment(callback.created_at),
            event: (t.event)(callback.event),
            about: [&callback.payee_id, &callback.client_reference_id].into_iter().flatten().cloned().collect(),
            method: match callback.method {
                Style::Get => "GET",
                Style::Post => "POST",
            },
            url: callback.url.clone(),
            body: callback.body.clone().unwrap_or_default(),
            word: format!("{:?}", callback.status),
            status: (t.callback_status)(callback.status),
            tone: match callback.status {
                CallbackStatus::Delivered => "good",
                CallbackStatus::Waiting | CallbackStatus::Sending => "wait",
                CallbackStatus::GivenUp => "bad",
            },
            next: (callback.status == CallbackStatus::Waiting).then(|| format::moment(callback.due_at)),
            tries: tries.collect(),
            replay_of: callback.replay_of.map(t.callbacks.replay_of),
        }
    }
}

fn callbacks_view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Callbacks), notice);
    let (shell, t) = (frame.shell, frame.t);
    let (rows, pager) = app.read(|w| {
        let callbacks: Vec<&Callback> = w.callbacks().rev().collect();
        let (callbacks, pager) = Pager::cut(Section::Callbacks.path(), reader, t, callbacks, |callback, needle| {
            let payee = callback.payee_id.as_deref().unwrap_or_default();
            let reference = callback.client_reference_id.as_deref().unwrap_or_default();
            holds(&[&callback.url, callback.event.name(), payee, reference], needle)
        });
        (callbacks.into_iter().map(|callback| CallbackRow::new(callback, t)).collect(), pager)
    });
    shell::page(status, &Callbacks { shell, t, frame, pager, rows })
}

/// Shows the delivery log.
pub(super) async fn callbacks(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office.callbacks;
    let replayed = reader.parameter("replayed").parse().ok();
    let notice = replayed.map(|id| Notice::done((t.replayed)(id)));
    callbacks_view(&app, &reader, StatusCode::OK, notice)
}

/// Sends a callback again.
pub(super) async fn replay(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let id = posted.field("id").parse().unwrap_or(0);
    match app.change(move |w| w.replay_callback(id)).await {
        Ok(new) => see_other(&format!("/backoffice/callbacks?replayed={new}")),
        Err(refusal) => {
            callbacks_view(&app, &reader, status_of(&refusal), Some(Notice::trouble((t.refusal)(&refusal))))
        }
    }
}
