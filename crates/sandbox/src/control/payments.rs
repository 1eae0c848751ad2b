//! Charges and payouts: listed, settled, failed, cancelled.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, List, Nothing, Page, Params};
use crate::App;
use crate::world::{CANCEL_CODE, CANCEL_REASON, Charge, Payout, Refusal, World};

type Answer<T> = Result<Json<T>, Problem>;

pub(super) async fn charges(State(app): Shared, Params(page): Params<Page>) -> Answer<List<Charge>> {
    app.read(|w| {
        let wanted = w.charges().filter(|c| page.wants(&c.payee_id));
        // Among the charges of one reference by their numbers, and behind a reference that is given alone.
        let place = |c: &&Charge| format!("{} {}", c.client_reference_id.to_ascii_lowercase(), c.payment_id);
        page.of(wanted, place, lower).map(|list| list.map(Charge::clone))
    })
    .map(Json)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that pages of lists want; other keys can be malformed")]
fn lower(reference: &str) -> Option<String> {
    Some(reference.to_ascii_lowercase())
}

pub(super) async fn charge(State(app): Shared, Path(reference): Path<String>) -> Answer<Charge> {
    app.read(|w| w.charge(&reference).cloned()).map(Json).ok_or_else(|| Problem::not_found("charge"))
}

async fn on_charge(app: &App, reference: &str, act: impl FnOnce(&mut World) -> Result<(), Refusal>) -> Answer<Charge> {
    app.change(|w| {
        act(w)?;
        w.charge(reference).cloned().map(Json).ok_or_else(|| Problem::not_found("charge"))
    })
    .await
}

pub(super) async fn settle_charge(
    State(app): Shared,
    Path(reference): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Answer<Charge> {
    on_charge(&app, &reference, |w| w.settle_charge(&reference)).await
}

pub(super) async fn fail_charge(
    State(app): Shared,
    Path(reference): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Answer<Charge> {
    on_charge(&app, &reference, |w| w.fail_charge(&reference)).await
}

pub(super) async fn cancel_charge(
    State(app): Shared,
    Path(reference): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Answer<Charge> {
    on_charge(&app, &reference, |w| w.cancel_charge(&reference)).await
}

pub(super) async fn payouts(State(app): Shared, Params(page): Params<Page>) -> Answer<List<Payout>> {
    app.read(|w| {
        let wanted = w.payouts().filter(|p| page.wants(&p.payee_id));
        page.of(wanted, |p| p.client_reference_id.to_ascii_lowercase(), lower).map(|list| list.map(Payout::clone))
    })
    .map(Json)
}

pub(super) async fn payout(State(app): Shared, Path(reference): Path<String>) -> Answer<Payout> {
    app.read(|w| w.payout(&reference).cloned()).map(Json).ok_or_else(|| Problem::not_found("payout"))
}

pub(super) async fn settle_payout(
    State(app): Shared,
    Path(reference): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Answer<Payout> {
    app.change(|w| {
        w.settle_payout(&reference)?;
        w.payout(&reference).cloned().map(Json).ok_or_else(|| Problem::not_found("payout"))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    code: Option<u32>,
    reason: Option<String>,
}

/// Cancels as Payoneer or a bank does, even after the payout was paid.
pub(super) async fn fail_payout(
    State(app): Shared,
    Path(reference): Path<String>,
    Input(why): Input<Why>,
) -> Answer<Payout> {
    let code = why.code.unwrap_or(CANCEL_CODE);
    let reason = why.reason.unwrap_or_else(|| CANCEL_REASON.to_owned());
    Ok(Json(app.change(|w| w.fail_payout(&reference, code, &reason)).await?))
}

pub(super) async fn cancel_payout(
    State(app): Shared,
    Path(reference): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Answer<Payout> {
    Ok(Json(app.change(|w| w.cancel_payout(&reference)).await?))
}
