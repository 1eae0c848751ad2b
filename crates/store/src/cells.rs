//! Readings that several nouns share: an amount with its currency, an instant, a page.
//! No SQL here.

use crate::{BadRow, Row};
use domain::{Currency, Money, Time};

/// Greater than every id, so that a first page needs no statement of its own.
pub(crate) const LAST: &str = "~";

/// `amount_minor` and `currency`.
pub(crate) fn money(row: &Row<'_>) -> Result<Money, BadRow> {
    let minor = row.int("amount_minor")?;
    Ok(Money::from_minor(minor, row.parse::<Currency>("currency")?))
}

/// An instant.
pub(crate) fn time(row: &Row<'_>, column: &str) -> Result<Time, BadRow> {
    row.int(column).map(Time::from_micros)
}

/// An instant, or nothing.
pub(crate) fn opt_time(row: &Row<'_>, column: &str) -> Result<Option<Time>, BadRow> {
    Ok(row.opt_int(column)?.map(Time::from_micros))
}

/// Newest first, after the last id seen; at most `limit` rows.
#[derive(Debug, Clone)]
pub struct Page {
    /// The id of the last row of the page before, or none for the first page.
    pub before: Option<String>,
    /// How many rows at most.
    pub limit: i64,
}

impl Page {
    pub(crate) fn before(&self) -> String {
        self.before.clone().unwrap_or_else(|| LAST.to_owned())
    }
}
