//! Events: the facts in the order in which they were committed.

use super::{Engine, Error};
use domain::EventId;
use domain::program::Program;
use store::events::{Filter, StoredEvent};

/// From where to list events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// From the first.
    Start,
    /// From the one after this.
    Event(EventId),
    /// From the one after this place.
    Sequence(i64),
}

impl Engine {
    /// Events after that place, oldest first.
    pub async fn events(
        &self,
        program: &Program,
        after: &After,
        filter: &Filter,
        limit: i64,
    ) -> Result<Vec<StoredEvent>, Error> {
        let sequence = match after {
            After::Start => 0,
            After::Event(id) => self.event(program, id).await?.sequence,
            After::Sequence(sequence) => *sequence,
        };
        Ok(self.store.read(store::events::after(&program.id, sequence, filter, limit)).await?)
    }

    /// The newest events, newest first.
    pub async fn newest_events(&self, program: &Program, limit: i64) -> Result<Vec<StoredEvent>, Error> {
        Ok(self.store.read(store::events::newest_of(&program.id, limit)).await?)
    }

    /// One event.
    pub async fn event(&self, program: &Program, id: &EventId) -> Result<StoredEvent, Error> {
        let event = self.store.read_one(store::events::by_id(&program.id, id)).await?;
        event.ok_or(Error::NotFound { noun: "event" })
    }
}
