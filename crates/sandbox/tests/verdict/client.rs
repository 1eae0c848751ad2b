//! A client of the imitated API in a few lines, without any judgement of its own: what the tested clients are made of.
//! A lost answer is an answer that the client does not read and the record does not count as read.

use std::sync::{Arc, Mutex};

use axum::http::{Method, Uri};
use sandbox::world::{Answered, FaultMark, Time};
use sandbox::{Options, Sandbox, StartClock};
use serde_json::{Value, json};

/// A client and the sandbox that it talks to.
pub(crate) struct Client {
    pub(crate) sandbox: Sandbox,
    http: reqwest::Client,
}

/// HTTP status and `code` of an answer.
pub(crate) type Heard = (u16, i64);

impl Client {
    /// With a clock that stands, so that nothing depends on speed.
    pub(crate) async fn start() -> Self {
        let clock = StartClock::Manual(Time::parse("2026-11-23T15:00:00Z").unwrap());
        Self::with(Options { clock, ..Options::for_tests() }).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.unwrap();
        Self { sandbox, http: reqwest::Client::builder().tls_certs_only([]).build().unwrap() }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Heard {
        let url = format!("{}/v2/programs/100012345/{path}", self.sandbox.url());
        let mut request = self.http.request(method, url).basic_auth("demo", Some("demo-api-password"));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        (status, body["code"].as_i64().unwrap())
    }

    async fn pay(&self, noun: &str, amount: &str, reference: &str) -> Heard {
        let body = json!({
            "payee_id": "Test123",
            "amount": amount,
            "currency": "USD",
            "client_reference_id": reference,
            "description": "test",
        });
        self.call(Method::POST, noun, Some(body)).await
    }

    pub(crate) async fn charge(&self, amount: &str, reference: &str) -> Heard {
        self.pay("charges", amount, reference).await
    }

    pub(crate) async fn pay_out(&self, amount: &str, reference: &str) -> Heard {
        self.pay("payouts", amount, reference).await
    }

    pub(crate) async fn look(&self, reference: &str) -> Heard {
        self.call(Method::GET, &format!("charges/{reference}/status"), None).await
    }

    pub(crate) async fn cancel(&self, reference: &str) -> Heard {
        self.call(Method::POST, &format!("charges/{reference}/cancel"), None).await
    }

    /// The newest answer was never read.
    pub(crate) fn lose_answer(&self) {
        self.mark("reset", Answered::Nothing, None);
    }

    /// The newest answer was a 429.
    pub(crate) fn too_many(&self, retry_after_seconds: u64) {
        self.mark("429", Answered::Whole, Some(retry_after_seconds));
    }

    fn mark(&self, kind: &str, answered: Answered, retry_after_seconds: Option<u64>) {
        let (id, cut) = ("test".to_owned(), "after_apply_before_reply".to_owned());
        let fault = FaultMark { id, cut, kind: kind.to_owned(), retry_after_seconds };
        self.sandbox.with_world(|w| {
            let number = w.exchanges().next_back().unwrap().number;
            w.mark_exchange(number, fault, answered);
        });
    }

    /// A charge that has an effect, whose answer is lost.
    pub(crate) async fn charge_unheard(&self, amount: &str, reference: &str) {
        assert_eq!(self.charge(amount, reference).await, (200, 0));
        self.lose_answer();
    }

    /// A charge that has no effect (the account is empty just then), whose answer is lost.
    pub(crate) async fn charge_in_vain(&self, amount: &str, reference: &str) {
        let all = sandbox::world::Amount::whole(100);
        self.control("drain", all).await;
        assert_eq!(self.charge(amount, reference).await.1, 10301);
        self.lose_answer();
        self.control("fund", all).await;
    }

    async fn control(&self, verb: &str, amount: sandbox::world::Amount) {
        let account = self.sandbox.with_world(|w| w.payee("Test123").unwrap().account.clone());
        let body = json!({ "amount": amount.to_string() });
        assert_eq!(self.operate(&format!("accounts/{account}/{verb}"), body).await.0, 200);
    }

    /// A call of the control API.
    pub(crate) async fn operate(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url());
        let answer = self.http.post(url).body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// What the control API shows: status, headers' content type and text.
    pub(crate) async fn show(&self, path: &str) -> (u16, String, String) {
        let answer = self.http.get(format!("{}/_sandbox/{path}", self.sandbox.url())).send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, answer.text().await.unwrap())
    }

    /// Tells the sandbox what the client means and says.
    pub(crate) async fn says(&self, intent: &str, kind: &str, amount: &str, reference: &str, says: &str) {
        let body = json!({
            "intent": intent,
            "kind": kind,
            "payee_id": "Test123",
            "amount": amount,
            "currency": "USD",
            "reference": reference,
            "says": says,
        });
        let (status, answer) = self.operate("intents", body).await;
        assert_eq!(status, 200, "{answer}");
    }
}

/// A merchant's server that notes the query of every callback.
#[derive(Clone, Default)]
pub(crate) struct Receiver(Arc<Mutex<Vec<String>>>);

impl Receiver {
    /// Starts it; gives it and its address.
    pub(crate) async fn start() -> (Self, String) {
        let receiver = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = receiver.clone();
        let note = move |uri: Uri| async move {
            kept.0.lock().unwrap().push(uri.query().unwrap_or_default().to_owned());
            "ok"
        };
        let router = axum::Router::new().fallback(note);
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    pub(crate) fn got(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}
