//! The SQL of quarantines: what the lookout found, and how an operator left it. Rows are made by the engine alone.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::Time;

/// A time when the database was taken for one that went back in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// Counts quarantines of this database.
    pub sequence: i64,
    /// Why: `lower`, `other_history`, `too_long_ago`, `no_head_file` or `unreadable_head_file`.
    pub cause: String,
    /// How many commits the database had.
    pub head_sequence: i64,
    /// How many commits were seen before, where that is known.
    pub seen_sequence: Option<i64>,
    /// Who left it; nobody while it lasts.
    pub left_by: Option<String>,
    /// Why it was left, in the operator's words.
    pub left_reason: Option<String>,
    /// When it was left.
    pub left_at: Option<Time>,
}

const ALL: &str = "select * from quarantine order by sequence";
const LEAVE: &str = "update quarantine set left_by = $1, left_reason = $2, left_at = $3 where left_at is null";

pub(crate) const STATEMENTS: &[&str] = &[ALL, LEAVE];

/// Every quarantine, oldest first.
pub fn all() -> Query<Quarantine> {
    Query::new(ALL, args![])
}

/// An operator lets the database go on; stale when there is nothing to leave.
pub fn leave(by: &str, reason: &str, at: Time) -> Write {
    Write::one(LEAVE, args![by, reason, at.micros()])
}

impl FromRow for Quarantine {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            sequence: row.int("sequence")?,
            cause: row.text("cause")?,
            head_sequence: row.int("head_sequence")?,
            seen_sequence: row.opt_int("seen_sequence")?,
            left_by: row.opt_text("left_by")?,
            left_reason: row.opt_text("left_reason")?,
            left_at: cells::opt_time(row, "left_at")?,
        })
    }
}
