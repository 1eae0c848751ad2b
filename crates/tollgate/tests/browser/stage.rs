//! Sets a journey's stage and clears it away again, however the journey ends.

use std::panic::resume_unwind;
use std::rc::Rc;

use tokio::sync::Semaphore;
use tokio::task::{LocalSet, spawn_local};

use crate::browser::Browser;
use crate::driver::Driver;
use crate::house::House;
use crate::words::Words;

/// Browsers are heavy: one after the other is as fast on a small machine, and no wait runs out.
static TURN: Semaphore = Semaphore::const_new(1);

/// What a journey has.
pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) browser: Browser,
    pub(crate) words: &'static Words,
}

/// Walks one journey.
pub(crate) async fn on_stage<F: Future<Output = ()> + 'static>(
    words: &'static Words,
    journey: impl FnOnce(Rc<Stage>) -> F,
) {
    let _turn = TURN.acquire().await.unwrap();
    let house = House::open().await;
    let driver = Driver::start(words.tag()).await;
    let stage = Rc::new(Stage { house, browser: Browser::new(&driver), words });
    let walk = journey(Rc::clone(&stage));
    let ended = LocalSet::new().run_until(spawn_local_on(walk)).await;
    driver.stop().await;
    if let Err(failure) = ended {
        eprintln!("{}", stage.house.logs());
        resume_unwind(failure.into_panic());
    }
}

/// A task of its own, so that a panic of the journey is an answer.
async fn spawn_local_on(walk: impl Future<Output = ()> + 'static) -> Result<(), tokio::task::JoinError> {
    spawn_local(walk).await
}
