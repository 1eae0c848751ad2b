//! `/v1/refunds`. A refund is begun with [`Client::refund_charge`].

use crate::{Client, Error, Page};
use api::{List, Refund};

impl Client {
    /// One refund.
    pub async fn refund(&self, id: &str) -> Result<Refund, Error> {
        self.get(&["v1", "refunds", id]).await
    }

    /// Refunds that a person must look at, newest first.
    pub async fn parked_refunds(&self, page: &Page) -> Result<List<Refund>, Error> {
        self.list(&["v1", "refunds"], &page.parked()).await
    }

    /// Refunds, newest first.
    pub async fn refunds(&self, page: &Page) -> Result<List<Refund>, Error> {
        self.list(&["v1", "refunds"], &page.params()).await
    }
}
