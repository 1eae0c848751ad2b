//! The SQL of idempotency keys: inserted in the commit of what they made, never changed, never deleted.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::idempotency::Used;
use domain::{IdempotencyKey, ProgramId};

const BY_KEY: &str = "select * from idempotency where program = $1 and key = $2";
const INSERT: &str = "insert into idempotency (program, key, operation, fingerprint, subject, created_at) \
    values ($1, $2, $3, $4, $5, $6)";

pub(crate) const STATEMENTS: &[&str] = &[BY_KEY, INSERT];

/// What a key was used for.
pub fn by_key(program: &ProgramId, key: &IdempotencyKey) -> Query<Used> {
    Query::new(BY_KEY, args![program.as_str(), key.as_str()])
}

/// A key is used; a duplicate means that somebody was first.
pub fn insert(used: &Used) -> Write {
    let args = args![
        used.program.as_str(),
        used.key.as_str(),
        used.operation.as_str(),
        used.fingerprint.as_slice(),
        used.subject.as_str(),
        used.created_at.micros(),
    ];
    Write::one(INSERT, args)
}

impl FromRow for Used {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            program: row.parse("program")?,
            key: row.parse("key")?,
            operation: row.parse("operation")?,
            fingerprint: row.blob("fingerprint")?,
            subject: row.text("subject")?,
            created_at: cells::time(row, "created_at")?,
        })
    }
}
