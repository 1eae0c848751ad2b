//! Webhooks from the state change to the receiver: a real gateway, a real database, real sockets.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use api::webhook::{Secret, verify};
use domain::audit::Actor;
use domain::delivery::{Delivery, State};
use domain::webhook_endpoint::{self, Kinds, Reason, WebhookEndpoint};
use domain::{Span, Time};
use gateway::engine::{EndpointChange, NewEndpoint, Page, Replay};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::deliveries::Filter;
use store::events::{LAST, Range};
use support::receiver::{Act, Receiver};
use support::{House, StillClock, charge, eventually};

fn everything(url: String) -> NewEndpoint {
    only(url, "*")
}

fn only(url: String, kind: &str) -> NewEndpoint {
    NewEndpoint { url, description: String::new(), kinds: Kinds::new([kind]).unwrap(), headers: BTreeMap::new() }
}

async fn add(house: &House, new: NewEndpoint) -> (WebhookEndpoint, Secret) {
    house.engine().create_endpoint(&house.program, &Actor::console("tests"), new).await.unwrap()
}

/// The deliveries to an endpoint, the newest event first.
async fn deliveries(house: &House, endpoint: &WebhookEndpoint) -> Vec<Delivery> {
    let filter = Filter { endpoint: Some(endpoint.id.clone()), ..Filter::default() };
    house.engine().deliveries(&house.program, &filter, &Page { before: None, limit: 100 }).await.unwrap()
}

/// Waits until no delivery to the endpoint is pending.
async fn settled(house: &House, endpoint: &WebhookEndpoint) -> Vec<Delivery> {
    eventually("every delivery is settled", || async {
        let all = deliveries(house, endpoint).await;
        (!all.is_empty() && all.iter().all(|delivery| delivery.state != State::Pending)).then_some(all)
    })
    .await
}

async fn now_is(house: &House, endpoint: &WebhookEndpoint) -> WebhookEndpoint {
    house.engine().endpoint(&house.program, &endpoint.id).await.unwrap()
}

