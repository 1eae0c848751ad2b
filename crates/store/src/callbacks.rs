//! The SQL of the callback inbox: one row per distinct callback, however often it comes.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args};
use domain::callback::{Callback, State};
use domain::{CallbackId, ProgramId, Time};

const BY_ID: &str = "select * from callback where program = $1 and id = $2";
const BY_DIGEST: &str = "select * from callback where program = $1 and digest = $2";
const PAGE: &str = "select * from callback where program = $1 and id < $2 order by id desc limit $3";
// A repeated callback is counted and digested again: the payee may have been approved a second time.
const RECEIVE: &str = "insert into callback (id, program, digest, method, event, query, body, times, state, \
    received_at, last_received_at) values ($1, $2, $3, $4, $5, $6, $7, 1, 'received', $8, $9) \
    on conflict (program, digest) do update set times = callback.times + 1, state = 'received', \
    last_received_at = excluded.last_received_at";
// By id, which is ordered by time.
const NEWEST: &str = "select received_at from callback order by id desc limit 1";
const DIGESTED: &str = "update callback set state = $1, interpretation = $2 where id = $3";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, BY_DIGEST, PAGE, RECEIVE, NEWEST, DIGESTED];

/// One callback of a program.
pub fn by_id(program: &ProgramId, id: &CallbackId) -> Query<Callback> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// The callback with this digest.
pub fn by_digest(program: &ProgramId, digest: &[u8]) -> Query<Callback> {
    Query::new(BY_DIGEST, args![program.as_str(), digest])
}

/// Newest first.
pub fn page(program: &ProgramId, page: &Page) -> Query<Callback> {
    Query::new(PAGE, args![program.as_str(), page.before(), page.limit])
}

/// When a callback came.
#[derive(Debug, Clone, Copy)]
pub struct Came(pub Time);

/// When the newest callback of all programs came for the first time.
pub fn newest() -> Query<Came> {
    Query::new(NEWEST, args![])
}

/// A callback came in, for the first time or again.
pub fn receive(c: &Callback) -> Write {
    let args = args![
        c.id.as_str(),
        c.program.as_str(),
        c.digest.as_slice(),
        c.method.as_str(),
        c.event.as_deref(),
        c.query.as_str(),
        c.body.as_slice(),
        c.received_at.micros(),
        c.last_received_at.micros(),
    ];
    Write::one(RECEIVE, args)
}

/// What was made of it.
pub fn digested(id: &CallbackId, state: State, interpretation: &str) -> Write {
    Write::one(DIGESTED, args![state.as_str(), interpretation, id.as_str()])
}

impl FromRow for Came {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        cells::time(row, "received_at").map(Self)
    }
}

impl FromRow for Callback {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            digest: row.blob("digest")?,
            method: row.text("method")?,
            event: row.opt_text("event")?,
            query: row.text("query")?,
            body: row.blob("body")?,
            times: row.int("times")?,
            state: row.parse("state")?,
            interpretation: row.opt_text("interpretation")?,
            received_at: cells::time(row, "received_at")?,
            last_received_at: cells::time(row, "last_received_at")?,
        })
    }
}
