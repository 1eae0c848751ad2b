//! What PostgreSQL's errors mean to a caller of the store. Unique indexes are described here as SQLite describes them,
//! so that a `Duplicate` says the same on both engines.

use std::collections::HashMap;
use std::error::Error as _;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::{BadRow, Fault};

/// How a transaction did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It was rolled back in favour of another one, and may be run again as it is.
    Again(String),
    /// The head of the lane is not where it was seen; it was rolled back.
    Moved,
    /// The connection is gone and it wrote nothing.
    Lost(String),
    /// It wrote nothing, or nobody knows.
    Over(Fault),
}

impl Trouble {
    /// What the caller is told who does not try again.
    pub(super) fn into_fault(self) -> Fault {
        match self {
            Self::Over(fault) => fault,
            Self::Again(why) | Self::Lost(why) => Fault::Down(why),
            Self::Moved => Fault::Down("the head has moved".to_owned()),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Over(fault)
    }
}

impl From<BadRow> for Trouble {
    fn from(bad: BadRow) -> Self {
        Self::Over(Fault::Corrupt(bad))
    }
}

/// Sorts an error of any call before COMMIT: nothing was written.
pub(super) fn before_commit(error: &Error, uniques: &Uniques) -> Trouble {
    let Some(said) = error.as_db_error() else {
        let gone = error.is_closed() || error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        // Otherwise something given makes no sense.
        return if gone { Trouble::Lost(text(error)) } else { Fault::Refused(text(error)).into() };
    };
    let code = said.code();
    if is_conflict(code) {
        return Trouble::Again(text(error));
    }
    Trouble::Over(match code {
        &SqlState::UNIQUE_VIOLATION => Fault::Duplicate(uniques.describe(said.constraint().unwrap_or_default())),
        // A standby, or a primary that has stepped down.
        &SqlState::READ_ONLY_SQL_TRANSACTION | &SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED => down(error),
        _ => match code.code().get(..2) {
            // The connection, or somebody who ended it.
            Some("08" | "57") => return Trouble::Lost(text(error)),
            // Resources, the system, the configuration.
            Some("28" | "53" | "58" | "F0" | "XX") => down(error),
            _ => Fault::Refused(said.message().to_owned()),
        },
    })
}

/// Sorts an error of COMMIT itself; `None` when nobody knows.
pub(super) fn of_commit(error: &Error, uniques: &Uniques) -> Option<Trouble> {
    let code = error.as_db_error()?.code();
    let definite = is_conflict(code) || code.code().starts_with("23");
    definite.then(|| before_commit(error, uniques))
}

fn is_conflict(code: &SqlState) -> bool {
    matches!(code, &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED)
}

fn down(error: &Error) -> Fault {
    Fault::Down(text(error))
}

/// What an error says, without any value of a row.
pub(crate) fn text(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

/// The descriptions of the unique indexes, by name.
#[derive(Debug, Default)]
pub(super) struct Uniques {
    said: HashMap<String, String>,
}

const UNIQUES: &str = "select i.relname::text as name, t.relname::text as owner, \
    exists (select 1 from pg_constraint c where c.conindid = x.indexrelid) as unnamed, \
    0 = any (x.indkey::int2[]) as computed, \
    array_to_string(array(select t.relname || '.' || a.attname from unnest(x.indkey::int2[]) with ordinality k (n, place) \
        join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.n order by k.place), ', ') as columns \
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid \
    where x.indisunique and t.relnamespace = current_schema()::regnamespace";

impl Uniques {
    pub(super) async fn of(client: &Client) -> Result<Self, Error> {
        let rows = client.query(UNIQUES, &[]).await?;
        let mut said = HashMap::new();
        for row in rows {
            let (name, columns): (String, String) = (row.try_get("name")?, row.try_get("columns")?);
            let text = match (row.try_get("unnamed")?, row.try_get("computed")?) {
                (true, _) => columns,
                (false, true) => name.clone(),
                (false, false) => format!("{name} ({columns})"),
            };
            said.insert(name, text);
        }
        Ok(Self { said })
    }

    fn describe(&self, index: &str) -> String {
        self.said.get(index).cloned().unwrap_or_else(|| index.to_owned())
    }
}
