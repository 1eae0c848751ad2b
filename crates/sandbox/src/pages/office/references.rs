//! The answers about references, status queries and closed connections that Payoneer documents nowhere, as switches.
//! Values are judged by the world; here they are read and faults are put beside their fields.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::{OfficeText, ReferencesText};
use super::frame::{Frame, Notice, Section};
use super::sheet::Sheet;
use crate::App;
use crate::world::{SameReference, Settings, StatusAbsent};

const FIELDS: [&str; 8] = [
    "same_reference",
    "reference_memory_seconds",
    "reference_case_matters",
    "reference_free_after_cancel",
    "same_reference_races",
    "status_lag_seconds",
    "status_absent",
    "survives_close",
];
/// The longest time, in seconds: a year.
const YEAR: u32 = 31_536_000;

#[derive(Template)]
#[template(path = "office/references.html")]
struct References {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    sheet: Sheet,
    same: [(&'static str, &'static str); 3],
    absent: [(&'static str, &'static str); 3],
    yes_no: [(&'static str, &'static str); 2],
}

fn same_word(same: SameReference) -> &'static str {
    match same {
        SameReference::Refused => "refused",
        SameReference::Replayed => "replayed",
        SameReference::Taken => "taken",
    }
}

fn absent_word(absent: StatusAbsent) -> &'static str {
    match absent {
        StatusAbsent::Empty => "empty",
        StatusAbsent::NotFound => "not_found",
        StatusAbsent::BadRequest => "bad_request",
    }
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>, sheet: Sheet) -> Response {
    let frame = Frame::new(app, reader, Some(Section::References), notice);
    let (shell, t) = (frame.shell, frame.t);
    let words = &t.references;
    let page = References {
        shell,
        t,
        frame,
        sheet,
        same: SameReference::ALL.map(|same| (same_word(same), (words.same)(same))),
        absent: StatusAbsent::ALL.map(|absent| (absent_word(absent), (words.absent)(absent))),
        yes_no: [("yes", words.yes), ("no", words.no)],
    };
    shell::page(status, &page)
}

fn sheet(s: &Settings) -> Sheet {
    let mut sheet = Sheet::default();
    let yes_no = |yes: bool| if yes { "yes" } else { "no" };
    sheet.set("same_reference", same_word(s.same_reference));
    sheet.set("reference_memory_seconds", s.reference_memory_seconds.map(|n| n.to_string()).unwrap_or_default());
    sheet.set("reference_case_matters", yes_no(s.reference_case_matters));
    sheet.set("reference_free_after_cancel", yes_no(s.reference_free_after_cancel));
    sheet.set("same_reference_races", yes_no(s.same_reference_races));
    sheet.set("status_lag_seconds", s.status_lag_seconds.to_string());
    sheet.set("status_absent", absent_word(s.status_absent));
    sheet.set("survives_close", yes_no(s.survives_close));
    sheet
}

/// Reads the form over the present settings and marks what cannot be taken.
fn read(form: &mut Sheet, s: Settings, t: &ReferencesText) -> Settings {
    let same = SameReference::ALL.into_iter().find(|same| form.is("same_reference", same_word(*same)));
    let absent = StatusAbsent::ALL.into_iter().find(|absent| form.is("status_absent", absent_word(*absent)));
    let memory = !form.value("reference_memory_seconds").is_empty();
    Settings {
        same_reference: same.unwrap_or(s.same_reference),
        reference_memory_seconds: memory.then(|| form.number("reference_memory_seconds", 0, YEAR, t.bad_seconds)),
        reference_case_matters: form.is("reference_case_matters", "yes"),
        reference_free_after_cancel: form.is("reference_free_after_cancel", "yes"),
        same_reference_races: form.is("same_reference_races", "yes"),
        status_lag_seconds: form.number("status_lag_seconds", 0, YEAR, t.bad_seconds),
        status_absent: absent.unwrap_or(s.status_absent),
        survives_close: form.is("survives_close", "yes"),
        ..s
    }
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office;
    let notice = if reader.parameter("done") == "saved" { Some(Notice::done(t.behaviour.saved)) } else { None };
    let sheet = app.read(|w| sheet(w.settings()));
    view(&app, &reader, StatusCode::OK, notice, sheet)
}

/// Saves the page, or puts all of its switches to one side.
pub(super) async fn save(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let mut form = Sheet::default();
    form.take(&posted, &FIELDS);
    let saved = app
        .change(|w| {
            let now = w.settings().clone();
            let settings = match posted.field("action") {
                "kind" => now.kind_to_references(),
                "nasty" => now.nasty_to_references(),
                _ => read(&mut form, now, &t.references),
            };
            form.is_good() && w.set_settings(settings).is_ok()
        })
        .await;
    if saved {
        see_other("/backoffice/references?done=saved")
    } else {
        view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::trouble(t.check_form)), form)
    }
}
