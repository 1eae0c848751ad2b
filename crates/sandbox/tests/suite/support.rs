//! What the tests share: a started sandbox, its two APIs as short calls, a receiver of callbacks.
//! No assertions about behaviour.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use sandbox::world::{LinkKind, NewLink, Review, Time};
use sandbox::{Options, Sandbox, StartClock};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Where every test's clock begins.
pub(crate) fn epoch() -> Time {
    Time::parse("2026-11-23T15:00:00Z").unwrap()
}

pub(crate) fn options() -> Options {
    Options { clock: StartClock::Manual(epoch()), ..Options::for_tests() }
}

pub(crate) async fn start() -> Sandbox {
    Sandbox::start(options()).await.unwrap()
}

/// Started with the kindest answers about references: used once, for ever, whatever their case, and found at once.
pub(crate) async fn start_kind() -> Sandbox {
    let settings = sandbox::world::Settings::default().kind_to_references();
    Sandbox::start(Options { settings, ..options() }).await.unwrap()
}

/// Status, headers and text of an answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// HTTP status, `code` of the envelope.
    pub(crate) fn verdict(&self) -> (u16, i64) {
        (self.status, self.json()["code"].as_i64().unwrap())
    }

    pub(crate) fn fidelity(&self) -> &str {
        self.headers["x-sandbox-fidelity"].to_str().unwrap()
    }
}

/// A client that needs no certificates, and so is made in no time.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([]).build().unwrap()
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

/// A call of the imitated API, with credentials; an empty body is none.
pub(crate) async fn v2(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Answer {
    let url = format!("{}/v2/programs/100012345/{path}", sandbox.url());
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client().request(method, url).basic_auth("demo", Some("demo-api-password"));
    if !body.is_empty() {
        request = request.header("content-type", "application/json").body(body.to_owned());
    }
    send(request).await
}

/// A call of the control API; an empty body is none.
pub(crate) async fn control(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Answer {
    let url = format!("{}/_sandbox/{path}", sandbox.url());
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    send(client().request(method, url).body(body.to_owned())).await
}

/// Bytes over a fresh connection; whatever comes back until the other side closes.
pub(crate) async fn raw(sandbox: &Sandbox, bytes: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Registers a payee without a browser, reviewed as said.
pub(crate) fn register(sandbox: &Sandbox, payee_id: &str, review: Review) {
    sandbox.with_world(|w| {
        let (email, password) = w.draw_login();
        let balance = w.settings().opening_balance;
        let profile = sandbox::world::Profile::default();
        let account = w.open_account(sandbox::world::NewAccount { email, password, profile, balance }).unwrap();
        let (link, _) = w.make_link(NewLink::plain(LinkKind::Registration, payee_id)).unwrap();
        w.complete_link(&link.token, &account.id, Some(review)).unwrap();
    });
}

/// The body of a charge or payout.
pub(crate) fn payment(payee: &str, amount: &str, reference: &str) -> String {
    format!(
        r#"{{"payee_id":"{payee}","amount":{amount},"client_reference_id":"{reference}","description":"test","currency":"USD"}}"#
    )
}

/// A request that the receiver got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

/// A merchant's server: notes every request and answers with the statuses it was told, then with 200.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    /// Starts it; gives it and its address.
    pub(crate) async fn start(answers: &[u16]) -> (Self, String) {
        let receiver = Self::default();
        receiver.answers.lock().unwrap().extend(answers);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(note).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn note(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], &'static str) {
    receiver.got.lock().unwrap().push(Got {
        method: method.to_string(),
        target: uri.to_string(),
        authorization: headers.get("authorization").map(|h| h.to_str().unwrap().to_owned()),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let status = receiver.answers.lock().unwrap().pop_front().unwrap_or(200);
    (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")], "ok")
}
