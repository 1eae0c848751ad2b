//! The SQL of payouts.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args, failure};
use domain::payout::Payout;
use domain::{IdempotencyKey, PayeeId, PayoutId, ProgramId, Reference};

const BY_ID: &str = "select * from payout where program = $1 and id = $2";
const ANY_BY_ID: &str = "select * from payout where id = $1";
const BY_REFERENCE: &str = "select * from payout where program = $1 and lower(reference) = lower($2)";
const PAGE: &str = "select * from payout where program = $1 and id < $2 order by id desc limit $3";
const PAGE_OF_ATTENTION: &str = "select * from payout where program = $1 and attention_since is not null and id < $2 \
    order by id desc limit $3";
const BY_KEY: &str = "select * from payout where program = $1 and idempotency_key = $2";
const PAGE_OF_PAYEE: &str =
    "select * from payout where program = $1 and payee_id = $2 and id < $3 order by id desc limit $4";
const PAGE_OF_STATE: &str =
    "select * from payout where program = $1 and state = $2 and unknown = $3 and id < $4 order by id desc limit $5";
const PAGE_OF_PAYEE_AND_STATE: &str = "select * from payout where program = $1 and payee_id = $2 and state = $3 \
    and unknown = $4 and id < $5 order by id desc limit $6";
const INSERT: &str = "insert into payout (id, program, payee_id, amount_minor, currency, description, \
    client_reference_id, reference, idempotency_key, provider_payout_id, state, unknown, attention_since, failure, \
    looks, version, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
const UPDATE: &str = "update payout set provider_payout_id = $1, state = $2, unknown = $3, attention_since = $4, \
    failure = $5, looks = $6, version = $7, updated_at = $8 where id = $9 and version = $10";

pub(crate) const STATEMENTS: &[&str] = &[
    BY_ID,
    ANY_BY_ID,
    BY_REFERENCE,
    BY_KEY,
    PAGE,
    PAGE_OF_ATTENTION,
    PAGE_OF_PAYEE,
    PAGE_OF_STATE,
    PAGE_OF_PAYEE_AND_STATE,
    INSERT,
    UPDATE,
];

/// One payout of a program.
pub fn by_id(program: &ProgramId, id: &PayoutId) -> Query<Payout> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// One payout, for workers, which serve every program.
pub fn any_by_id(id: &str) -> Query<Payout> {
    Query::new(ANY_BY_ID, args![id])
}

/// The payout that Payoneer knows by this reference, in any case.
pub fn by_reference(program: &ProgramId, reference: &Reference) -> Query<Payout> {
    Query::new(BY_REFERENCE, args![program.as_str(), reference.as_str()])
}

/// The payout that was asked for under this key.
pub fn by_key(program: &ProgramId, key: &IdempotencyKey) -> Query<Payout> {
    Query::new(BY_KEY, args![program.as_str(), key.as_str()])
}

/// The status of a list's payouts: a state, or `unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In this state and not unknown.
    State(domain::payout::State),
    /// Unknown.
    Unknown,
}

impl Status {
    /// Reads what `Payout::status` shows.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "unknown" { Some(Self::Unknown) } else { domain::payout::State::parse(text).map(Self::State) }
    }

    const fn columns(self) -> (&'static str, bool) {
        match self {
            Self::State(state) => (state.as_str(), false),
            Self::Unknown => (domain::payout::State::Processing.as_str(), true),
        }
    }
}

/// Newest first, only of this payee and with this status. Each combination has its own index.
pub fn page_of(
    program: &ProgramId,
    payee_id: Option<&PayeeId>,
    status: Option<Status>,
    wanted: &Page,
) -> Query<Payout> {
    let (before, limit) = (wanted.before(), wanted.limit);
    let payee = payee_id.map(PayeeId::as_str);
    match (payee, status.map(Status::columns)) {
        (None, None) => page(program, wanted),
        (Some(payee), None) => Query::new(PAGE_OF_PAYEE, args![program.as_str(), payee, before, limit]),
        (None, Some((state, unknown))) => {
            Query::new(PAGE_OF_STATE, args![program.as_str(), state, unknown, before, limit])
        }
        (Some(payee), Some((state, unknown))) => {
            Query::new(PAGE_OF_PAYEE_AND_STATE, args![program.as_str(), payee, state, unknown, before, limit])
        }
    }
}

/// Newest first.
pub fn page(program: &ProgramId, page: &Page) -> Query<Payout> {
    Query::new(PAGE, args![program.as_str(), page.before(), page.limit])
}

/// Newest first, only those that a person must look at.
pub fn page_of_attention(program: &ProgramId, page: &Page) -> Query<Payout> {
    Query::new(PAGE_OF_ATTENTION, args![program.as_str(), page.before(), page.limit])
}

/// A new payout.
pub fn insert(p: &Payout) -> Write {
    let args = args![
        p.id.as_str(),
        p.program.as_str(),
        p.payee_id.as_str(),
        p.money.minor(),
        p.money.currency().code(),
        p.description.as_str(),
        p.client_reference_id.as_ref().map(Reference::as_str),
        p.reference.as_str(),
        p.idempotency_key.as_str(),
        p.provider_payout_id.as_deref(),
        p.state.as_str(),
        p.unknown,
        p.attention_since.map(domain::Time::micros),
        failure::text(p.failure.as_ref()),
        p.looks,
        p.version,
        p.created_at.micros(),
        p.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The payout as it is now; it must be one version ahead of the row.
pub fn update(p: &Payout) -> Write {
    let args = args![
        p.provider_payout_id.as_deref(),
        p.state.as_str(),
        p.unknown,
        p.attention_since.map(domain::Time::micros),
        failure::text(p.failure.as_ref()),
        p.looks,
        p.version,
        p.updated_at.micros(),
        p.id.as_str(),
        p.version - 1,
    ];
    Write::one(UPDATE, args)
}

impl FromRow for Payout {
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
            provider_payout_id: row.opt_text("provider_payout_id")?,
            state: row.parse("state")?,
            unknown: row.bool("unknown")?,
            attention_since: cells::opt_time(row, "attention_since")?,
            failure: failure::read(row)?,
            looks: row.int("looks")?,
            version: row.int("version")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}
