//! Asking the gateway over HTTP as a merchant, a browser or nobody in particular does. No assertion about money here;
//! but whatever is asked, the answer must be one that the OpenAPI document describes.
#![allow(dead_code, reason = "each test file asks in its own way")]

pub(crate) mod document;

use crate::support::House;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, redirect};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// The status, code and field of a problem; checks what every problem must have.
    pub(crate) fn problem(&self) -> (u16, String, Option<String>) {
        let problem: api::Problem =
            serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()));
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem.status, self.status);
        assert_eq!(problem.kind, format!("urn:tollgate:problem:{}", problem.code));
        assert_eq!(problem.request_id, self.header("x-request-id"));
        assert!(!problem.detail.is_empty() && problem.title == problem.code.entry().title);
        if self.status < 500 {
            assert_eq!(problem.outcome, api::Outcome::None, "a client error moved no money");
        }
        (self.status, problem.code.to_string(), problem.field)
    }

    /// Which scene a page shows.
    pub(crate) fn scene(&self) -> String {
        let text = self.text();
        let after = text.split("data-scene=\"").nth(1).unwrap_or_else(|| panic!("no page: {text}"));
        after.split('"').next().unwrap_or_default().to_owned()
    }

    /// The `href` of the element with this id, as a browser reads it.
    pub(crate) fn link(&self, id: &str) -> Option<String> {
        let text = self.text();
        let tag = text.split(&format!("<a id=\"{id}\" href=\"")).nth(1)?;
        Some(unescaped(tag.split('"').next()?))
    }

    /// Where the page goes by itself, and after how many seconds.
    pub(crate) fn refresh(&self) -> Option<(u32, String)> {
        let text = self.text();
        let content = text.split("http-equiv=\"refresh\" content=\"").nth(1)?.split('"').next()?;
        let (seconds, url) = content.split_once(";url=")?;
        Some((seconds.parse().ok()?, unescaped(url)))
    }

    /// Whether there is a button with this id.
    pub(crate) fn has_button(&self, id: &str) -> bool {
        self.text().contains(&format!("<button class=\"main\" id=\"{id}\""))
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">")
}

/// Somebody with a connection to the gateway.
pub(crate) struct Asker {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

impl Asker {
    /// The merchant, with the key that may do everything.
    pub(crate) fn merchant(house: &House) -> Self {
        Self { key: Some(house.key.expose_secret().to_owned()), ..Self::nobody(house) }
    }

    /// Somebody without a key.
    pub(crate) fn nobody(house: &House) -> Self {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(Duration::from_mins(1));
        Self { http: http.build().expect("a client"), base: format!("http://{}", house.gateway.addr()), key: None }
    }

    /// The same with another key.
    pub(crate) fn with_key(house: &House, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::nobody(house) }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        let verb = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(verb, format!("{}{path}", self.base)).body(body);
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).expect("a header name"),
                HeaderValue::from_bytes(value.as_bytes()).expect("a header value"),
            );
        }
        let response = request.headers(map).send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let reply = Reply { status, headers, body: response.bytes().await.expect("a body").to_vec() };
        document::check(method, path, &reply);
        reply
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], Vec::new()).await
    }

    /// A JSON body, with an `Idempotency-Key` unless that is empty.
    pub(crate) async fn post(&self, path: &str, key: &str, body: &str) -> Reply {
        let json = ("content-type", "application/json");
        let headers = if key.is_empty() { vec![json] } else { vec![json, ("idempotency-key", key)] };
        self.send("POST", path, &headers, body.as_bytes().to_vec()).await
    }

    /// A form from one of the gateway's own pages.
    pub(crate) async fn form(&self, path: &str) -> Reply {
        self.send("POST", path, &[("origin", &self.base)], Vec::new()).await
    }

    /// How many items a list shows.
    pub(crate) async fn count(&self, path: &str) -> usize {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["data"].as_array().expect("a list").len()
    }

    /// Everything that a merchant could have brought about, counted.
    pub(crate) async fn inventory(&self) -> [usize; 6] {
        let mut counts = [0; 6];
        for (count, list) in counts.iter_mut().zip(["charges", "refunds", "payouts", "payees", "events", "callbacks"]) {
            *count = self.count(&format!("/v1/{list}?limit=100")).await;
        }
        counts
    }
}

/// Sends bytes as they are, says that nothing more comes, and reads until the gateway closes.
pub(crate) async fn raw(house: &House, bytes: &[u8]) -> String {
    raw_until_closed(house, bytes, true).await
}

/// As [`raw`]; without hanging up it is for the gateway alone to close.
pub(crate) async fn raw_until_closed(house: &House, bytes: &[u8], hang_up: bool) -> String {
    let mut stream = TcpStream::connect(house.gateway.addr()).await.expect("a connection");
    // The gateway may have said no and closed before everything was written.
    let _ = stream.write_all(bytes).await;
    if hang_up {
        let _ = stream.shutdown().await;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// A charge of the sandbox's first payee, as JSON.
pub(crate) const CHARGE: &str = r#"{"payee_id":"Test123","amount":"1.2","currency":"USD","description":"Charge test"}"#;
