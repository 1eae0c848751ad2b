//! One SQLite connection: how it is set up, and how a statement is run on it.
//! Transactions are the writer's business, not this module's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OpenFlags, ToSql};

use super::errors::{self, Mishap, Uniques};
use crate::{Fault, Query, Row, Value, Write, dialect};

/// More than the statements of all nouns together.
const STATEMENTS_KEPT: usize = 256;
/// Pages in the write-ahead log before it is written back: 40 MiB.
const CHECKPOINT_PAGES: i64 = 10_000;
/// What the log file keeps after it was written back.
const LOG_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// A connection with its statements.
pub(super) struct Db {
    pub(super) connection: Connection,
    uniques: Arc<Uniques>,
    texts: RefCell<HashMap<TextKey, Box<str>>>,
}

/// A static text is known by its place in memory: cheaper than hashing all of it.
type TextKey = (usize, usize);

impl Db {
    pub(super) fn new(connection: Connection, uniques: Arc<Uniques>) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Self { connection, uniques, texts: RefCell::default() }
    }

    /// Runs a write and checks the number of rows it touched.
    pub(super) fn write(&self, write: &Write) -> Result<(), Mishap> {
        let mut statement = self.prepare(write.sql)?;
        // That includes `commit` and its like, which would tear a group apart.
        if statement.readonly() {
            return Err(Fault::Refused("a write must write".to_owned()).into());
        }
        let rows =
            statement.execute(rusqlite::params_from_iter(bound(&write.args)?)).map_err(|error| self.sort(&error))?;
        if write.expect.allows(rows as u64) { Ok(()) } else { Err(Fault::Stale.into()) }
    }

    /// Runs a query that must not write.
    pub(super) fn read<R>(&self, query: &Query<R>, limit: usize) -> Result<Vec<R>, Mishap> {
        let statement = self.prepare(query.sql)?;
        if !statement.readonly() {
            return Err(Fault::Refused("a query must not write".to_owned()).into());
        }
        self.rows(statement, query, limit)
    }

    /// Runs a statement that writes and returns rows.
    pub(super) fn take<R>(&self, query: &Query<R>) -> Result<Vec<R>, Mishap> {
        let statement = self.prepare(query.sql)?;
        if statement.readonly() {
            return Err(Fault::Refused("a take must write".to_owned()).into());
        }
        self.rows(statement, query, usize::MAX)
    }

    pub(super) fn sort(&self, error: &rusqlite::Error) -> Mishap {
        errors::sort(error, &self.uniques)
    }

    fn rows<R>(&self, mut statement: CachedStatement<'_>, query: &Query<R>, limit: usize) -> Result<Vec<R>, Mishap> {
        let mut rows =
            statement.query(rusqlite::params_from_iter(bound(&query.args)?)).map_err(|error| self.sort(&error))?;
        let mut found = Vec::new();
        while found.len() < limit {
            match rows.next().map_err(|error| self.sort(&error))? {
                Some(row) => found.push((query.read)(&Row::sqlite(row))?),
                None => break,
            }
        }
        Ok(found)
    }

    fn prepare(&self, sql: &'static str) -> Result<CachedStatement<'_>, Mishap> {
        let key = (sql.as_ptr().addr(), sql.len());
        let mut texts = self.texts.borrow_mut();
        let text = texts.entry(key).or_insert_with(|| dialect::sqlite(sql).into());
        self.connection.prepare_cached(text).map_err(|error| self.sort(&error))
    }
}

/// A borrowed argument in SQLite's form.
struct Bound<'a>(&'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn bound(args: &[Value]) -> Result<impl Iterator<Item = Bound<'_>>, Fault> {
    // PostgreSQL has no such text, and SQLite's own functions stop at the zero.
    let zero = |arg: &Value| matches!(arg, Value::Text(text) if text.contains('\0'));
    if args.iter().any(zero) {
        return Err(Fault::Refused("text with a zero character".to_owned()));
    }
    Ok(args.iter().map(Bound))
}

/// Opens a database file for reading and writing. The file must exist.
pub(super) fn file(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
}

/// Opens a database file for reading only.
pub(crate) fn file_for_reading(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    guard(&connection, busy)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The settings that every connection has.
pub(super) fn guard(connection: &Connection, busy: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // A plan holds for every value bound: otherwise a statement that might use a partial index is planned anew each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A name in double quotes that does not exist is an error, as in PostgreSQL, not a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    Ok(())
}

/// The settings of the connection that writes. Returns the journal mode the database is in.
pub(super) fn make_durable(connection: &Connection) -> rusqlite::Result<String> {
    connection.pragma_update(None, "foreign_keys", true)?;
    let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "full")?;
    // On macOS a plain fsync does not reach the disk; elsewhere these two say nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))?;
    Ok(mode)
}
