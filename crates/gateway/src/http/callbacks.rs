//! `/v1/callbacks`: what Payoneer sent, as it came, and having it looked at again.
//! Where callbacks arrive is `inbox`.

use super::caller::{AdminCaller, ReadCaller};
use super::document::{self, Route};
use super::json::Nothing;
use super::one::One;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::view;
use api::{Callback, List};
use axum::Json;
use axum::extract::State;
use domain::CallbackId;
use domain::api_key::Scope;
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
) -> Result<One<Callback>, Refused> {
    Ok(One(view::callback(&app.engine.callback(&caller.program, &parse(&id)?).await?)))
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

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/v1/callbacks", "List what Payoneer sent")
            .about("Newest first.")
            .needs(Scope::Read)
            .query(document::page())
            .lists::<Callback>("A page of callbacks."),
        document::get("/v1/callbacks/{id}", "Look at a callback")
            .needs(Scope::Read)
            .shows::<Callback>("The callback as it came."),
        document::post("/v1/callbacks/{id}/reprocess", "Have a callback looked at again")
            .needs(Scope::Admin)
            .empty_body()
            .answers::<Callback>("The callback, `received` again."),
    ]
}
