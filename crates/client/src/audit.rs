//! `/v1/audit`.

use crate::{Client, Error, Page};
use api::{AuditEntry, List};

impl Client {
    /// Every administrative change, newest first.
    pub async fn audit(&self, page: &Page) -> Result<List<AuditEntry>, Error> {
        self.list(&["v1", "audit"], &page.params()).await
    }
}
