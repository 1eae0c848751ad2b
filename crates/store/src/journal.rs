//! The SQL of the journal: one row is one transfer between two accounts, so every entry balances.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::journal::Transfer;
use domain::{JournalEntryId, Money, ProgramId, Time};

/// A transfer as it stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place.
    pub sequence: i64,
    /// The charge or payout that moved the money.
    pub subject: String,
    /// Whose balance fell, as text.
    pub debit: String,
    /// Whose balance rose, as text.
    pub credit: String,
    /// By how much.
    pub money: Money,
    /// When.
    pub created_at: Time,
}

const OF_SUBJECT: &str = "select * from journal where subject = $1 order by sequence";
const AFTER: &str = "select * from journal where program = $1 and sequence > $2 order by sequence limit $3";
const INSERT: &str = "insert into journal (id, program, subject, debit, credit, amount_minor, currency, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";

pub(crate) const STATEMENTS: &[&str] = &[OF_SUBJECT, AFTER, INSERT];

/// What a charge or payout moved.
pub fn of_subject(subject: &str) -> Query<Entry> {
    Query::new(OF_SUBJECT, args![subject])
}

/// Oldest first, after that place in the order.
pub fn after(program: &ProgramId, sequence: i64, limit: i64) -> Query<Entry> {
    Query::new(AFTER, args![program.as_str(), sequence, limit])
}

/// A new entry.
pub fn insert(id: &JournalEntryId, program: &ProgramId, t: &Transfer, now: Time) -> Write {
    let args = args![
        id.as_str(),
        program.as_str(),
        t.subject.as_str(),
        t.debit.to_string(),
        t.credit.to_string(),
        t.money.minor(),
        t.money.currency().code(),
        now.micros(),
    ];
    Write::one(INSERT, args)
}

impl FromRow for Entry {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            sequence: row.int("sequence")?,
            subject: row.text("subject")?,
            debit: row.text("debit")?,
            credit: row.text("credit")?,
            money: cells::money(row)?,
            created_at: cells::time(row, "created_at")?,
        })
    }
}
