//! Faults and chaos: added, listed with what fired, forgotten; and the canonical record to compare runs by.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, Nothing};
use crate::faults::{About, BadRule, Chaos, NewRule, PROFILES, Profile, Rule, Scenario};
use crate::world::World;

/// The rules in their order and the chaos in force.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    data: Vec<Rule>,
    chaos: Option<Chaos>,
}

impl Seen {
    fn new(world: &World) -> Json<Self> {
        let faults = world.faults();
        Json(Self { data: faults.rules().to_vec(), chaos: faults.chaos().cloned() })
    }
}

impl From<BadRule> for Problem {
    fn from(bad: BadRule) -> Self {
        Self::invalid(Some(bad.field), bad.to_string())
    }
}

pub(super) async fn list(State(app): Shared) -> Json<Seen> {
    app.read(Seen::new)
}

/// Adds one rule; answers it with its id.
pub(super) async fn add(State(app): Shared, Input(new): Input<NewRule>) -> Result<(StatusCode, Json<Rule>), Problem> {
    let added = app.change(|w| {
        let id = w.faults_mut().add(new)?;
        let rule = w.faults().rules().iter().find(|r| r.id == id);
        rule.cloned().ok_or_else(|| Problem::not_found("fault"))
    });
    Ok((StatusCode::CREATED, Json(added.await?)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    name: String,
    steps: Vec<NewRule>,
}

/// Adds a script: all of its steps or none.
pub(super) async fn add_script(
    State(app): Shared,
    Input(script): Input<Script>,
) -> Result<(StatusCode, Json<Seen>), Problem> {
    let added = app.change(|w| {
        w.faults_mut().add_script(&script.name, script.steps)?;
        Ok::<_, Problem>(Seen::new(w))
    });
    Ok((StatusCode::CREATED, added.await?))
}

/// Forgets every rule; chaos stays.
pub(super) async fn clear(State(app): Shared, Input(Nothing {}): Input<Nothing>) -> Json<Seen> {
    app.change(|w| {
        w.faults_mut().clear();
        Seen::new(w)
    })
    .await
}

pub(super) async fn remove(
    State(app): Shared,
    Path(id): Path<String>,
    Input(Nothing {}): Input<Nothing>,
) -> Result<Json<Seen>, Problem> {
    app.change(|w| if w.faults_mut().remove(&id) { Ok(Seen::new(w)) } else { Err(Problem::not_found("fault")) }).await
}

/// 200 when every rule fired; 409 with the names of those that never did.
pub(super) async fn unfired(State(app): Shared) -> Result<Json<Seen>, Problem> {
    let left: Vec<String> = app.read(|w| w.faults().unfired().map(ToString::to_string).collect());
    if left.is_empty() {
        return Ok(app.read(Seen::new));
    }
    Err(Problem::conflict(format!("these faults never fired: {}", left.join("; "))))
}

/// The profiles, and the one in force.
#[derive(Debug, Serialize)]
pub(super) struct ChaosSeen {
    chaos: Option<Chaos>,
    profiles: Vec<ProfileSeen>,
}

#[derive(Debug, Serialize)]
struct ProfileSeen {
    name: &'static str,
    says: &'static str,
}

impl ChaosSeen {
    fn new(world: &World) -> Json<Self> {
        let profiles = PROFILES.iter().map(|p| ProfileSeen { name: p.name, says: p.says }).collect();
        Json(Self { chaos: world.faults().chaos().cloned(), profiles })
    }
}

pub(super) async fn chaos(State(app): Shared) -> Json<ChaosSeen> {
    app.read(ChaosSeen::new)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    profile: String,
    /// Nothing: the world's.
    seed: Option<u64>,
}

/// Puts a profile in force; `calm` ends chaos.
pub(super) async fn set_chaos(State(app): Shared, Input(wish): Input<Wish>) -> Result<Json<ChaosSeen>, Problem> {
    let profile = Profile::named(&wish.profile).ok_or_else(|| {
        let names: Vec<_> = PROFILES.iter().map(|p| p.name).collect();
        Problem::invalid(Some("profile"), format!("profile must be one of {}", names.join(", ")))
    })?;
    let seen = app.change(|w| {
        let seed = wish.seed.unwrap_or_else(|| w.seed());
        w.faults_mut().set_chaos(profile.chaos(seed, app.namespace()));
        ChaosSeen::new(w)
    });
    Ok(seen.await)
}

/// A scenario in words.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    name: &'static str,
    happens: &'static str,
    correct: &'static str,
    rules: Vec<NewRule>,
}

pub(super) async fn scenarios() -> Json<Vec<Told>> {
    let told = |s: &Scenario| Told { name: s.name, happens: s.happens, correct: s.correct, rules: s.rules(None) };
    Json(Scenario::all().map(told).collect())
}

/// Makes a scenario happen.
pub(super) async fn install(
    State(app): Shared,
    Path(name): Path<String>,
    Input(about): Input<About>,
) -> Result<(StatusCode, Json<Seen>), Problem> {
    let seen = app.change(|w| {
        w.install_scenario_for(&name, &about)?;
        Ok::<_, Problem>(Seen::new(w))
    });
    Ok((StatusCode::CREATED, seen.await?))
}

/// What happened, in an order that does not depend on arrival.
pub(super) async fn record(State(app): Shared) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], app.read(World::canonical_record))
}
