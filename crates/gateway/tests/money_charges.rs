//! Charges against a real sandbox over a line that can lose things: never twice, never lost.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

use domain::attempt;
use domain::charge::State;
use domain::event::EventType;
use domain::{Outcome, PayeeId, Reference};
use gateway::engine::{ChargeFilter, Error, Page};
use std::sync::Arc;
use support::line::Fault;
use support::{House, charge, eventually};

/// What happened to a charge, in order.
async fn history(house: &House, subject: &str) -> Vec<EventType> {
    let filter = store::events::Filter::Subject(subject.to_owned());
    let events = house.engine().events(&house.program, &gateway::engine::After::Start, &filter, 100).await.unwrap();
    events.into_iter().map(|stored| stored.event.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_taken_once_and_written_down() {
    let house = House::open().await;
    let made = house.engine().create_charge(&house.program, charge("1.2", "k1")).await.unwrap();
    let view = made.resource;
    assert_eq!((view.charge.state, view.charge.outcome(), made.replayed), (State::Succeeded, Outcome::Done, false));
    assert_eq!(view.attempts.len(), 1);
    assert_eq!(view.attempts[0].evidence, Some(attempt::Evidence::Reply));
    assert_eq!(house.purse(), "98.80");
    let kinds = history(&house, view.charge.id.as_str()).await;
    assert_eq!(kinds, [EventType::ChargeProcessing, EventType::ChargeSucceeded]);
    let at_payoneer = house.sandbox.with_world(|w| w.charge(view.charge.reference.as_str()).is_some());
    assert!(at_payoneer, "Payoneer knows it by the derived reference");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_many_times_at_once_is_one_charge() {
    let house = Arc::new(House::open().await);
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.engine().create_charge(&house.program, charge("5", "same")).await })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for task in tasks {
        match task.await.unwrap() {
            Ok(made) => drop(ids.insert(made.resource.charge.id)),
            Err(Error::KeyInUse { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((ids.len(), house.charges_at_payoneer(), house.line.money_requests()), (1, 1, 1));
    assert_eq!(house.purse(), "95.00");
    let again = house.engine().create_charge(&house.program, charge("5", "same")).await.unwrap();
    assert!(again.replayed && ids.contains(&again.resource.charge.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_and_a_reference_are_taken_for_ever() {
    let house = House::open().await;
    let reference = |text| Some(Reference::parse(text).unwrap());
    let mut first = charge("1", "k1");
    first.client_reference_id = reference("Order-7");
    let made = house.engine().create_charge(&house.program, first).await.unwrap();
    assert_eq!(made.resource.charge.reference.as_str(), "Order-7");
    let other_body = house.engine().create_charge(&house.program, charge("2", "k1")).await;
    assert!(matches!(other_body, Err(Error::KeyReused)));
    let mut other_key = charge("1", "k2");
    other_key.client_reference_id = reference("ORDER-7");
    match house.engine().create_charge(&house.program, other_key).await {
        Err(Error::ReferenceTaken { object, id }) => {
            assert_eq!((object, id), ("charge", made.resource.charge.id.to_string()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_without_a_mandate_is_refused_before_anything_is_sent() {
    let house = House::open().await;
    let mut new = charge("1", "k1");
    new.payee_id = PayeeId::parse("stranger").unwrap();
    match house.engine().create_charge(&house.program, new).await {
        Err(Error::PayeeNotAuthorized { mandate, .. }) => assert_eq!(mandate, None),
        other => panic!("{other:?}"),
    }
    assert_eq!(house.line.money_requests(), 0);
    let page = Page { before: None, limit: 10 };
    assert_eq!(house.engine().charges(&house.program, &ChargeFilter::default(), &page).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_final_and_moves_nothing() {
    let house = House::open().await;
    let made = house.engine().create_charge(&house.program, charge("100.01", "k1")).await.unwrap();
    let charge = made.resource.charge;
    assert_eq!((charge.state, charge.outcome()), (State::Failed, Outcome::None));
    assert_eq!(charge.failure.map(|f| f.code).as_deref(), Some("10301"));
    assert_eq!(house.purse(), "100.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_unknown_and_then_found_never_sent_again() {
    for (fault, key) in [(Fault::LoseReply, "reset"), (Fault::Hang, "hang")] {
        let house = House::open().await;
        house.line.hit(&[fault]);
        let made = house.engine().create_charge(&house.program, charge("10", key)).await.unwrap();
        let id = made.resource.charge.id.clone();
        assert_eq!((made.resource.charge.status(), made.resource.charge.outcome()), ("unknown", Outcome::Unknown));
        let settled = eventually("the charge settles", || async {
            let view = house.engine().charge(&house.program, &id).await.unwrap();
            (view.charge.state == State::Succeeded).then_some(view)
        })
        .await;
        assert_eq!(settled.attempts.len(), 1);
        assert_eq!(settled.attempts[0].evidence, Some(attempt::Evidence::StatusQuery));
        assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1), "{fault:?}");
        assert_eq!(house.purse(), "90.00");
        let kinds = history(&house, id.as_str()).await;
        assert_eq!(kinds, [EventType::ChargeProcessing, EventType::ChargeUnknown, EventType::ChargeSucceeded]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_vanished_stays_unknown_however_often_payoneer_says_not_found() {
    for fault in [Fault::LoseRequest, Fault::ErrorPage] {
        let house = House::open().await;
        house.line.hit(&[fault]);
        let made = house.engine().create_charge(&house.program, charge("10", "k")).await.unwrap();
        let id = made.resource.charge.id.clone();
        let looked = eventually("two looks", || async {
            let view = house.engine().charge(&house.program, &id).await.unwrap();
            (view.attempts[0].looks >= 2).then_some(view)
        })
        .await;
        assert_eq!(looked.charge.status(), "unknown", "not found is no evidence");
        let again = house.engine().create_charge(&house.program, charge("10", "k")).await.unwrap();
        assert!(again.replayed);
        assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (0, 1), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_certainly_never_left_may_set_out_again_under_the_same_key() {
    let mut house = House::open().await;
    // The mandate is known, so nothing but the charge itself needs the line.
    house.engine().refresh_payee(&house.program, &PayeeId::parse(support::FIRST).unwrap()).await.unwrap();
    house.line.cut().await;
    let id = match house.engine().create_charge(&house.program, charge("10", "k")).await {
        Err(Error::Unreachable { object: "charge", id, .. }) => domain::ChargeId::parse(&id).unwrap(),
        other => panic!("{other:?}"),
    };
    let view = house.engine().charge(&house.program, &id).await.unwrap();
    assert_eq!((view.charge.state, view.charge.outcome()), (State::Created, Outcome::None));
    house.line.mend(house.sandbox.address()).await;
    let made = house.engine().create_charge(&house.program, charge("10", "k")).await.unwrap();
    assert_eq!((&made.resource.charge.id, made.resource.charge.state), (&id, State::Succeeded));
    let states: Vec<_> = made.resource.attempts.iter().map(|a| a.state).collect();
    assert_eq!(states, [attempt::State::NeverSent, attempt::State::Succeeded]);
    assert_eq!(made.resource.attempts[0].body, made.resource.attempts[1].body);
    assert_eq!(house.charges_at_payoneer(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_payoneer_knows_already_is_never_taken_for_our_success() {
    let house = House::open().await;
    let stranger = reqwest::Client::new()
        .post(format!("{}/v2/programs/100012345/charges", house.sandbox.url()))
        .basic_auth("demo", Some("demo-api-password"))
        .header("content-type", "application/json")
        .body(
            r#"{"payee_id":"Test123","amount":"3","client_reference_id":"shared","description":"d","currency":"USD"}"#,
        )
        .send()
        .await
        .unwrap();
    assert_eq!(stranger.status(), 200);
    let mut new = charge("10", "k");
    new.client_reference_id = Some(Reference::parse("shared").unwrap());
    let id = house.engine().create_charge(&house.program, new).await.unwrap().resource.charge.id;
    let looked = eventually("two looks", || async {
        let view = house.engine().charge(&house.program, &id).await.unwrap();
        (view.attempts[0].looks >= 2).then_some(view)
    })
    .await;
    assert_eq!(looked.charge.status(), "unknown");
    assert!(looked.attempts[0].is_contested());
    assert_eq!(house.purse(), "97.00");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_undecided_charge_per_purpose() {
    let house = House::open().await;
    let purpose = || Some(domain::words::Purpose::parse("invoice 7").unwrap());
    house.line.hit(&[Fault::LoseRequest]);
    let first = gateway::engine::NewCharge { purpose: purpose(), ..charge("1", "k1") };
    let first = house.engine().create_charge(&house.program, first).await.unwrap().resource.charge;
    let second = gateway::engine::NewCharge { purpose: purpose(), ..charge("1", "k2") };
    match house.engine().create_charge(&house.program, second).await {
        Err(Error::PurposeBusy { charge }) => assert_eq!(charge, first.id),
        other => panic!("{other:?}"),
    }
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_the_unknown_charge_again() {
    let house = House::open().await;
    house.line.hit(&[Fault::LoseReply]);
    let made = house.engine().create_charge(&house.program, charge("10", "k")).await.unwrap();
    let id = made.resource.charge.id;
    let house = house.restart().await;
    eventually("the charge settles", || async {
        let view = house.engine().charge(&house.program, &id).await.unwrap();
        (view.charge.state == State::Succeeded).then_some(())
    })
    .await;
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1));
}
