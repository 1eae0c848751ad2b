//! Payoneer's API as the seed document shows it, asked directly: to see with
//! Payoneer's own eyes what the gateway will have to find out.

use std::time::Duration;

use anyhow::Context;
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Basic credentials of a program.
pub(super) struct PayoneerSide {
    pub(super) client: Client,
    pub(super) base: String,
    pub(super) username: String,
    pub(super) api_password: SecretString,
}

/// The reply to a question for a payee's status.
#[derive(Debug, Deserialize)]
pub(super) struct StatusReply {
    pub(super) code: i64,
    pub(super) description: String,
    pub(super) status: Option<String>,
}

impl PayoneerSide {
    pub(super) fn new(
        sandbox_url: &str,
        program_id: &str,
        username: String,
        api_password: SecretString,
    ) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(Duration::from_secs(30)).no_proxy().build()?;
        Ok(Self { client, base: format!("{sandbox_url}/v2/programs/{program_id}"), username, api_password })
    }

    /// `POST .../payees/{payee_id}/status/`, as the seed document writes it.
    pub(super) async fn status(&self, payee_id: &str) -> anyhow::Result<StatusReply> {
        let answer = self
            .client
            .post(format!("{}/payees/{payee_id}/status/", self.base))
            .basic_auth(&self.username, Some(self.api_password.expose_secret()))
            .header("content-type", "application/json")
            .body(serde_json::json!({ "payee_id": payee_id }).to_string())
            .send()
            .await
            .context("the sandbox did not answer")?;
        serde_json::from_slice(&answer.bytes().await?).context("a reply of the sandbox that cannot be read")
    }
}
