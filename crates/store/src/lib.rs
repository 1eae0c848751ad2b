//! Three doors to SQLite (and later PostgreSQL): read, commit, take. The only place with SQL.
//! Generic machinery lives in the private modules below; each noun's SQL in a module of its own.
//! Nothing here knows HTTP or Payoneer, or decides anything about money.

mod batch;
mod fault;
mod query;
mod row;
mod value;

pub use batch::{Batch, Expect, Write};
pub use fault::{BadRow, Fault, OpenError};
pub use query::Query;
pub use row::{FromRow, Row};
pub use value::Value;

/// Every SQL text of the nouns, for the test that prepares each on a fresh database.
#[doc(hidden)]
pub fn statements() -> Vec<&'static str> {
    let nouns: &[&[&'static str]] = &[];
    nouns.concat()
}
