//! A Payoneer who is away, slow or asks for a pause, over real sockets and a clock that the test moves: new requests are
//! turned away before anything is written down, and nothing more becomes unknown.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::Outcome;
use domain::charge::State;
use edge::Asker;
use futures_of::all;
use gateway::engine::{ChargeFilter, Error, Page};
use gateway::port::Turned;
use gateway::port::throttle::{MONEY_PLACES, MONEY_QUEUE};
use gateway::port::traffic::{Limits, Why};
use std::sync::Arc;
use support::line::{Fault, Trouble};
use support::{House, StillClock, charge, eventually};

/// Many at once.
mod futures_of {
    use std::future::Future;

    pub(crate) async fn all<T: Send + 'static>(
        futures: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
    ) -> Vec<T> {
        let tasks: Vec<_> = futures.into_iter().map(tokio::spawn).collect();
        let mut done = Vec::new();
        for task in tasks {
            done.push(task.await.expect("a task ends well"));
        }
        done
    }
}

/// What became of a request for a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Unknown,
    Succeeded,
    NeverSent,
    TurnedAway(Why, i64),
}

async fn ask(house: Arc<House>, key: String) -> Came {
    match house.engine().create_charge(&house.program, charge("1", &key)).await {
        Ok(made) if made.resource.charge.outcome() == Outcome::Unknown => Came::Unknown,
        Ok(made) if made.resource.charge.state == State::Succeeded => Came::Succeeded,
        Err(Error::Unreachable { .. }) => Came::NeverSent,
        Err(Error::TurnedAway(Turned { why, retry_after })) => Came::TurnedAway(why, retry_after.seconds()),
        other => panic!("{other:?}"),
    }
}

/// As many requests at once, under keys that begin like this.
async fn ask_many(house: &Arc<House>, name: &str, count: usize) -> Vec<Came> {
    all((0..count).map(|number| ask(Arc::clone(house), format!("{name}-{number}")))).await
}

async fn written(house: &House) -> usize {
    let page = Page { before: None, limit: 200 };
    house.engine().charges(&house.program, &ChargeFilter::default(), &page).await.unwrap().len()
}

