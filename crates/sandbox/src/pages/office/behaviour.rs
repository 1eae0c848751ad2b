//! Review policy and switches: how the imitation decides and how fast things happen.
//! Values are judged by the world; here they are read and faults are put beside their fields.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::lang::Lang;
use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::{BehaviourText, OfficeText};
use super::frame::{Frame, Notice, Section};
use super::sheet::{Sheet, whole};
use crate::App;
use crate::world::{Amount, Review, Settings, SuccessWord};

const FIELDS: [&str; 12] = [
    "merchant_name",
    "language_id",
    "review",
    "review_seconds",
    "opening_balance",
    "charge_settle_seconds",
    "payout_settle_seconds",
    "charge_success_word",
    "errors_as_200",
    "callback_delay_seconds",
    "callback_retry_seconds",
    "callback_timeout_ms",
];
/// Longest delay, in seconds: a year.
const YEAR: u32 = 31_536_000;

#[derive(Template)]
#[template(path = "office/behaviour.html")]
struct Behaviour {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    sheet: Sheet,
    reviews: [(&'static str, &'static str); 3],
    words: [(&'static str, &'static str); 2],
    languages: [(&'static str, &'static str); 2],
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>, sheet: Sheet) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Behaviour), notice);
    let (shell, t) = (frame.shell, frame.t);
    let [approve, wait, decline] = t.behaviour.reviews;
    let [transferred, done] = t.behaviour.success_words;
    let page = Behaviour {
        shell,
        t,
        frame,
        sheet,
        reviews: [("approve", approve), ("pending", wait), ("decline", decline)],
        words: [("Transferred", transferred), ("DONE", done)],
        languages: [(Lang::En.id(), "English"), (Lang::Zh.id(), "简体中文")],
    };
    shell::page(status, &page)
}

fn sheet(s: &Settings) -> Sheet {
    let mut sheet = Sheet::default();
    let review = match s.review {
        Review::Approve => "approve",
        Review::Pending => "pending",
        Review::Decline => "decline",
    };
    let word = match s.charge_success_word {
        SuccessWord::Transferred => "Transferred",
        SuccessWord::Done => "DONE",
    };
    let pauses: Vec<String> = s.callback_retry_seconds.iter().map(u32::to_string).collect();
    let language = Lang::from_id(&s.language_id.to_string()).unwrap_or(Lang::En);
    for (field, value) in [
        ("merchant_name", s.merchant_name.clone()),
        ("language_id", language.id().to_owned()),
        ("review", review.to_owned()),
        ("review_seconds", s.review_seconds.to_string()),
        ("opening_balance", s.opening_balance.to_string()),
        ("charge_settle_seconds", s.charge_settle_seconds.map(|n| n.to_string()).unwrap_or_default()),
        ("payout_settle_seconds", s.payout_settle_seconds.map(|n| n.to_string()).unwrap_or_default()),
        ("charge_success_word", word.to_owned()),
        ("errors_as_200", if s.errors_as_200 { "yes".to_owned() } else { String::new() }),
        ("callback_delay_seconds", s.callback_delay_seconds.to_string()),
        ("callback_retry_seconds", pauses.join(", ")),
        ("callback_timeout_ms", s.callback_timeout_ms.to_string()),
    ] {
        sheet.set(field, value);
    }
    sheet
}

/// Reads the form over the present settings and marks what cannot be taken.
fn read(form: &mut Sheet, mut s: Settings, t: &BehaviourText) -> Settings {
    form.value("merchant_name").clone_into(&mut s.merchant_name);
    if s.merchant_name.is_empty() || s.merchant_name.chars().count() > 100 {
        form.fault("merchant_name", t.bad_name);
    }
    s.language_id = if form.is("language_id", Lang::Zh.id()) { 4 } else { 1 };
    s.review = match form.value("review") {
        "pending" => Review::Pending,
        "decline" => Review::Decline,
        _ => Review::Approve,
    };
    s.review_seconds = form.number("review_seconds", 0, YEAR, t.bad_seconds);
    match Amount::parse(form.value("opening_balance")) {
        Ok(amount) => s.opening_balance = amount,
        Err(_) => form.fault("opening_balance", t.bad_amount),
    }
    s.charge_settle_seconds = optional(form, "charge_settle_seconds", t);
    s.payout_settle_seconds = optional(form, "payout_settle_seconds", t);
    s.charge_success_word =
        if form.is("charge_success_word", "DONE") { SuccessWord::Done } else { SuccessWord::Transferred };
    s.errors_as_200 = form.is("errors_as_200", "yes");
    s.callback_delay_seconds = form.number("callback_delay_seconds", 0, YEAR, t.bad_seconds);
    s.callback_timeout_ms = form.number("callback_timeout_ms", 10, 60_000, t.bad_timeout);
    match pauses(form.value("callback_retry_seconds")) {
        Some(pauses) => s.callback_retry_seconds = pauses,
        None => form.fault("callback_retry_seconds", t.bad_list),
    }
    s
}

fn optional(form: &mut Sheet, field: &str, t: &BehaviourText) -> Option<u32> {
    (!form.value(field).is_empty()).then(|| form.number(field, 0, YEAR, t.bad_seconds))
}

/// Reads `10, 60,300`; no text is no pause. The Chinese comma counts as one.
fn pauses(text: &str) -> Option<Vec<u32>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let pauses: Option<Vec<u32>> = text.split([',', '，', '、']).map(|part| whole(part.trim())).collect();
    pauses.filter(|pauses| pauses.len() <= 20 && pauses.iter().all(|n| *n <= YEAR))
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office.behaviour;
    let notice = if reader.parameter("done") == "saved" { Some(Notice::done(t.saved)) } else { None };
    let sheet = app.read(|w| sheet(w.settings()));
    view(&app, &reader, StatusCode::OK, notice, sheet)
}

/// Saves the page.
pub(super) async fn save(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let mut form = Sheet::default();
    form.take(&posted, &FIELDS);
    let saved = app
        .change(|w| {
            let settings = read(&mut form, w.settings().clone(), &t.behaviour);
            form.is_good() && w.set_settings(settings).is_ok()
        })
        .await;
    if saved {
        see_other("/backoffice/behaviour?done=saved")
    } else {
        view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::trouble(t.check_form)), form)
    }
}

#[cfg(test)]
mod tests {
    use super::pauses;

    #[test]
    fn pauses_are_read_with_any_comma() {
        assert_eq!(pauses(""), Some(vec![]));
        assert_eq!(pauses("10, 60,300"), Some(vec![10, 60, 300]));
        assert_eq!(pauses("10，60、300"), Some(vec![10, 60, 300]));
        for bad in ["10,,60", "10;60", "-1", "1.5", "31536001", "x"] {
            assert_eq!(pauses(bad), None, "{bad}");
        }
        assert_eq!(pauses(&vec!["1"; 21].join(",")), None);
    }
}
