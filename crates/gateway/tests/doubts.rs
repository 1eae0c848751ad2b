//! What is noticed after a thing seemed settled, and what waits for a person: over the API, against a real sandbox, with a
//! clock that can be set forward.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::Span;
use edge::Asker;
use sandbox::world::{Amount, Currency, NewPayment};
use serde_json::{Value, json};
use std::sync::Arc;
use support::clock::Clock;
use support::line::Fault;
use support::{House, eventually};

const DAY: i64 = 86_400;

async fn house() -> (House, Arc<Clock>, Asker) {
    let clock = Arc::new(Clock::default());
    let house = House::open_by(Arc::<Clock>::clone(&clock)).await;
    let merchant = Asker::merchant(&house);
    (house, clock, merchant)
}

fn charge(amount: &str, purpose: Option<&str>) -> String {
    let mut body = json!({"payee_id": "Test123", "amount": amount, "currency": "USD", "description": "Doubt"});
    if let Some(purpose) = purpose {
        body["purpose"] = Value::from(purpose);
    }
    body.to_string()
}

/// What was told about one thing, in order.
async fn told(house: &House, id: &str) -> Vec<String> {
    let filter = store::events::Filter::Subject(id.to_owned());
    let events = house.engine().events(&house.program, &gateway::engine::After::Start, &filter, 100).await;
    events.expect("events").into_iter().map(|stored| stored.event.kind.to_string()).collect()
}

fn status_queries(house: &House) -> usize {
    house.sandbox.with_world(|world| world.api_calls().filter(|call| call.path.ends_with("/status")).count())
}

