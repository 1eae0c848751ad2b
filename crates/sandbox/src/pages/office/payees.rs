//! Payees and links: what reviewers at Payoneer do, done by the operator, and links made by hand.
//! The world judges every action.

use std::cmp::Reverse;
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
use super::sheet::Sheet;
use super::status_of;
use crate::App;
use crate::world::{Link, LinkKind, NewLink, Payee, PayeeStatus, World};

const PATH: &str = "/backoffice/payees";
/// Links that are listed.
const LINKS: usize = 20;

#[derive(Template)]
#[template(path = "office/payees.html")]
struct Payees {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    pager: Pager,
    rows: Vec<PayeeRow>,
    links: Vec<LinkRow>,
    sheet: Sheet,
}

struct PayeeRow {
    id: String,
    word: &'static str,
    status: &'static str,
    tone: &'static str,
    email: String,
    account: String,
    registered: String,
    decided: String,
    reason: String,
    pending: bool,
    active: bool,
}

impl PayeeRow {
    fn new(w: &World, payee: &Payee, t: &OfficeText) -> Self {
        Self {
            id: payee.id.clone(),
            word: payee.status.word(),
            status: (t.payee_status)(payee.status),
            tone: match payee.status {
                PayeeStatus::Active => "good",
                PayeeStatus::Pending => "wait",
                PayeeStatus::Inactive => "off",
            },
            email: w.account(&payee.account).map(|account| account.email.clone()).unwrap_or_default(),
            account: payee.account.clone(),
            registered: format::moment(payee.registered_at),
            decided: payee.decided_at.map(format::moment).unwrap_or_default(),
            reason: payee.reason.clone().unwrap_or_default(),
            pending: payee.status == PayeeStatus::Pending,
            active: payee.status == PayeeStatus::Active,
        }
    }
}

struct LinkRow {
    payee_id: String,
    address: String,
    made: String,
    used: bool,
}

impl LinkRow {
    fn new(link: &Link) -> Self {
        Self {
            payee_id: link.payee_id.clone(),
            // Relative, so that it works under whatever name the reader reached the back office.
            address: format!("/partners/lp.aspx?token={}", link.token),
            made: format::moment(link.created_at),
            used: link.completed.is_some(),
        }
    }
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>, sheet: Sheet) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Payees), notice);
    let (shell, t) = (frame.shell, frame.t);
    let (rows, pager, links) = app.read(|w| {
        let mut payees: Vec<&Payee> = w.payees().collect();
        payees.sort_by_key(|payee| Reverse(payee.registered_at));
        let (payees, pager) = Pager::cut(PATH, reader, t, payees, |payee, needle| {
            let email = w.account(&payee.account).map_or("", |account| account.email.as_str());
            holds(&[&payee.id, &payee.account, payee.status.word(), email], needle)
        });
        let mut links: Vec<&Link> = w.links().collect();
        links.sort_by_key(|link| Reverse(link.created_at));
        let rows: Vec<PayeeRow> = payees.into_iter().map(|payee| PayeeRow::new(w, payee, t)).collect();
        let links: Vec<LinkRow> = links.into_iter().take(LINKS).map(LinkRow::new).collect();
        (rows, pager, links)
    });
    shell::page(status, &Payees { shell, t, frame, pager, rows, links, sheet })
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office.payees;
    let [approved, declined, blocked, released] = t.done;
    let notice = match reader.parameter("done") {
        "approve" => Some(Notice::done(approved)),
        "decline" => Some(Notice::done(declined)),
        "block" => Some(Notice::done(blocked)),
        "release" => Some(Notice::done(released)),
        "link" => Some(Notice::done(t.link_made)),
        _ => None,
    };
    view(&app, &reader, StatusCode::OK, notice, Sheet::default())
}

/// Decides about a payee.
pub(super) async fn decide(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let (id, action) = (posted.field("payee_id"), posted.field("action"));
    let reason = Some(posted.field("reason")).filter(|reason| !reason.is_empty());
    let result = match action {
        "approve" => app.change(|w| w.approve_payee(id)).await,
        "decline" => app.change(|w| w.decline_payee(id, reason)).await,
        "block" => app.change(|w| w.block_payee(id, reason)).await,
        "release" => app.change(|w| w.release_payee(id)).await,
        _ => return see_other(PATH),
    };
    match result {
        Ok(()) => see_other(&format!("{PATH}?done={action}")),
        Err(refusal) => {
            let notice = Some(Notice::trouble((t.refusal)(&refusal)));
            view(&app, &reader, status_of(&refusal), notice, Sheet::default())
        }
    }
}

/// Makes a link by hand.
pub(super) async fn link(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let new = NewLink::plain(LinkKind::Registration, posted.field("new_payee_id"));
    match app.change(move |w| w.make_link(new)).await {
        Ok(_) => see_other(&format!("{PATH}?done=link#links")),
        Err(refusal) => {
            let mut sheet = Sheet::default();
            sheet.take(&posted, &["new_payee_id"]);
            sheet.fault("new_payee_id", t.payees.bad_payee_id);
            view(&app, &reader, status_of(&refusal), Some(Notice::trouble(t.check_form)), sheet)
        }
    }
}
