//! `/v1/audit`: every administrative change, newest first. Nothing is changed here.

use super::caller::AdminCaller;
use super::document::{self, Route};
use super::page::Wanted;
use super::problem::Refused;
use super::query::Params;
use crate::app::App;
use crate::view;
use api::{AuditEntry, Code, List};
use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use std::sync::Arc;

/// `GET /v1/audit`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    mut params: Params,
) -> Result<Json<List<AuditEntry>>, Refused> {
    let wanted = Wanted::take(&mut params)?;
    params.finish()?;
    let entries = app.engine.audit(&caller.program, &wanted.page()).await?;
    Ok(wanted.list(&entries, |entry| entry.id.to_string(), view::audit_entry))
}

/// What the document says of this route.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/v1/audit", "List administrative changes")
            .about("Newest first. Nothing in it can be altered.")
            .needs(Scope::Admin)
            .query(document::page())
            .lists::<AuditEntry>("A page of changes.")
            .refuses(&[Code::NotFound]),
    ]
}
