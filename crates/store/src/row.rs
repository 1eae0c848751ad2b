//! One row on its way out of a statement, read by column name with typed errors.
//! No noun is known here; `FromRow` is implemented beside each noun's SQL.

use std::cell::Cell;
use std::fmt::Display;
use std::str::FromStr;

use rusqlite::types::ValueRef;

use crate::BadRow;
use crate::postgres::Cell as PostgresCell;

/// Something that can be read from one row.
pub trait FromRow: Sized + Send + 'static {
    /// Reads one row; an error names the column.
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow>;
}

/// One row of an answer. Columns are asked for by the name the statement gives them.
pub struct Row<'a> {
    cells: Cells<'a>,
    // Mappings ask for columns in the order of the statement, so the next one is tried first.
    next: Cell<usize>,
}

/// Where the values of a row come from: one variant for each engine.
enum Cells<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// One cell, borrowed from the engine.
pub(crate) enum Held<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// A kind of value that the schema must not contain.
    Strange(&'static str),
}

impl Held<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a whole number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
            Self::Strange(kind) => kind,
        }
    }

    fn is_not(&self, column: &str, wanted: &'static str) -> BadRow {
        BadRow::Kind { column: column.to_owned(), wanted, found: self.kind() }
    }
}

impl<'a> Row<'a> {
    pub(crate) fn sqlite(row: &'a rusqlite::Row<'a>) -> Self {
        Self { cells: Cells::Sqlite(row), next: Cell::new(0) }
    }

    pub(crate) fn postgres(row: &'a tokio_postgres::Row) -> Self {
        Self { cells: Cells::Postgres(row), next: Cell::new(0) }
    }

    /// A whole number.
    pub fn int(&self, column: &str) -> Result<i64, BadRow> {
        match self.held(column)? {
            Held::Int(n) => Ok(n),
            other => Err(other.is_not(column, "a whole number")),
        }
    }

    /// A whole number, or nothing.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, BadRow> {
        match self.held(column)? {
            Held::Null => Ok(None),
            Held::Int(n) => Ok(Some(n)),
            other => Err(other.is_not(column, "a whole number")),
        }
    }

    /// A whole number that must be 0 or 1.
    pub fn bool(&self, column: &str) -> Result<bool, BadRow> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(BadRow::meaning(column, "is neither 0 nor 1")),
        }
    }

    /// Text.
    pub fn text(&self, column: &str) -> Result<String, BadRow> {
        self.str(column).map(str::to_owned)
    }

    /// Text, or nothing.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, BadRow> {
        match self.held(column)? {
            Held::Null => Ok(None),
            Held::Text(text) => Ok(Some(text.to_owned())),
            other => Err(other.is_not(column, "text")),
        }
    }

    /// Text, borrowed for the time of reading the row.
    pub fn str(&self, column: &str) -> Result<&str, BadRow> {
        match self.held(column)? {
            Held::Text(text) => Ok(text),
            other => Err(other.is_not(column, "text")),
        }
    }

    /// Text that stands for something: a status, an id, a currency. The content is not quoted in the
    /// error unless the error of `T` does so.
    pub fn parse<T>(&self, column: &str) -> Result<T, BadRow>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.str(column)?.parse().map_err(|error| BadRow::meaning(column, error))
    }

    /// As [`Row::parse`], or nothing.
    pub fn opt_parse<T>(&self, column: &str) -> Result<Option<T>, BadRow>
    where
        T: FromStr,
        T::Err: Display,
    {
        match self.held(column)? {
            Held::Null => Ok(None),
            Held::Text(text) => text.parse().map(Some).map_err(|error| BadRow::meaning(column, error)),
            other => Err(other.is_not(column, "text")),
        }
    }

    /// Bytes.
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, BadRow> {
        match self.held(column)? {
            Held::Blob(bytes) => Ok(bytes.to_vec()),
            other => Err(other.is_not(column, "bytes")),
        }
    }

    /// Bytes, or nothing.
    pub fn opt_blob(&self, column: &str) -> Result<Option<Vec<u8>>, BadRow> {
        match self.held(column)? {
            Held::Null => Ok(None),
            Held::Blob(bytes) => Ok(Some(bytes.to_vec())),
            other => Err(other.is_not(column, "bytes")),
        }
    }

    fn held(&self, column: &str) -> Result<Held<'_>, BadRow> {
        let index = self.index(column).ok_or_else(|| BadRow::Missing { column: column.to_owned() })?;
        self.next.set(index + 1);
        match self.cells {
            Cells::Sqlite(row) => sqlite_cell(row, index, column),
            Cells::Postgres(row) => {
                let cell: PostgresCell<'_> = row.try_get(index).map_err(|error| BadRow::meaning(column, error))?;
                Ok(cell.0)
            }
        }
    }

    fn index(&self, column: &str) -> Option<usize> {
        let next = self.next.get();
        if self.name(next) == Some(column) {
            return Some(next);
        }
        (0..self.width()).find(|index| self.name(*index) == Some(column))
    }

    fn name(&self, index: usize) -> Option<&str> {
        match self.cells {
            Cells::Sqlite(row) => row.as_ref().column_name(index).ok(),
            Cells::Postgres(row) => row.columns().get(index).map(tokio_postgres::Column::name),
        }
    }

    fn width(&self) -> usize {
        match self.cells {
            Cells::Sqlite(row) => row.as_ref().column_count(),
            Cells::Postgres(row) => row.len(),
        }
    }
}

fn sqlite_cell<'a>(row: &'a rusqlite::Row<'_>, index: usize, column: &str) -> Result<Held<'a>, BadRow> {
    let cell = row.get_ref(index).map_err(|error| BadRow::meaning(column, error))?;
    Ok(match cell {
        ValueRef::Null => Held::Null,
        ValueRef::Integer(n) => Held::Int(n),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Held::Text(text),
            Err(_) => Held::Strange("text that is not UTF-8"),
        },
        ValueRef::Blob(bytes) => Held::Blob(bytes),
        ValueRef::Real(_) => Held::Strange("a floating-point number"),
    })
}
