//! `/v1/deliveries`.

use crate::request::Nothing;
use crate::{Client, Error, Page};
use api::{Delivery, DeliveryStatus, List};

/// Which deliveries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only of the event with this id.
    pub event: Option<String>,
    /// Only to the endpoint with this id.
    pub endpoint: Option<String>,
    /// Only those that stand so.
    pub status: Option<DeliveryStatus>,
}

impl Client {
    /// Deliveries, newest event first, without their tries.
    pub async fn deliveries(&self, filter: &DeliveryFilter, page: &Page) -> Result<List<Delivery>, Error> {
        let mut params = page.params();
        let given = [
            ("event", filter.event.clone()),
            ("endpoint", filter.endpoint.clone()),
            ("status", filter.status.map(|status| status.as_str().to_owned())),
        ];
        params.extend(given.into_iter().filter_map(|(name, value)| Some((name, value?))));
        self.list(&["v1", "deliveries"], &params).await
    }

    /// One delivery, with its tries.
    pub async fn delivery(&self, id: &str) -> Result<Delivery, Error> {
        self.get(&["v1", "deliveries", id]).await
    }

    /// Has one event sent to one endpoint once more.
    pub async fn resend_delivery(&self, id: &str) -> Result<Delivery, Error> {
        self.post(&["v1", "deliveries", id, "resend"], &Nothing {}).await
    }
}
