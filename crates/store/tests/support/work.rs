//! Small batches on the real schema for tests of PostgreSQL: a job to record, an intent to send.
#![allow(dead_code, clippy::unwrap_used, reason = "test code; each test binary uses its own part")]

use std::path::Path;

use store::{BadRow, Batch, Fault, FromRow, HeadFile, Intent, Options, Query, Row, Store, Write, args};

const JOB: &str = "insert into job (kind, subject, due_at, lease_until, owner, epoch, wakes, runs, called, created_at) \
    values ('verify', $1, 0, 0, null, 0, 0, 0, 0, 0)";

/// The real schema at that address.
pub(crate) fn options(url: &str) -> Options {
    Options { head_file: HeadFile::Off, ..Options::postgres(url.parse().unwrap()) }
}

/// A node that keeps its heads in this file.
pub(crate) fn open(url: &str, head: &Path) -> Store {
    Store::open(&Options { head_file: HeadFile::At(head.to_owned()), ..options(url) }).unwrap()
}

/// One row to write down.
pub(crate) fn job(id: &str) -> Batch {
    Batch::new().with(Write::one(JOB, args![id]))
}

/// The intent to send something.
pub(crate) async fn send(store: &Store, id: &str, asked: bool) -> Result<(), Fault> {
    let intent = Intent { attempt: id.to_owned(), epoch: 1, body: Vec::new(), asked };
    store.commit_intent(job(id), intent).await.map(drop)
}

struct Id(String);

impl FromRow for Id {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.text("subject").map(Self)
    }
}

/// What was written down.
pub(crate) async fn ids(store: &Store) -> Vec<String> {
    let all = Query::<Id>::new("select subject from job order by subject", args![]);
    store.read(all).await.unwrap().into_iter().map(|id| id.0).collect()
}
