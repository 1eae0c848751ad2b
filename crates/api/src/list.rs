//! A page of a list, and how to ask for the next one.

use serde::{Deserialize, Serialize};

/// One page. Newest first, except for events, which come oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// Always `list`.
    pub object: String,
    /// The resources.
    pub data: Vec<T>,
    /// What to pass as `cursor` (for events: as `after`) to get the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A page of these.
    pub fn new(data: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { object: "list".to_owned(), data, next_cursor }
    }
}
