//! `POST .../settle` and `.../settle/withdraw` of charges, refunds and payouts: what operators say about the unknown.
//! Who may say it is in the signatures; when it settles is the engine's business.

use super::caller::AdminCaller;
use super::document::{self, Route};
use super::json::Json;
use super::problem::Refused;
use super::query::Segment;
use super::{charges, fields, payouts, refunds};
use crate::app::App;
use crate::engine::{About, Said};
use crate::view;
use api::{Charge, Code, Outcome, Payout, Refund, Settle, SettleAbout, SettlePayout, WithdrawSettlement};
use axum::extract::State;
use axum::http::StatusCode;
use domain::api_key::Scope;
use domain::attempt::Kind;
use domain::settlement::Verdict;
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;

/// 200, or 202 while another operator must agree.
type Settled<T> = (StatusCode, axum::Json<T>);

/// `POST /v1/charges/{id}/settle`
pub(super) async fn settle_charge(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<Settle>,
) -> Result<Settled<Charge>, Refused> {
    let id = charges::parse(&id)?;
    settle(&app, &caller, (Kind::Charge, id.as_str()), &said(&body)?).await?;
    let charge = charges::shown(&app, &caller.program, &id).await?;
    Ok((status_of(charge.outcome), axum::Json(charge)))
}

/// `POST /v1/charges/{id}/settle/withdraw`
pub(super) async fn withdraw_charge(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<WithdrawSettlement>,
) -> Result<axum::Json<Charge>, Refused> {
    let id = charges::parse(&id)?;
    withdraw(&app, &caller, (Kind::Charge, id.as_str()), &plain(body)?).await?;
    Ok(axum::Json(charges::shown(&app, &caller.program, &id).await?))
}

/// `POST /v1/refunds/{id}/settle`
pub(super) async fn settle_refund(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<Settle>,
) -> Result<Settled<Refund>, Refused> {
    let id = refunds::parse(&id)?;
    settle(&app, &caller, (Kind::Refund, id.as_str()), &said(&body)?).await?;
    let refund = refunds::shown(&app, &caller.program, &id).await?;
    Ok((status_of(refund.outcome), axum::Json(refund)))
}

/// `POST /v1/refunds/{id}/settle/withdraw`
pub(super) async fn withdraw_refund(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<WithdrawSettlement>,
) -> Result<axum::Json<Refund>, Refused> {
    let id = refunds::parse(&id)?;
    withdraw(&app, &caller, (Kind::Refund, id.as_str()), &plain(body)?).await?;
    Ok(axum::Json(refunds::shown(&app, &caller.program, &id).await?))
}

/// `POST /v1/payouts/{id}/settle`
pub(super) async fn settle_payout(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<SettlePayout>,
) -> Result<Settled<Payout>, Refused> {
    let id = payouts::parse(&id)?;
    let SettlePayout { verdict, reason, evidence, about } = body;
    let kind = kind_of(about)?;
    settle(&app, &caller, (kind, id.as_str()), &said(&Settle { verdict, reason, evidence })?).await?;
    let payout = payouts::shown(&app, &caller.program, &id).await?;
    let waits = payout.settlement.as_ref().is_some_and(|said| said.status == api::SettlementStatus::Proposed);
    Ok((if waits { StatusCode::ACCEPTED } else { StatusCode::OK }, axum::Json(payout)))
}

/// `POST /v1/payouts/{id}/settle/withdraw`
pub(super) async fn withdraw_payout(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<WithdrawSettlement>,
) -> Result<axum::Json<Payout>, Refused> {
    let id = payouts::parse(&id)?;
    let kind = kind_of(body.about)?;
    withdraw(&app, &caller, (kind, id.as_str()), &body.reason).await?;
    Ok(axum::Json(payouts::shown(&app, &caller.program, &id).await?))
}

