//! Moves everything from an SQLite file into an empty PostgreSQL database: in one transaction, read back and compared
//! row by row before it is committed. What belongs to one engine alone (heads, nodes, migrations) is not moved.

use std::path::Path;
use std::thread;
use std::time::Duration;

use data_encoding::HEXLOWER;
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use rusqlite::types::ValueRef;
use sha2::{Digest as _, Sha256};
use tokio_postgres::{Client, Transaction};

use crate::postgres::{Address, Cell, bound, connect, prepare, say};
use crate::row::Held;
use crate::sqlite::{Sqlite, read_only};
use crate::trust::add_statement;
use crate::{HeadFile, OpenError, Options, Value};

/// Tables that each engine fills by itself.
const OF_ONE: [&str; 4] = ["attempt_step", "head", "migrations", "node"];
/// How many rows are on their way at once.
const CHUNK: usize = 200;

const TABLES: &str = "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' order by rowid";
const COLUMNS: &str = "select name, pk from pragma_table_info(?1) order by cid";
const COUNTED: &str = "select attname::text as name from pg_attribute where attrelid = to_regclass($1) \
    and attidentity <> ''";

/// A table that was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: String,
    /// How many rows it has, on both sides.
    pub rows: u64,
    /// SHA-256 over all values of all rows in the order of the key, on both sides.
    pub sha256: String,
}

/// Why nothing was moved. The PostgreSQL database is as it was, but for its schema.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two cannot be used; a gateway may be running on the file.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is something in it already.
    #[error("the database {place} is not empty: `{table}` has rows")]
    NotEmpty {
        /// Which database.
        place: String,
        /// A table with rows.
        table: String,
    },
    /// What was read back is not what was written.
    #[error("table `{table}` arrived as another one")]
    Differs {
        /// The table.
        table: String,
    },
    /// The file cannot be read.
    #[error("cannot read the database file: {0}")]
    Read(String),
    /// The rows cannot be written.
    #[error("cannot write to the database: {0}")]
    Write(String),
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Read(error.to_string())
    }
}

impl From<tokio_postgres::Error> for CopyError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Write(say(&error))
    }
}

/// Moves everything; what was moved. Blocks. The file is locked meanwhile and left as it is.
pub fn copy_store(from: &Path, head_file: HeadFile, to: &Address, busy: Duration) -> Result<Vec<Copied>, CopyError> {
    // Whoever opens it also looks whether it went back in time; a quarantine moves with everything else.
    let options = Options { exclusive: true, inline: true, head_file, busy, ..Options::sqlite(from) };
    let held = Sqlite::open(from, &options)?;
    let options = Options::postgres(to.clone());
    prepare(to, &options)?;
    let lite = read_only(from, busy)?;
    let moved = thread::scope(|scope| {
        let moving = scope.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| CopyError::Write(error.to_string()))?;
            runtime.block_on(copy(&lite, to))
        });
        moving.join().unwrap_or_else(|_| Err(CopyError::Write("the move broke off".to_owned())))
    });
    drop(held);
    moved
}

async fn copy(lite: &rusqlite::Connection, to: &Address) -> Result<Vec<Copied>, CopyError> {
    let (mut client, driving) = connect(to).await?;
    let moved = all_tables(lite, &mut client, to).await;
    drop(client);
    // It says good-bye to the server.
    let _ = driving.await;
    moved
}

async fn all_tables(lite: &rusqlite::Connection, client: &mut Client, to: &Address) -> Result<Vec<Copied>, CopyError> {
    let transaction = client.transaction().await?;
    // In the order in which they were made: what is referred to comes first.
    let names: Vec<String> = lite.prepare(TABLES)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut copied = Vec::new();
    for name in names.into_iter().filter(|name| !OF_ONE.contains(&name.as_str())) {
        let table = Table::of(lite, name)?;
        let there: bool = transaction.query_one(&table.filled(), &[]).await?.try_get(0)?;
        if there {
            return Err(CopyError::NotEmpty { place: to.to_string(), table: table.name });
        }
        let (rows, written) = table.write(lite, &transaction).await?;
        if (rows, written) != table.read_back(&transaction).await? {
            return Err(CopyError::Differs { table: table.name });
        }
        for counted in transaction.query(COUNTED, &[&table.name]).await? {
            transaction.execute(&table.go_on(&counted.try_get::<_, String>(0)?), &[]).await?;
        }
        copied.push(Copied { table: table.name, rows, sha256: HEXLOWER.encode(&written) });
    }
    transaction.commit().await?;
    Ok(copied)
}

