//! Developer options: the redirect, one callback template per event, and the signature's secret.
//! The secret is write-only: a generated one is shown in the answer that made it and never again.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::OfficeText;
use super::frame::{Frame, Notice, Section};
use super::sheet::Sheet;
use crate::world::{Event, Secret, Settings, Style, Template as Address};
use crate::{App, source};

const PATH: &str = "/backoffice/developer";

#[derive(Template)]
#[template(path = "office/developer.html")]
struct Developer {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    sheet: Sheet,
    events: Vec<EventRow>,
    signing: bool,
    has_secret: bool,
    mask: &'static str,
    /// A secret that was generated just now.
    fresh: Option<String>,
}

struct EventRow {
    name: &'static str,
    label: &'static str,
    url_label: String,
    method_label: String,
    url_field: String,
    method_field: String,
    example: &'static str,
    placeholders: Vec<String>,
    invented: bool,
}

impl EventRow {
    fn new(event: Event, t: &OfficeText) -> Self {
        let label = (t.event)(event);
        Self {
            name: event.name(),
            label,
            url_label: (t.developer.url_of)(label),
            method_label: (t.developer.method_of)(label),
            url_field: url_field(event),
            method_field: method_field(event),
            example: event.example_query(),
            placeholders: event.placeholders().iter().map(|name| format!("{{{{{name}}}}}")).collect(),
            invented: matches!(event, Event::ChargeTransferred | Event::ChargeRefunded),
        }
    }
}

fn url_field(event: Event) -> String {
    format!("url-{event}")
}

fn method_field(event: Event) -> String {
    format!("method-{event}")
}

fn style(text: &str) -> Style {
    if text == "POST" { Style::Post } else { Style::Get }
}

fn word(style: Style) -> &'static str {
    match style {
        Style::Get => "GET",
        Style::Post => "POST",
    }
}

/// The form as the settings have it.
fn sheet(settings: &Settings) -> Sheet {
    let mut sheet = Sheet::default();
    sheet.set("redirect_url", settings.redirect_url.clone().unwrap_or_default());
    sheet.set("redirect_seconds", settings.redirect_seconds.to_string());
    for event in Event::ALL {
        if let Some(template) = settings.callbacks.get(&event) {
            sheet.set(&url_field(event), template.url.clone());
            sheet.set(&method_field(event), word(template.method));
        }
    }
    sheet.set("app_name", settings.hmac.app_name.clone());
    sheet
}

/// Whether the world would take this as the only setting that differs from the defaults.
fn passes(change: impl FnOnce(&mut Settings)) -> bool {
    let mut settings = Settings::default();
    change(&mut settings);
    settings.check().is_ok()
}

struct Answer {
    status: StatusCode,
    notice: Option<Notice>,
    sheet: Sheet,
    fresh: Option<String>,
}

fn view(app: &Arc<App>, reader: &Reader, answer: Answer) -> Response {
    let Answer { status, notice, sheet, fresh } = answer;
    let frame = Frame::new(app, reader, Some(Section::Developer), notice);
    let (signing, has_secret) = app.read(|w| (w.settings().hmac.enabled, w.settings().hmac.secret.is_some()));
    let events = Event::ALL.into_iter().map(|event| EventRow::new(event, frame.t)).collect();
    let (shell, t, mask) = (frame.shell, frame.t, Secret::MASK);
    shell::page(status, &Developer { shell, t, frame, sheet, events, signing, has_secret, mask, fresh })
}

fn refused(app: &Arc<App>, reader: &Reader, sheet: Sheet) -> Response {
    let notice = Some(Notice::trouble(texts(reader).check_form));
    view(app, reader, Answer { status: StatusCode::UNPROCESSABLE_ENTITY, notice, sheet, fresh: None })
}

fn texts(reader: &Reader) -> &'static OfficeText {
    &Shell::new(reader.lang).t.office
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &texts(&reader).developer;
    let notice = match reader.parameter("done") {
        "redirect" => Some(Notice::done(t.redirect_saved)),
        "callbacks" => Some(Notice::done(t.callbacks_saved)),
        "filled" => Some(Notice::done(t.filled)),
        "signing" => Some(Notice::done(t.hmac_saved)),
        "not-signing" => Some(Notice::done(t.hmac_stopped)),
        _ => None,
    };
    let sheet = app.read(|w| sheet(w.settings()));
    view(&app, &reader, Answer { status: StatusCode::OK, notice, sheet, fresh: None })
}

