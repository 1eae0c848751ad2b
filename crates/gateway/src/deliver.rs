//! The deliverer: takes the queues of endpoints with something due, and serves so many of them at once that no slow
//! receiver can delay another. What follows from an answer is the engine's and the domain's business.

mod courier;
pub mod guard;
mod round;

pub use courier::{Courier, HttpCourier, Letter, PATIENCE, Reply};

use crate::engine::{Engine, Error};
use domain::Span;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many endpoints that do well are served at once.
const GOOD: usize = 48;
/// How many endpoints that do not are: a lane of their own, so that receivers which hang can only keep each other
/// waiting.
const FAILING: usize = 16;
/// How long a queue is leased. A round ends long before.
const LEASE: Span = Span::from_secs(180);
/// How often to look for what has become due when nobody rings.
const TICK: Duration = Duration::from_millis(500);

/// Endpoints that do alike, and the room there is for them.
struct Lane {
    is_good: bool,
    free: Arc<Semaphore>,
}

impl Lane {
    fn new(is_good: bool, room: usize) -> Self {
        Self { is_good, free: Arc::new(Semaphore::new(room)) }
    }
}

/// Delivers until told to stop, then lets the requests under way finish.
pub(crate) async fn run(engine: Arc<Engine>, courier: Arc<dyn Courier>, stop: CancellationToken) {
    let rounds = TaskTracker::new();
    let lanes = [Lane::new(true, GOOD), Lane::new(false, FAILING)];
    while !stop.is_cancelled() {
        if let Err(error) = pass(&engine, &courier, &lanes, &rounds, &stop).await {
            tracing::warn!(%error, "no deliveries could be taken");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = engine.delivery_rung() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
    rounds.close();
    rounds.wait().await;
}

/// Takes as many queues as there is room for. Each round that ends rings for the next pass.
async fn pass(
    engine: &Arc<Engine>,
    courier: &Arc<dyn Courier>,
    lanes: &[Lane],
    rounds: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), Error> {
    if !engine.has_deliveries_due().await? {
        return Ok(());
    }
    for lane in lanes {
        let room = lane.free.available_permits();
        if room == 0 {
            continue;
        }
        for leased in engine.lease_queues(lane.is_good, LEASE, room).await? {
            let Ok(permit) = Arc::clone(&lane.free).acquire_owned().await else { return Ok(()) };
            let (engine, courier, stop) = (Arc::clone(engine), Arc::clone(courier), stop.clone());
            rounds.spawn(async move {
                let went = round::serve(&engine, &courier, &leased, &stop).await;
                drop(permit);
                match went {
                    Ok(()) => engine.ring_deliverer(),
                    // Whatever it was will not be gone at once: the next tick is soon enough.
                    Err(error) => tracing::warn!(endpoint = %leased.endpoint.id, %error, "a round was cut short"),
                }
            });
        }
    }
    Ok(())
}

/// Serves the endpoints that have something due now, up to `limit`, one after the other, one request at a time; how
/// many there were. For whoever brings a clock of his own and wants no task in the background, such as a simulation.
pub async fn run_due(engine: &Engine, courier: &dyn Courier, limit: usize) -> Result<usize, Error> {
    let mut served = 0;
    for is_good in [true, false] {
        for leased in engine.lease_queues(is_good, LEASE, limit).await? {
            served += 1;
            round::serve_in_turn(engine, courier, &leased).await?;
        }
    }
    Ok(served)
}
