//! The SQL of webhook endpoints, and of the lease under which one process at a time sends to an endpoint.
//! Secrets and headers are sealed blobs here; opening them is the gateway's business.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args};
use domain::webhook_endpoint::{Health, Reason, WebhookEndpoint};
use domain::{ProgramId, Time, WebhookEndpointId};

/// An endpoint with what is sealed of it.
#[derive(Clone)]
pub struct Stored {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// What is sealed.
    pub sealed: Sealed,
    /// Counts the times its queue was leased: who holds an older epoch has lost it.
    pub epoch: i64,
}

/// The sealed parts of an endpoint.
#[derive(Clone)]
pub struct Sealed {
    /// The secret.
    pub secret: Vec<u8>,
    /// The secret before it.
    pub old_secret: Option<Vec<u8>>,
    /// The merchant's headers, if any.
    pub headers: Option<Vec<u8>>,
}

const BY_ID: &str = "select * from webhook_endpoint where program = $1 and id = $2";
const PAGE: &str = "select * from webhook_endpoint where program = $1 and state <> 'deleted' and id < $2 \
    order by id desc limit $3";
const COUNT: &str = "select count(*) as endpoints from webhook_endpoint where program = $1 and state <> 'deleted'";
const INSERT: &str = "insert into webhook_endpoint (id, program, url, description, kinds, header_names, headers, \
    secret, old_secret, old_secret_until, state, reason, failures, failing_since, rests_until, lease_until, owner, \
    epoch, version, created_at, updated_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, null, 0, $16, $17, $18)";
// A change of the endpoint does not wait for who is sending to it, and takes nothing away from them.
const UPDATE: &str = "update webhook_endpoint set url = $1, description = $2, kinds = $3, header_names = $4, \
    headers = $5, secret = $6, old_secret = $7, old_secret_until = $8, state = $9, reason = $10, version = $11, \
    updated_at = $12 where id = $13 and version = $14";
// Who is enabled again begins anew; what is still under way counts for nothing.
const HEAL: &str = "update webhook_endpoint set failures = 0, failing_since = null, rests_until = 0, lease_until = 0, \
    epoch = epoch + 1 where id = $1";
const ANY_DUE: &str = "select count(*) as endpoints from webhook_endpoint w where w.state = 'enabled' \
    and w.lease_until <= $1 and w.rests_until <= $1 and exists \
    (select 1 from delivery d where d.endpoint = w.id and d.state = 'pending' and d.due_at <= $1)";
// The one that waited longest comes first, so that none is forgotten behind a busy one.
macro_rules! lease {
    ($which:literal) => {
        concat!(
            "update webhook_endpoint set epoch = epoch + 1, lease_until = $2, owner = $3 where id in \
             (select w.id from webhook_endpoint w where w.state = 'enabled' and w.failing_since ",
            $which,
            " and w.lease_until <= $1 and w.rests_until <= $1 and exists \
             (select 1 from delivery d where d.endpoint = w.id and d.state = 'pending' and d.due_at <= $1) \
             order by w.lease_until limit $4 for update skip locked) returning *"
        )
    };
}
const LEASE_GOOD: &str = lease!("is null");
const LEASE_FAILING: &str = lease!("is not null");
const HOLD: &str = "update webhook_endpoint set failures = $1, failing_since = $2, rests_until = $3 \
    where id = $4 and owner = $5 and epoch = $6";
const RELEASE: &str =
    "update webhook_endpoint set lease_until = $1, owner = null where id = $2 and owner = $3 and epoch = $4";
const FREE: &str = "update webhook_endpoint set lease_until = 0, owner = null where owner <> $1";
const FREE_LOST: &str = "update webhook_endpoint set lease_until = 0, owner = null \
    where owner not in (select id from node where last_seen > $1)";

pub(crate) const STATEMENTS: &[&str] =
    &[BY_ID, PAGE, COUNT, INSERT, UPDATE, HEAL, ANY_DUE, LEASE_GOOD, LEASE_FAILING, HOLD, RELEASE, FREE, FREE_LOST];

/// One endpoint of a program, a deleted one too.
pub fn by_id(program: &ProgramId, id: &WebhookEndpointId) -> Query<Stored> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// Newest first, without those that were deleted.
pub fn page(program: &ProgramId, page: &Page) -> Query<Stored> {
    Query::new(PAGE, args![program.as_str(), page.before(), page.limit])
}

