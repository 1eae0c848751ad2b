//! A client of the imitated API in a few lines, without any judgement of its own: what the tested clients are made of.
//! Answers are lost by the sandbox's own faults, on real connections.

use std::sync::{Arc, Mutex};

use axum::http::{Method, Uri};
use sandbox::faults::{Cut, Fault, Kind, NewRule};
use sandbox::world::Time;
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
        let settings = options.settings.clone().kind_to_references();
        let sandbox = Sandbox::start(Options { settings, ..options }).await.unwrap();
        Self {
            sandbox,
            http: reqwest::Client::builder()
                .tls_certs_only([])
                .retry(reqwest::retry::never())
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
        }
    }

    fn request(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let url = format!("{}/v2/programs/100012345/{path}", self.sandbox.url());
        let request = self.http.request(method, url).basic_auth("demo", Some("demo-api-password"));
        match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Heard {
        let answer = self.request(method, path, body).send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        (status, body["code"].as_i64().unwrap())
    }

    async fn pay(&self, noun: &str, amount: &str, reference: &str) -> Heard {
        self.call(Method::POST, noun, Some(payment(amount, reference))).await
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

    /// The next call of `operation` meets a fault, a real one, on its connection.
    pub(crate) fn disturb(&self, operation: &str, cut: Cut, kind: Kind) {
        self.sandbox.add_fault(NewRule::once(operation, Fault::new(cut, kind))).unwrap();
    }

    /// A call whose answer never comes.
    async fn unheard(&self, operation: &str, cut: Cut, path: &str, body: Option<Value>) {
        self.disturb(operation, cut, Kind::Reset);
        let heard = self.request(Method::POST, path, body).send().await;
        assert!(heard.is_err(), "the answer should be lost: {heard:?}");
    }

    /// A charge that has an effect, whose answer is lost.
    pub(crate) async fn charge_unheard(&self, amount: &str, reference: &str) {
        let body = Some(payment(amount, reference));
        self.unheard("create_charge", Cut::AfterApplyBeforeReply, "charges", body).await;
    }

    /// A charge that has no effect, whose answer is lost.
    pub(crate) async fn charge_in_vain(&self, amount: &str, reference: &str) {
        let body = Some(payment(amount, reference));
        self.unheard("create_charge", Cut::AfterReadBeforeApply, "charges", body).await;
    }

    /// A payout that has an effect, whose answer is lost.
    pub(crate) async fn pay_out_unheard(&self, amount: &str, reference: &str) {
        let body = Some(payment(amount, reference));
        self.unheard("create_payout", Cut::AfterApplyBeforeReply, "payouts", body).await;
    }

    /// A cancel that has an effect, whose answer is lost.
    pub(crate) async fn cancel_unheard(&self, reference: &str) {
        let path = format!("charges/{reference}/cancel");
        self.unheard("cancel_charge", Cut::AfterApplyBeforeReply, &path, None).await;
    }

    /// A charge that is turned away because there are too many calls.
    pub(crate) async fn charge_too_many(&self, amount: &str, reference: &str, retry_after_seconds: u32) {
        let fault = Fault::new(Cut::BeforeRead, Kind::TooManyRequests);
        let fault = Fault { retry_after_seconds: Some(retry_after_seconds), ..fault };
        self.sandbox.add_fault(NewRule::once("create_charge", fault)).unwrap();
        let answer = self.request(Method::POST, "charges", Some(payment(amount, reference))).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 429);
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

/// The body of a charge or payout.
fn payment(amount: &str, reference: &str) -> Value {
    json!({
        "payee_id": "Test123",
        "amount": amount,
        "currency": "USD",
        "client_reference_id": reference,
        "description": "test",
    })
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
