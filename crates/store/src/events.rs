//! The SQL of events: inserted in the commit of the change they tell of, then only read.

use crate::{BadRow, Batch, FromRow, Query, Row, Value, Write, args, cells};
use domain::event::{Event, EventType};
use domain::{EventId, ProgramId};

/// An event with its place in the order of all events.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its place.
    pub sequence: i64,
    /// The event.
    pub event: Event,
}

const BY_ID: &str = "select * from event where program = $1 and id = $2";
const AFTER: &str = "select * from settled_event where program = $1 and sequence > $2 order by sequence limit $3";
const AFTER_OF_KIND: &str =
    "select * from settled_event where program = $1 and sequence > $2 and kind = $3 order by sequence limit $4";
const AFTER_OF_SUBJECT: &str =
    "select * from settled_event where program = $1 and sequence > $2 and subject = $3 order by sequence limit $4";
const INSERT: &str = "insert into event (id, program, kind, subject, data, created_at) values ($1, $2, $3, $4, $5, $6)";

const NEWEST: &str = "select * from event order by sequence desc limit 1";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, AFTER, AFTER_OF_KIND, AFTER_OF_SUBJECT, INSERT, NEWEST];

/// One event.
pub fn by_id(program: &ProgramId, id: &EventId) -> Query<StoredEvent> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// Which events a list shows.
#[derive(Debug, Clone)]
pub enum Filter {
    /// All of them.
    All,
    /// Only of this type.
    Kind(EventType),
    /// Only about the thing with this id.
    Subject(String),
}

/// Oldest first, after that place in the order.
pub fn after(program: &ProgramId, sequence: i64, filter: &Filter, limit: i64) -> Query<StoredEvent> {
    let program = program.as_str();
    match filter {
        Filter::All => Query::new(AFTER, args![program, sequence, limit]),
        Filter::Kind(kind) => Query::new(AFTER_OF_KIND, args![program, sequence, kind.as_str(), limit]),
        Filter::Subject(id) => Query::new(AFTER_OF_SUBJECT, args![program, sequence, id.as_str(), limit]),
    }
}

/// The newest event of all programs.
pub fn newest() -> Query<StoredEvent> {
    Query::new(NEWEST, args![])
}

/// The kinds of the events in a batch, for whoever counts them.
pub(crate) fn kinds(batch: &Batch) -> Vec<String> {
    let kind = |write: &Write| match (write.sql == INSERT, write.args.get(2)) {
        (true, Some(Value::Text(kind))) => Some(kind.clone()),
        _ => None,
    };
    batch.writes.iter().filter_map(kind).collect()
}

/// A new event.
pub fn insert(e: &Event) -> Write {
    let args = args![
        e.id.as_str(),
        e.program.as_str(),
        e.kind.as_str(),
        e.subject.as_str(),
        e.data.as_str(),
        e.created_at.micros(),
    ];
    Write::one(INSERT, args)
}

impl FromRow for StoredEvent {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            sequence: row.int("sequence")?,
            event: Event {
                id: row.parse("id")?,
                program: row.parse("program")?,
                kind: row.parse("kind")?,
                subject: row.text("subject")?,
                data: row.text("data")?,
                created_at: cells::time(row, "created_at")?,
            },
        })
    }
}
