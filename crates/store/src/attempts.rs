//! The SQL of attempts. A write that finds another epoch than it read has lost and touches nothing.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells, failure};
use domain::attempt::{Attempt, Kind, State};
use domain::{AttemptId, Time};

const BY_ID: &str = "select * from attempt where id = $1";
const OF_SUBJECT: &str = "select * from attempt where subject = $1 order by kind, number";
const LATEST: &str = "select * from attempt where subject = $1 and kind = $2 order by number desc limit 1";
// The list is the index's own; without it the whole table would be read.
const ORPHANS: &str = "select * from attempt where state in ('planned', 'sending', 'challenged', 'unknown') \
    and state = 'sending' and owner <> $1";
const LOST: &str = "select * from attempt where state in ('planned', 'sending', 'challenged', 'unknown') \
    and state = 'sending' and owner not in (select id from node where last_seen > $1)";
const INSERT: &str = "insert into attempt (id, program, subject, kind, number, reference, body, state, epoch, owner, \
    deadline, sent_at, settled_at, evidence, doubt, seen, failure, exchange, looks, resends, resent_at, \
    looked_at, unknown_since, attention_since, trace) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
    $24, $25)";
const UPDATE: &str = "update attempt set state = $1, epoch = $2, settled_at = $3, evidence = $4, doubt = $5, \
    seen = $6, failure = $7, exchange = $8, looks = $9, resends = $10, resent_at = $11, looked_at = $12, \
    unknown_since = $13, attention_since = $14 where id = $15 and epoch = $16 and state = $17";

// As for the orphans: the list is the index's own.
const OPEN: &str = "select kind, state, count(*) as attempts, min(unknown_since) as unknown_since, \
    count(attention_since) as attention from (select kind, state, unknown_since, attention_since from attempt \
    where state in ('planned', 'sending', 'challenged', 'unknown') limit $1) as live group by kind, state";

pub(crate) const STATEMENTS: &[&str] = &[BY_ID, OF_SUBJECT, LATEST, ORPHANS, LOST, INSERT, UPDATE, OPEN];

/// One attempt.
pub fn by_id(id: &str) -> Query<Attempt> {
    Query::new(BY_ID, args![id])
}

/// All attempts of a charge, refund or payout.
pub fn of_subject(subject: &str) -> Query<Attempt> {
    Query::new(OF_SUBJECT, args![subject])
}

/// The latest attempt of one kind.
pub fn latest(subject: &str, kind: Kind) -> Query<Attempt> {
    Query::new(LATEST, args![subject, kind.as_str()])
}

/// Attempts whose permit another process held.
pub fn orphans(owner: &str) -> Query<Attempt> {
    Query::new(ORPHANS, args![owner])
}

/// Attempts of one kind in one state that is no end.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// The kind.
    pub kind: Kind,
    /// The state.
    pub state: State,
    /// How many.
    pub attempts: i64,
    /// Since when the oldest of them is unknown.
    pub unknown_since: Option<Time>,
    /// How many of them a person must look at.
    pub attention: i64,
}

/// How many attempts are open, looking at no more than `limit` of them.
pub fn open(limit: i64) -> Query<Open> {
    Query::new(OPEN, args![limit])
}

/// Attempts whose permit a node held that was not heard of since then.
pub fn lost(since: Time) -> Query<Attempt> {
    Query::new(LOST, args![since.micros()])
}

/// A new attempt; a duplicate means that another one is live.
pub fn insert(a: &Attempt) -> Write {
    let args = args![
        a.id.as_str(),
        a.program.as_str(),
        a.subject.as_str(),
        a.kind.as_str(),
        a.number,
        a.reference.as_str(),
        a.body.as_slice(),
        a.state.as_str(),
        a.epoch,
        a.owner.as_str(),
        a.deadline.micros(),
        a.sent_at.micros(),
        a.settled_at.map(Time::micros),
        a.evidence.map(domain::attempt::Evidence::as_str),
        a.doubt.as_deref(),
        a.seen.as_deref(),
        failure::text(a.failure.as_ref()),
        a.exchange.as_deref(),
        a.looks,
        a.resends,
        a.resent_at.map(Time::micros),
        a.looked_at.map(Time::micros),
        a.unknown_since.map(Time::micros),
        a.attention_since.map(Time::micros),
        a.trace.as_deref(),
    ];
    Write::one(INSERT, args)
}

/// The attempt as it is now, if the row is still as it was `before`.
pub fn update(a: &Attempt, before: &Attempt) -> Write {
    let args = args![
        a.state.as_str(),
        a.epoch,
        a.settled_at.map(Time::micros),
        a.evidence.map(domain::attempt::Evidence::as_str),
        a.doubt.as_deref(),
        a.seen.as_deref(),
        failure::text(a.failure.as_ref()),
        a.exchange.as_deref(),
        a.looks,
        a.resends,
        a.resent_at.map(Time::micros),
        a.looked_at.map(Time::micros),
        a.unknown_since.map(Time::micros),
        a.attention_since.map(Time::micros),
        a.id.as_str(),
        before.epoch,
        before.state.as_str(),
    ];
    Write::one(UPDATE, args)
}

impl FromRow for Open {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            kind: row.parse("kind")?,
            state: row.parse("state")?,
            attempts: row.int("attempts")?,
            unknown_since: cells::opt_time(row, "unknown_since")?,
            attention: row.int("attention")?,
        })
    }
}

impl FromRow for Attempt {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            id: row.parse::<AttemptId>("id")?,
            program: row.parse("program")?,
            subject: row.text("subject")?,
            kind: row.parse("kind")?,
            number: row.int("number")?,
            reference: row.parse("reference")?,
            body: row.blob("body")?,
            state: row.parse("state")?,
            epoch: row.int("epoch")?,
            owner: row.text("owner")?,
            deadline: cells::time(row, "deadline")?,
            sent_at: cells::time(row, "sent_at")?,
            settled_at: cells::opt_time(row, "settled_at")?,
            evidence: row.opt_parse("evidence")?,
            doubt: row.opt_text("doubt")?,
            seen: row.opt_text("seen")?,
            failure: failure::read(row)?,
            exchange: row.opt_text("exchange")?,
            looks: row.int("looks")?,
            resends: row.int("resends")?,
            resent_at: cells::opt_time(row, "resent_at")?,
            looked_at: cells::opt_time(row, "looked_at")?,
            unknown_since: cells::opt_time(row, "unknown_since")?,
            attention_since: cells::opt_time(row, "attention_since")?,
            trace: row.opt_text("trace")?,
        })
    }
}
