//! Callbacks: the delivery log, sending one again, and forging one.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, List, Nothing, Page, Params};
use crate::world::{Callback, Event};

pub(super) async fn list(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Callback>>, Problem> {
    app.read(|w| {
        let wanted = w.callbacks().filter(|c| page.wants(c.payee_id.as_deref().unwrap_or_default()));
        page.of(wanted, |c| c.id, |s| s.parse().ok()).map(|list| list.map(Callback::clone))
    })
    .map(Json)
}

pub(super) async fn show(State(app): Shared, Path(id): Path<String>) -> Result<Json<Callback>, Problem> {
    let id = number(&id)?;
    app.read(|w| w.callback(id).cloned()).map(Json).ok_or_else(|| Problem::not_found("callback"))
}

fn number(id: &str) -> Result<u64, Problem> {
    id.parse().map_err(|_| Problem::not_found("callback"))
}

/// Sends a callback again, as a new one; 202, for it is only on its way.
pub(super) async fn replay(
    State(app): Shared,
    Path(id): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Result<(StatusCode, Json<Callback>), Problem> {
    let id = number(&id)?;
    let replayed = app.change(|w| {
        let id = w.replay_callback(id)?;
        w.callback(id).cloned().ok_or_else(|| Problem::not_found("callback"))
    });
    Ok((StatusCode::ACCEPTED, Json(replayed.await?)))
}

/// What a forger claims.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgery {
    event: Event,
    payee_id: String,
    client_reference_id: String,
}

/// Sends a callback about something that did not happen; 202, for it is only on its way.
pub(super) async fn forge(
    State(app): Shared,
    Input(forgery): Input<Forgery>,
) -> Result<(StatusCode, Json<Callback>), Problem> {
    let forged = app.change(|w| {
        let id = w.forge_callback(forgery.event, &forgery.payee_id, &forgery.client_reference_id)?;
        w.callback(id).cloned().ok_or_else(|| Problem::not_found("callback"))
    });
    Ok((StatusCode::ACCEPTED, Json(forged.await?)))
}
