//! The SQL of programs. The API password is a sealed blob here; opening it is the gateway's business.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::ProgramId;
use domain::program::Program;

/// A program with its sealed API password.
pub struct Stored {
    /// The program.
    pub program: Program,
    /// The API password, encrypted.
    pub sealed: Vec<u8>,
}

const ALL: &str = "select * from program order by id";
const BY_ID: &str = "select * from program where id = $1";
const INSERT: &str = "insert into program (id, name, program_id, environment, dialect, username, sealed, return_url, \
    callback_token, version, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE: &str = "update program set name = $1, username = $2, sealed = $3, return_url = $4, version = $5, \
    updated_at = $6 where id = $7 and version = $8";

pub(crate) const STATEMENTS: &[&str] = &[ALL, BY_ID, INSERT, UPDATE];

/// Every program.
pub fn all() -> Query<Stored> {
    Query::new(ALL, args![])
}

/// One program.
pub fn by_id(id: &ProgramId) -> Query<Stored> {
    Query::new(BY_ID, args![id.as_str()])
}

/// A new program.
pub fn insert(p: &Program, sealed: &[u8]) -> Write {
    let args = args![
        p.id.as_str(),
        p.name.as_str(),
        p.program_id.as_str(),
        p.environment.as_str(),
        p.dialect.as_str(),
        p.username.as_str(),
        sealed,
        p.return_url.as_deref(),
        p.callback_token.as_str(),
        p.version,
        p.created_at.micros(),
        p.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The program as it is now; it must be one version ahead of the row.
pub fn update(p: &Program, sealed: &[u8]) -> Write {
    let args = args![
        p.name.as_str(),
        p.username.as_str(),
        sealed,
        p.return_url.as_deref(),
        p.version,
        p.updated_at.micros(),
        p.id.as_str(),
        p.version - 1,
    ];
    Write::one(UPDATE, args)
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            program: Program {
                id: row.parse("id")?,
                name: row.text("name")?,
                program_id: row.text("program_id")?,
                environment: row.parse("environment")?,
                dialect: row.parse("dialect")?,
                username: row.text("username")?,
                return_url: row.opt_text("return_url")?,
                callback_token: row.text("callback_token")?,
                version: row.int("version")?,
                created_at: cells::time(row, "created_at")?,
                updated_at: cells::time(row, "updated_at")?,
            },
            sealed: row.blob("sealed")?,
        })
    }
}
