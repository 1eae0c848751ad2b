//! `/v1/callbacks`.

use crate::request::Nothing;
use crate::{Client, Error, Page};
use api::{Callback, List};

impl Client {
    /// One callback, as it came from Payoneer.
    pub async fn callback(&self, id: &str) -> Result<Callback, Error> {
        self.get(&["v1", "callbacks", id]).await
    }

    /// Callbacks, newest first.
    pub async fn callbacks(&self, page: &Page) -> Result<List<Callback>, Error> {
        self.list(&["v1", "callbacks"], &page.params()).await
    }

    /// Has a callback interpreted once more.
    pub async fn reprocess_callback(&self, id: &str) -> Result<Callback, Error> {
        self.post(&["v1", "callbacks", id, "reprocess"], &Nothing {}).await
    }
}
