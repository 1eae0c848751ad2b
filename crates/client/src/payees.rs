//! `/v1/payees`.

use crate::request::Nothing;
use crate::{Client, Error, Page};
use api::{List, Payee};

impl Client {
    /// One payee, with its mandate and how fresh the knowledge of it is.
    pub async fn payee(&self, payee_id: &str) -> Result<Payee, Error> {
        self.get(&["v1", "payees", payee_id]).await
    }

    /// Payees, newest first.
    pub async fn payees(&self, page: &Page) -> Result<List<Payee>, Error> {
        self.list(&["v1", "payees"], &page.params()).await
    }

    /// Has Payoneer asked about a payee now.
    pub async fn refresh_payee(&self, payee_id: &str) -> Result<Payee, Error> {
        self.post(&["v1", "payees", payee_id, "refresh"], &Nothing {}).await
    }

    /// Releases a payee at Payoneer: it can no longer be charged.
    pub async fn revoke_payee(&self, payee_id: &str) -> Result<Payee, Error> {
        self.post(&["v1", "payees", payee_id, "revoke"], &Nothing {}).await
    }
}
