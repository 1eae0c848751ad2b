//! The SQL of API keys. Only hashes of secrets are ever stored.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args};
use domain::api_key::{ApiKey, Scope};
use domain::id::ApiKeyId;
use domain::{ProgramId, Time};

const BY_ID: &str = "select * from api_key where id = $1";
const OF_PROGRAM: &str = "select * from api_key where program = $1 order by id";
const OF_PROGRAM_BY_ID: &str = "select * from api_key where program = $1 and id = $2";
const PAGE: &str = "select * from api_key where program = $1 and id < $2 order by id desc limit $3";
const INSERT: &str = "insert into api_key (id, program, name, scopes, hash, origin, created_at, expires_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const TOUCH: &str =
    "update api_key set last_used_at = $1 where id = $2 and (last_used_at is null or last_used_at < $3)";
const REVOKE: &str = "update api_key set revoked_at = $1 where id = $2 and revoked_at is null";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, OF_PROGRAM, OF_PROGRAM_BY_ID, PAGE, INSERT, TOUCH, REVOKE];

/// One key.
pub fn by_id(id: &ApiKeyId) -> Query<ApiKey> {
    Query::new(BY_ID, args![id.as_str()])
}

/// All keys of a program, revoked ones too.
pub fn of_program(program: &ProgramId) -> Query<ApiKey> {
    Query::new(OF_PROGRAM, args![program.as_str()])
}

/// A new key.
pub fn insert(key: &ApiKey) -> Write {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let args = args![
        key.id.as_str(),
        key.program.as_str(),
        key.name.as_str(),
        scopes.join(" "),
        key.hash.as_slice(),
        key.origin.as_str(),
        key.created_at.micros(),
        key.expires_at.map(Time::micros),
    ];
    Write::one(INSERT, args)
}

/// One key of a program.
pub fn of_program_by_id(program: &ProgramId, id: &ApiKeyId) -> Query<ApiKey> {
    Query::new(OF_PROGRAM_BY_ID, args![program.as_str(), id.as_str()])
}

/// Newest first.
pub fn page(program: &ProgramId, page: &Page) -> Query<ApiKey> {
    Query::new(PAGE, args![program.as_str(), page.before(), page.limit])
}

/// Remembers that it was used, unless that was remembered since the other instant.
pub fn touch(id: &ApiKeyId, now: Time, unless_since: Time) -> Write {
    Write::any(TOUCH, args![now.micros(), id.as_str(), unless_since.micros()])
}

/// Closes it for ever; stale if it is closed already.
pub fn revoke(id: &ApiKeyId, now: Time) -> Write {
    Write::one(REVOKE, args![now.micros(), id.as_str()])
}

impl FromRow for ApiKey {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        let scopes: Result<Vec<Scope>, _> = row.str("scopes")?.split(' ').map(str::parse).collect();
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            name: row.text("name")?,
            scopes: scopes.map_err(|e| BadRow::meaning("scopes", e))?,
            hash: row.blob("hash")?,
            origin: row.parse("origin")?,
            created_at: cells::time(row, "created_at")?,
            expires_at: cells::opt_time(row, "expires_at")?,
            last_used_at: cells::opt_time(row, "last_used_at")?,
            revoked_at: cells::opt_time(row, "revoked_at")?,
        })
    }
}
