//! The SQL of deliveries and their tries: put in the commit of their event, sent under the lease of their endpoint.

use crate::cells::{self, Page};
use crate::{BadRow, FromRow, Query, Row, Write, args};
use domain::delivery::{Delivery, DeliveryId, State, Trouble, Try};
use domain::event::{Event, EventType};
use domain::webhook_endpoint::group;
use domain::{EventId, ProgramId, Time, WebhookEndpointId};

// One row for each endpoint that wants the event; what is a test goes to the endpoint that is tested, and nowhere else.
const OF_EVENT: &str = "insert into delivery (id, program, endpoint, event, sequence, state, tries, failures, \
    begun_at, due_at, created_at, updated_at) \
    select $1 || substr(w.id, 4), e.program, w.id, e.id, e.sequence, 'pending', 0, 0, e.created_at, e.created_at, \
    e.created_at, e.created_at from webhook_endpoint w join event e on e.id = $2 \
    where w.program = e.program and w.state = 'enabled' and case when e.kind = $5 \
    then w.id = e.subject else replace(w.kinds, ' * ', '') <> w.kinds or replace(w.kinds, $3, '') <> w.kinds \
    or replace(w.kinds, $4, '') <> w.kinds end";
// Again from the beginning, whatever became of it before.
const AGAIN: &str = "insert into delivery (id, program, endpoint, event, sequence, state, tries, failures, begun_at, \
    due_at, created_at, updated_at) values ($1, $2, $3, $4, $5, 'pending', 0, 0, $6, $6, $6, $6) \
    on conflict (id) do update set state = 'pending', failures = 0, begun_at = excluded.begun_at, \
    due_at = excluded.due_at, updated_at = excluded.updated_at";
const FAILED_AGAIN: &str = "update delivery set state = 'pending', failures = 0, begun_at = $1, due_at = $1, \
    updated_at = $1 where id in (select id from delivery where endpoint = $2 and state = 'failed' \
    and updated_at >= $3 order by id limit $4) returning id";
const CANCEL: &str = "update delivery set state = 'canceled', updated_at = $1 where id in \
    (select id from delivery where endpoint = $2 and state = 'pending' limit $3) returning id";
const DUE: &str = "select * from delivery where endpoint = $1 and state = 'pending' and due_at <= $2 \
    order by due_at, id limit $3";
const BY_ID: &str = "select * from delivery where program = $1 and id = $2";
// Between the two ids lie the deliveries of one event, or all.
const PAGE: &str = "select * from delivery where program = $1 and id > $2 and id < $3 order by id desc limit $4";
const PAGE_OF_STATE: &str = "select * from delivery where program = $1 and id > $2 and id < $3 and state = $4 \
    order by id desc limit $5";
const PAGE_OF_ENDPOINT: &str = "select * from delivery where program = $1 and id > $2 and id < $3 and endpoint = $4 \
    order by id desc limit $5";
const PAGE_OF_ENDPOINT_AND_STATE: &str = "select * from delivery where program = $1 and id > $2 and id < $3 \
    and endpoint = $4 and state = $5 order by id desc limit $6";
const LATE: &str = "select count(*) as deliveries, min(due_at) as oldest from (select due_at from delivery \
    where state = 'pending' and due_at <= $1 limit $2) as late";
const TRIES: &str = "select * from delivery_try where delivery = $1 order by number desc limit $2";
const INSERT_TRY: &str =
    "insert into delivery_try (delivery, number, at, took, status, trouble, said) values ($1, $2, $3, $4, $5, $6, $7)";
const UPDATE: &str = "update delivery set state = $1, tries = $2, failures = $3, due_at = $4, updated_at = $5 \
    where id = $6 and tries = $7";

pub(crate) const STATEMENTS: &[&str] = &[
    OF_EVENT,
    AGAIN,
    FAILED_AGAIN,
    CANCEL,
    DUE,
    BY_ID,
    PAGE,
    PAGE_OF_STATE,
    PAGE_OF_ENDPOINT,
    PAGE_OF_ENDPOINT_AND_STATE,
    LATE,
    TRIES,
    INSERT_TRY,
    UPDATE,
];

/// The deliveries that an event causes. Stands behind the event's own row in the same batch.
pub fn of_event(event: &Event) -> Write {
    let tested = EventType::WebhookEndpointTested.as_str();
    let (kind, group) = (spaced(event.kind.as_str()), spaced(&group(event.kind)));
    Write::any(OF_EVENT, args![prefix(&event.id), event.id.as_str(), kind, group, tested])
}

/// What the ids of an event's deliveries begin with.
fn prefix(event: &EventId) -> String {
    format!("{}{}_", DeliveryId::PREFIX, event.as_str().trim_start_matches(EventId::PREFIX))
}

/// A word as it stands among the kinds of an endpoint.
fn spaced(word: &str) -> String {
    format!(" {word} ")
}

