//! Whether the process lives, and whether it should be sent requests.

use super::document::{self, Route};
use super::problem::Refused;
use crate::app::App;
use crate::engine::Error;
use api::Code;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use store::{Fault, Trust};

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /healthz`: the process answers. Says nothing about anything else, so that nobody restarts a healthy process
/// because its database is away.
pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// `GET /readyz`: the database answers, the programs in it are loaded, and the service is not about to stop. While the
/// database is in quarantine the word says so, but reads and callbacks should still come.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, Refused> {
    if app.is_leaving() {
        return Err(Refused::draining());
    }
    let answer = tokio::time::timeout(PATIENCE, app.engine.check()).await;
    let silent = |_| Error::Store(Fault::Down("it did not answer in time".to_owned()));
    let programs = answer.map_err(silent)??;
    let status = if app.engine.trust() == Trust::Quarantined { "quarantined" } else { "ready" };
    Ok(Json(json!({ "status": status, "programs": programs })))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/healthz", "Whether the process lives")
            .about("Says nothing about anything else, so that nobody restarts a healthy process because its database is away.")
            .states("It lives."),
        document::get("/readyz", "Whether the gateway should be sent requests")
            .states("It should. `status` is `quarantined` while nothing is sent to Payoneer.")
            .refuses(&[Code::Draining, Code::StoreUnavailable, Code::Internal]),
    ]
}
