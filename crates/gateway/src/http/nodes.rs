//! `/v1/nodes`: the processes that serve from this database.

use super::caller::ReadCaller;
use super::document::{self, Route};
use super::problem::Refused;
use super::query::Params;
use crate::app::App;
use crate::view;
use api::{List, Node};
use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use std::sync::Arc;

/// `GET /v1/nodes`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    _caller: ReadCaller,
    params: Params,
) -> Result<Json<List<Node>>, Refused> {
    params.finish()?;
    let nodes = app.engine.nodes().await?;
    Ok(Json(List::new(nodes.iter().map(view::node).collect(), None)))
}

/// What the document says of this route.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/v1/nodes", "List the processes that serve")
            .about("One that was silent for a minute is lost; it is still shown for a day.")
            .needs(Scope::Read)
            .lists::<Node>("All of them, oldest first."),
    ]
}
