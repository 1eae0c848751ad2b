//! The SQL of events: inserted in the commit of the change they tell of, then only read.

use crate::{BadRow, Batch, FromRow, Query, Row, Value, Write, args, cells};
use domain::event::{Event, EventType, Proof};
use domain::{AttemptId, EventId, ProgramId, Time};

/// An event with its place in the order of all events.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its place.
    pub sequence: i64,
    /// The event.
    pub event: Event,
    /// The `data` of the event before it about the same thing, if there was one.
    pub before: Option<String>,
}

// With each event the snapshot of the event before it about the same thing, to tell what changed.
macro_rules! select {
    ($from:literal where $which:literal) => {
        concat!(
            "select e.*, (select p.data from event p where p.subject = e.subject and p.sequence < e.sequence \
             order by p.sequence desc limit 1) as before from ",
            $from,
            " e where e.program = $1 and ",
            $which
        )
    };
}

const BY_ID: &str = select!("event" where "e.id = $2");
const AFTER: &str = select!("settled_event" where "e.sequence > $2 order by e.sequence limit $3");
const AFTER_OF_KIND: &str =
    select!("settled_event" where "e.sequence > $2 and e.kind = $3 order by e.sequence limit $4");
const AFTER_OF_SUBJECT: &str =
    select!("settled_event" where "e.sequence > $2 and e.subject = $3 order by e.sequence limit $4");
const NEWEST_OF: &str = select!("settled_event" where "e.sequence <= $2 order by e.sequence desc limit $3");
const NEWEST: &str = "select event.*, null as before from event order by sequence desc limit 1";
const TOLD: &str = "select id, sequence, kind, created_at from settled_event where program = $1 and sequence > $2 \
    and sequence <= $3 and id >= $4 and id < $5 order by sequence limit $6";
const INSERT: &str = "insert into event (id, program, kind, subject, version, data, evidence, attempt, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(crate) const STATEMENTS: &[&str] =
    &[BY_ID, AFTER, AFTER_OF_KIND, AFTER_OF_SUBJECT, NEWEST_OF, NEWEST, TOLD, INSERT];

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

/// Newest first.
pub fn newest_of(program: &ProgramId, limit: i64) -> Query<StoredEvent> {
    Query::new(NEWEST_OF, args![program.as_str(), i64::MAX, limit])
}

/// The last instant that an id can begin with.
pub const LAST: Time = Time::from_micros(((1 << 48) - 1) * 1_000);

/// What replaying needs to know of an event.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its place.
    pub sequence: i64,
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub created_at: Time,
}

/// A part of all events: by their place in the order, by their time, or both.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// Only events after this place.
    pub after: i64,
    /// Only events up to this place.
    pub until: i64,
    /// Only events of this instant or later.
    pub from: Time,
    /// Only events before this instant.
    pub to: Time,
}

/// The events of a range, oldest first.
pub fn told(program: &ProgramId, range: &Range, limit: i64) -> Query<Told> {
    // Ids begin with their time.
    let id = |time: Time| EventId::new(time.clamp(Time::from_micros(0), LAST), [0; 10]);
    let (from, to) = (id(range.from), id(range.to));
    Query::new(TOLD, args![program.as_str(), range.after, range.until, from.as_str(), to.as_str(), limit])
}

/// A new event.
pub fn insert(e: &Event) -> Write {
    let proof = e.proof.as_ref();
    let args = args![
        e.id.as_str(),
        e.program.as_str(),
        e.kind.as_str(),
        e.subject.as_str(),
        e.version,
        e.data.as_str(),
        proof.map(|proof| proof.evidence.as_str()),
        proof.and_then(|proof| proof.attempt.as_ref()).map(AttemptId::as_str),
        e.created_at.micros(),
    ];
    Write::one(INSERT, args)
}

impl FromRow for Told {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            sequence: row.int("sequence")?,
            id: row.parse("id")?,
            kind: row.parse("kind")?,
            created_at: cells::time(row, "created_at")?,
        })
    }
}

impl FromRow for StoredEvent {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        let evidence = row.opt_parse("evidence")?;
        let attempt = row.opt_parse("attempt")?;
        Ok(Self {
            before: row.opt_text("before")?,
            sequence: row.int("sequence")?,
            event: Event {
                id: row.parse("id")?,
                program: row.parse("program")?,
                kind: row.parse("kind")?,
                subject: row.text("subject")?,
                version: row.int("version")?,
                data: row.text("data")?,
                proof: evidence.map(|evidence| Proof { evidence, attempt }),
                created_at: cells::time(row, "created_at")?,
            },
        })
    }
}
