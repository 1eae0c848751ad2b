//! Namespaces: listed, made, forgotten. What is in one is asked of its own control API.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use super::wire::{Input, Nothing};
use crate::Namespace;
use crate::namespace::Namespaces;
use crate::world::Time;

type Shared = State<Arc<Namespaces>>;

/// A namespace from outside.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    name: String,
    url: String,
    seed: u64,
    now: Time,
    charges: usize,
    payouts: usize,
}

impl Seen {
    fn new(namespace: &Namespace) -> Self {
        namespace.app.read(|w| Self {
            name: namespace.name().to_owned(),
            url: namespace.url().to_owned(),
            seed: w.seed(),
            now: w.now(),
            charges: w.charges().count(),
            payouts: w.payouts().count(),
        })
    }
}

/// All namespaces; there are few enough for one answer.
#[derive(Debug, Serialize)]
pub(super) struct All {
    data: Vec<Seen>,
}

pub(super) async fn list(State(namespaces): Shared) -> Json<All> {
    Json(All { data: namespaces.all().iter().map(Seen::new).collect() })
}

pub(super) async fn show(State(namespaces): Shared, Path(name): Path<String>) -> Result<Json<Seen>, Problem> {
    namespaces.find(&name).map(|found| Json(Seen::new(&found))).ok_or_else(|| Problem::not_found("namespace"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Make {
    name: String,
    /// Nothing: the sandbox's own.
    seed: Option<u64>,
}

/// Makes a namespace; one that is there already with the same seed is left as it is.
pub(super) async fn create(
    State(namespaces): Shared,
    Input(make): Input<Make>,
) -> Result<(StatusCode, Json<Seen>), Problem> {
    let made = namespaces.open(&make.name, make.seed)?;
    Ok((StatusCode::CREATED, Json(Seen::new(&made))))
}

pub(super) async fn delete(
    State(namespaces): Shared,
    Path(name): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Result<StatusCode, Problem> {
    if namespaces.delete(&name) { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found("namespace")) }
}