/// Saves the redirect.
pub(super) async fn redirect(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &texts(&reader).developer;
    let mut form = app.read(|w| sheet(w.settings()));
    form.take(&posted, &["redirect_url", "redirect_seconds"]);
    let url = Some(posted.field("redirect_url").to_owned()).filter(|url| !url.is_empty());
    if !passes(|s| s.redirect_url.clone_from(&url)) {
        form.fault("redirect_url", t.bad_url);
    }
    let seconds = u16::try_from(form.number("redirect_seconds", 0, 999, t.bad_seconds)).unwrap_or_default();
    if !form.is_good() {
        return refused(&app, &reader, form);
    }
    save(&app, &reader, form, "redirect", |s| {
        s.redirect_url = url;
        s.redirect_seconds = seconds;
    })
    .await
}

/// Saves the callback templates.
pub(super) async fn callbacks(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &texts(&reader).developer;
    let mut form = app.read(|w| sheet(w.settings()));
    let mut wanted = std::collections::BTreeMap::new();
    for event in Event::ALL {
        let (url_field, method_field) = (url_field(event), method_field(event));
        form.take(&posted, &[&url_field, &method_field]);
        let url = posted.field(&url_field).to_owned();
        if url.is_empty() {
            continue;
        }
        let template = Address { url, method: style(posted.field(&method_field)) };
        let fits = passes(|s| {
            s.callbacks.insert(event, template.clone());
        });
        if !fits {
            form.fault(&url_field, t.bad_url);
        }
        wanted.insert(event, template);
    }
    if !form.is_good() {
        return refused(&app, &reader, form);
    }
    save(&app, &reader, form, "callbacks", |s| s.callbacks = wanted).await
}

/// Sets the usual template for every event.
pub(super) async fn fill(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &texts(&reader).developer;
    let mut form = app.read(|w| sheet(w.settings()));
    form.take(&posted, &["base", "base_method"]);
    let wanted = Settings::example_callbacks(posted.field("base"), style(posted.field("base_method")));
    if posted.field("base").is_empty() || !passes(|s| s.callbacks.clone_from(&wanted)) {
        form.fault("base", t.bad_url);
        return refused(&app, &reader, form);
    }
    save(&app, &reader, form, "filled", |s| s.callbacks = wanted).await
}

/// Turns the signature on or off.
pub(super) async fn sign(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &texts(&reader).developer;
    let mut form = app.read(|w| sheet(w.settings()));
    if posted.field("action") == "off" {
        return save(&app, &reader, form, "not-signing", |s| s.hmac.enabled = false).await;
    }
    form.take(&posted, &["app_name"]);
    let app_name = posted.field("app_name").to_owned();
    if !passes(|s| s.hmac.app_name.clone_from(&app_name)) {
        form.fault("app_name", t.bad_app_name);
    }
    let present = app.read(|w| w.settings().hmac.secret.clone());
    let typed = Some(posted.field("secret").to_owned()).filter(|secret| !secret.is_empty());
    let (secret, fresh) = match (posted.field("action"), present, typed) {
        ("keep", Some(present), _) => (present, None),
        (_, _, Some(typed)) => (Secret::new(typed), None),
        _ => match source::unguessable(4) {
            Some(secret) => (Secret::new(secret.clone()), Some(secret)),
            None => return refused(&app, &reader, form),
        },
    };
    if !passes(|s| s.hmac.secret = Some(secret.clone())) {
        form.fault("secret", t.bad_secret);
    }
    if !form.is_good() {
        return refused(&app, &reader, form);
    }
    let change = |s: &mut Settings| {
        s.hmac.enabled = true;
        s.hmac.app_name = app_name;
        s.hmac.secret = Some(secret);
    };
    let Some(fresh) = fresh else { return save(&app, &reader, form, "signing", change).await };
    if !set(&app, change).await {
        return refused(&app, &reader, form);
    }
    let notice = Some(Notice::done(t.hmac_saved));
    view(&app, &reader, Answer { status: StatusCode::OK, notice, sheet: form, fresh: Some(fresh) })
}

/// Changes the settings; whether the world took them.
async fn set(app: &Arc<App>, change: impl FnOnce(&mut Settings)) -> bool {
    app.change(|w| {
        let mut settings = w.settings().clone();
        change(&mut settings);
        w.set_settings(settings).is_ok()
    })
    .await
}

async fn save(
    app: &Arc<App>,
    reader: &Reader,
    sheet: Sheet,
    done: &str,
    change: impl FnOnce(&mut Settings),
) -> Response {
    if set(app, change).await { see_other(&format!("{PATH}?done={done}")) } else { refused(app, reader, sheet) }
}