/// A table of the schema, whose names need no distrust: they are ours.
struct Table {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

type Seal = (u64, [u8; 32]);

impl Table {
    fn of(lite: &rusqlite::Connection, name: String) -> Result<Self, CopyError> {
        let mut statement = lite.prepare(COLUMNS)?;
        let rows = statement.query_map([&name], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let mut key: Vec<_> = rows.iter().filter(|(_, place)| *place > 0).collect();
        key.sort_by_key(|(_, place)| *place);
        let key = key.into_iter().map(|(name, _)| quoted(name)).collect();
        Ok(Self { name, columns: rows.iter().map(|(name, _)| quoted(name)).collect(), key })
    }

    fn select(&self) -> String {
        format!("select {} from {} order by {}", self.columns.join(", "), quoted(&self.name), self.key.join(", "))
    }

    fn insert(&self) -> String {
        let places: Vec<_> = (1..=self.columns.len()).map(|place| format!("${place}")).collect();
        format!("insert into {} ({}) values ({})", quoted(&self.name), self.columns.join(", "), places.join(", "))
    }

    fn filled(&self) -> String {
        format!("select exists (select 1 from {})", quoted(&self.name))
    }

    /// The next number that the database gives by itself comes after all that were moved.
    fn go_on(&self, column: &str) -> String {
        let (table, quoted) = (quoted(&self.name), quoted(column));
        format!(
            "select setval(pg_get_serial_sequence('{}', '{column}'), (select coalesce(max({quoted}), 0) + 1 from {table}), \
             false)",
            self.name
        )
    }

    async fn write(&self, lite: &rusqlite::Connection, to: &Transaction<'_>) -> Result<Seal, CopyError> {
        let insert = to.prepare(&self.insert()).await?;
        let mut statement = lite.prepare(&self.select())?;
        let mut rows = statement.query([])?;
        let (mut count, mut hash, mut chunk) = (0, Sha256::new(), Vec::new());
        loop {
            let row = rows.next()?;
            let ended = row.is_none();
            if let Some(row) = row {
                let values = (0..self.columns.len()).map(|place| value(row.get_ref(place)?));
                let values = values.collect::<Result<Vec<Value>, CopyError>>()?;
                add_statement(&mut hash, &self.name, &values);
                count += 1;
                chunk.push(values);
            }
            if ended || chunk.len() == CHUNK {
                let sent = chunk.iter().map(|values| async {
                    let values = bound(values).map_err(|fault| CopyError::Write(fault.to_string()))?;
                    Ok::<u64, CopyError>(to.execute_raw(&insert, &values).await?)
                });
                try_join_all(sent).await?;
                chunk.clear();
            }
            if ended {
                return Ok((count, hash.finalize().into()));
            }
        }
    }

    async fn read_back(&self, from: &Transaction<'_>) -> Result<Seal, CopyError> {
        let none: [&str; 0] = [];
        let rows = from.query_raw(&self.select(), none).await?;
        let mut rows = std::pin::pin!(rows);
        let (mut count, mut hash) = (0, Sha256::new());
        while let Some(row) = rows.try_next().await? {
            let values = (0..row.len()).map(|place| held(&row.try_get(place)?));
            let values = values.collect::<Result<Vec<Value>, CopyError>>()?;
            add_statement(&mut hash, &self.name, &values);
            count += 1;
        }
        Ok((count, hash.finalize().into()))
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn value(cell: ValueRef<'_>) -> Result<Value, CopyError> {
    match cell {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(error) => Err(CopyError::Read(error.to_string())),
        },
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Real(_) => Err(CopyError::Read("there is a number that is not whole".to_owned())),
    }
}

fn held(cell: &Cell<'_>) -> Result<Value, CopyError> {
    match cell.0 {
        Held::Null => Ok(Value::Null),
        Held::Int(number) => Ok(Value::Int(number)),
        Held::Text(text) => Ok(Value::Text(text.to_owned())),
        Held::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        Held::Strange(kind) => Err(CopyError::Write(format!("{kind} came back"))),
    }
}
