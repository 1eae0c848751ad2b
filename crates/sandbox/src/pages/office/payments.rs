//! Charges and payouts: lists, and what an operator may do with a payment.
//! One table serves both; the world judges every action.

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
use super::status_of;
use crate::App;
use crate::world::{CANCEL_CODE, CANCEL_REASON, Charge, ChargeStatus, Payout, PayoutStatus, Refusal, World};

#[derive(Template)]
#[template(path = "office/payments.html")]
struct Payments {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    pager: Pager,
    title: &'static str,
    intro: &'static str,
    empty: &'static str,
    rows: Vec<PaymentRow>,
}

struct PaymentRow {
    reference: String,
    payee_id: String,
    amount: String,
    word: String,
    status: &'static str,
    tone: &'static str,
    payment_id: String,
    description: String,
    created: String,
    settled: String,
    given_back: String,
    reason: String,
    /// What may be done with it: form value and words.
    actions: Vec<(&'static str, &'static str)>,
}

fn charge_row(charge: &Charge, t: &OfficeText) -> PaymentRow {
    let p = &t.payments;
    let (tone, actions) = match charge.status {
        ChargeStatus::Pending => {
            ("wait", vec![("settle", p.settle_charge), ("fail", p.fail_charge), ("cancel", p.refund_charge)])
        }
        ChargeStatus::Transferred => ("good", vec![("cancel", p.refund_charge)]),
        ChargeStatus::Refunded => ("off", vec![]),
        ChargeStatus::Failed => ("bad", vec![]),
    };
    PaymentRow {
        reference: charge.client_reference_id.clone(),
        payee_id: charge.payee_id.clone(),
        amount: format!("{} {}", charge.amount, charge.currency),
        word: format!("{:?}", charge.status),
        status: (t.charge_status)(charge.status),
        tone,
        payment_id: charge.payment_id.clone(),
        description: charge.description.clone(),
        created: format::moment(charge.created_at),
        settled: charge.settled_at.map(format::moment).unwrap_or_default(),
        given_back: charge.refunded_at.map(format::moment).unwrap_or_default(),
        reason: String::new(),
        actions,
    }
}

fn payout_row(payout: &Payout, t: &OfficeText) -> PaymentRow {
    let p = &t.payments;
    let (tone, actions) = match payout.status {
        PayoutStatus::Pending => {
            ("wait", vec![("settle", p.settle_payout), ("fail", p.fail_payout), ("cancel", p.cancel_payout)])
        }
        PayoutStatus::Funded => ("good", vec![("fail", p.fail_payout)]),
        PayoutStatus::Cancelled => ("off", vec![]),
    };
    let code = payout.reason_code.map(|code| format!("{code} ")).unwrap_or_default();
    PaymentRow {
        reference: payout.client_reference_id.clone(),
        payee_id: payout.payee_id.clone(),
        amount: format!("{} {}", payout.amount, payout.currency),
        word: format!("{:?}", payout.status),
        status: (t.payout_status)(payout.status),
        tone,
        payment_id: payout.payout_id.clone(),
        description: payout.description.clone(),
        created: format::moment(payout.created_at),
        settled: payout.funded_at.map(format::moment).unwrap_or_default(),
        given_back: payout.cancelled_at.map(format::moment).unwrap_or_default(),
        reason: format!("{code}{}", payout.reason.clone().unwrap_or_default()),
        actions,
    }
}

fn charges_view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Charges), notice);
    let (shell, t) = (frame.shell, frame.t);
    let (rows, pager) = app.read(|w| {
        let mut charges: Vec<&Charge> = w.charges().collect();
        charges.sort_by_key(|charge| Reverse((charge.created_at, charge.payment_id.as_str())));
        let (charges, pager) = Pager::cut(Section::Charges.path(), reader, t, charges, |charge, needle| {
            holds(&[&charge.client_reference_id, &charge.payee_id, &charge.payment_id, &charge.description], needle)
        });
        (charges.into_iter().map(|charge| charge_row(charge, t)).collect(), pager)
    });
    let p = &t.payments;
    let (title, intro, empty) = (p.charges, p.charges_intro, p.charges_empty);
    shell::page(status, &Payments { shell, t, frame, pager, title, intro, empty, rows })
}

fn payouts_view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Payouts), notice);
    let (shell, t) = (frame.shell, frame.t);
    let (rows, pager) = app.read(|w| {
        let mut payouts: Vec<&Payout> = w.payouts().collect();
        payouts.sort_by_key(|payout| Reverse((payout.created_at, payout.payout_id.as_str())));
        let (payouts, pager) = Pager::cut(Section::Payouts.path(), reader, t, payouts, |payout, needle| {
            holds(&[&payout.client_reference_id, &payout.payee_id, &payout.payout_id, &payout.description], needle)
        });
        (payouts.into_iter().map(|payout| payout_row(payout, t)).collect(), pager)
    });
    let p = &t.payments;
    let (title, intro, empty) = (p.payouts, p.payouts_intro, p.payouts_empty);
    shell::page(status, &Payments { shell, t, frame, pager, title, intro, empty, rows })
}

fn done(reader: &Reader) -> Option<Notice> {
    let t = &Shell::new(reader.lang).t.office.payments;
    if reader.parameter("done") == "yes" { Some(Notice::done(t.done)) } else { None }
}

/// Shows the charges.
pub(super) async fn charges(State(app): State<Arc<App>>, reader: Reader) -> Response {
    charges_view(&app, &reader, StatusCode::OK, done(&reader))
}

/// Shows the payouts.
pub(super) async fn payouts(State(app): State<Arc<App>>, reader: Reader) -> Response {
    payouts_view(&app, &reader, StatusCode::OK, done(&reader))
}

fn act_on_charge(w: &mut World, action: &str, reference: &str) -> Result<(), Refusal> {
    match action {
        "settle" => w.settle_charge(reference),
        "fail" => w.fail_charge(reference),
        "cancel" => w.cancel_charge(reference),
        _ => Ok(()),
    }
}

fn act_on_payout(w: &mut World, action: &str, reference: &str) -> Result<(), Refusal> {
    match action {
        "settle" => w.settle_payout(reference),
        "fail" => w.fail_payout(reference, CANCEL_CODE, CANCEL_REASON).map(drop),
        "cancel" => w.cancel_payout(reference).map(drop),
        _ => Ok(()),
    }
}

/// Does something with a charge.
pub(super) async fn act_charge(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    match app.change(|w| act_on_charge(w, posted.field("action"), posted.field("reference"))).await {
        Ok(()) => see_other("/backoffice/charges?done=yes"),
        Err(refusal) => charges_view(&app, &reader, status_of(&refusal), Some(Notice::trouble((t.refusal)(&refusal)))),
    }
}

/// Does something with a payout.
pub(super) async fn act_payout(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    match app.change(|w| act_on_payout(w, posted.field("action"), posted.field("reference"))).await {
        Ok(()) => see_other("/backoffice/payouts?done=yes"),
        Err(refusal) => payouts_view(&app, &reader, status_of(&refusal), Some(Notice::trouble((t.refusal)(&refusal)))),
    }
}
