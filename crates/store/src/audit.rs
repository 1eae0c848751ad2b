//! The SQL of the audit log: inserted in the commit of the change it tells of, then only read.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::ProgramId;
use domain::audit::{Actor, Entry};

// Two pages, each by the index, and the newest of both: what concerns the whole installation concerns each program.
const PAGE: &str = "select * from (select * from audit where program = $1 and sequence < $2 order by sequence desc \
    limit $3) own union all select * from (select * from audit where program is null and sequence < $2 \
    order by sequence desc limit $3) shared order by sequence desc limit $3";
const PLACE: &str = "select sequence from audit where id = $1 and (program = $2 or program is null)";
const INSERT: &str = "insert into audit (id, program, actor, action, subject, reason, was, became, at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

pub(crate) const STATEMENTS: &[&str] = &[PAGE, PLACE, INSERT];

/// The place of an entry in the order in which all were committed.
#[derive(Debug, Clone, Copy)]
pub struct Place(pub i64);

/// The place of one entry that concerns a program.
pub fn place(program: &ProgramId, id: &str) -> Query<Place> {
    Query::new(PLACE, args![id, program.as_str()])
}

/// Newest first, before that place: what concerns a program, or the whole installation.
pub fn page(program: &ProgramId, before: Option<Place>, limit: i64) -> Query<Entry> {
    Query::new(PAGE, args![program.as_str(), before.map_or(i64::MAX, |place| place.0), limit])
}

/// A new entry.
pub fn insert(e: &Entry) -> Write {
    let args = args![
        e.id.as_str(),
        e.program.as_ref().map(ProgramId::as_str),
        e.actor.as_str(),
        e.action.as_str(),
        e.subject.as_str(),
        e.reason.as_deref(),
        e.before.as_deref(),
        e.after.as_deref(),
        e.at.micros(),
    ];
    Write::one(INSERT, args)
}

impl FromRow for Place {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("sequence").map(Self)
    }
}

impl FromRow for Entry {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.opt_parse("program")?,
            actor: Actor::stored(row.text("actor")?),
            action: row.parse("action")?,
            subject: row.text("subject")?,
            reason: row.opt_text("reason")?,
            before: row.opt_text("was")?,
            after: row.opt_text("became")?,
            at: cells::time(row, "at")?,
        })
    }
}
