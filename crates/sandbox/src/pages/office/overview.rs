//! The back office's first page: the program's money, the clock, and what waits for a decision.
//! Reads everything, changes the program's balance alone.

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
use super::frame::{Frame, Notice, Section};
use super::sheet::Sheet;
use crate::App;
use crate::world::{Amount, CallbackStatus, ClockMode, PayeeStatus, World};

#[derive(Template)]
#[template(path = "office/overview.html")]
struct Overview {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    sheet: Sheet,
    facts: Facts,
}

struct Facts {
    program_id: String,
    merchant: String,
    balance: String,
    now: String,
    clock: String,
    seed: u64,
    entries: String,
    balanced: bool,
    counts: Vec<(Section, usize)>,
    waiting: Option<String>,
    given_up: Option<String>,
}

impl Facts {
    fn new(w: &World, t: &OfficeText) -> Self {
        let audit = w.journal().audit();
        let waiting = w.payees().filter(|payee| payee.status == PayeeStatus::Pending).count();
        let given_up = w.callbacks().filter(|callback| callback.status == CallbackStatus::GivenUp).count();
        Self {
            program_id: w.program().id.clone(),
            merchant: w.settings().merchant_name.clone(),
            balance: format!("{} {}", w.program_balance(), w.program().currency),
            now: format::moment(w.now()),
            clock: match w.clock().mode {
                ClockMode::Real => t.overview.clock_real.to_owned(),
                ClockMode::Manual => t.overview.clock_manual.to_owned(),
                ClockMode::Times => (t.overview.clock_times)(w.clock().times),
            },
            seed: w.seed(),
            entries: (t.overview.journal_good)(audit.entries),
            balanced: audit.balanced,
            counts: vec![
                (Section::Payees, w.payees().count()),
                (Section::Accounts, w.accounts().count()),
                (Section::Charges, w.charges().count()),
                (Section::Payouts, w.payouts().count()),
                (Section::Callbacks, w.callbacks().count()),
                (Section::Log, w.api_calls().count()),
            ],
            waiting: (waiting > 0).then(|| (t.overview.waiting_payees)(waiting)),
            given_up: (given_up > 0).then(|| (t.overview.failed_callbacks)(given_up)),
        }
    }
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>, sheet: Sheet) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Overview), notice);
    let facts = app.read(|w| Facts::new(w, frame.t));
    shell::page(status, &Overview { shell: frame.shell, t: frame.t, frame, sheet, facts })
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office.overview;
    let notice = if reader.parameter("done") == "funded" { Some(Notice::done(t.funded)) } else { None };
    view(&app, &reader, StatusCode::OK, notice, Sheet::default())
}

/// Funds the program.
pub(super) async fn fund(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let mut sheet = Sheet::default();
    sheet.take(&posted, &["amount"]);
    let Some(amount) = Amount::parse(sheet.value("amount")).ok().filter(|amount| !amount.is_zero()) else {
        sheet.fault("amount", t.accounts.bad_amount);
        return view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::trouble(t.check_form)), sheet);
    };
    match app.change(move |w| w.fund_program(amount)).await {
        Ok(()) => see_other("/backoffice?done=funded"),
        Err(refusal) => view(&app, &reader, StatusCode::CONFLICT, Some(Notice::trouble((t.refusal)(&refusal))), sheet),
    }
}
