//! What can only be looked at: the journal and its check, the API log, the exchanges, the provenance table.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::Shared;
use super::problem::Problem;
use super::wire::{List, Page, Params};
use crate::provenance::TABLE;
use crate::world::{ApiCall, Audit, Entry, Exchange};

pub(super) async fn entries(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Entry>>, Problem> {
    app.read(|w| {
        page.of(w.journal().entries().iter(), |e| e.number, |s| s.parse().ok()).map(|list| list.map(Entry::clone))
    })
    .map(Json)
}

pub(super) async fn check(State(app): Shared) -> Json<Audit> {
    Json(app.read(|w| w.journal().audit()))
}

pub(super) async fn api_log(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<ApiCall>>, Problem> {
    app.read(|w| page.of(w.api_calls(), |c| c.number, |s| s.parse().ok()).map(|list| list.map(ApiCall::clone)))
        .map(Json)
}

pub(super) async fn exchanges(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Exchange>>, Problem> {
    app.read(|w| {
        let wanted = w.exchanges().filter(|e| page.wants(e.payee_id.as_deref().unwrap_or_default()));
        page.of(wanted, |e| e.number, |s| s.parse().ok()).map(|list| list.map(Exchange::clone))
    })
    .map(Json)
}

#[derive(Debug, Serialize)]
pub(super) struct Row {
    key: &'static str,
    call: &'static str,
    says: &'static str,
    fidelity: &'static str,
    source: &'static str,
}

pub(super) async fn provenance() -> Json<Vec<Row>> {
    let rows = TABLE.iter().map(|b| Row {
        key: b.key,
        call: b.call,
        says: b.says,
        fidelity: b.fidelity.word(),
        source: b.source,
    });
    Json(rows.collect())
}
