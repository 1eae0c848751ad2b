//! A database in memory that can be taken back to what its migrations made, so that thousands of runs share one
//! connection and its planned statements. No file is ever touched from here.

use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// A database in memory is known by its name within the process.
static NAMES: AtomicU64 = AtomicU64::new(0);

/// The second connection to a database in memory, for which neither triggers nor references hold.
pub(super) struct Eraser {
    connection: Connection,
    /// What takes each table back, in order.
    steps: Vec<String>,
}

/// The name of a new database in memory.
pub(super) fn name() -> String {
    format!("file:/tollgate-{}?vfs=memdb", NAMES.fetch_add(1, Ordering::Relaxed))
}

/// Opens the database of that name, or makes it.
pub(super) fn open(name: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(name, flags)
}

impl Eraser {
    /// Remembers what is in each table now, when only the migrations have written.
    pub(super) fn remember(name: &str) -> rusqlite::Result<Self> {
        let connection = open(name)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.execute_batch("attach ':memory:' as made")?;
        let tables: Vec<String> = connection
            .prepare("select name from main.sqlite_schema where type = 'table'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut steps = Vec::new();
        for table in tables {
            steps.push(format!("delete from main.\"{table}\""));
            let is_filled = format!("select exists (select 1 from main.\"{table}\")");
            if connection.query_row(&is_filled, [], |row| row.get(0))? {
                connection
                    .execute_batch(&format!("create table made.\"of {table}\" as select * from main.\"{table}\""))?;
                steps.push(format!("insert into main.\"{table}\" select * from made.\"of {table}\""));
            }
        }
        connection.set_prepared_statement_cache_capacity(steps.len());
        Ok(Self { connection, steps })
    }

    /// Takes every table back to what was remembered.
    pub(super) fn erase(&mut self) -> rusqlite::Result<()> {
        let whole = self.connection.transaction()?;
        for step in &self.steps {
            whole.prepare_cached(step)?.execute([])?;
        }
        whole.commit()
    }
}
