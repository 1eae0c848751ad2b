//! What merchants do meanwhile: charges, refunds and payouts from several sides at once, each key used twice.
//! Whether the answers are right is `check`'s business.

use serde_json::{Value, json};
use std::time::Duration;

/// Merchants at once; two of them use the same keys.
const MERCHANTS: u64 = 6;
/// What one merchant does at most in one life of the gateway.
const ROUNDS: u64 = 40;

/// One request under a key, to be repeated byte for byte.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) body: Value,
    /// The status and the body; `None` where the gateway ended first.
    pub(crate) answer: Option<(u16, Value)>,
}

/// A merchant's hand.
#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    http: reqwest::Client,
    secret: String,
}

impl Merchant {
    pub(crate) fn new(secret: &str) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
        Self { http, secret: secret.to_owned() }
    }

    /// Sends what is asked and notes the answer.
    pub(crate) async fn ask(&self, gateway: &str, mut ask: Ask) -> Ask {
        ask.answer = self.send(gateway, &ask).await;
        ask
    }

    async fn send(&self, gateway: &str, ask: &Ask) -> Option<(u16, Value)> {
        let request = self.http.post(format!("{gateway}{}", ask.path)).bearer_auth(&self.secret);
        let request = request.header("idempotency-key", &ask.key).header("content-type", "application/json");
        let answer = request.body(ask.body.to_string()).send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, serde_json::from_str(&answer.text().await.ok()?).ok()?))
    }

    /// All of one kind of resource, page by page; `None` where the gateway does not answer.
    pub(crate) async fn all(&self, gateway: &str, kind: &str) -> Option<Vec<Value>> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let url = format!("{gateway}/v1/{kind}?limit=100{cursor}");
            let answer = self.http.get(url).bearer_auth(&self.secret).send().await.ok()?;
            let page: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
            all.extend(page["data"].as_array()?.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Some(all),
            }
        }
    }

    async fn work(self, gateway: String, prefix: String) -> Vec<Ask> {
        let mut asked = Vec::new();
        for round in 0..ROUNDS {
            let name = format!("{prefix}-{round}");
            let charge = self.ask(&gateway, charge(&name, round)).await;
            let taken = charge.answer.as_ref().map(|(_, body)| body.clone());
            asked.push(charge);
            let Some(charge) = taken else { break };
            if round % 3 == 0 && charge["status"] == "succeeded" {
                asked.push(self.ask(&gateway, refund(&name, &charge)).await);
            }
            if round % 4 == 1 {
                asked.push(self.ask(&gateway, payout(&name)).await);
            }
        }
        asked
    }

    /// Everybody works until the gateway is gone or all is done.
    pub(crate) fn crowd(&self, gateway: &str, prefix: &str) -> Vec<tokio::task::JoinHandle<Vec<Ask>>> {
        let one = |n: u64| tokio::spawn(self.clone().work(gateway.to_owned(), format!("{prefix}-m{}", n / 2)));
        (0..MERCHANTS).map(one).collect()
    }
}

fn charge(name: &str, round: u64) -> Ask {
    let amount = format!("0.0{}", round % 9 + 1);
    // Each says what it is for, so that the sandbox's verdict can tell them apart.
    let body =
        json!({"payee_id": "Test123", "amount": amount, "currency": "USD", "description": format!("For {name}")});
    Ask { path: "/v1/charges".to_owned(), key: name.to_owned(), body, answer: None }
}

fn refund(name: &str, charge: &Value) -> Ask {
    let path = format!("/v1/charges/{}/refund", charge["id"].as_str().expect("an id"));
    Ask { path, key: format!("{name}-refund"), body: json!({}), answer: None }
}

fn payout(name: &str) -> Ask {
    let description = format!("For {name}");
    let body = json!({"payee_id": "Test123", "amount": "0.01", "currency": "USD", "description": description});
    Ask { path: "/v1/payouts".to_owned(), key: format!("{name}-payout"), body, answer: None }
}
