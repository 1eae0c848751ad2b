//! `/v1/api_keys`.

use crate::request::Nothing;
use crate::{Client, Error, Page};
use api::{ApiKey, CreateApiKey, List, MadeApiKey};

impl Client {
    /// Makes a key of the same program; its text is in this answer and nowhere else.
    pub async fn create_api_key(&self, key: &CreateApiKey) -> Result<MadeApiKey, Error> {
        self.post(&["v1", "api_keys"], key).await
    }

    /// One key.
    pub async fn api_key(&self, id: &str) -> Result<ApiKey, Error> {
        self.get(&["v1", "api_keys", id]).await
    }

    /// Keys, newest first, closed ones too.
    pub async fn api_keys(&self, page: &Page) -> Result<List<ApiKey>, Error> {
        self.list(&["v1", "api_keys"], &page.params()).await
    }

    /// Closes a key for ever, at once.
    pub async fn revoke_api_key(&self, id: &str) -> Result<ApiKey, Error> {
        self.post(&["v1", "api_keys", id, "revoke"], &Nothing {}).await
    }
}
