//! The SQL of checkout sessions.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::checkout::CheckoutSession;
use domain::{ChargeId, CheckoutSessionId, ProgramId, Reference};

const BY_ID: &str = "select * from checkout_session where program = $1 and id = $2";
const ANY_BY_ID: &str = "select * from checkout_session where id = $1";
const BY_TOKEN: &str = "select * from checkout_session where token = $1";
const OF_CHARGE: &str = "select * from checkout_session where charge = $1";
const INSERT: &str = "insert into checkout_session (id, program, payee_id, token, amount_minor, currency, \
    description, client_reference_id, success_url, cancel_url, language, tries, charge, state, version, expires_at, \
    created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
const UPDATE: &str = "update checkout_session set tries = $1, charge = $2, state = $3, version = $4, updated_at = $5 \
    where id = $6 and version = $7";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, ANY_BY_ID, BY_TOKEN, OF_CHARGE, INSERT, UPDATE];

/// One session of a program.
pub fn by_id(program: &ProgramId, id: &CheckoutSessionId) -> Query<CheckoutSession> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// One session, for workers, which serve every program.
pub fn any_by_id(id: &str) -> Query<CheckoutSession> {
    Query::new(ANY_BY_ID, args![id])
}

/// The session whose page is asked for.
pub fn by_token(token: &str) -> Query<CheckoutSession> {
    Query::new(BY_TOKEN, args![token])
}

/// The session that a charge belongs to, where there is one.
pub fn of_charge(charge: &ChargeId) -> Query<CheckoutSession> {
    Query::new(OF_CHARGE, args![charge.as_str()])
}

/// A new session.
pub fn insert(s: &CheckoutSession) -> Write {
    let args = args![
        s.id.as_str(),
        s.program.as_str(),
        s.payee_id.as_str(),
        s.token.as_str(),
        s.money.minor(),
        s.money.currency().code(),
        s.description.as_str(),
        s.client_reference_id.as_ref().map(Reference::as_str),
        s.success_url.as_str(),
        s.cancel_url.as_deref(),
        s.language.as_deref(),
        s.tries,
        s.charge.as_ref().map(ChargeId::as_str),
        s.state.as_str(),
        s.version,
        s.expires_at.micros(),
        s.created_at.micros(),
        s.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The session as it is now; it must be one version ahead of the row.
pub fn update(s: &CheckoutSession) -> Write {
    let args = args![
        s.tries,
        s.charge.as_ref().map(ChargeId::as_str),
        s.state.as_str(),
        s.version,
        s.updated_at.micros(),
        s.id.as_str(),
        s.version - 1,
    ];
    Write::one(UPDATE, args)
}

impl FromRow for CheckoutSession {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            payee_id: row.parse("payee_id")?,
            token: row.text("token")?,
            money: cells::money(row)?,
            description: row.parse("description")?,
            client_reference_id: row.opt_parse("client_reference_id")?,
            success_url: row.text("success_url")?,
            cancel_url: row.opt_text("cancel_url")?,
            language: row.opt_text("language")?,
            tries: row.int("tries")?,
            charge: row.opt_parse("charge")?,
            state: row.parse("state")?,
            version: row.int("version")?,
            expires_at: cells::time(row, "expires_at")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}
