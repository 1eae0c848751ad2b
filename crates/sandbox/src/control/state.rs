//! The world as a whole: health, reset, snapshot, restore.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::value::RawValue;

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, Nothing};
use crate::App;
use crate::world::{ClockMode, Time, World};

/// That the sandbox serves, and what is in it.
#[derive(Debug, Serialize)]
pub(super) struct Health {
    status: &'static str,
    url: String,
    program_id: String,
    seed: u64,
    now: Time,
    clock: ClockMode,
    accounts: usize,
    payees: usize,
    charges: usize,
    payouts: usize,
    callbacks: usize,
}

impl Health {
    fn new(app: &App, world: &World) -> Json<Self> {
        Json(Self {
            status: "ok",
            url: app.public_url().to_owned(),
            program_id: world.program().id.clone(),
            seed: world.seed(),
            now: world.now(),
            clock: world.clock().mode,
            accounts: world.accounts().count(),
            payees: world.payees().count(),
            charges: world.charges().count(),
            payouts: world.payouts().count(),
            callbacks: world.callbacks().count(),
        })
    }
}

pub(super) async fn health(State(app): Shared) -> Json<Health> {
    app.read(|w| Health::new(&app, w))
}

/// Begins anew with the same settings, seed and time.
pub(super) async fn reset(State(app): Shared, Input(Nothing {}): Input<Nothing>) -> Result<Json<Health>, Problem> {
    app.change(|w| {
        w.reset()?;
        Ok(Health::new(&app, w))
    })
    .await
}

/// The whole world, secrets included.
pub(super) async fn snapshot(State(app): Shared) -> Result<impl IntoResponse, Problem> {
    let text = app.snapshot().ok_or_else(|| Problem::conflict("the world cannot be put into words"))?;
    Ok(([(CONTENT_TYPE, "application/json")], text))
}

/// Puts a snapshot in the world's place; it must be of the same program.
pub(super) async fn restore(State(app): Shared, Input(text): Input<Box<RawValue>>) -> Result<Json<Health>, Problem> {
    let world = World::from_snapshot(text.get())?;
    app.change(|w| {
        if world.program() != w.program() {
            return Err(Problem::conflict(format!("the snapshot is of program {}", world.program().id)));
        }
        w.become_world(world);
        Ok(Health::new(&app, w))
    })
    .await
}
