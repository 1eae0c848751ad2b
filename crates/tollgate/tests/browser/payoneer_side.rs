//! What the sandbox knows, asked through its control API: nothing that a page shows is believed without it.

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The sandbox's control API.
pub(crate) struct PayoneerSide {
    http: Client,
    url: String,
}

impl PayoneerSide {
    pub(crate) fn new(url: &str) -> Self {
        Self { http: Client::builder().no_proxy().build().unwrap(), url: url.to_owned() }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn set(&self, settings: Value) {
        self.call(Method::PATCH, "settings", Some(settings)).await;
    }

    /// Has every event sent to the gateway.
    pub(crate) async fn send_callbacks_to(&self, url: &str) {
        self.call(Method::POST, "settings/callbacks", Some(json!({ "base_url": url, "method": "GET" }))).await;
    }

    /// An operator's action.
    pub(crate) async fn act(&self, path: &str, body: Value) {
        self.call(Method::POST, path, Some(body)).await;
    }

    /// The charges of a payee.
    pub(crate) async fn charges(&self, payee_id: &str) -> Vec<Value> {
        self.list(&format!("charges?payee_id={payee_id}")).await
    }

    /// Payees of that id: none or one.
    pub(crate) async fn payees(&self, payee_id: &str) -> Vec<Value> {
        self.list(&format!("payees?payee_id={payee_id}")).await
    }

    /// How the journal says a charge was taken: each leg's purse and change in hundredths.
    pub(crate) async fn taken(&self, reference: &str) -> Vec<(String, i64)> {
        let entries = self.list("journal?limit=1000").await;
        let ours = entries.iter().filter(|e| e["subject"] == reference && e["memo"] == "charge taken");
        let legs = ours.flat_map(|entry| entry["legs"].as_array().unwrap());
        legs.map(|leg| (leg["purse"].as_str().unwrap().to_owned(), leg["change"].as_i64().unwrap())).collect()
    }

    /// The dollars on the account with that e-mail address.
    pub(crate) async fn dollars(&self, email: &str) -> String {
        let accounts = self.list("accounts?limit=1000").await;
        let account = accounts.iter().find(|account| account["email"] == email).expect("an account");
        account["balances"]["USD"].as_str().expect("dollars").to_owned()
    }

    /// Whether the journal adds up.
    pub(crate) async fn balanced(&self) -> bool {
        self.call(Method::GET, "journal/check", None).await["balanced"] == true
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let answer = self.call(Method::GET, path, None).await;
        assert_eq!(answer["next"], Value::Null, "all of {path} in one answer");
        answer["data"].as_array().unwrap().clone()
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}/_sandbox/{path}", self.url));
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
}
