//! `/v1/webhook_endpoints`.

use crate::request::Nothing;
use crate::{Client, Error, Page};
use api::{
    CreateWebhookEndpoint, Delivery, List, Replay, Replayed, RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint,
};

impl Client {
    /// A new endpoint. Its `secret` is in this answer and in no other.
    pub async fn create_webhook_endpoint(&self, endpoint: &CreateWebhookEndpoint) -> Result<WebhookEndpoint, Error> {
        self.post(&["v1", "webhook_endpoints"], endpoint).await
    }

    /// One endpoint.
    pub async fn webhook_endpoint(&self, id: &str) -> Result<WebhookEndpoint, Error> {
        self.get(&["v1", "webhook_endpoints", id]).await
    }

    /// Endpoints, newest first.
    pub async fn webhook_endpoints(&self, page: &Page) -> Result<List<WebhookEndpoint>, Error> {
        self.list(&["v1", "webhook_endpoints"], &page.params()).await
    }

    /// Changes what is given of an endpoint.
    pub async fn update_webhook_endpoint(
        &self,
        id: &str,
        change: &UpdateWebhookEndpoint,
    ) -> Result<WebhookEndpoint, Error> {
        self.patch(&["v1", "webhook_endpoints", id], change).await
    }

    /// Ends an endpoint for ever, and what was on its way to it.
    pub async fn delete_webhook_endpoint(&self, id: &str) -> Result<WebhookEndpoint, Error> {
        self.delete(&["v1", "webhook_endpoints", id]).await
    }

    /// Has an endpoint served again.
    pub async fn enable_webhook_endpoint(&self, id: &str) -> Result<WebhookEndpoint, Error> {
        self.post(&["v1", "webhook_endpoints", id, "enable"], &Nothing {}).await
    }

    /// Has an endpoint served no more.
    pub async fn disable_webhook_endpoint(&self, id: &str) -> Result<WebhookEndpoint, Error> {
        self.post(&["v1", "webhook_endpoints", id, "disable"], &Nothing {}).await
    }

    /// A new secret, in this answer and in no other; the one before stays good for so long.
    pub async fn rotate_webhook_secret(&self, id: &str, rotate: &RotateSecret) -> Result<WebhookEndpoint, Error> {
        self.post(&["v1", "webhook_endpoints", id, "rotate_secret"], rotate).await
    }

    /// Sends an endpoint an event made for it alone.
    pub async fn test_webhook_endpoint(&self, id: &str) -> Result<Delivery, Error> {
        self.post(&["v1", "webhook_endpoints", id, "test"], &Nothing {}).await
    }

    /// Has many events sent to an endpoint once more, at most a thousand in one call.
    pub async fn replay_events(&self, id: &str, replay: &Replay) -> Result<Replayed, Error> {
        self.post(&["v1", "webhook_endpoints", id, "replay"], replay).await
    }
}
