//! A notification from Payoneer as it came in: kept raw, interpreted later, never believed.

use crate::{CallbackId, ProgramId, Time};

text_enum! {
    /// How far a callback has come.
    pub enum State {
        /// Stored, not yet interpreted.
        Received = "received",
        /// It woke the query it called for.
        Digested = "digested",
        /// It was about nothing we know.
        Ignored = "ignored",
    }
}

/// A callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// The program whose address it came to.
    pub program: ProgramId,
    /// SHA-256 over method, target and body: one row per distinct callback.
    pub digest: Vec<u8>,
    /// The HTTP method.
    pub method: String,
    /// The event named by the address's last segment, where there is one.
    pub event: Option<String>,
    /// The query part as it came.
    pub query: String,
    /// The body, capped.
    pub body: Vec<u8>,
    /// How often the same callback came.
    pub times: i64,
    /// How far it has come.
    pub state: State,
    /// What was made of it, as JSON text.
    pub interpretation: Option<String>,
    /// When it first came.
    pub received_at: Time,
    /// When it last came.
    pub last_received_at: Time,
}
