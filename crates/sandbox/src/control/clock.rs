//! The virtual clock: read, advanced, and told whether to follow real time.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::problem::Problem;
use super::wire::Input;
use crate::deliver::{self, Advanced};
use crate::source;
use crate::world::{ClockMode, Time, Transition, World};

/// What the clock says.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    now: Time,
    mode: ClockMode,
    /// How many times as fast as real time it runs while it runs.
    times: u32,
    /// When the next transition or callback try is due.
    next_due: Option<Time>,
    /// The transitions to come, the first hundred.
    planned: Vec<Planned>,
}

#[derive(Debug, Serialize)]
struct Planned {
    at: Time,
    #[serde(flatten)]
    transition: Transition,
}

impl Seen {
    fn new(world: &World) -> Json<Self> {
        let planned = world.planned().take(100).map(|(at, t)| Planned { at, transition: t.clone() });
        Json(Self {
            now: world.now(),
            mode: world.clock().mode,
            times: world.clock().times,
            next_due: world.next_due(),
            planned: planned.collect(),
        })
    }
}

pub(super) async fn show(State(app): Shared) -> Json<Seen> {
    app.read(Seen::new)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    /// By how many seconds.
    seconds: Option<u64>,
    /// To which moment.
    to: Option<Time>,
    /// To the next due thing.
    next: Option<bool>,
}

/// Moves the clock; answers when everything that was due by then has happened, callbacks included.
pub(super) async fn advance(State(app): Shared, Input(wish): Input<Advance>) -> Result<Json<Advanced>, Problem> {
    let (now, next) = app.read(|w| (w.now(), w.next_due()));
    let target = match (wish.seconds, wish.to, wish.next) {
        (Some(0), None, None) => now,
        (Some(seconds), None, None) if seconds <= 3_153_600_000 => now.plus_seconds(seconds),
        (Some(_), None, None) => return Err(Problem::invalid(Some("seconds"), "seconds is more than a century")),
        (None, Some(to), None) if to >= now => to,
        (None, Some(_), None) => return Err(Problem::invalid(Some("to"), "to is in the past")),
        (None, None, Some(true)) => next.map_or(now, |at| at.max(now)),
        _ => return Err(Problem::invalid(None, "say one of seconds, to and next: true")),
    };
    let advanced = deliver::advance(&app, target).await;
    app.saver.written().await;
    Ok(Json(advanced))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mode {
    mode: ClockMode,
    /// How many times as fast as real time, with the mode `times` alone.
    times: Option<u32>,
}

/// Lets the clock follow real time, run faster, or stand.
pub(super) async fn mode(State(app): Shared, Input(wish): Input<Mode>) -> Result<Json<Seen>, Problem> {
    app.change(|w| {
        match (wish.mode, wish.times) {
            (ClockMode::Times, Some(times)) => w.speed_clock(times, source::now())?,
            (ClockMode::Times, None) => return Err(Problem::invalid(Some("times"), "say how many times as fast")),
            (_, Some(_)) => return Err(Problem::invalid(Some("times"), "times goes with the mode times")),
            (mode, None) => w.set_clock_mode(mode, source::now()),
        }
        Ok(Seen::new(w))
    })
    .await
}
