//! `/v1/program`: the caller's own program, with what to paste into Payoneer's back office.

use super::caller::ReadCaller;
use super::document::{self, Route};
use super::problem::Refused;
use crate::app::App;
use crate::view;
use api::Program;
use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use std::sync::Arc;

/// `GET /v1/program`
pub(super) async fn get(State(app): State<Arc<App>>, caller: ReadCaller) -> Result<Json<Program>, Refused> {
    let standing = app.engine.standing(&caller.program).await?;
    let program = view::program(&caller.program, &app.engine.callback_url(&caller.program));
    let capabilities = view::capabilities(&app.engine.capabilities(&caller.program).await?);
    Ok(Json(Program { payoneer: Some(standing.to_owned()), capabilities, ..program }))
}

/// What the document says of this route.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/v1/program", "Look at the program")
            .needs(Scope::Read)
            .answers::<Program>("The program that the API key opens."),
    ]
}
