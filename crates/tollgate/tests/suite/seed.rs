//! The seed document's own requests, as printed there, against a sandbox
//! process: addresses with their slashes, bodies, and both replies.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::Running;

struct Merchant {
    sandbox: Running,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Merchant {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = Running::start(folder.path(), "sandbox", &["sandbox", "--listen", "127.0.0.1:0"]);
        Self { sandbox, http: reqwest::Client::new(), _folder: folder }
    }

    /// `curl -X POST .../v2/programs/{program_id}/<path> -H "Content-Type: application/json" -d <body>`
    async fn post(&self, path: &str, body: &str) -> (u16, Value) {
        let url = format!("{}/v2/programs/100012345/{path}", self.sandbox.url);
        let request = self.http.post(url).basic_auth("demo", Some("demo-api-password"));
        let answer = request.header(CONTENT_TYPE, "application/json").body(body.to_owned()).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url);
        let request = self.http.post(url).header(CONTENT_TYPE, "application/json").body(body.to_string());
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).expect("JSON")
    }
}

fn keys(reply: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = reply.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn the_seeds_requests_get_the_seeds_replies() {
    let merchant = Merchant::new();
    // Point 3, not authorised.
    let (status, reply) = merchant.post("payees/ClientPayeeID/status/", r#"{"payee_id": "ClientPayeeID"}"#).await;
    assert_eq!(status, 404);
    assert_eq!(keys(&reply), ["audit_id", "code", "description", "hint"]);
    assert_eq!(reply["code"], 10005);
    assert_eq!(reply["description"], "Payee was not found");
    assert_eq!(reply["hint"], "Please ensure that the payee has registered with Payoneer");
    assert!(reply["audit_id"].is_i64());

    // Point 4, the page.
    let (status, reply) = merchant.post("payees/registration-link/", r#"{"payee_id": "ClientPayeeID"}"#).await;
    assert_eq!((status, &reply["code"]), (200, &json!(0)));
    let link = reply["registration_link"].as_str().expect("a link");
    let (page, token) = link.split_once("?token=").expect("a token");
    assert_eq!(page, format!("{}/partners/lp.aspx", merchant.sandbox.url));
    assert_eq!(token.len(), 42);
    assert!(token.bytes().all(|byte| byte.is_ascii_hexdigit()));

    // The payee goes there; who wants to see the page itself looks at the browser's test.
    merchant.control(&format!("links/{token}/complete"), &json!({ "outcome": "approve" })).await;

    // Point 3, authorised.
    let (status, reply) = merchant.post("payees/ClientPayeeID/status/", r#"{"payee_id": "ClientPayeeID"}"#).await;
    assert_eq!(status, 200);
    assert_eq!(keys(&reply), ["audit_id", "code", "description", "status"]);
    assert_eq!((&reply["code"], &reply["description"]), (&json!(0), &json!("Success")));
    assert_eq!(reply["status"], "ACTIVE");

    // Point 7, the charge, word for word but for the payee.
    let body = r#"{"payee_id":"ClientPayeeID", "amount":"1.2", "client_reference_id":"test_88",      "description":"Charge test", "currency":"USD"}"#;
    let (status, reply) = merchant.post("charges", body).await;
    assert_eq!((status, &reply["code"], &reply["description"]), (200, &json!(0), &json!("Success")));
    // A merchant's reference can be charged once.
    let (status, reply) = merchant.post("charges", body).await;
    assert_eq!((status, &reply["code"]), (400, &json!(10704)));
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let merchant = Merchant::new();
    let url = format!("{}/v2/programs/100012345/payees/ClientPayeeID/status/", merchant.sandbox.url);
    for request in [merchant.http.post(&url), merchant.http.post(&url).basic_auth("demo", Some("wrong"))] {
        let answer = request.body(r#"{"payee_id": "ClientPayeeID"}"#).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401);
    }
}
