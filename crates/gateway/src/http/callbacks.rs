//! `/v1/callbacks`: what Payoneer sent, as it came, and having it looked at again.
//! Where callbacks arrive is `inbox`.

use super::caller::{AdminCaller, ReadCaller};
use super::json::Nothing;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::view;
use api::{Callback, List};
use axum::Json;
use axum::extract::State;
use domain::CallbackId;
use std::sync::Arc;

/// `GET /v1/callbacks`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<Json<List<Callback>>, Refused> {
    let wanted = Wanted::take(&mut params)?;
    params.finish()?;
    let callbacks = app.engine.callbacks(&caller.program, &wanted.page()).await?;
    Ok(wanted.list(&callbacks, |callback| callback.id.to_string(), view::callback))
}

/// `GET /v1/callbacks/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<Json<Callback>, Refused> {
    Ok(Json(view::callback(&app.engine.callback(&caller.program, &parse(&id)?).await?)))
}

/// `POST /v1/callbacks/{id}/reprocess`
pub(super) async fn reprocess(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Json<Callback>, Refused> {
    Ok(Json(view::callback(&app.engine.reprocess_callback(&caller.program, &parse(&id)?).await?)))
}

fn parse(id: &str) -> Result<CallbackId, Refused> {
    CallbackId::parse(id).ok_or_else(|| Refused::not_found("callback"))
}