/// Has an event sent to an endpoint from the beginning, whether it was sent before or not.
pub fn again(d: &Delivery) -> Write {
    let args = args![
        d.id.as_str(),
        d.program.as_str(),
        d.endpoint.as_str(),
        d.event.as_str(),
        d.sequence,
        d.begun_at.micros(),
    ];
    Write::one(AGAIN, args)
}

/// Has up to `limit` deliveries of an endpoint that failed since then sent again; answers which.
pub fn failed_again(endpoint: &WebhookEndpointId, since: Time, now: Time, limit: i64) -> Query<Touched> {
    Query::new(FAILED_AGAIN, args![now.micros(), endpoint.as_str(), since.micros(), limit])
}

/// Ends up to `limit` deliveries to an endpoint that was deleted; answers which.
pub fn cancel(endpoint: &WebhookEndpointId, now: Time, limit: i64) -> Query<Touched> {
    Query::new(CANCEL, args![now.micros(), endpoint.as_str(), limit])
}

/// What is to be sent to an endpoint now, the longest due first.
pub fn due(endpoint: &WebhookEndpointId, now: Time, limit: i64) -> Query<Delivery> {
    Query::new(DUE, args![endpoint.as_str(), now.micros(), limit])
}

/// One delivery of a program.
pub fn by_id(program: &ProgramId, id: &DeliveryId) -> Query<Delivery> {
    Query::new(BY_ID, args![program.as_str(), id.as_str()])
}

/// Which deliveries a list shows. Without any of it: all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this event.
    pub event: Option<EventId>,
    /// Only to this endpoint.
    pub endpoint: Option<WebhookEndpointId>,
    /// Only those that stand so.
    pub state: Option<State>,
}

/// Newest event first.
pub fn page(program: &ProgramId, filter: &Filter, page: &Page) -> Query<Delivery> {
    let first = filter.event.as_ref().map_or_else(String::new, prefix);
    let last = if first.is_empty() { page.before() } else { page.before().min(format!("{first}~")) };
    let (program, limit) = (program.as_str(), page.limit);
    match (&filter.endpoint, filter.state) {
        (None, None) => Query::new(PAGE, args![program, first, last, limit]),
        (None, Some(state)) => Query::new(PAGE_OF_STATE, args![program, first, last, state.as_str(), limit]),
        (Some(id), None) => Query::new(PAGE_OF_ENDPOINT, args![program, first, last, id.as_str(), limit]),
        (Some(id), Some(state)) => {
            Query::new(PAGE_OF_ENDPOINT_AND_STATE, args![program, first, last, id.as_str(), state.as_str(), limit])
        }
    }
}

/// Deliveries that are due and not sent yet.
#[derive(Debug, Clone, Copy)]
pub struct Late {
    /// How many.
    pub deliveries: i64,
    /// When the first of them was due.
    pub oldest: Option<Time>,
}

/// What is due to all endpoints together, looking at no more than `limit` deliveries.
pub fn late(now: Time, limit: i64) -> Query<Late> {
    Query::new(LATE, args![now.micros(), limit])
}

/// The tries of a delivery, the latest first.
pub fn tries(id: &DeliveryId, limit: i64) -> Query<Try> {
    Query::new(TRIES, args![id.as_str(), limit])
}

/// A request was made.
pub fn insert_try(id: &DeliveryId, t: &Try) -> Write {
    let args = args![
        id.as_str(),
        t.number,
        t.at.micros(),
        t.took.micros(),
        t.status.map(i64::from),
        t.trouble.map(Trouble::as_str),
        t.said.as_str(),
    ];
    Write::one(INSERT_TRY, args)
}

/// The delivery after one more try.
pub fn update(d: &Delivery) -> Write {
    let args = args![
        d.state.as_str(),
        d.tries,
        d.failures,
        d.due_at.micros(),
        d.updated_at.micros(),
        d.id.as_str(),
        d.tries - 1,
    ];
    Write::one(UPDATE, args)
}

/// A delivery that was touched.
#[derive(Debug, Clone)]
pub struct Touched(pub DeliveryId);

impl FromRow for Touched {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.parse("id").map(Self)
    }
}

impl FromRow for Late {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self { deliveries: row.int("deliveries")?, oldest: cells::opt_time(row, "oldest")? })
    }
}

impl FromRow for Delivery {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            endpoint: row.parse("endpoint")?,
            event: row.parse("event")?,
            sequence: row.int("sequence")?,
            state: row.parse("state")?,
            tries: row.int("tries")?,
            failures: row.int("failures")?,
            begun_at: cells::time(row, "begun_at")?,
            due_at: cells::time(row, "due_at")?,
            created_at: cells::time(row, "created_at")?,
            updated_at: cells::time(row, "updated_at")?,
        })
    }
}

impl FromRow for Try {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        let status = row.opt_int("status")?.map(u16::try_from).transpose();
        Ok(Self {
            number: row.int("number")?,
            at: cells::time(row, "at")?,
            took: domain::Span::from_micros(row.int("took")?),
            status: status.map_err(|error| BadRow::meaning("status", error))?,
            trouble: row.opt_parse("trouble")?,
            said: row.text("said")?,
        })
    }
}
