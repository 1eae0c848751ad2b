//! A statement that returns rows, as data: its text, its arguments and how a row is read.
//! Nothing is executed here.

use std::fmt;

use crate::{BadRow, FromRow, Row, Value};

/// A statement that returns rows of `R`. Make it beside the SQL of its noun, hand it to a door.
pub struct Query<R> {
    pub(crate) sql: &'static str,
    pub(crate) args: Vec<Value>,
    pub(crate) read: fn(&Row<'_>) -> Result<R, BadRow>,
}

impl<R: FromRow> Query<R> {
    /// A statement (placeholders `$1`, `$2`, ...) with its arguments, see [`args!`](crate::args).
    pub fn new(sql: &'static str, args: impl Into<Vec<Value>>) -> Self {
        Self { sql, args: args.into(), read: R::from_row }
    }
}

impl<R> fmt::Debug for Query<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("sql", &self.sql).field("args", &self.args).finish_non_exhaustive()
    }
}
