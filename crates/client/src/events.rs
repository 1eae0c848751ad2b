//! `/v1/events`.

use crate::{Client, Error};
use api::{Event, List};

/// Which events to list. Either a type or a subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only after the event with this id.
    pub after: Option<String>,
    /// Only after this place in the order.
    pub after_sequence: Option<i64>,
    /// Only of this type, such as `charge.succeeded`.
    pub kind: Option<String>,
    /// Only about the thing with this id.
    pub subject: Option<String>,
    /// How many, 1 to 100; the gateway's default if not given.
    pub limit: Option<u8>,
}

impl Client {
    /// Events, oldest first.
    pub async fn events(&self, filter: &EventFilter) -> Result<List<Event>, Error> {
        let params = [
            ("after", filter.after.clone()),
            ("after_sequence", filter.after_sequence.map(|sequence| sequence.to_string())),
            ("type", filter.kind.clone()),
            ("subject", filter.subject.clone()),
            ("limit", filter.limit.map(|limit| limit.to_string())),
        ];
        let params: Vec<_> = params.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        self.list(&["v1", "events"], &params).await
    }

    /// The newest event, if there is any: from its `sequence` on, everything that follows can be listed.
    pub async fn newest_event(&self) -> Result<Option<Event>, Error> {
        let params = [("newest", "true".to_owned()), ("limit", "1".to_owned())];
        Ok(self.list::<Event>(&["v1", "events"], &params).await?.data.into_iter().next())
    }

    /// One event.
    pub async fn event(&self, id: &str) -> Result<Event, Error> {
        self.get(&["v1", "events", id]).await
    }
}
