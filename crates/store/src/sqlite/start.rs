//! The start: is the file ours and whole, is its schema ours, bring it up to date.
//! Also how the writer opens its connection anew later, when all that is known.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::connection::{self, Db};
use super::errors::Uniques;
use super::memory::{self, Eraser};
use super::place::Place;
use super::space;
use crate::crash_point;
use crate::migrate::{self, Applied, Migration};
use crate::{OpenError, Options};

/// `Toll` in ASCII: marks the file as a database of ours.
const APPLICATION_ID: i64 = 0x546f_6c6c;

/// Opens the writer's connection, again and again in the same way.
#[derive(Debug, Clone)]
pub(super) struct Opener {
    file: Option<PathBuf>,
    busy: Duration,
    uniques: Arc<Uniques>,
}

impl Opener {
    pub(super) fn is_in_memory(&self) -> bool {
        self.file.is_none()
    }

    /// Whether the disk that the database is on has room for something new.
    pub(super) fn has_room(&self) -> bool {
        self.file.as_deref().is_none_or(space::is_enough)
    }

    /// Opens the connection. The schema is not looked at again.
    pub(super) fn open(&self) -> rusqlite::Result<Db> {
        // A database in memory is gone with its connection; an empty one must not take its place.
        let file = self.file.as_ref().ok_or_else(|| rusqlite::Error::InvalidPath(PathBuf::from(":memory:")))?;
        let opened = connection::file(file)?;
        connection::guard(&opened, self.busy)?;
        connection::make_durable(&opened)?;
        Ok(Db::new(opened, Arc::clone(&self.uniques)))
    }
}

/// Opens a database file for the first time: checks it and brings its schema up to date.
///
/// `locked` says whether the caller holds the instance lock.
pub(super) fn file(place: &Place, locked: bool, options: &Options) -> Result<(Opener, Db), OpenError> {
    let path = place.file();
    crash_point::reach("open.before_file");
    let length = place.whole_length();
    let mut opened = connection::file(path).map_err(|error| strange(path, &error))?;
    crash_point::reach("open.after_file");
    connection::guard(&opened, options.busy).map_err(|error| engine(&error))?;
    recognise(&opened, path)?;
    let mode = connection::make_durable(&opened).map_err(|error| strange(path, &error))?;
    if mode != "wal" {
        return Err(OpenError::Engine(format!(
            "the database cannot use a write-ahead log here (it stays in mode {mode})"
        )));
    }
    if options.quick_check {
        check(&opened, path, length)?;
    }
    crash_point::reach("open.checked");
    let found = applied(&opened)?;
    if !migrate::pending(options.migrations, &found)?.is_empty() {
        let _lock = match (locked, place.lock()) {
            (true, _) => None,
            (false, Ok(Some(lock))) => Some(lock),
            (false, Ok(None)) => {
                return Err(OpenError::OldSchemaInUse {
                    found: found.last().map_or(0, |last| last.number),
                    known: migrate::newest(options.migrations),
                });
            }
            (false, Err(error)) => return Err(error),
        };
        crash_point::reach("migration.before");
        bring_up_to_date(&mut opened, options.migrations)?;
        crash_point::reach("migration.after");
    }
    finish(Some(path.to_owned()), opened, options)
}

/// Makes a database in memory, and what takes it back to how it is made.
pub(super) fn memory(options: &Options) -> Result<(Opener, Db, Eraser), OpenError> {
    let name = memory::name();
    let mut opened = memory::open(&name).map_err(|error| engine(&error))?;
    connection::guard(&opened, options.busy).map_err(|error| engine(&error))?;
    connection::make_durable(&opened).map_err(|error| engine(&error))?;
    migrate::pending(options.migrations, &[])?;
    bring_up_to_date(&mut opened, options.migrations)?;
    let eraser = Eraser::remember(&name).map_err(|error| engine(&error))?;
    let (opener, db) = finish(None, opened, options)?;
    Ok((opener, db, eraser))
}

fn finish(file: Option<PathBuf>, opened: Connection, options: &Options) -> Result<(Opener, Db), OpenError> {
    let uniques = Arc::new(Uniques::of(&opened).map_err(|error| engine(&error))?);
    let opener = Opener { file, busy: options.busy, uniques: Arc::clone(&uniques) };
    Ok((opener, Db::new(opened, uniques)))
}

/// Refuses a file that is no database, or the database of another program, before it is changed.
pub(super) fn recognise(opened: &Connection, path: &Path) -> Result<(), OpenError> {
    let looked = at_one_moment(opened, |opened| {
        let id: i64 = opened.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: i64 = opened.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
        Ok((id, tables))
    });
    match looked.map_err(|error| strange(path, &error))? {
        (APPLICATION_ID, _) | (0, 0) => Ok(()),
        (id, tables) => Err(OpenError::NotOurs {
            path: path.to_owned(),
            detail: format!("its application id is {id:#x} and it has {tables} tables and indexes"),
        }),
    }
}

