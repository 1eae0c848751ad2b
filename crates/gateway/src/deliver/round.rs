//! One round: the due deliveries of one endpoint, under one lease, a few at a time, until they are sent or the endpoint
//! is in trouble. The lease is fenced: what is recorded after it was lost is not.

use super::courier::{Courier, Letter, Reply};
use crate::engine::{Engine, Error};
use crate::trace;
use domain::Time;
use domain::delivery::Delivery;
use domain::webhook_endpoint::Health;
use std::sync::Arc;
use store::Fault;
use store::webhook_endpoints::Stored;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// How many deliveries one round sends.
const HAUL: i64 = 16;
/// How many requests to one endpoint are under way at once, while it does well. One, when it does not.
const ABREAST: usize = 4;

/// A request that was made, and what came of it.
struct Posted {
    delivery: Delivery,
    begun_at: Time,
    reply: Reply,
}

/// Serves an endpoint's queue, then gives it back.
pub(super) async fn serve(
    engine: &Arc<Engine>,
    courier: &Arc<dyn Courier>,
    leased: &Stored,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let mut health = leased.endpoint.health;
    let abreast = if health.is_good() { ABREAST } else { 1 };
    let mut waiting = engine.due_deliveries(leased, HAUL).await?.into_iter();
    let mut posted = JoinSet::new();
    let mut is_open = true;
    loop {
        while is_open
            && !stop.is_cancelled()
            && posted.len() < abreast
            && let Some(delivery) = waiting.next()
        {
            let letter = engine.letter(leased, &delivery).await?;
            let (engine, courier) = (Arc::clone(engine), Arc::clone(courier));
            posted.spawn(async move { post(&engine, courier.as_ref(), delivery, letter).await });
        }
        let Some(done) = posted.join_next().await else { break };
        match done {
            Ok(done) => is_open &= record(engine, leased, &mut health, done).await?,
            Err(error) => {
                tracing::error!(endpoint = %leased.endpoint.id, %error, "a request was not made to its end");
                is_open = false;
            }
        }
    }
    Ok(engine.release_queue(leased).await?)
}

/// As [`serve`], one request after the other and without a task of its own.
pub(super) async fn serve_in_turn(engine: &Engine, courier: &dyn Courier, leased: &Stored) -> Result<(), Error> {
    let mut health = leased.endpoint.health;
    for delivery in engine.due_deliveries(leased, HAUL).await? {
        let letter = engine.letter(leased, &delivery).await?;
        let done = post(engine, courier, delivery, letter).await;
        if !record(engine, leased, &mut health, done).await? {
            break;
        }
    }
    Ok(engine.release_queue(leased).await?)
}

async fn post(engine: &Engine, courier: &dyn Courier, delivery: Delivery, letter: Letter) -> Posted {
    let begun_at = engine.now();
    store::crash_point::reach("delivery.before_post");
    let began_by = if trace::IS_ON { engine.trace_of_event(&delivery).await } else { None };
    let reply = courier.post(letter).instrument(trace::webhook(began_by.as_deref())).await;
    store::crash_point::reach("delivery.after_post");
    Posted { delivery, begun_at, reply }
}

/// Records what came of a request. Whether the round may go on.
async fn record(engine: &Engine, leased: &Stored, health: &mut Health, done: Posted) -> Result<bool, Error> {
    let Posted { delivery, begun_at, reply } = done;
    match engine.record_try(leased, health, &delivery, begun_at, &reply).await {
        Ok(learnt) => {
            *health = learnt.health;
            Ok(learnt.health.is_good() && learnt.disable.is_none())
        }
        Err(Error::Store(Fault::Stale | Fault::Duplicate(_))) => {
            tracing::warn!(endpoint = %leased.endpoint.id, delivery = %delivery.id, "the queue was taken meanwhile");
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
