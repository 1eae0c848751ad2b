//! Lists over real HTTP: every filter shows what it says and nothing else, on every page.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use edge::Asker;
use serde_json::json;
use support::House;

const PAYOUT: &str = r#"{"payee_id":"Test123","amount":"1","currency":"USD","description":"Payout"}"#;

/// The ids that a list shows.
async fn ids(merchant: &Asker, list: &str) -> Vec<String> {
    let reply = merchant.get(list).await;
    assert_eq!(reply.status, 200, "{list}: {}", reply.text());
    let data = reply.json()["data"].as_array().unwrap().clone();
    data.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn payouts_are_found_by_whatever_is_known_of_them() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let with_reference = PAYOUT.replace('{', r#"{"client_reference_id":"Order-1","#);
    let mut made = Vec::new();
    for (key, body) in [("k1", PAYOUT), ("k2", &with_reference)] {
        let reply = merchant.post("/v1/payouts", key, body).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        made.push(reply.json());
    }
    let name = |n: usize| made[n]["id"].as_str().unwrap().to_owned();
    let status = made[0]["status"].as_str().unwrap();
    let all = vec![name(1), name(0)];
    for (filter, found) in [
        ("payee_id=Test123", all.clone()),
        ("payee_id=nobody", vec![]),
        ("idempotency_key=k1", vec![name(0)]),
        ("client_reference_id=order-1", vec![name(1)]),
        ("client_reference_id=order-1&idempotency_key=k1", vec![]),
        (&format!("status={status}"), all.clone()),
        (&format!("status={status}&payee_id=Test123&limit=1"), vec![name(1)]),
        (&format!("status={status}&cursor={}", name(1)), vec![name(0)]),
        ("status=unknown", vec![]),
        ("status=failed&payee_id=Test123", vec![]),
    ] {
        assert_eq!(ids(&merchant, &format!("/v1/payouts?{filter}")).await, found, "{filter}");
    }
    let refused = merchant.get("/v1/payouts?needs_attention=true&payee_id=Test123").await;
    assert_eq!(refused.problem(), (422, "invalid_field".to_owned(), Some("?needs_attention".to_owned())));
    let refused = merchant.get("/v1/payouts?status=lost").await;
    assert_eq!(refused.problem(), (422, "invalid_field".to_owned(), Some("?status".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_time_holds_what_was_made_in_it() {
    let clock = support::StillClock::now_on();
    let source = std::sync::Arc::clone(&clock);
    let house = House::open_by(source).await;
    let merchant = Asker::merchant(&house);
    let mut made = Vec::new();
    for key in ["k1", "k2", "k3"] {
        clock.forward(60);
        let reply = merchant.post("/v1/charges", key, edge::CHARGE).await;
        assert_eq!(reply.status, 201, "{}", reply.text());
        made.push(reply.json());
    }
    let name = |n: usize| made[n]["id"].as_str().unwrap().to_owned();
    let at = |n: usize| made[n]["created_at"].as_str().unwrap().to_owned();
    for (range, found) in [
        (format!("created_from={}", at(1)), vec![name(2), name(1)]),
        (format!("created_before={}", at(1)), vec![name(0)]),
        (format!("created_from={}&created_before={}", at(1), at(2)), vec![name(1)]),
        (format!("created_from={}&limit=1", at(1)), vec![name(2)]),
        (format!("created_from={}&cursor={}", at(1), name(2)), vec![name(1)]),
        (format!("created_before={}&idempotency_key=k1", at(1)), vec![name(0)]),
        (format!("created_before={}&idempotency_key=k2", at(1)), vec![]),
        (format!("created_from={}&status=succeeded&payee_id=Test123", at(2)), vec![name(2)]),
    ] {
        assert_eq!(ids(&merchant, &format!("/v1/charges?{range}")).await, found, "{range}");
    }
    let last = merchant.get(&format!("/v1/charges?created_from={}&limit=2", at(1))).await.json();
    assert_eq!(last["next_cursor"], json!(null), "nothing older is promised");
    let refused = merchant.get("/v1/charges?created_from=2026-13-01").await;
    assert_eq!(refused.problem(), (422, "invalid_field".to_owned(), Some("?created_from".to_owned())));
}