pub(super) fn check(opened: &Connection, path: &Path, length: Option<u64>) -> Result<(), OpenError> {
    // What is missing of the last page SQLite reads as zeros.
    let page: i64 = opened.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(|error| engine(&error))?;
    let page = u64::try_from(page).unwrap_or(1);
    if length.is_some_and(|length| !length.is_multiple_of(page)) {
        return Err(OpenError::Damaged { path: path.to_owned(), detail: "its last page is cut short".to_owned() });
    }
    let finding: String =
        opened.query_row("pragma quick_check(1)", [], |row| row.get(0)).map_err(|error| strange(path, &error))?;
    if finding == "ok" {
        return Ok(());
    }
    Err(OpenError::Damaged { path: path.to_owned(), detail: finding })
}

/// What the database has recorded, in order; nothing for a new database.
pub(super) fn applied(opened: &Connection) -> Result<Vec<Applied>, OpenError> {
    let looked = at_one_moment(opened, |opened| {
        let version: i64 = opened.pragma_query_value(None, "user_version", |row| row.get(0))?;
        // Not asked by `table_exists`, which answers from what this connection remembers.
        let recorded = "select count(*) from sqlite_schema where name = 'migrations'";
        if opened.query_row(recorded, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok((version, Vec::new()));
        }
        let mut statement = opened.prepare("select number, name, sha256 from migrations order by number")?;
        let recorded = statement
            .query_map([], |row| Ok(Applied { number: row.get(0)?, name: row.get(1)?, sha256: row.get(2)? }))?;
        Ok((version, recorded.collect::<rusqlite::Result<Vec<_>>>()?))
    });
    let (version, recorded) = looked.map_err(|error| engine(&error))?;
    let last = recorded.last().map_or(0, |last| last.number);
    if version != i64::from(last) {
        return Err(OpenError::MigrationList {
            detail: format!("the database says schema {version} but has recorded {last}"),
        });
    }
    Ok(recorded)
}

/// Looks several times without another process writing in between.
fn at_one_moment<T>(opened: &Connection, look: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let moment = opened.unchecked_transaction()?;
    let seen = look(&moment)?;
    moment.finish()?;
    Ok(seen)
}

/// Runs what is pending, each migration in a transaction of its own.
fn bring_up_to_date(opened: &mut Connection, list: &[Migration]) -> Result<(), OpenError> {
    // A table that is rebuilt loses its references for a moment; they are checked at the end.
    let references =
        |opened: &Connection, on: bool| opened.pragma_update(None, "foreign_keys", on).map_err(|error| engine(&error));
    references(opened, false)?;
    // Asked again for each: another process may be doing the same.
    while let Some(next) = migrate::pending(list, &applied(opened)?)?.first() {
        run(opened, next).map_err(|detail| OpenError::MigrationFailed {
            number: next.number,
            name: next.name.to_owned(),
            detail,
        })?;
        tracing::info!(number = next.number, name = next.name, "migration applied");
    }
    references(opened, true)
}

fn run(opened: &mut Connection, migration: &Migration) -> Result<(), String> {
    let text = |error: rusqlite::Error| error.to_string();
    let transaction = opened.transaction_with_behavior(TransactionBehavior::Immediate).map_err(text)?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(text)?;
    if version + 1 != migration.number {
        // Somebody else was faster; what is pending is asked again.
        return Ok(());
    }
    transaction
        .execute_batch(
            "create table if not exists migrations (
                number integer primary key,
                name   text not null,
                sha256 text not null
             ) strict",
        )
        .map_err(text)?;
    transaction.execute_batch(migration.sql).map_err(text)?;
    crash_point::reach("migration.written");
    if transaction.is_autocommit() {
        return Err("a migration must not end its transaction".to_owned());
    }
    dangling(&transaction)?;
    transaction
        .execute(
            "insert into migrations (number, name, sha256) values (?1, ?2, ?3)",
            (migration.number, migration.name, migration.sha256()),
        )
        .map_err(text)?;
    transaction.pragma_update(None, "user_version", migration.number).map_err(text)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(text)?;
    crash_point::reach("migration.before_commit");
    transaction.commit().map_err(text)?;
    crash_point::reach("migration.after_commit");
    Ok(())
}

/// Refuses a migration that leaves rows pointing nowhere.
fn dangling(opened: &Connection) -> Result<(), String> {
    let mut statement = opened.prepare("pragma foreign_key_check").map_err(|error| error.to_string())?;
    let mut rows = statement.query([]).map_err(|error| error.to_string())?;
    match rows.next().map_err(|error| error.to_string())? {
        None => Ok(()),
        Some(row) => {
            let table: String = row.get(0).map_err(|error| error.to_string())?;
            Err(format!("rows of {table} refer to rows that do not exist"))
        }
    }
}

/// An error of the first calls, which may mean that the file is no database at all.
pub(super) fn strange(path: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            OpenError::NotOurs { path: path.to_owned(), detail: "it is not a SQLite database".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path: path.to_owned(), detail: error.to_string() },
        _ => engine(error),
    }
}

pub(super) fn engine(error: &rusqlite::Error) -> OpenError {
    OpenError::Engine(error.to_string())
}
