//! The SQL of mandates: one row per payee and program, for ever.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args};
use domain::mandate::Mandate;
use domain::{PayeeId, ProgramId};

const BY_PAYEE: &str = "select * from mandate where program = $1 and payee_id = $2";
const PAGE: &str = "select * from mandate where program = $1 and id < $2 order by id desc limit $3";
const INSERT: &str = "insert into mandate (id, program, payee_id, state, revoked_by, activated_at, last_verified_at, \
    version, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "update mandate set state = $1, revoked_by = $2, activated_at = $3, last_verified_at = $4, \
    version = $5, updated_at = $6 where id = $7 and version = $8";

pub(crate) const STATEMENTS: &[&str] = &[BY_PAYEE, PAGE, INSERT, UPDATE];

/// The mandate of one payee.
pub fn by_payee(program: &ProgramId, payee_id: &PayeeId) -> Query<Mandate> {
    Query::new(BY_PAYEE, args![program.as_str(), payee_id.as_str()])
}

/// Newest first.
pub fn page(program: &ProgramId, page: &Page) -> Query<Mandate> {
    Query::new(PAGE, args![program.as_str(), page.before(), page.limit])
}

/// A new mandate.
pub fn insert(m: &Mandate) -> Write {
    let args = args![
        m.id.as_str(),
        m.program.as_str(),
        m.payee_id.as_str(),
        m.state.as_str(),
        m.revoked_by.map(domain::mandate::RevokedBy::as_str),
        m.activated_at.map(domain::Time::micros),
        m.last_verified_at.map(domain::Time::micros),
        m.version,
        m.created_at.micros(),
        m.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The mandate as it is now; it must be one version ahead of the row.
pub fn update(m: &Mandate) -> Write {
    let args = args![
        m.state.as_str(),
        m.revoked_by.map(domain::mandate::RevokedBy::as_str),
        m.activated_at.map(domain::Time::micros),
        m.last_verified_at.map(domain::Time::micros),
        m.version,
        m.updated_at.micros(),
        m.id.as_str(),
        m.version - 1,
    ];
    Write::one(UPDATE, args)
}

impl FromRow for Mandate {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            payee_id: row.parse("payee_id")?,
            state: row.parse("state")?,
            revoked_by: row.opt_parse("revoked_by")?,
            activated_at: cells::opt_time(row, "activated_at")?,
            last_verified_at: cells::opt_time(row, "last_verified_at")?,
            version: row.int("version")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}
