//! Whether the process lives, and whether it should be sent requests.

use super::problem::Refused;
use crate::app::App;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Trust;

/// `GET /healthz`: the process answers. Says nothing about anything else, so that nobody restarts a healthy process
/// because its database is away.
pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// `GET /readyz`: the database answers, the programs in it are loaded, and the service is not shutting down. While the
/// database is in quarantine the word says so, but reads and callbacks should still come.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, Refused> {
    if app.is_draining() {
        return Err(Refused::draining());
    }
    let programs = app.engine.check().await?;
    let status = if app.engine.trust() == Trust::Quarantined { "quarantined" } else { "ready" };
    Ok(Json(json!({ "status": status, "programs": programs })))
}
