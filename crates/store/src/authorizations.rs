//! The SQL of authorization sessions.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::authorization::AuthorizationSession;
use domain::{AuthorizationSessionId, PayeeId, ProgramId};

const BY_ID: &str = "select * from authorization_session where program = $1 and id = $2";
const ANY_BY_ID: &str = "select * from authorization_session where id = $1";
const BY_TOKEN: &str = "select * from authorization_session where token = $1";
const OPEN_OF_PAYEE: &str =
    "select * from authorization_session where program = $1 and payee_id = $2 and state = 'open' order by id";
const INSERT: &str = "insert into authorization_session (id, program, payee_id, token, url, return_url, state, \
    version, expires_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const UPDATE: &str = "update authorization_session set state = $1, version = $2, updated_at = $3 \
    where id = $4 and version = $5";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, ANY_BY_ID, BY_TOKEN, OPEN_OF_PAYEE, INSERT, UPDATE];

/// One session of a program.
pub fn by_id(program: &ProgramId, id: &AuthorizationSessionId) -> Query<AuthorizationSession> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// One session, for workers, which serve every program.
pub fn any_by_id(id: &str) -> Query<AuthorizationSession> {
    Query::new(ANY_BY_ID, args![id])
}

/// The session that a returning browser names.
pub fn by_token(token: &str) -> Query<AuthorizationSession> {
    Query::new(BY_TOKEN, args![token])
}

/// The open sessions of a payee, oldest first.
pub fn open_of_payee(program: &ProgramId, payee_id: &PayeeId) -> Query<AuthorizationSession> {
    Query::new(OPEN_OF_PAYEE, args![program.as_str(), payee_id.as_str()])
}

/// A new session.
pub fn insert(s: &AuthorizationSession) -> Write {
    let args = args![
        s.id.as_str(),
        s.program.as_str(),
        s.payee_id.as_str(),
        s.token.as_str(),
        s.url.as_str(),
        s.return_url.as_str(),
        s.state.as_str(),
        s.version,
        s.expires_at.micros(),
        s.created_at.micros(),
        s.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The session as it is now; it must be one version ahead of the row.
pub fn update(s: &AuthorizationSession) -> Write {
    let args = args![s.state.as_str(), s.version, s.updated_at.micros(), s.id.as_str(), s.version - 1];
    Write::one(UPDATE, args)
}

impl FromRow for AuthorizationSession {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            payee_id: row.parse("payee_id")?,
            token: row.text("token")?,
            url: row.text("url")?,
            return_url: row.text("return_url")?,
            state: row.parse("state")?,
            version: row.int("version")?,
            expires_at: cells::time(row, "expires_at")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}
