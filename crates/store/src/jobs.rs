//! The SQL of jobs: put in the commit of the change they follow, leased, finished in the commit of their effect.

use crate::{BadRow, FromRow, Query, Row, Write, args};
use domain::Time;
use domain::job::{Job, Kind, Lease};

// Putting a job that is there pulls it forward and counts a wake, so that a worker in the middle of it notices. The
// instant of a job that is being run is spent; then the new one holds.
const PUT: &str = "insert into job (kind, subject, due_at, lease_until, owner, epoch, wakes, runs, called, created_at) \
    values ($1, $2, $3, 0, null, 0, 0, 0, $5, $4) \
    on conflict (kind, subject) do update set wakes = job.wakes + 1, called = greatest(job.called, excluded.called), \
    due_at = case when excluded.due_at < job.due_at or job.lease_until > $4 then excluded.due_at else job.due_at end";
// Somebody would like to know; whoever is finding out just now will tell.
const PULL: &str = "insert into job (kind, subject, due_at, lease_until, owner, epoch, wakes, runs, called, created_at) \
    values ($1, $2, $3, 0, null, 0, 0, 0, 0, $4) \
    on conflict (kind, subject) do update set wakes = job.wakes + 1, due_at = excluded.due_at \
    where job.lease_until <= $4 and excluded.due_at < job.due_at";
// The epoch is the instant of the lease: it grows even when a job is finished and put again, or a clock goes back. What
// another node is taking just now is skipped, and what it took a moment ago is seen again before it is taken.
const LEASE: &str = "with due as materialized (select kind, subject from job where due_at <= $1 and lease_until <= $1 \
    order by due_at limit $4 for update skip locked) \
    update job set epoch = greatest(job.epoch + 1, $1), lease_until = $2, owner = $3 \
    where (kind, subject) in (select kind, subject from due) and lease_until <= $1 \
    returning kind, subject, epoch, wakes, runs, called";
const HOLD: &str = "update job set lease_until = 0 where kind = $1 and subject = $2 and owner = $3 and epoch = $4";
const FINISH: &str = "delete from job where kind = $1 and subject = $2 and owner = $3 and epoch = $4 and wakes = $5";
const POSTPONE: &str = "update job set due_at = $1, lease_until = 0, runs = runs + 1, last_error = $2 \
    where kind = $3 and subject = $4 and owner = $5 and epoch = $6 and wakes = $7";
const RELEASE: &str = "update job set lease_until = 0 where kind = $1 and subject = $2 and owner = $3 and epoch = $4";
const WITHDRAW: &str = "delete from job where kind = $1 and subject = $2";
const FREE: &str = "update job set lease_until = 0 where owner <> $1";
const FREE_LOST: &str = "update job set lease_until = 0 where lease_until > 0 \
    and owner not in (select id from node where last_seen > $1)";
const NEXT: &str = "select case when due_at > lease_until then due_at else lease_until end as at from job \
    order by 1 limit 1";
const DUE_BY_KIND: &str = "select kind, count(*) as jobs, min(due_at) as oldest from (select kind, due_at from job \
    where due_at <= $1 and lease_until <= $1 order by due_at limit $2) as due group by kind";
const COUNT: &str = "select count(*) as jobs from job where due_at <= $1";

pub(crate) const STATEMENTS: &[&str] =
    &[PUT, PULL, LEASE, HOLD, FINISH, POSTPONE, RELEASE, WITHDRAW, FREE, FREE_LOST, NEXT, DUE_BY_KIND, COUNT];

/// Puts a job, or pulls it forward.
pub fn put(job: &Job, now: Time) -> Write {
    let args = args![job.kind.as_str(), job.subject.as_str(), job.due_at.micros(), now.micros(), job.called];
    Write::one(PUT, args)
}

/// As [`put`], but leaves alone a job that is being run or is due no later.
pub fn pull(job: &Job, now: Time) -> Write {
    let args = args![job.kind.as_str(), job.subject.as_str(), job.due_at.micros(), now.micros()];
    Write::any(PULL, args)
}

/// Takes up to `limit` due jobs until `until`.
pub fn lease(owner: &str, now: Time, until: Time, limit: i64) -> Query<Lease> {
    Query::new(LEASE, args![now.micros(), until.micros(), owner, limit])
}

/// The lease still holds, and ends here; stale if it was lost in the meantime. Stands before what the run wrote.
pub fn hold(lease: &Lease, owner: &str) -> Write {
    Write::one(HOLD, args![lease.kind.as_str(), lease.subject.as_str(), owner, lease.epoch])
}

/// The job is done; it stays, due as the wake said, if it was woken in the meantime.
pub fn finish(lease: &Lease, owner: &str) -> Write {
    let args = args![lease.kind.as_str(), lease.subject.as_str(), owner, lease.epoch, lease.wakes];
    Write::any(FINISH, args)
}

/// The job could not run and is due again later; touches nothing if it was woken or lost in the meantime.
pub fn postpone(lease: &Lease, owner: &str, due_at: Time, error: &str) -> Write {
    let (kind, subject) = (lease.kind.as_str(), lease.subject.as_str());
    Write::any(POSTPONE, args![due_at.micros(), error, kind, subject, owner, lease.epoch, lease.wakes])
}

/// Gives the job back as it is; it is due as before.
pub fn release(lease: &Lease, owner: &str) -> Write {
    Write::any(RELEASE, args![lease.kind.as_str(), lease.subject.as_str(), owner, lease.epoch])
}

/// The job has become pointless. Whoever runs it just now will find that it is gone.
pub fn withdraw(kind: Kind, subject: &str) -> Write {
    Write::any(WITHDRAW, args![kind.as_str(), subject])
}

/// Frees what other processes had leased. Only for the one process that owns the whole database.
pub fn free(owner: &str) -> Write {
    Write::any(FREE, args![owner])
}

/// Frees what nodes had leased that were not heard of since then.
pub fn free_lost(since: Time) -> Write {
    Write::any(FREE_LOST, args![since.micros()])
}

/// When the next job can be taken: it is due, and nobody holds it any more.
#[derive(Debug, Clone, Copy)]
pub struct Next(pub Time);

/// The job that can be taken first.
pub fn next() -> Query<Next> {
    Query::new(NEXT, args![])
}

/// Jobs of one kind that are due and that nobody runs.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub jobs: i64,
    /// When the first of them was due.
    pub oldest: Time,
}

/// What is due of each kind, looking at no more than `limit` jobs.
pub fn due_by_kind(now: Time, limit: i64) -> Query<Due> {
    Query::new(DUE_BY_KIND, args![now.micros(), limit])
}

/// How many jobs are due.
pub fn due(now: Time) -> Query<Count> {
    Query::new(COUNT, args![now.micros()])
}

/// A number of jobs.
#[derive(Debug, Clone, Copy)]
pub struct Count(pub i64);

impl FromRow for Due {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self { kind: row.parse("kind")?, jobs: row.int("jobs")?, oldest: row.int("oldest").map(Time::from_micros)? })
    }
}

impl FromRow for Count {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("jobs").map(Self)
    }
}

impl FromRow for Next {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("at").map(Time::from_micros).map(Self)
    }
}

impl FromRow for Lease {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        Ok(Self {
            kind: row.parse("kind")?,
            subject: row.text("subject")?,
            epoch: row.int("epoch")?,
            wakes: row.int("wakes")?,
            runs: row.int("runs")?,
            called: row.bool("called")?,
        })
    }
}