/// Money for somebody else's request under that reference, at Payoneer alone.
fn taken_at_payoneer(house: &House, reference: &str) {
    house.sandbox.with_world(|world| {
        let payment = NewPayment {
            client_reference_id: reference.to_owned(),
            payee_id: "Test123".to_owned(),
            amount: Amount::whole(1),
            currency: Currency::USD,
            description: "late".to_owned(),
        };
        world.create_charge(payment).expect("a charge");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purpose_has_one_undecided_charge_and_is_free_when_it_is_decided() {
    let (house, clock, merchant) = house().await;
    house.line.hit(&[Fault::LoseReply]);
    let first = merchant.post("/v1/charges", "k1", &charge("5", Some("rent 2026-05"))).await;
    assert_eq!((first.status, &first.json()["status"]), (202, &json!("unknown")), "{}", first.text());
    let second = merchant.post("/v1/charges", "k2", &charge("5", Some("rent 2026-05"))).await;
    assert_eq!(second.problem(), (409, "purpose_busy".to_owned(), Some("purpose".to_owned())));
    assert_eq!(second.json()["resource"]["id"], first.json()["id"], "the undecided one is named");
    assert_eq!(second.json()["outcome"], "none");
    // Another purpose is nobody's business, and nothing was sent for the one that was refused.
    let other = merchant.post("/v1/charges", "k3", &charge("5", Some("rent 2026-06"))).await;
    assert_eq!((other.status, house.line.money_requests()), (201, 2));
    clock.advance(Span::from_secs(3));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    eventually("the first is decided", || async {
        let shown = merchant.get(&format!("/v1/charges/{id}")).await.json();
        (shown["status"] == "succeeded").then_some(())
    })
    .await;
    // The same key was refused before anything was written, so it is free; and so is the purpose.
    let again = merchant.post("/v1/charges", "k2", &charge("5", Some("rent 2026-05"))).await;
    assert_eq!((again.status, &again.json()["status"]), (201, &json!("succeeded")), "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_charge_that_payoneer_shows_as_taken_is_told_once() {
    let (house, clock, merchant) = house().await;
    let failed = merchant.post("/v1/charges", "k1", &charge("100.01", None)).await.json();
    assert_eq!(failed["status"], "failed");
    let id = failed["id"].as_str().unwrap();
    // Asked about, and as it should be: nothing is told.
    let before = status_queries(&house);
    merchant.post(&format!("/v1/charges/{id}/refresh"), "", "").await;
    clock.advance(Span::from_secs(15));
    eventually("Payoneer is asked", || async { (status_queries(&house) > before).then_some(()) }).await;
    assert!(!told(&house, id).await.contains(&"charge.contradicted".to_owned()));

    taken_at_payoneer(&house, failed["reference"].as_str().unwrap());
    let look_again = async || {
        merchant.post(&format!("/v1/charges/{id}/refresh"), "", "").await;
        clock.advance(Span::from_secs(15));
    };
    eventually("it is told", || async {
        look_again().await;
        told(&house, id).await.contains(&"charge.contradicted".to_owned()).then_some(())
    })
    .await;
    let before = status_queries(&house);
    eventually("Payoneer is asked again", || async {
        look_again().await;
        (status_queries(&house) > before + 1).then_some(())
    })
    .await;
    let times = told(&house, id).await.iter().filter(|kind| *kind == "charge.contradicted").count();
    assert_eq!(times, 1);
    let shown = merchant.get(&format!("/v1/charges/{id}")).await.json();
    assert_eq!(shown["status"], "failed", "what was settled stays settled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_and_a_payout_are_confirmed_by_a_status_query_as_charges_are() {
    let (house, clock, merchant) = house().await;
    let taken = merchant.post("/v1/charges", "k1", &charge("5", None)).await.json();
    clock.advance(Span::from_secs(15));
    eventually("the charge is confirmed", || async { (status_queries(&house) > 1).then_some(()) }).await;
    let path = format!("/v1/charges/{}/refund", taken["id"].as_str().unwrap());
    let before = status_queries(&house);
    let refund = merchant.post(&path, "r1", "{}").await.json();
    assert_eq!(refund["status"], "succeeded");
    clock.advance(Span::from_secs(15));
    eventually("the refund is confirmed", || async { (status_queries(&house) > before).then_some(()) }).await;

    let paid = merchant.post("/v1/payouts", "p1", &charge("5", None)).await.json();
    assert_eq!(paid["status"], "pending", "code 0 is not the end");
    clock.advance(Span::from_secs(120));
    let path = format!("/v1/payouts/{}", paid["id"].as_str().unwrap());
    eventually("the payout is confirmed", || async {
        (merchant.get(&path).await.json()["status"] == "paid").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_payout_is_listed_until_it_is_settled() {
    let (house, clock, merchant) = house().await;
    house.line.hit(&[Fault::LoseRequest]);
    let lost = merchant.post("/v1/payouts", "p1", &charge("5", None)).await;
    assert_eq!((lost.status, &lost.json()["status"]), (202, &json!("unknown")), "{}", lost.text());
    let (id, reference) = (lost.json()["id"].as_str().unwrap().to_owned(), lost.json()["reference"].clone());
    assert_eq!(merchant.count("/v1/payouts?needs_attention=true").await, 0);
    clock.advance(Span::from_secs(DAY + 60));
    eventually("it is a person's business", || async {
        (merchant.count("/v1/payouts?needs_attention=true").await == 1).then_some(())
    })
    .await;
    let path = format!("/v1/payouts/{id}");
    assert!(merchant.get(&path).await.json()["attention_since"].is_string());
    assert_eq!(told(&house, &id).await.iter().filter(|kind| *kind == "payout.needs_attention").count(), 1);

    // It arrives after all, a day late; the next look finds it.
    house.sandbox.with_world(|world| {
        let payment = NewPayment {
            client_reference_id: reference.as_str().unwrap().to_owned(),
            payee_id: "Test123".to_owned(),
            amount: Amount::whole(5),
            currency: Currency::USD,
            description: "Doubt".to_owned(),
        };
        world.create_payout(payment, None, None).expect("a payout");
    });
    eventually("it is settled", || async {
        clock.advance(Span::from_secs(3_600));
        let shown = merchant.get(&path).await.json();
        (shown["status"] == "pending" || shown["status"] == "paid").then_some(())
    })
    .await;
    assert_eq!(merchant.count("/v1/payouts?needs_attention=true").await, 0);
    assert!(merchant.get(&path).await.json()["attention_since"].is_null());
}
