//! What can go wrong at a door of the store, and what the caller then knows.
//! No engine's own error type leaves the crate: the engines translate into these.

use std::path::PathBuf;

/// Why a door did not answer `Ok`.
///
/// After every variant but [`Fault::Unknown`] it is certain that the batch wrote nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A write touched another number of rows than it had to: somebody else was first.
    /// Read again and decide again.
    #[error("the row has changed in the meantime")]
    Stale,
    /// A unique index holds an equal row already.
    ///
    /// The text is `index_name (table.column, ...)` for a named index, else the columns alone;
    /// ask with [`Fault::is_duplicate_of`].
    #[error("an equal row exists already: {0}")]
    Duplicate(String),
    /// A check, a trigger, a reference or the statement itself refused the write.
    #[error("the database refused the write: {0}")]
    Refused(String),
    /// The database cannot be used now (busy, closed, full, broken). Nothing was written.
    #[error("the database is not available: {0}")]
    Down(String),
    /// The commit gave no definite answer: the batch is there whole, or not at all.
    /// Read back by key; never repeat blindly, never send.
    #[error("it is unknown whether the commit took place: {0}")]
    Unknown(String),
    /// The database went back in time, so nothing may be sent until an operator has looked. Nothing was written.
    #[error("the database is in quarantine: it went back in time")]
    Quarantined,
    /// A stored row does not read as what it should be.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(#[from] BadRow),
}

impl Fault {
    /// Whether this is a [`Fault::Duplicate`] raised by the unique index of this name
    /// (or, for an unnamed one, by exactly these columns: `"charges.program, charges.reference"`).
    pub fn is_duplicate_of(&self, index_or_columns: &str) -> bool {
        let Self::Duplicate(text) = self else {
            return false;
        };
        match text.split_once(" (") {
            Some((name, columns)) => name == index_or_columns || columns.strip_suffix(')') == Some(index_or_columns),
            None => text == index_or_columns,
        }
    }

    /// Whether it is certain that nothing was written.
    pub fn wrote_nothing(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

/// A stored row that does not read as what it should be. Names the column, never its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRow {
    /// The statement returned no such column.
    #[error("no column `{column}`")]
    Missing {
        /// The column asked for.
        column: String,
    },
    /// The column holds another kind of value.
    #[error("column `{column}` holds {found}, not {wanted}")]
    Kind {
        /// The column asked for.
        column: String,
        /// What was asked for: `a whole number`, `text`, `bytes`.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// The kind is right, but the value has no meaning.
    #[error("column `{column}`: {reason}")]
    Meaning {
        /// The column asked for.
        column: String,
        /// Why it has no meaning; must not quote secrets.
        reason: String,
    },
}

impl BadRow {
    /// A value of the right kind without a meaning, for the code that maps rows to nouns.
    pub fn meaning(column: &str, reason: impl std::fmt::Display) -> Self {
        Self::Meaning { column: column.to_owned(), reason: reason.to_string() }
    }
}

/// Why a store could not be opened. Each text can be shown to an operator as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of the database file does not exist. It is not created, so that a mistyped path
    /// cannot start an empty second ledger.
    #[error("the folder {} does not exist; create it first or correct the path", path.display())]
    NoFolder {
        /// The missing folder.
        path: PathBuf,
    },
    /// Another process serves from this database.
    #[error(
        "another tollgate is using the database {}; stop it first (it holds {})",
        path.display(), lock.display()
    )]
    InUse {
        /// The database file.
        path: PathBuf,
        /// The lock file that the other process holds.
        lock: PathBuf,
    },
    /// The database lies on a network file system, where file locks and syncs cannot be trusted.
    #[error(
        "the database {} lies on a network file system ({kind}); put it on a local disk",
        path.display()
    )]
    NetworkDisk {
        /// The database file.
        path: PathBuf,
        /// The kind of file system, e.g. `nfs4`.
        kind: String,
    },
    /// The file is a database of another program, or no database at all.
    #[error("{} is not a tollgate database: {detail}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        detail: String,
    },
    /// The database was written by a newer tollgate.
    #[error(
        "the database has schema {found}, this tollgate knows schemas up to {known}; \
         use a newer tollgate"
    )]
    Newer {
        /// The schema number in the database.
        found: u32,
        /// The newest schema number of this program.
        known: u32,
    },
    /// A migration that was applied to this database has another text in this program.
    #[error(
        "migration {number:04}_{name} was changed after it was applied to this database; \
         a released migration must never change"
    )]
    MigrationChanged {
        /// The number of the migration.
        number: u32,
        /// Its name.
        name: String,
    },
    /// The list of migrations is wrong in itself, or does not fit what was applied.
    #[error("the list of migrations is wrong: {detail}")]
    MigrationList {
        /// What is wrong.
        detail: String,
    },
    /// A migration failed and was rolled back whole.
    #[error("migration {number:04}_{name} failed and was rolled back: {detail}")]
    MigrationFailed {
        /// The number of the migration.
        number: u32,
        /// Its name.
        name: String,
        /// What the database said.
        detail: String,
    },
    /// The schema must be brought up to date, but another process serves from the database.
    #[error(
        "the database needs schema {known} and has {found}, but another tollgate is using it; \
         restart that one with this version first"
    )]
    OldSchemaInUse {
        /// The schema number in the database.
        found: u32,
        /// The newest schema number of this program.
        known: u32,
    },
    /// The integrity check at start found damage.
    #[error("the database {} is damaged: {detail}; restore a backup", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// The first finding.
        detail: String,
    },
    /// A file could not be made, opened or locked.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another node keeps its heads in this file.
    #[error("another node uses the head file {}; give each node a file of its own (--head-file)", path.display())]
    HeadFileInUse {
        /// The file.
        path: PathBuf,
    },
    /// The PostgreSQL server cannot be reached, or does not let us in.
    #[error("cannot connect to {address}: {detail}")]
    Unreachable {
        /// Hosts and database, without user and password.
        address: String,
        /// What went wrong.
        detail: String,
    },
    /// The PostgreSQL server is older than what is supported.
    #[error("the server is PostgreSQL {found}; 15 or newer is needed")]
    OldServer {
        /// Its version.
        found: String,
    },
    /// Anything else the database said.
    #[error("cannot open the database: {0}")]
    Engine(String),
}
