//! Three doors to SQLite or PostgreSQL: read, commit, take. The only place with SQL.
//! Generic machinery lives in the private modules below; each noun's SQL in a module of its own.
//! Nothing here knows HTTP or Payoneer, or decides anything about money.

pub mod api_keys;
pub mod attempts;
pub mod audit;
pub mod authorizations;
pub mod callbacks;
pub mod capabilities;
pub mod cells;
pub mod charges;
pub mod checkouts;
pub mod crash_point;
pub mod deliveries;
pub mod events;
pub mod idempotency;
pub mod jobs;
pub mod journal;
pub mod mandates;
pub mod nodes;
pub mod payouts;
pub mod programs;
pub mod quarantines;
pub mod refunds;
pub mod settlements;
pub mod webhook_endpoints;

mod batch;
mod copy;
mod dialect;
#[cfg(test)]
mod drill;
mod failure;
mod fault;
mod gate;
mod migrate;
mod permit;
mod postgres;
mod query;
mod row;
mod sqlite;
mod store;
mod synced_file;
mod tally;
mod trust;
mod value;

pub use batch::{Batch, Expect, Write};
pub use copy::{Copied, CopyError, copy_store};
pub use fault::{BadRow, Fault, OpenError};
pub use gate::{Door, Gate, Passage};
pub use migrate::{Migration, POSTGRES, SQLITE};
pub use permit::{Intent, SendPermit, Sendable};
pub use postgres::{Address, BadAddress};
pub use query::Query;
pub use row::{FromRow, Row};
pub use sqlite::{Backup, BackupError, backup};
pub use store::{Counts, Examination, Location, OnIoError, Options, Store, Watch};
pub use trust::{HeadFile, Trust};
pub use value::Value;

/// A statement in SQLite's own words, for benchmarks that run it without the store.
#[doc(hidden)]
pub fn sqlite_text(sql: &str) -> String {
    dialect::sqlite(sql)
}

/// Every SQL text of the nouns, for the test that prepares each on a fresh database.
#[doc(hidden)]
pub fn statements() -> Vec<&'static str> {
    let nouns: &[&[&'static str]] = &[
        api_keys::STATEMENTS,
        attempts::STATEMENTS,
        audit::STATEMENTS,
        authorizations::STATEMENTS,
        callbacks::STATEMENTS,
        capabilities::STATEMENTS,
        charges::STATEMENTS,
        checkouts::STATEMENTS,
        deliveries::STATEMENTS,
        events::STATEMENTS,
        idempotency::STATEMENTS,
        jobs::STATEMENTS,
        journal::STATEMENTS,
        mandates::STATEMENTS,
        nodes::STATEMENTS,
        payouts::STATEMENTS,
        programs::STATEMENTS,
        quarantines::STATEMENTS,
        refunds::STATEMENTS,
        settlements::STATEMENTS,
        webhook_endpoints::STATEMENTS,
    ];
    nouns.concat()
}
