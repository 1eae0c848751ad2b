//! Refunds and payouts against a real sandbox: the same discipline as charges.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

use domain::charge::State;
use domain::{Currency, Description, IdempotencyKey, Money, PayeeId, Reference, payout, refund};
use gateway::engine::{Error, NewPayout, NewRefund};
use support::line::Fault;
use support::{House, charge, eventually};

fn refund(charge: &domain::ChargeId, key: &str) -> NewRefund {
    NewRefund { charge: charge.clone(), key: IdempotencyKey::parse(key).unwrap(), fingerprint: vec![1] }
}

fn payout(amount: &str, key: &str) -> NewPayout {
    NewPayout {
        payee_id: PayeeId::parse(support::FIRST).unwrap(),
        money: Money::parse(amount, Currency::parse("USD").unwrap()).unwrap(),
        description: Description::parse("Payout test").unwrap(),
        client_reference_id: None,
        key: IdempotencyKey::parse(key).unwrap(),
        fingerprint: amount.as_bytes().to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_given_back_once() {
    let house = House::open().await;
    let id = house.engine().create_charge(&house.program, charge("10", "k")).await.unwrap().resource.charge.id;
    let made = house.engine().create_refund(&house.program, refund(&id, "r")).await.unwrap();
    assert_eq!(made.resource.state, refund::State::Succeeded);
    let again = house.engine().create_refund(&house.program, refund(&id, "r")).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.resource.id, made.resource.id);
    let other = house.engine().create_refund(&house.program, refund(&id, "r2")).await;
    assert!(matches!(other, Err(Error::RefundExists { refund }) if refund == made.resource.id));
    let view = house.engine().charge(&house.program, &id).await.unwrap();
    assert_eq!((view.charge.state, view.charge.refund), (State::Refunded, Some(made.resource.id)));
    assert_eq!(house.purse(), "100.00");
    assert_eq!(house.line.money_requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_whose_answer_was_lost_is_found() {
    let house = House::open().await;
    let id = house.engine().create_charge(&house.program, charge("10", "k")).await.unwrap().resource.charge.id;
    house.line.hit(&[Fault::LoseReply]);
    let made = house.engine().create_refund(&house.program, refund(&id, "r")).await.unwrap();
    assert_eq!(made.resource.status(), "unknown");
    eventually("the refund settles", || async {
        let refund = house.engine().refund(&house.program, &made.resource.id).await.unwrap();
        (refund.state == refund::State::Succeeded).then_some(())
    })
    .await;
    let view = house.engine().charge(&house.program, &id).await.unwrap();
    assert_eq!(view.charge.state, State::Refunded);
    assert_eq!((house.purse().as_str(), house.line.money_requests()), ("100.00", 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_cannot_be_given_back() {
    let house = House::open().await;
    let id = house.engine().create_charge(&house.program, charge("100.01", "k")).await.unwrap().resource.charge.id;
    let refused = house.engine().create_refund(&house.program, refund(&id, "r")).await;
    assert!(matches!(refused, Err(Error::Refusal { object: "charge", .. })), "{refused:?}");
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_is_accepted_then_paid() {
    let house = House::open().await;
    let made = house.engine().create_payout(&house.program, payout("7.50", "p")).await.unwrap();
    assert_eq!(made.resource.state, payout::State::Pending);
    assert!(made.resource.provider_payout_id.is_some());
    let again = house.engine().create_payout(&house.program, payout("7.50", "p")).await.unwrap();
    assert!(again.replayed);
    eventually("the payout is paid", || async {
        let payout = house.engine().payout(&house.program, &made.resource.id).await.unwrap();
        (payout.state == payout::State::Paid).then_some(())
    })
    .await;
    assert_eq!((house.purse().as_str(), house.line.money_requests()), ("107.50", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_whose_answer_was_lost_is_found_by_payee_and_amount() {
    let house = House::open().await;
    house.line.hit(&[Fault::LoseReply]);
    let made = house.engine().create_payout(&house.program, payout("7.50", "p")).await.unwrap();
    assert_eq!(made.resource.status(), "unknown");
    eventually("the payout is paid", || async {
        let payout = house.engine().payout(&house.program, &made.resource.id).await.unwrap();
        (payout.state == payout::State::Paid).then_some(())
    })
    .await;
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_payout_under_our_reference_is_not_ours() {
    let house = House::open().await;
    let stranger = reqwest::Client::new()
        .post(format!("{}/v2/programs/100012345/payouts", house.sandbox.url()))
        .basic_auth("demo", Some("demo-api-password"))
        .header("content-type", "application/json")
        .body(
            r#"{"payee_id":"Test123","amount":"3","client_reference_id":"shared","description":"d","currency":"USD"}"#,
        )
        .send()
        .await
        .unwrap();
    assert_eq!(stranger.status(), 200);
    let new = NewPayout { client_reference_id: Some(Reference::parse("shared").unwrap()), ..payout("7.50", "p") };
    let id = house.engine().create_payout(&house.program, new).await.unwrap().resource.id;
    eventually("the status was looked at", || async {
        let looks = |w: &mut sandbox::world::World| {
            w.api_calls().filter(|call| call.method == "GET" && call.path.ends_with("/payouts/shared")).count()
        };
        (house.sandbox.with_world(looks) >= 2).then_some(())
    })
    .await;
    let payout = house.engine().payout(&house.program, &id).await.unwrap();
    assert_eq!(payout.status(), "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_is_taken_back_while_it_waits_and_not_afterwards() {
    let house = House::open().await;
    house.sandbox.with_world(|world| {
        let settings = sandbox::world::Settings { payout_settle_seconds: None, ..world.settings().clone() };
        world.set_settings(settings).unwrap();
    });
    let waiting = house.engine().create_payout(&house.program, payout("7.50", "p1")).await.unwrap().resource;
    let canceled = house.engine().cancel_payout(&house.program, &waiting.id).await.unwrap();
    assert_eq!(canceled.state, payout::State::Canceled);
    let paid = house.engine().create_payout(&house.program, payout("2.50", "p2")).await.unwrap().resource;
    house.sandbox.with_world(|world| world.settle_payout(paid.reference.as_str())).unwrap();
    // Which code refuses such a cancel is not public, so it is the status that decides.
    let _ = house.engine().cancel_payout(&house.program, &paid.id).await;
    eventually("the cancel is known to have failed", || async {
        let payout = house.engine().payout(&house.program, &paid.id).await.unwrap();
        if payout.state != payout::State::Paid {
            // Asked for again before that is known, it would rightly be sent again.
            return None;
        }
        let refused = house.engine().cancel_payout(&house.program, &paid.id).await;
        matches!(refused, Err(Error::Refusal { object: "payout", .. })).then_some(())
    })
    .await;
    assert_eq!((house.purse().as_str(), house.line.money_requests()), ("102.50", 4));
}
