//! What SQLite's errors mean to a caller of the store, and to the disk policy.
//! Unique indexes are named here, since SQLite itself only tells their columns.

use std::collections::HashMap;

use rusqlite::{Connection, Error, ErrorCode, ffi};

use crate::{BadRow, Fault};

/// An error on its way to a caller, with what it says about the disk.
#[derive(Debug)]
pub(super) struct Mishap {
    pub(super) fault: Fault,
    pub(super) disk: Option<Disk>,
}

/// What an error says about the disk under the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Disk {
    /// There is no room; what is there can be trusted.
    Full,
    /// Reads and writes fail, or the file is damaged: nothing can be trusted.
    Broken,
}

impl From<Fault> for Mishap {
    fn from(fault: Fault) -> Self {
        Self { fault, disk: None }
    }
}

impl From<BadRow> for Mishap {
    fn from(bad: BadRow) -> Self {
        Fault::Corrupt(bad).into()
    }
}

/// Sorts an error of any call but COMMIT: after it, nothing of the statement was written.
pub(super) fn sort(error: &Error, uniques: &Uniques) -> Mishap {
    let Error::SqliteFailure(failure, _) = error else {
        return Fault::Refused(error.to_string()).into();
    };
    let fault = match failure.code {
        ErrorCode::ConstraintViolation => constraint(failure.extended_code, error, uniques),
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::OutOfMemory
        | ErrorCode::OperationInterrupted
        | ErrorCode::FileLockingProtocolFailed => Fault::Down(error.to_string()),
        _ if disk(error).is_some() => Fault::Down(error.to_string()),
        _ => Fault::Refused(error.to_string()),
    };
    Mishap { fault, disk: disk(error) }
}

/// What an error says about the disk.
pub(super) fn disk(error: &Error) -> Option<Disk> {
    match error.sqlite_error_code()? {
        ErrorCode::DiskFull => Some(Disk::Full),
        ErrorCode::SystemIoFailure
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied => Some(Disk::Broken),
        _ => None,
    }
}

fn constraint(extended: i32, error: &Error, uniques: &Uniques) -> Fault {
    let message = message(error);
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let columns = message.strip_prefix("UNIQUE constraint failed: ").unwrap_or(&message);
            Fault::Duplicate(uniques.describe(columns))
        }
        _ => Fault::Refused(message),
    }
}

fn message(error: &Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

/// The names of the unique indexes, by the columns SQLite names in its message.
#[derive(Debug, Default)]
pub(super) struct Uniques {
    names: HashMap<String, String>,
}

impl Uniques {
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let mut statement = connection.prepare(
            "select i.name, i.origin,
                    (select group_concat(t.name || '.' || c.name, ', ')
                       from pragma_index_info(i.name) c)
               from sqlite_schema t, pragma_index_list(t.name) i
              where t.type = 'table' and i.\"unique\" = 1",
        )?;
        let mut rows = statement.query([])?;
        let mut found: HashMap<String, Vec<Option<String>>> = HashMap::new();
        while let Some(row) = rows.next()? {
            let (name, origin): (String, String) = (row.get(0)?, row.get(1)?);
            if let Some(columns) = row.get::<_, Option<String>>(2)? {
                let name = (origin == "c").then_some(name);
                found.entry(columns).or_default().push(name);
            }
        }
        // Two unique indexes over the same columns cannot be told apart: then columns must do.
        let names = found.into_iter().filter_map(|(columns, names)| {
            let [Some(name)] = names.as_slice() else {
                return None;
            };
            Some((columns, name.clone()))
        });
        Ok(Self { names: names.collect() })
    }

    fn describe(&self, columns: &str) -> String {
        if let Some(name) = columns.strip_prefix("index '") {
            return name.trim_end_matches('\'').to_owned();
        }
        match self.names.get(columns) {
            Some(name) => format!("{name} ({columns})"),
            None => columns.to_owned(),
        }
    }
}