/// A house with a clock of its own, whose payee is known to be active.
async fn house() -> (Arc<House>, Arc<StillClock>) {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::<StillClock>::clone(&clock)).await;
    let house = Arc::new(house);
    assert_eq!(ask(Arc::clone(&house), "first".to_owned()).await, Came::Succeeded);
    (house, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_payoneer_is_down_new_charges_are_refused_and_no_more_become_unknown() {
    let strikes = usize::try_from(Limits::default().strikes).unwrap();
    for fault in [Fault::ErrorPage, Fault::LoseRequest, Fault::Hang] {
        let (house, clock) = house().await;
        house.line.trouble(Some(Trouble { fault, queries: true }));
        assert_eq!(ask_many(&house, "before", strikes).await, vec![Came::Unknown; strikes], "{fault:?}");
        let sent = house.line.money_requests();
        assert_eq!(ask_many(&house, "after", 10).await, vec![Came::TurnedAway(Why::Down, 10); 10], "{fault:?}");

        let merchant = Asker::merchant(&house);
        let body = r#"{"payee_id":"Test123","amount":"1.00","currency":"USD","description":"x"}"#;
        let reply = merchant.post("/v1/charges", "over-http", body).await;
        let problem = reply.json();
        assert_eq!(reply.problem(), (503, "payoneer_down".to_owned(), None));
        assert_eq!((&problem["outcome"], &problem["retry"]), (&"none".into(), &"after_time".into()));
        assert_eq!(reply.headers.get("retry-after").unwrap(), "10");
        assert_eq!(merchant.get("/v1/program").await.json()["payoneer"], "down");

        // The trial after the rest asks first, so even that costs no unknown charge.
        clock.forward(10);
        let trial = ask(Arc::clone(&house), "trial".to_owned()).await;
        assert!(matches!(trial, Came::TurnedAway(Why::Down, 1..=20)), "{trial:?}");
        assert_eq!((house.line.money_requests(), written(&house).await), (sent, 1 + strikes), "{fault:?}");

        house.line.trouble(None);
        clock.forward(20);
        assert_eq!(ask(Arc::clone(&house), "after-0".to_owned()).await, Came::Succeeded, "the same key as before");
        assert_eq!(ask_many(&house, "later", 4).await, vec![Came::Succeeded; 4], "{fault:?}");
        assert_eq!(merchant.get("/v1/program").await.json()["payoneer"], "open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_breaks_the_circuit_and_costs_nothing() {
    let (house, clock) = house().await;
    let mut house = Arc::into_inner(house).unwrap();
    house.line.cut().await;
    let house_away = Arc::new(house);
    let strikes = usize::try_from(Limits::default().strikes).unwrap();
    assert_eq!(ask_many(&house_away, "before", strikes).await, vec![Came::NeverSent; strikes]);
    assert_eq!(ask(Arc::clone(&house_away), "after".to_owned()).await, Came::TurnedAway(Why::Down, 10));
    house = Arc::into_inner(house_away).unwrap();
    house.line.mend(house.sandbox.address()).await;
    clock.forward(10);
    let house = Arc::new(house);
    assert_eq!(ask(Arc::clone(&house), "before-0".to_owned()).await, Came::Succeeded);
    assert_eq!(ask(house, "after".to_owned()).await, Came::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pause_that_payoneer_asks_for_holds_all_and_queries_come_back_first() {
    let dated = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n";
    for lines in ["Retry-After: 30\r\n", dated] {
        let (house, clock) = house().await;
        house.line.hit(&[Fault::TooMany(lines)]);
        assert_eq!(ask(Arc::clone(&house), "hit".to_owned()).await, Came::Unknown);
        let calls = || house.sandbox.with_world(|world| world.api_calls().count());
        let (sent, asked) = (house.line.money_requests(), calls());

        assert_eq!(ask_many(&house, "many", 8).await, vec![Came::TurnedAway(Why::Paused, 31); 8]);
        clock.forward(29);
        let queries = Arc::clone(&house);
        let echoes = all((0..4).map(|_| {
            let house = Arc::clone(&queries);
            async move { house.engine().echo(&house.program).await }
        }));
        for echo in echoes.await {
            match echo {
                Err(Error::Payoneer(payoneer::Error::Held { retry_after_seconds: 1, .. })) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((house.line.money_requests(), calls()), (sent, asked), "nobody asked, nobody sent");

        clock.forward(1);
        house.engine().echo(&house.program).await.unwrap();
        assert_eq!(ask(Arc::clone(&house), "many-0".to_owned()).await, Came::TurnedAway(Why::Paused, 1));
        clock.forward(1);
        assert_eq!(ask_many(&house, "many", 8).await, vec![Came::Succeeded; 8]);
        let charges = house.sandbox.with_world(|world| {
            world.api_calls().skip(asked).map(|call| call.path.ends_with("/charges")).collect::<Vec<_>>()
        });
        assert!(!charges[0], "a query was the first to come back: {charges:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_and_queue_are_bounded_and_sends_cannot_starve_queries() {
    let (house, _clock) = house().await;
    house.line.trouble(Some(Trouble { fault: Fault::Hang, queries: false }));
    let many = MONEY_PLACES + MONEY_QUEUE + 8;
    let asked = tokio::spawn({
        let house = Arc::clone(&house);
        async move { ask_many(&house, "many", many).await }
    });
    let full = || async { (house.line.money_requests() > MONEY_PLACES).then_some(()) };
    eventually("all places are taken", full).await;
    house.engine().echo(&house.program).await.expect("a query has a place of its own");

    let came = asked.await.unwrap();
    let count = |wanted: fn(&Came) -> bool| came.iter().filter(|came| wanted(came)).count();
    let unknown = count(|came| *came == Came::Unknown);
    let strikes = usize::try_from(Limits::default().strikes).unwrap();
    assert!((MONEY_PLACES..MONEY_PLACES + strikes).contains(&unknown), "{unknown} were sent");
    assert_eq!(count(|came| matches!(came, Came::TurnedAway(Why::Full, 1))), 8, "no place and no queue");
    assert_eq!(count(|came| matches!(came, Came::TurnedAway(Why::Down, _))), many - 8 - unknown, "they had waited");
    assert_eq!((house.line.money_requests(), written(&house).await), (1 + unknown, 1 + unknown));
}