async fn settle(app: &App, caller: &AdminCaller, about: About<'_>, said: &Said) -> Result<(), Refused> {
    Ok(app.engine.settle_by_operator(&caller.program, &caller.operator(), about, said, app.settle_by).await?)
}

async fn withdraw(app: &App, caller: &AdminCaller, about: About<'_>, reason: &str) -> Result<(), Refused> {
    let reason = fields::note("reason", reason)?;
    Ok(app.engine.withdraw_settlement(&caller.program, &caller.operator(), about, &reason).await?)
}

/// What is said of the open proposal, or of the settlement that was made, about this charge, refund or payout.
pub(super) async fn standing(app: &App, subject: &str) -> Result<Option<api::Settlement>, Refused> {
    Ok(app.engine.settlement(subject).await?.as_ref().map(view::settlement))
}

fn said(body: &Settle) -> Result<Said, Refused> {
    let verdict = Verdict::parse(body.verdict.as_str());
    Ok(Said {
        verdict: verdict.ok_or_else(|| Refused::field("as", "must be `succeeded` or `failed`"))?,
        reason: fields::note("reason", &body.reason)?,
        evidence: fields::note("evidence", &body.evidence)?,
    })
}

/// The reason of a withdrawal where nothing but the thing itself can be meant.
fn plain(body: WithdrawSettlement) -> Result<String, Refused> {
    match body.about {
        None => Ok(body.reason),
        Some(_) => Err(Refused::field("about", "only a payout has anything beside itself")),
    }
}

fn kind_of(about: Option<SettleAbout>) -> Result<Kind, Refused> {
    match about {
        None | Some(SettleAbout::Payout) => Ok(Kind::Payout),
        Some(SettleAbout::Cancel) => Ok(Kind::PayoutCancel),
        Some(_) => Err(Refused::field("about", "must be `payout` or `cancel`")),
    }
}

/// While nobody can say what became of the money, there is more to come.
fn status_of(outcome: Outcome) -> StatusCode {
    if outcome == Outcome::Unknown { StatusCode::ACCEPTED } else { StatusCode::OK }
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(routes_of::<Charge, Settle>("/v1/charges/{id}/settle", "/v1/charges/{id}/settle/withdraw", "charge"));
    routes.extend(routes_of::<Refund, Settle>("/v1/refunds/{id}/settle", "/v1/refunds/{id}/settle/withdraw", "refund"));
    let payouts = ("/v1/payouts/{id}/settle", "/v1/payouts/{id}/settle/withdraw");
    routes.extend(routes_of::<Payout, SettlePayout>(payouts.0, payouts.1, "payout"));
    routes
}

fn routes_of<T: ToSchema, B: ToSchema>(settle: &'static str, withdraw: &'static str, noun: &str) -> [Route; 2] {
    let (settles, withdraws) = match noun {
        "charge" => ("Say what became of an unknown charge", "Take back a proposal about a charge"),
        "refund" => ("Say what became of an unknown refund", "Take back a proposal about a refund"),
        _ => ("Say what became of an unknown payout", "Take back a proposal about a payout"),
    };
    let said = json!({
        "as": "succeeded",
        "reason": "Payoneer's support confirmed it by mail",
        "evidence": "Report of 2026-11-24, line 17",
    });
    let settle = document::post(settle, settles)
        .about("For operators, and only where the gateway cannot find out. Two must agree, unless the gateway is told that one is enough.")
        .needs(Scope::Admin)
        .body::<B>(&[("paid", said)])
        .answers::<T>("It is settled.")
        .or_later::<T>("Another operator must agree.")
        .refuses(&[Code::NotUnknown, Code::SettlementDisputed]);
    let withdraw = document::post(withdraw, withdraws)
        .needs(Scope::Admin)
        .body::<WithdrawSettlement>(&[("mistaken", json!({ "reason": "It was another payment" }))])
        .answers::<T>("As it stands without the proposal.")
        .refuses(&[Code::NotUnknown]);
    [settle, withdraw]
}
