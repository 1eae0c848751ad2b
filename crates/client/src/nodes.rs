//! `/v1/nodes`.

use crate::{Client, Error};
use api::{List, Node};

impl Client {
    /// The processes that serve from the merchant's database.
    pub async fn nodes(&self) -> Result<List<Node>, Error> {
        self.get(&["v1", "nodes"]).await
    }
}
