//! The inspector: what happened to each payment and payee, searchable, and what can be done about it: a callback sent
//! again, the next call made to fail. What happened is told by the timeline; nothing is decided here.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded;

use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::OfficeText;
use super::frame::{Frame, Notice, Pager, Section};
use super::timeline::{self, Story};
use crate::App;
use crate::faults::{Cut, Fault, Kind, NewRule, When};

/// Stories on one page.
const STORIES: usize = 10;

#[derive(Template)]
#[template(path = "office/inspector.html")]
struct Inspector {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    pager: Pager,
    stories: Vec<Story>,
    live: bool,
    toggle: String,
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Inspector), notice);
    let (shell, t) = (frame.shell, frame.t);
    let (stories, pager) = app.read(|w| {
        let all = timeline::all(w);
        let path = Section::Inspector.path();
        let (found, pager) = Pager::cut_to(STORIES, path, reader, t, all, |(_, words), needle| words.contains(needle));
        let keys: Vec<timeline::Key> = found.into_iter().map(|(key, _)| key).collect();
        (timeline::tell(w, &keys, app.public_url(), t), pager)
    });
    let live = reader.parameter("live") == "yes";
    let toggle = reader.address_with("live", if live { "no" } else { "yes" });
    shell::page(status, &Inspector { shell, t, frame, pager, stories, live, toggle })
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office;
    let notice = match (reader.parameter("replayed").parse(), reader.parameter("fails")) {
        (Ok(id), _) => Some(Notice::done((t.callbacks.replayed)(id))),
        (_, "") => None,
        (_, id) => Some(Notice::done((t.inspector.fails)(id))),
    };
    view(&app, &reader, StatusCode::OK, notice)
}

/// Sends a callback again, or lets the next call of an operation take effect and lose its reply.
pub(super) async fn act(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let done = if posted.field("action") == "replay" {
        let id = posted.field("id").parse().unwrap_or(0);
        let replayed = app.change(|w| w.replay_callback(id)).await;
        replayed.map(|id| ("replayed", id.to_string())).map_err(|refusal| (t.refusal)(&refusal))
    } else {
        let added = app.change(|w| w.faults_mut().add(next(&posted))).await;
        added.map(|id| ("fails", id)).map_err(|bad| (t.faults.bad_rule)(&bad))
    };
    match done {
        Ok((name, id)) => {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("q", posted.field("q")).append_pair("live", posted.field("live")).append_pair(name, &id);
            see_other(&format!("{}?{}", Section::Inspector.path(), query.finish()))
        }
        Err(why) => view(&app, &reader, StatusCode::CONFLICT, Some(Notice::trouble(why))),
    }
}

/// A new payment has a new reference; a question or a cancel is about the same one again.
fn next(posted: &Posted) -> NewRule {
    let operation = posted.field("operation");
    let reference = posted.field("reference");
    let same = operation.ends_with("_status") || operation.starts_with("cancel");
    let reference = (same && !reference.is_empty() && operation != "payee_status").then(|| reference.to_owned());
    let fault = Fault::new(Cut::AfterApplyBeforeReply, Kind::Reset);
    NewRule { when: When { reference, ..When::default() }, ..NewRule::once(operation, fault) }
}