/// How many endpoints a program has.
pub fn count(program: &ProgramId) -> Query<Count> {
    Query::new(COUNT, args![program.as_str()])
}

/// A new endpoint.
pub fn insert(e: &WebhookEndpoint, sealed: &Sealed) -> Write {
    let args = args![
        e.id.as_str(),
        e.program.as_str(),
        e.url.as_str(),
        e.description.as_str(),
        e.kinds.to_string(),
        e.header_names.join(" "),
        sealed.headers.as_deref(),
        sealed.secret.as_slice(),
        sealed.old_secret.as_deref(),
        e.old_secret_until.map(Time::micros),
        e.state.as_str(),
        e.reason.map(Reason::as_str),
        e.health.failures,
        e.health.failing_since.map(Time::micros),
        e.health.rests_until.micros(),
        e.version,
        e.created_at.micros(),
        e.updated_at.micros(),
    ];
    Write::one(INSERT, args)
}

/// The endpoint as it is now, but for its health; it must be one version ahead of the row.
pub fn update(e: &WebhookEndpoint, sealed: &Sealed) -> Write {
    let args = args![
        e.url.as_str(),
        e.description.as_str(),
        e.kinds.to_string(),
        e.header_names.join(" "),
        sealed.headers.as_deref(),
        sealed.secret.as_slice(),
        sealed.old_secret.as_deref(),
        e.old_secret_until.map(Time::micros),
        e.state.as_str(),
        e.reason.map(Reason::as_str),
        e.version,
        e.updated_at.micros(),
        e.id.as_str(),
        e.version - 1,
    ];
    Write::one(UPDATE, args)
}

/// Forgets how badly it did, and takes its queue from whoever holds it.
pub fn heal(id: &WebhookEndpointId) -> Write {
    Write::one(HEAL, args![id.as_str()])
}

/// How many endpoints have something due that nobody is sending.
pub fn any_due(now: Time) -> Query<Count> {
    Query::new(ANY_DUE, args![now.micros()])
}

/// Takes the queues of up to `limit` endpoints with something due until `until`: of those that do well, or of those
/// that do not.
pub fn lease(is_good: bool, owner: &str, now: Time, until: Time, limit: i64) -> Query<Stored> {
    let sql = if is_good { LEASE_GOOD } else { LEASE_FAILING };
    Query::new(sql, args![now.micros(), until.micros(), owner, limit])
}

/// How well it does now; stale if the lease was lost in the meantime. Stands before what came of a try.
pub fn hold(id: &WebhookEndpointId, health: &Health, owner: &str, epoch: i64) -> Write {
    let since = health.failing_since.map(Time::micros);
    Write::one(HOLD, args![health.failures, since, health.rests_until.micros(), id.as_str(), owner, epoch])
}

/// Gives the queue back.
pub fn release(id: &WebhookEndpointId, owner: &str, epoch: i64, now: Time) -> Write {
    Write::any(RELEASE, args![now.micros(), id.as_str(), owner, epoch])
}

/// Frees what other processes had leased. Only for the one process that owns the whole database.
pub fn free(owner: &str) -> Write {
    Write::any(FREE, args![owner])
}

/// Frees what nodes had leased that were not heard of since then.
pub fn free_lost(since: Time) -> Write {
    Write::any(FREE_LOST, args![since.micros()])
}

/// A number of endpoints.
#[derive(Debug, Clone, Copy)]
pub struct Count(pub i64);

impl FromRow for Count {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("endpoints").map(Self)
    }
}

impl FromRow for Stored {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        let endpoint = WebhookEndpoint {
            id: row.parse("id")?,
            program: row.parse("program")?,
            url: row.text("url")?,
            description: row.text("description")?,
            kinds: row.parse("kinds")?,
            header_names: row.str("header_names")?.split_ascii_whitespace().map(str::to_owned).collect(),
            state: row.parse("state")?,
            reason: row.opt_parse("reason")?,
            health: Health {
                failures: row.int("failures")?,
                failing_since: cells::opt_time(row, "failing_since")?,
                rests_until: cells::time(row, "rests_until")?,
            },
            old_secret_until: cells::opt_time(row, "old_secret_until")?,
            version: row.int("version")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        };
        let sealed = Sealed {
            headers: row.opt_blob("headers")?,
            secret: row.blob("secret")?,
            old_secret: row.opt_blob("old_secret")?,
        };
        Ok(Self { endpoint, sealed, epoch: row.int("epoch")? })
    }
}
