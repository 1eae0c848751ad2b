//! Events: the facts in the order in which they were committed.

use super::{Engine, Error};
use domain::EventId;
use domain::program::Program;
use store::events::{Filter, StoredEvent};

impl Engine {
    /// Events after the one with this id, oldest first.
    pub async fn events(
        &self,
        program: &Program,
        after: Option<&EventId>,
        filter: &Filter,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, Error> {
        let sequence = match after {
            Some(id) => self.event(program, id).await?.sequence,
            None => 0,
        };
        Ok(self.store.read(store::events::after(&program.id, sequence, filter, limit)).await?)
    }

    /// One event.
    pub async fn event(&self, program: &Program, id: &EventId) -> Result<StoredEvent, Error> {
        let event = self.store.read_one(store::events::by_id(&program.id, id)).await?;
        event.ok_or(Error::NotFound { noun: "event" })
    }
}
