//! Nothing secret reaches the log, at any level: keys, passwords, tokens in addresses, bodies, names.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use data_encoding::BASE64;
use edge::{Asker, CHARGE};
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use support::{House, eventually};

/// A log that can be read afterwards.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    everything.with_writer(move || writer.clone()).init();

    let house = House::open().await;
    let (merchant, browser) = (Asker::merchant(&house), Asker::nobody(&house));
    let key = house.key.expose_secret().to_owned();
    let mut secrets = vec![
        ("the API key", key[key.len() - 30..].to_owned()),
        ("the API password", "demo-api-password".to_owned()),
        ("Basic authentication", BASE64.encode(b"demo:demo-api-password")),
        ("the callback token", house.program.callback_token.clone()),
        ("a description", "canary-description".to_owned()),
        ("a name", "canaryname".to_owned()),
        ("an e-mail address", "canary@mail.example".to_owned()),
        ("a query", "canary-query".to_owned()),
        ("a wrong key", "canary-key".to_owned()),
        ("a callback's body", "canary-callback".to_owned()),
        ("metadata", "canary-metadata".to_owned()),
    ];
    let charge =
        CHARGE.replace("Charge test", "canary-description").replace('}', r#","metadata":{"a":"canary-metadata"}}"#);
    assert_eq!(merchant.post("/v1/charges", "k1", &charge).await.status, 201);
    assert_eq!(merchant.post("/v1/charges", "k2", &charge.replace("Test123", "nobody")).await.status, 409);
    assert_eq!(merchant.get("/v1/charges?payee_id=canary-query&x=canary-query").await.status, 422);
    assert_eq!(Asker::with_key(&house, "tg_test_canary-key").get("/v1/charges").await.status, 401);
    let contact = json!({"first_name": "canaryname", "last_name": "Li", "email": "canary@mail.example"});
    let session = json!({"payee_id": "user-42", "contact": contact}).to_string();
    let session = merchant.post("/v1/authorization_sessions", "", &session).await.json();
    secrets.push(("Payoneer's link", session["url"].as_str().unwrap().split("token=").nth(1).unwrap().to_owned()));
    let checkout = json!({
        "payee_id": "Test123", "amount": "1", "currency": "USD", "description": "d", "success_url": "https://a.example/x"
    });
    let checkout = merchant.post("/v1/checkout_sessions", "", &checkout.to_string()).await.json();
    let path = checkout["url"].as_str().unwrap().strip_prefix(house.gateway.url()).unwrap().to_owned();
    secrets.push(("the checkout token", path.rsplit('/').next().unwrap().to_owned()));
    assert_eq!(browser.get(&path).await.status, 200);
    assert_eq!(browser.form(&format!("{path}/pay?canary-query")).await.status, 303);
    assert_eq!(browser.send("POST", &format!("{path}/pay"), &[("origin", "x")], Vec::new()).await.status, 403);
    let callback = house.engine().callback_url(&house.program).strip_prefix(house.gateway.url()).unwrap().to_owned();
    let sent = browser.send("POST", &format!("{callback}?canary-query"), &[], b"canary-callback".to_vec()).await;
    assert_eq!(sent.status, 200);
    eventually("the callback is looked at", || async {
        (merchant.get("/v1/callbacks").await.json()["data"][0]["status"] != "received").then_some(())
    })
    .await;
    house.line.cut().await;
    let id = "cut-off";
    let headers = [("x-request-id", id), ("content-type", "application/json"), ("idempotency-key", "k3")];
    assert_eq!(merchant.send("POST", "/v1/charges", &headers, charge.into_bytes()).await.status, 503);
    house.gateway.shutdown().await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("/checkout/{token}/pay") && text.contains(id), "the log says what was asked for");
    assert!(
        text.lines().filter(|line| line.contains("a request failed") && line.contains(id)).count() == 1,
        "and why not"
    );
    for (what, secret) in secrets {
        let line = text.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "{what} is in the log: {line:?}");
    }
}
