//! The intent log: validated, bounded, and never silently changed.

use serde_json::json;

use super::client::Client;

#[tokio::test]
async fn a_repeated_report_updates_what_the_client_says() {
    let client = Client::start().await;
    client.says("order-1", "charge", "1.2", "A-1", "pending").await;
    client.says("order-1", "charge", "1.20", "a-1", "unknown").await;
    client.says("order-1", "charge", "1.20", "a-2", "unknown").await;
    let (status, _, text) = client.show("intents").await;
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let intent = &list["data"][0];
    assert_eq!(intent["references"], json!(["A-1", "a-2"]));
    assert_eq!((&intent["says"], &intent["amount"]), (&json!("unknown"), &json!("1.20")));
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_and_changes_nothing() {
    let client = Client::start().await;
    client.says("order-1", "charge", "1.20", "a-1", "pending").await;
    let good = json!({
        "intent": "order-1", "kind": "charge", "payee_id": "Test123", "amount": "1.20", "currency": "USD", "says": "failed",
    });
    for (field, value, status) in [
        ("intent", json!(""), 422),
        ("intent", json!("x".repeat(101)), 422),
        ("intent", json!("a\u{7}b"), 422),
        ("kind", json!("gift"), 422),
        ("kind", json!("refund"), 409),
        ("payee_id", json!("somebody-else"), 409),
        ("amount", json!("1.21"), 409),
        ("amount", json!("1.200001"), 422),
        ("currency", json!("EUR"), 409),
        ("reference", json!("x".repeat(51)), 422),
        ("says", json!("perhaps"), 422),
        ("colour", json!("red"), 422),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let (answered, answer) = client.operate("intents", body).await;
        assert_eq!(answered, status, "{field} {value}: {answer}");
    }
    let says = client.sandbox.with_world(|w| w.intents().next().map(|i| i.says));
    assert_eq!(says, Some(sandbox::world::Says::Pending));
}

#[tokio::test]
async fn references_of_one_intent_are_bounded() {
    let client = Client::start().await;
    for n in 0..16 {
        client.says("order-1", "charge", "1.20", &format!("a-{n}"), "pending").await;
    }
    let body = json!({
        "intent": "order-1", "kind": "charge", "payee_id": "Test123", "amount": "1.20", "currency": "USD",
        "reference": "a-16", "says": "failed",
    });
    assert_eq!(client.operate("intents", body).await.0, 507);
}
