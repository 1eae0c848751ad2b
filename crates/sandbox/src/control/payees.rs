//! Payees: listed, and decided about as Payoneer's reviewers would.

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, List, Nothing, Page, Params};
use crate::App;
use crate::world::{Payee, Refusal, World};

pub(super) async fn list(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Payee>>, Problem> {
    app.read(|w| {
        let wanted = w.payees().filter(|p| page.wants(&p.id));
        page.of(wanted, |p| p.id.clone(), |s| Some(s.to_owned())).map(|list| list.map(Payee::clone))
    })
    .map(Json)
}

pub(super) async fn show(State(app): Shared, Path(id): Path<String>) -> Result<Json<Payee>, Problem> {
    app.read(|w| w.payee(&id).cloned()).map(Json).ok_or_else(|| Problem::not_found("payee"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    reason: Option<String>,
}

async fn decide(
    app: &App,
    id: &str,
    decision: impl FnOnce(&mut World) -> Result<(), Refusal>,
) -> Result<Json<Payee>, Problem> {
    app.change(|w| {
        decision(w)?;
        w.payee(id).cloned().map(Json).ok_or_else(|| Problem::not_found("payee"))
    })
    .await
}

pub(super) async fn approve(
    State(app): Shared,
    Path(id): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Result<Json<Payee>, Problem> {
    decide(&app, &id, |w| w.approve_payee(&id)).await
}

pub(super) async fn decline(
    State(app): Shared,
    Path(id): Path<String>,
    Input(why): Input<Why>,
) -> Result<Json<Payee>, Problem> {
    decide(&app, &id, |w| w.decline_payee(&id, why.reason.as_deref())).await
}

pub(super) async fn block(
    State(app): Shared,
    Path(id): Path<String>,
    Input(why): Input<Why>,
) -> Result<Json<Payee>, Problem> {
    decide(&app, &id, |w| w.block_payee(&id, why.reason.as_deref())).await
}

/// Answers with the payee as it was.
pub(super) async fn release(
    State(app): Shared,
    Path(id): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Result<Json<Payee>, Problem> {
    app.change(|w| {
        let payee = w.payee(&id).cloned().ok_or_else(|| Problem::not_found("payee"))?;
        w.release_payee(&id)?;
        Ok(Json(payee))
    })
    .await
}