/// Waits until the delivery was tried so often.
async fn tried(house: &House, endpoint: &WebhookEndpoint, tries: i64) -> Delivery {
    eventually("it was tried", || async {
        deliveries(house, endpoint).await.into_iter().find(|delivery| delivery.tries >= tries)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_change_reaches_each_endpoint_that_wants_it_once_and_signed() {
    let house = House::open().await;
    let (all, charges, none) = (
        Receiver::always(Act::Answer(200, "")).await,
        Receiver::always(Act::Answer(204, "")).await,
        Receiver::always(Act::Answer(200, "")).await,
    );
    let mut new = everything(all.url("/hooks?shop=1"));
    new.headers.insert("x-canary".to_owned(), "sesame".to_owned());
    let (all_endpoint, secret) = add(&house, new).await;
    let (charges_endpoint, _) = add(&house, only(charges.url("/"), "charge.*")).await;
    let (none_endpoint, _) = add(&house, only(none.url("/"), "payout.paid")).await;
    house.engine().create_charge(&house.program, charge("1.20", "k1")).await.unwrap();

    settled(&house, &charges_endpoint).await;
    settled(&house, &all_endpoint).await;
    let kinds: Vec<String> =
        charges.got().iter().map(|got| got.event()["type"].as_str().unwrap_or_default().to_owned()).collect();
    let mut sorted = kinds.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["charge.processing", "charge.succeeded"], "{kinds:?}");
    assert_eq!((none.got().len(), deliveries(&house, &none_endpoint).await.len()), (0, 0));

    let events =
        house.engine().events(&house.program, &gateway::engine::After::Start, &store::events::Filter::All, 100);
    let told: Vec<String> = events.await.unwrap().iter().map(|stored| stored.event.id.to_string()).collect();
    let mut got: Vec<String> = all.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    got.sort_unstable();
    // The very first event is that of the endpoint itself, which hears of its own making as well.
    assert_eq!(got, told);
    for got in all.got() {
        let at = got.header("webhook-timestamp").to_owned();
        let (id, signature) = (got.header("webhook-id"), got.header("webhook-signature"));
        let now = at.parse().unwrap();
        assert_eq!(verify(std::slice::from_ref(&secret), id, &at, signature, &got.body, now), Ok(()));
        assert_eq!((got.header("x-canary"), got.header("content-type")), ("sesame", "application/json"));
        assert_eq!((got.path.as_str(), got.event()["id"].as_str()), ("/hooks?shop=1", Some(id)));
    }
    let succeeded = all.got().into_iter().find(|got| got.event()["type"] == "charge.succeeded").unwrap().event();
    assert_eq!(
        (&succeeded["data"]["status"], &succeeded["previous"]["status"]),
        (&"succeeded".into(), &"processing".into())
    );
    assert_eq!((&succeeded["evidence"]["kind"], &succeeded["version"]), (&"reply".into(), &1.into()));
    assert_eq!(succeeded["evidence"]["attempt"], succeeded["data"]["attempts"][0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_tried_again_by_the_schedule() {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::clone(&clock) as _).await;
    let receiver = Receiver::each(|n| if n < 2 { Act::Answer(500, "") } else { Act::Answer(200, "") }).await;
    let (endpoint, _) = add(&house, only(receiver.url("/"), "webhook_endpoint.tested")).await;
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();

    let first = tried(&house, &endpoint, 1).await;
    let wait = (first.due_at - first.begun_at).micros();
    assert!((4_000_000..=6_000_000).contains(&wait), "{wait}");
    let failing = now_is(&house, &endpoint).await;
    assert!(failing.health.failing_since.is_some() && failing.health.failures == 1);
    clock.forward(6);
    let second = tried(&house, &endpoint, 2).await;
    assert!((second.due_at - second.updated_at).seconds() >= 240);
    clock.forward(360);
    let done = settled(&house, &endpoint).await.remove(0);
    assert_eq!((done.state, done.tries), (State::Delivered, 3));
    assert_eq!(now_is(&house, &endpoint).await.health, webhook_endpoint::Health::default());

    let tries = house.engine().tries(&done.id).await.unwrap();
    let statuses: Vec<_> = tries.iter().map(|tried| (tried.number, tried.status, tried.said.as_str())).collect();
    assert_eq!(statuses, [(3, Some(200), "ok"), (2, Some(500), "ok"), (1, Some(500), "ok")]);
    let ids: Vec<_> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert!(ids.iter().all(|id| id == done.event.as_str()) && ids.len() == 3, "{ids:?}");
    let bodies: Vec<_> = receiver.got().into_iter().map(|got| got.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same bytes each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_asks_for_time_gets_it_for_all_its_deliveries() {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::clone(&clock) as _).await;
    let receiver =
        Receiver::each(|n| if n == 0 { Act::Answer(429, "retry-after: 90\r\n") } else { Act::Answer(200, "") }).await;
    let (endpoint, _) = add(&house, only(receiver.url("/"), "webhook_endpoint.tested")).await;
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    let first = tried(&house, &endpoint, 1).await;
    assert_eq!(first.due_at, first.updated_at + Span::from_secs(90));
    let rests_until = now_is(&house, &endpoint).await.health.rests_until;
    assert_eq!(rests_until, first.due_at);
    // What comes meanwhile waits as well.
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    clock.forward(89);
    assert!(!due(&house).await, "nothing is due");
    clock.forward(1);
    let all = settled(&house, &endpoint).await;
    assert!(all.len() == 2 && all.iter().all(|delivery| delivery.state == State::Delivered), "{all:?}");
    assert_eq!(receiver.got().len(), 3);
}

/// Whether the deliverer would find anything to do.
async fn due(house: &House) -> bool {
    let now = house.engine().now();
    let database = store::Store::open(&store::Options::sqlite(house.database())).unwrap();
    let count = database.read_one(store::webhook_endpoints::any_due(now)).await.unwrap().unwrap().0;
    database.close().await;
    count > 0
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_disables_the_endpoint_and_others_are_told() {
    let house = House::open().await;
    let (gone, witness) = (Receiver::always(Act::Answer(410, "")).await, Receiver::always(Act::Answer(200, "")).await);
    let (endpoint, _) = add(&house, only(gone.url("/"), "webhook_endpoint.tested")).await;
    let (watching, _) = add(&house, only(witness.url("/"), "webhook_endpoint.disabled")).await;
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    let failed = settled(&house, &endpoint).await.remove(0);
    assert_eq!((failed.state, failed.tries), (State::Failed, 1));
    let now = now_is(&house, &endpoint).await;
    assert_eq!((now.state, now.reason), (webhook_endpoint::State::Disabled, Some(Reason::Gone)));
    settled(&house, &watching).await;
    let told = witness.got().remove(0).event();
    assert_eq!((&told["subject"], &told["data"]["disabled_reason"]), (&endpoint.id.as_str().into(), &"gone".into()));
    assert!(!told.to_string().contains("whsec_"), "{told}");
    // Nothing more is sent, tested or resent, until it is enabled.
    assert!(house.engine().test_endpoint(&house.program, &endpoint.id).await.is_err());
    assert!(house.engine().resend(&house.program, &failed.id).await.is_err());
    house.engine().enable_endpoint(&house.program, &Actor::console("tests"), &endpoint.id).await.unwrap();
    house.engine().resend(&house.program, &failed.id).await.unwrap();
    eventually("it was sent again", || async { (gone.got().len() == 2).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_for_days_is_disabled_and_goes_on_when_enabled() {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::clone(&clock) as _).await;
    let receiver = Receiver::each(|n| if n < 2 { Act::Close } else { Act::Answer(200, "") }).await;
    let (endpoint, _) = add(&house, only(receiver.url("/"), "webhook_endpoint.tested")).await;
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    tried(&house, &endpoint, 1).await;
    clock.forward(webhook_endpoint::DISABLE_AFTER.seconds());
    let disabled = eventually("it was disabled", || async {
        let now = now_is(&house, &endpoint).await;
        (now.state == webhook_endpoint::State::Disabled).then_some(now)
    })
    .await;
    assert_eq!(disabled.reason, Some(Reason::Failing));
    let waiting = deliveries(&house, &endpoint).await.remove(0);
    assert_eq!((waiting.state, waiting.tries), (State::Pending, 2), "what was due waits");
    clock.forward(600);
    house.engine().enable_endpoint(&house.program, &Actor::console("tests"), &endpoint.id).await.unwrap();
    let done = settled(&house, &endpoint).await.remove(0);
    assert_eq!((done.state, done.tries), (State::Delivered, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_replayed_by_range_by_time_and_after_failure() {
    let house = House::open().await;
    let receiver = Receiver::always(Act::Answer(200, "")).await;
    // Made before there was anybody to hear of it.
    house.engine().create_charge(&house.program, charge("1.20", "k1")).await.unwrap();
    let (endpoint, _) = add(&house, only(receiver.url("/"), "charge.*")).await;
    let range = |after, until| Range { after, until, from: Time::from_micros(0), to: LAST };
    let replay = |range| house.engine().replay(&house.program, &endpoint.id, Replay::Events(range));
    let replayed = replay(range(0, i64::MAX)).await.unwrap();
    assert_eq!((replayed.deliveries, replayed.is_complete, replayed.next_after), (2, true, None));
    let all = settled(&house, &endpoint).await;
    assert_eq!(receiver.got().len(), 2);
    let last = all.iter().map(|delivery| delivery.sequence).max().unwrap();
    assert_eq!(replay(range(last - 1, last)).await.unwrap().deliveries, 1);
    eventually("one more", || async { (receiver.got().len() == 3).then_some(()) }).await;
    let early = Range { to: all[0].created_at - Span::from_secs(3_600), ..range(0, i64::MAX) };
    assert_eq!(replay(early).await.unwrap().deliveries, 0);
    let failed = house.engine().replay(&house.program, &endpoint.id, Replay::FailedSince(Time::from_micros(0)));
    assert_eq!(failed.await.unwrap().deliveries, 0, "none has failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_for_good_is_sent_again_on_demand() {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::clone(&clock) as _).await;
    let receiver = Receiver::each(|n| if n == 0 { Act::Answer(410, "") } else { Act::Answer(200, "") }).await;
    let (endpoint, _) = add(&house, only(receiver.url("/"), "webhook_endpoint.tested")).await;
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    let failed = settled(&house, &endpoint).await.remove(0);
    house.engine().enable_endpoint(&house.program, &Actor::console("tests"), &endpoint.id).await.unwrap();
    let since = |time| house.engine().replay(&house.program, &endpoint.id, Replay::FailedSince(time));
    assert_eq!(since(failed.updated_at + Span::from_secs(1)).await.unwrap().deliveries, 0);
    assert_eq!(since(failed.updated_at).await.unwrap().deliveries, 1);
    let done = settled(&house, &endpoint).await.remove(0);
    assert_eq!((done.state, done.tries, done.failures), (State::Delivered, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_secrets_sign_during_a_rotation_and_the_old_one_ends() {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::clone(&clock) as _).await;
    let receiver = Receiver::always(Act::Answer(200, "")).await;
    let (endpoint, old) = add(&house, only(receiver.url("/"), "webhook_endpoint.tested")).await;
    let hour = Span::from_secs(3_600);
    let (rotated, new) =
        house.engine().rotate_secret(&house.program, &Actor::console("tests"), &endpoint.id, hour).await.unwrap();
    assert_eq!(rotated.old_secret_until, Some(house.engine().now() + hour));
    let signed = |secret: Secret, n: usize| {
        let got = receiver.got().remove(n);
        let at = got.header("webhook-timestamp").to_owned();
        let (id, signature) = (got.header("webhook-id"), got.header("webhook-signature"));
        verify(&[secret], id, &at, signature, &got.body, at.parse().unwrap()).is_ok()
    };
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    settled(&house, &endpoint).await;
    assert!(signed(old.clone(), 0) && signed(new.clone(), 0));
    clock.forward(3_600);
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    settled(&house, &endpoint).await;
    assert!(!signed(old, 1) && signed(new.clone(), 1));
    // At once, where the old one is no longer to be trusted.
    let (_, newest) =
        house.engine().rotate_secret(&house.program, &Actor::console("tests"), &endpoint.id, Span::ZERO).await.unwrap();
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    settled(&house, &endpoint).await;
    assert!(!signed(new, 2) && signed(newest, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_endpoint_gets_what_follows_and_a_deleted_one_nothing() {
    let house = House::open().await;
    let (first, second) = (Receiver::always(Act::Hang).await, Receiver::always(Act::Answer(200, "")).await);
    let (endpoint, _) = add(&house, only(second.url("/"), "payout.paid")).await;
    let change = EndpointChange { kinds: Some(Kinds::new(["charge.succeeded"]).unwrap()), ..EndpointChange::default() };
    house.engine().change_endpoint(&house.program, &Actor::console("tests"), &endpoint.id, &change).await.unwrap();
    house.engine().create_charge(&house.program, charge("1.20", "k1")).await.unwrap();
    settled(&house, &endpoint).await;
    assert_eq!(second.got().len(), 1);

    let change = EndpointChange { url: Some(first.url("/")), ..EndpointChange::default() };
    house.engine().change_endpoint(&house.program, &Actor::console("tests"), &endpoint.id, &change).await.unwrap();
    house.engine().create_charge(&house.program, charge("1.30", "k2")).await.unwrap();
    eventually("it hangs", || async { (first.open_now() == 1).then_some(()) }).await;
    house.engine().delete_endpoint(&house.program, &Actor::console("tests"), &endpoint.id).await.unwrap();
    let states: Vec<_> = deliveries(&house, &endpoint).await.iter().map(|delivery| delivery.state).collect();
    assert_eq!(states, [State::Canceled, State::Delivered]);
    assert!(house.engine().endpoint(&house.program, &endpoint.id).await.is_err());
    house.engine().create_charge(&house.program, charge("1.40", "k3")).await.unwrap();
    assert_eq!(deliveries(&house, &endpoint).await.len(), 2);
}
