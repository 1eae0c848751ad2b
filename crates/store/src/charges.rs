//! The SQL of charges.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args, failure};
use domain::charge::Charge;
use domain::{ChargeId, IdempotencyKey, PayeeId, ProgramId, Reference};

const BY_ID: &str = "select * from charge where program = $1 and id = $2";
const ANY_BY_ID: &str = "select * from charge where id = $1";
const BY_REFERENCE: &str = "select * from charge where program = $1 and lower(reference) = lower($2)";
const BY_KEY: &str = "select * from charge where program = $1 and idempotency_key = $2";
const BY_PURPOSE: &str =
    "select * from charge where program = $1 and purpose = $2 and state in ('processing', 'requires_action')";
const PAGE: &str = "select * from charge where program = $1 and id < $2 order by id desc limit $3";
const PAGE_OF_ATTENTION: &str = "select * from charge where program = $1 and attention_since is not null \
    and ($2::text is null or payee_id = $2) and id < $3 order by id desc limit $4";
const PAGE_OF_PAYEE: &str =
    "select * from charge where program = $1 and payee_id = $2 and id < $3 order by id desc limit $4";
const PAGE_OF_STATE: &str =
    "select * from charge where program = $1 and state = $2 and unknown = $3 and id < $4 order by id desc limit $5";
const PAGE_OF_PAYEE_AND_STATE: &str = "select * from charge where program = $1 and payee_id = $2 and state = $3 \
    and unknown = $4 and id < $5 order by id desc limit $6";
const INSERT: &str = "insert into charge (id, program, payee_id, amount_minor, currency, description, \
    client_reference_id, reference, idempotency_key, purpose, metadata, state, unknown, attention_since, failure, \
    refund, version, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
const UPDATE: &str = "update charge set state = $1, unknown = $2, attention_since = $3, failure = $4, refund = $5, \
    version = $6, updated_at = $7 where id = $8 and version = $9";

pub(crate) const STATEMENTS: &[&str] = &[
    BY_ID,
    ANY_BY_ID,
    BY_REFERENCE,
    BY_KEY,
    BY_PURPOSE,
    PAGE,
    PAGE_OF_ATTENTION,
    PAGE_OF_PAYEE,
    PAGE_OF_STATE,
    PAGE_OF_PAYEE_AND_STATE,
    INSERT,
    UPDATE,
];

/// One charge of a program.
pub fn by_id(program: &ProgramId, id: &ChargeId) -> Query<Charge> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// One charge, for workers, which serve every program.
pub fn any_by_id(id: &str) -> Query<Charge> {
    Query::new(ANY_BY_ID, args![id])
}

/// The charge that Payoneer knows by this reference, in any case.
pub fn by_reference(program: &ProgramId, reference: &Reference) -> Query<Charge> {
    Query::new(BY_REFERENCE, args![program.as_str(), reference.as_str()])
}

/// The charge that was asked for under this key.
pub fn by_key(program: &ProgramId, key: &IdempotencyKey) -> Query<Charge> {
    Query::new(BY_KEY, args![program.as_str(), key.as_str()])
}

/// The undecided charge of a purpose.
pub fn by_purpose(program: &ProgramId, purpose: &str) -> Query<Charge> {
    Query::new(BY_PURPOSE, args![program.as_str(), purpose])
}

/// Which charges a list shows. Without any of it: all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this payee.
    pub payee_id: Option<PayeeId>,
    /// Only with this status, as a merchant is shown it.
    pub status: Option<Status>,
}

/// The status of a list's charges: a state, or `unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In this state and not unknown.
    State(domain::charge::State),
    /// Unknown.
    Unknown,
}

impl Status {
    /// Reads what `Charge::status` shows.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "unknown" { Some(Self::Unknown) } else { domain::charge::State::parse(text).map(Self::State) }
    }

    const fn columns(self) -> (&'static str, bool) {
        match self {
            Self::State(state) => (state.as_str(), false),
            Self::Unknown => (domain::charge::State::Processing.as_str(), true),
        }
    }
}

/// Newest first. Each combination has its own statement, so that each has its own index.
pub fn page(program: &ProgramId, filter: &Filter, page: &Page) -> Query<Charge> {
    let (program, before, limit) = (program.as_str(), page.before(), page.limit);
    match (&filter.payee_id, filter.status.map(Status::columns)) {
        (None, None) => Query::new(PAGE, args![program, before, limit]),
        (Some(payee_id), None) => Query::new(PAGE_OF_PAYEE, args![program, payee_id.as_str(), before, limit]),
        (None, Some((state, unknown))) => Query::new(PAGE_OF_STATE, args![program, state, unknown, before, limit]),
        (Some(payee_id), Some((state, unknown))) => {
            Query::new(PAGE_OF_PAYEE_AND_STATE, args![program, payee_id.as_str(), state, unknown, before, limit])
        }
    }
}

/// Newest first, only those that a person must look at.
pub fn page_of_attention(program: &ProgramId, payee_id: Option<&PayeeId>, page: &Page) -> Query<Charge> {
    let payee_id = payee_id.map(PayeeId::as_str);
    Query::new(PAGE_OF_ATTENTION, args![program.as_str(), payee_id, page.before(), page.limit])
}

/// A new charge.
pub fn insert(c: &Charge) -> Write {
    let args = args![
        c.id.as_str(),
        c.program.as_str(),
        c.payee_id.as_str(),
        c.money.minor(),
        c.money.currency().code(),
        c.description.as_str(),
        c.client_reference_id.as_ref().map(Reference::as_str),
        c.reference.as_str(),
        c.idempotency_key.as_str(),
        c.purpose.as_ref().map(domain::words::Purpose::as_str),
        c.metadata.as_deref(),
        c.state.as_str(),
        c.unknown,
        c.attention_since.map(domain::Time::micros),
        failure::text(c.failure.as_ref()),
        c.refund.as_ref().map(domain::RefundId::as_str),
        c.version,
        c.created_at.micros(),
        c.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The charge as it is now; it must be one version ahead of the row.
pub fn update(c: &Charge) -> Write {
    let args = args![
        c.state.as_str(),
        c.unknown,
        c.attention_since.map(domain::Time::micros),
        failure::text(c.failure.as_ref()),
        c.refund.as_ref().map(domain::RefundId::as_str),
        c.version,
        c.updated_at.micros(),
        c.id.as_str(),
        c.version - 1,
    ];
    Write::one(UPDATE, args)
}

impl FromRow for Charge {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            payee_id: row.parse("payee_id")?,
            money: cells::money(row)?,
            description: row.parse("description")?,
            client_reference_id: row.opt_parse("client_reference_id")?,
            reference: row.parse("reference")?,
            idempotency_key: row.parse("idempotency_key")?,
            purpose: row.opt_parse("purpose")?,
            metadata: row.opt_text("metadata")?,
            state: row.parse("state")?,
            unknown: row.bool("unknown")?,
            attention_since: cells::opt_time(row, "attention_since")?,
            failure: failure::read(row)?,
            refund: row.opt_parse("refund")?,
            version: row.int("version")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}
