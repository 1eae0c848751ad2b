//! What becomes of what stays unknown: looked at by schedule, woken within bounds, given to a person after a day and
//! never forgotten. Against a real sandbox, with a clock that can be set forward.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::attempt::{self, Attempt};
use domain::event::EventType;
use domain::{IdempotencyKey, Span, Time};
use edge::Asker;
use gateway::engine::{NewRefund, Page};
use std::sync::Arc;
use store::{Options, Store};
use support::clock::Clock;
use support::line::Fault;
use support::{House, charge, eventually};

const DAY: Span = Span::from_secs(86_400);

/// A house with one charge that never reached Payoneer, and the charge's id.
async fn house_with_unknown() -> (House, Arc<Clock>, domain::ChargeId) {
    let clock = Arc::new(Clock::default());
    let house = House::open_by(Arc::<Clock>::clone(&clock)).await;
    house.line.hit(&[Fault::LoseRequest]);
    let made = house.engine().create_charge(&house.program, charge("5", "k")).await.unwrap();
    assert_eq!(made.resource.charge.status(), "unknown");
    (house, clock, made.resource.charge.id)
}

async fn attempt(house: &House, id: &domain::ChargeId) -> Attempt {
    house.engine().charge(&house.program, id).await.unwrap().attempts.remove(0)
}

async fn looked_more_than(house: &House, id: &domain::ChargeId, looks: i64) -> Attempt {
    eventually("another look", || async { Some(attempt(house, id).await).filter(|a| a.looks > looks) }).await
}

async fn events(house: &House, kind: EventType) -> Vec<String> {
    let filter = store::events::Filter::Kind(kind);
    let events = house.engine().events(&house.program, &gateway::engine::After::Start, &filter, 100).await.unwrap();
    events.into_iter().map(|stored| stored.event.subject).collect()
}

/// How many jobs there are, due or not.
async fn jobs(house: &House) -> i64 {
    let store = Store::open(&Options::sqlite(house.database())).unwrap();
    let count = store.read_one(store::jobs::due(Time::from_micros(i64::MAX))).await.unwrap().unwrap();
    store.close().await;
    count.0
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_it_is_a_persons_business_once_and_still_looked_at() {
    let (house, clock, id) = house_with_unknown().await;
    let merchant = Asker::merchant(&house);
    assert_eq!(merchant.count("/v1/charges?needs_attention=true").await, 0);
    let before = looked_more_than(&house, &id, 0).await;
    assert_eq!((before.attention_since, before.state), (None, attempt::State::Unknown));
    clock.advance(DAY);
    let parked = eventually("it is parked", || async {
        Some(attempt(&house, &id).await).filter(|a| a.attention_since.is_some())
    })
    .await;
    assert_eq!(parked.state, attempt::State::Unknown);
    clock.advance(Span::from_secs(2 * 86_400));
    let again = looked_more_than(&house, &id, parked.looks).await;
    assert_eq!(again.attention_since, parked.attention_since);
    assert_eq!(events(&house, EventType::ChargeNeedsAttention).await, [id.to_string()]);
    assert_eq!(jobs(&house).await, 1, "the next look is planned");
    let list = merchant.get("/v1/charges?needs_attention=true").await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!((&list["data"][0]["id"], &list["data"][0]["status"]), (&id.to_string().into(), &"unknown".into()));
    assert_eq!(list["data"][0]["attention_since"], again.attention_since.unwrap().to_string());
    assert_eq!(merchant.count("/v1/charges?needs_attention=true&payee_id=somebody-else").await, 0);
    let mixed = merchant.get("/v1/charges?needs_attention=true&status=failed").await.problem();
    assert_eq!((mixed.0, mixed.2.as_deref()), (422, Some("?status")));
    assert_eq!((house.line.money_requests(), house.charges_at_payoneer()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_thirty_days_nobody_looks_by_schedule_but_a_reader_still_wakes_it() {
    let (house, clock, id) = house_with_unknown().await;
    looked_more_than(&house, &id, 0).await;
    clock.advance(Span::from_secs(31 * 86_400));
    let last = eventually("the last look", || async {
        Some(attempt(&house, &id).await).filter(|a| a.attention_since.is_some())
    })
    .await;
    eventually("no look is planned", || async { (jobs(&house).await == 0).then_some(()) }).await;
    clock.advance(Span::from_secs(3_600));
    let merchant = Asker::merchant(&house);
    let path = format!("/v1/charges/{id}");
    for _ in 0..20 {
        assert_eq!(merchant.get(&path).await.status, 200);
    }
    let woken = looked_more_than(&house, &id, last.looks).await;
    for _ in 0..20 {
        assert_eq!(merchant.get(&path).await.status, 200);
    }
    // What the last readers wished for waits for the gap; nobody else asked.
    assert_eq!(attempt(&house, &id).await.looks, woken.looks);
    assert!(woken.looks <= last.looks + 1, "{} looks after {}", woken.looks, last.looks);
    clock.advance(Span::from_secs(11));
    looked_more_than(&house, &id, woken.looks).await;
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_callbacks_is_no_flood_of_queries() {
    let (house, clock, id) = house_with_unknown().await;
    looked_more_than(&house, &id, 0).await;
    clock.advance(Span::from_secs(1_000));
    let settled = looked_more_than(&house, &id, 1).await;
    clock.advance(Span::from_secs(20));
    let nobody = Asker::nobody(&house);
    let url = house.engine().callback_url(&house.program);
    let path =
        url.split_once("//").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path).unwrap().to_owned();
    for n in 0..30 {
        let forged = format!("/{path}?IntPaymentId={}&n={n}", settled.reference);
        assert_eq!(nobody.get(&forged).await.status, 200);
    }
    looked_more_than(&house, &id, settled.looks).await;
    eventually("every callback is digested", || async {
        let page = Page { before: None, limit: 100 };
        let all = house.engine().callbacks(&house.program, &page).await.unwrap();
        let done = all.iter().filter(|c| c.state == domain::callback::State::Digested).count();
        (done == 30).then_some(())
    })
    .await;
    assert_eq!(attempt(&house, &id).await.looks, settled.looks + 1, "thirty callbacks, one query");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_stays_unknown_is_parked_too() {
    let clock = Arc::new(Clock::default());
    let house = House::open_by(Arc::<Clock>::clone(&clock)).await;
    let made = house.engine().create_charge(&house.program, charge("5", "k")).await.unwrap();
    house.line.hit(&[Fault::LoseRequest]);
    let new =
        NewRefund { charge: made.resource.charge.id, key: IdempotencyKey::parse("r").unwrap(), fingerprint: vec![1] };
    let refund = house.engine().create_refund(&house.program, new).await.unwrap().resource;
    assert_eq!(refund.status(), "unknown");
    let merchant = Asker::merchant(&house);
    assert_eq!(merchant.count("/v1/refunds?needs_attention=true").await, 0);
    clock.advance(Span::from_secs(2 * 86_400));
    eventually("it is parked", || async {
        (merchant.count("/v1/refunds?needs_attention=true").await == 1).then_some(())
    })
    .await;
    assert_eq!(events(&house, EventType::RefundNeedsAttention).await, [refund.id.to_string()]);
    assert_eq!(merchant.count("/v1/charges?needs_attention=true").await, 0);
    assert_eq!(merchant.count("/v1/payouts?needs_attention=true").await, 0);
}
