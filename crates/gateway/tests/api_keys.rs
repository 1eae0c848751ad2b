//! API keys over real HTTP: made, seen, used, expired and closed; whose person they are; what becomes of guessers.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::api_key::Scope;
use domain::program::Environment;
use edge::{Asker, CHARGE, Reply};
use gateway::NewProgram;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::sync::Arc;
use support::line::Fault;
use support::{House, StillClock, eventually};

async fn still_house() -> (House, Arc<StillClock>) {
    let clock = StillClock::now_on();
    (House::open_by(Arc::<StillClock>::clone(&clock)).await, clock)
}

async fn make(asker: &Asker, body: Value) -> Reply {
    asker.post("/v1/api_keys", "", &body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_shown_once_used_within_its_scopes_and_closed() {
    let house = House::open().await;
    let ada = Asker::merchant(&house);
    let made = make(&ada, json!({ "name": "reports", "scopes": ["read", "read"] })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let key = made.json();
    let path = format!("/v1/api_keys/{}", key["id"].as_str().unwrap());
    assert_eq!((made.header("location"), &key["scopes"]), (path.as_str(), &json!(["read"])));
    let secret = key["secret"].as_str().unwrap();
    assert!(secret.starts_with("tg_test_"));
    let clerk = Asker::with_key(&house, secret);
    assert_eq!(clerk.get("/v1/charges").await.status, 200);
    assert_eq!(clerk.post("/v1/charges", "k", CHARGE).await.problem().0, 403);
    assert_eq!(make(&clerk, json!({ "name": "n", "scopes": ["admin"] })).await.problem().0, 403);

    let seen = ada.get(&path).await;
    assert_eq!((seen.status, &seen.json()["name"]), (200, &json!("reports")));
    let list = ada.get("/v1/api_keys?limit=1").await;
    assert_eq!(list.json()["data"][0]["id"], key["id"], "newest first");
    assert!(list.json()["next_cursor"].is_string());
    let audit = ada.get("/v1/audit").await;
    for reply in [&seen, &list, &audit] {
        assert!(!reply.text().contains(secret), "shown once");
    }
    let entry = &audit.json()["data"][0];
    assert_eq!((&entry["action"], &entry["subject"]), (&json!("api_key.created"), &key["id"]));

    let close = || async { ada.post(&format!("{path}/revoke"), "", "").await.json() };
    let closed = close().await;
    assert!(closed["revoked_at"].is_string());
    assert_eq!(close().await, closed, "again changes nothing");
    assert_eq!(clerk.get("/v1/charges").await.problem().1, "unauthorized");
    let actions = ada.get("/v1/audit").await.json();
    let revoked = actions["data"].as_array().unwrap().iter().filter(|entry| entry["action"] == "api_key.revoked");
    assert_eq!(revoked.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_an_end_opens_until_then() {
    let (house, clock) = still_house().await;
    let ada = Asker::merchant(&house);
    let key = make(&ada, json!({ "name": "visitor", "scopes": ["read"], "expires_in_days": 1 })).await.json();
    let visitor = Asker::with_key(&house, key["secret"].as_str().unwrap());
    clock.forward(86_399);
    assert_eq!(visitor.get("/v1/charges").await.status, 200);
    clock.forward(1);
    assert_eq!(visitor.get("/v1/charges").await.problem().1, "unauthorized");
    assert_eq!(ada.get("/v1/charges").await.status, 200);
    for (body, field) in [
        (json!({ "name": "n", "scopes": ["read"], "expires_in_days": 0 }), "expires_in_days"),
        (json!({ "name": "n", "scopes": ["read"], "expires_in_days": 3_651 }), "expires_in_days"),
        (json!({ "name": "n", "scopes": [] }), "scopes"),
        (json!({ "name": "n", "scopes": ["everything"] }), "scopes"),
        (json!({ "name": " ", "scopes": ["read"] }), "name"),
        (json!({ "name": "n".repeat(101), "scopes": ["read"] }), "name"),
        (json!({ "name": "n" }), "scopes"),
    ] {
        let refused = make(&ada, body.clone()).await.problem();
        assert_eq!((refused.0, refused.2.as_deref()), (422, Some(field)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_last_use_is_written_once_in_a_few_minutes() {
    let (house, clock) = still_house().await;
    let ada = Asker::merchant(&house);
    let used = || async { ada.get("/v1/api_keys").await.json()["data"][0]["last_used_at"].clone() };
    let first = eventually("it is written", || async { Some(used().await).filter(Value::is_string) }).await;
    clock.forward(299);
    for _ in 0..20 {
        assert_eq!(used().await, first);
    }
    clock.forward(1);
    eventually("it is written again", || async { Some(used().await).filter(|at| *at != first) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_own_program_and_a_test_key_never_touches_production() {
    let house = House::open().await;
    let admin = house.admin();
    let production = NewProgram {
        name: "Real Shop".to_owned(),
        program_id: "100054321".to_owned(),
        environment: Environment::Production,
        username: "shop".to_owned(),
        api_password: "a-password".to_owned().into(),
        return_url: Some("https://shop.example/".to_owned()),
    };
    let production = admin.add_program(production).await.unwrap();
    let (live, text) = admin.create_key(&production, "live", vec![Scope::Admin]).await.unwrap();
    admin.close().await;
    let text = text.expose_secret();
    assert!(text.starts_with("tg_live_"));
    let (ada, real) = (Asker::merchant(&house), Asker::with_key(&house, text));
    assert_eq!(ada.get("/v1/program").await.json()["live"], false);
    let shown = real.get("/v1/program").await.json();
    assert_eq!((&shown["live"], &shown["id"]), (&json!(true), &json!(production.id.to_string())));
    let dressed = Asker::with_key(&house, &text.replace("tg_live_", "tg_test_"));
    assert_eq!(dressed.get("/v1/program").await.problem().1, "unauthorized");
    let made = make(&real, json!({ "name": "n", "scopes": ["read"] })).await.json();
    assert!(made["secret"].as_str().unwrap().starts_with("tg_live_"), "a key is of its program's kind");
    for path in [format!("/v1/api_keys/{}", live.id), format!("/v1/api_keys/{}", made["id"].as_str().unwrap())] {
        assert_eq!(ada.get(&path).await.problem().0, 404, "another program's key");
        assert_eq!(ada.post(&format!("{path}/revoke"), "", "").await.problem().0, 404);
    }
    assert_eq!(real.get("/v1/program").await.status, 200);
    let seen = ada.get("/v1/audit?limit=100").await.text();
    assert!(!seen.contains(live.id.as_str()) && !seen.contains("Real Shop"), "another program's log: {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_makes_a_second_key_is_still_one_person() {
    let (house, _) = still_house().await;
    let ada = Asker::merchant(&house);
    let mut key = make(&ada, json!({ "name": "second", "scopes": ["admin"] })).await.json();
    let second = Asker::with_key(&house, key["secret"].as_str().unwrap());
    let origin = key["origin"].clone();
    key = make(&second, json!({ "name": "third", "scopes": ["admin"] })).await.json();
    assert_eq!(key["origin"], origin, "and so on");
    let third = Asker::with_key(&house, key["secret"].as_str().unwrap());
    let admin = house.admin();
    let (ben, text) = admin.create_key(&house.program, "ben", vec![Scope::Admin]).await.unwrap();
    admin.close().await;
    assert_ne!(json!(ben.origin.to_string()), origin);
    let ben = Asker::with_key(&house, text.expose_secret());

    house.line.hit(&[Fault::LoseRequest]);
    let charge = ada.post("/v1/charges", "k", CHARGE).await.json();
    let path = format!("/v1/charges/{}/settle", charge["id"].as_str().unwrap());
    let body = r#"{"as":"failed","reason":"r","evidence":"e"}"#;
    for asker in [&ada, &second, &third] {
        assert_eq!(asker.post(&path, "", body).await.status, 202, "one person");
    }
    assert_eq!(ben.post(&path, "", body).await.status, 200, "another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_is_slowed_down_and_a_good_key_never_notices() {
    let (house, clock) = still_house().await;
    let ada = Asker::merchant(&house);
    let guesser = Asker::with_key(&house, "tg_test_canary");
    for _ in 0..30 {
        assert_eq!(guesser.get("/v1/charges").await.problem().1, "unauthorized");
    }
    for _ in 0..5 {
        let slowed = guesser.get("/v1/charges").await;
        assert_eq!((slowed.problem().0, slowed.problem().1.as_str()), (429, "rate_limited"));
        assert_eq!(slowed.header("retry-after"), "10");
        assert_eq!(ada.get("/v1/charges").await.status, 200, "from the same network");
    }
    clock.forward(3_600);
    assert_eq!(guesser.get("/v1/charges").await.problem().1, "unauthorized");
}
