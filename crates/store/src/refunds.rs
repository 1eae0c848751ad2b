//! The SQL of refunds.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args, failure};
use domain::refund::Refund;
use domain::{ChargeId, ProgramId, RefundId};

const BY_ID: &str = "select * from refund where program = $1 and id = $2";
const ANY_BY_ID: &str = "select * from refund where id = $1";
const LIVE_OF_CHARGE: &str = "select * from refund where charge = $1 and state <> 'failed'";
const PAGE: &str = "select * from refund where program = $1 and id < $2 order by id desc limit $3";
const PAGE_OF_ATTENTION: &str = "select * from refund where program = $1 and attention_since is not null and id < $2 \
    order by id desc limit $3";
const INSERT: &str = "insert into refund (id, program, charge, amount_minor, currency, idempotency_key, state, \
    unknown, attention_since, failure, version, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const UPDATE: &str = "update refund set state = $1, unknown = $2, attention_since = $3, failure = $4, version = $5, \
    updated_at = $6 where id = $7 and version = $8";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, ANY_BY_ID, LIVE_OF_CHARGE, PAGE, PAGE_OF_ATTENTION, INSERT, UPDATE];

/// One refund of a program.
pub fn by_id(program: &ProgramId, id: &RefundId) -> Query<Refund> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// One refund, for workers, which serve every program.
pub fn any_by_id(id: &str) -> Query<Refund> {
    Query::new(ANY_BY_ID, args![id])
}

/// The refund of a charge that has not failed, where there is one.
pub fn live_of_charge(charge: &ChargeId) -> Query<Refund> {
    Query::new(LIVE_OF_CHARGE, args![charge.as_str()])
}

/// Newest first.
pub fn page(program: &ProgramId, page: &Page) -> Query<Refund> {
    Query::new(PAGE, args![program.as_str(), page.before(), page.limit])
}

/// Newest first, only those that a person must look at.
pub fn page_of_attention(program: &ProgramId, page: &Page) -> Query<Refund> {
    Query::new(PAGE_OF_ATTENTION, args![program.as_str(), page.before(), page.limit])
}

/// A new refund.
pub fn insert(r: &Refund) -> Write {
    let args = args![
        r.id.as_str(),
        r.program.as_str(),
        r.charge.as_str(),
        r.money.minor(),
        r.money.currency().code(),
        r.idempotency_key.as_str(),
        r.state.as_str(),
        r.unknown,
        r.attention_since.map(domain::Time::micros),
        failure::text(r.failure.as_ref()),
        r.version,
        r.created_at.micros(),
        r.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The refund as it is now; it must be one version ahead of the row.
pub fn update(r: &Refund) -> Write {
    let args = args![
        r.state.as_str(),
        r.unknown,
        r.attention_since.map(domain::Time::micros),
        failure::text(r.failure.as_ref()),
        r.version,
        r.updated_at.micros(),
        r.id.as_str(),
        r.version - 1,
    ];
    Write::one(UPDATE, args)
}

impl FromRow for Refund {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            charge: row.parse("charge")?,
            money: cells::money(row)?,
            idempotency_key: row.parse("idempotency_key")?,
            state: row.parse("state")?,
            unknown: row.bool("unknown")?,
            attention_since: cells::opt_time(row, "attention_since")?,
            failure: failure::read(row)?,
            version: row.int("version")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}
