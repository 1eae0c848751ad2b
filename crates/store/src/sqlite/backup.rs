//! A copy of a database file, taken while a gateway writes to it, and checked before it bears its name.
//! Putting a copy back is a matter of files: the next start notices that the database went back in time.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::place::Place;
use super::{connection, start};
use crate::OpenError;
use crate::synced_file::private;

/// A finished backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Where it is.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// The number of the last durable commit in it.
    pub commits: i64,
}

/// Why there is no backup. Whatever was written of it is gone again.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Something bears that name already; a backup never replaces anything.
    #[error("{} exists already; a backup never overwrites", .0.display())]
    Exists(PathBuf),
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite could not copy, for example because the disk is full.
    #[error("the copy failed: {0}")]
    Copy(String),
    /// The copy is not whole: the database or the disk of the copy is damaged.
    #[error("the copy is damaged, and so may be the database: {0}")]
    Damaged(String),
}

/// Copies the database at `from` into the new file `to`, as it was at one moment.
///
/// Others go on reading and writing. The copy is readable by its owner alone, compact, on the disk and fully checked
/// (integrity and references) before it gets its name. `busy` is how long to wait for a lock.
pub fn backup(from: &Path, to: &Path, busy: Duration) -> Result<Backup, BackupError> {
    let source = Place::find(from)?;
    // Opening would make an empty database of a mistyped path.
    fs::metadata(source.file()).map_err(|error| OpenError::File { path: source.file().to_owned(), source: error })?;
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let part = Part::create(to)?;
    copy(source.file(), &part.path, busy)?;
    let commits = check(&part.path, busy)?;
    let failed = |source| BackupError::File { path: to.to_owned(), source };
    File::open(&part.path).and_then(|file| file.sync_all()).map_err(failed)?;
    let bytes = fs::metadata(&part.path).map_err(failed)?.len();
    part.name(to).map_err(failed)?;
    Ok(Backup { file: to.to_owned(), bytes, commits })
}

/// The copy while it is made; gone when dropped without a name.
struct Part {
    path: PathBuf,
}

impl Part {
    fn create(to: &Path) -> Result<Self, BackupError> {
        let mut name = to.file_name().map(OsString::from).unwrap_or_default();
        name.push(".part");
        let path = to.with_file_name(name);
        // What an interrupted backup left behind is of no use to anyone.
        let made = match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => private(OpenOptions::new().write(true).create_new(true)).open(&path),
        };
        made.map_err(|source| BackupError::File { path: path.clone(), source })?;
        Ok(Self { path })
    }

    fn name(self, to: &Path) -> io::Result<()> {
        // Unlike a rename, a link does not replace a file that came in the meantime.
        fs::hard_link(&self.path, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the unfinished backup could not be removed");
        }
    }
}

fn copy(from: &Path, to: &Path, busy: Duration) -> Result<(), BackupError> {
    let copied = |connection: &Connection| {
        connection.pragma_update(None, "synchronous", "full")?;
        connection.execute("vacuum into ?1", [to.to_string_lossy()])
    };
    let connection = connection::file(from).map_err(|error| start::strange(from, &error))?;
    connection::guard(&connection, busy).map_err(|error| start::strange(from, &error))?;
    start::recognise(&connection, from)?;
    copied(&connection).map(|_| ()).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => BackupError::Damaged(error.to_string()),
        _ => BackupError::Copy(error.to_string()),
    })
}

/// Reads the copy from end to end; answers the number of the last commit in it.
fn check(copy: &Path, busy: Duration) -> Result<i64, BackupError> {
    let look = || -> rusqlite::Result<(String, Option<String>, i64)> {
        let connection = connection::file_for_reading(copy, busy)?;
        let finding = connection.query_row("pragma integrity_check(1)", [], |row| row.get(0))?;
        let mut references = connection.prepare("pragma foreign_key_check")?;
        let dangling = references.query([])?.next()?.map(|row| row.get(0)).transpose()?;
        let commits = connection.query_row("select coalesce(max(sequence), 0) from head", [], |row| row.get(0))?;
        Ok((finding, dangling, commits))
    };
    match look().map_err(|error| BackupError::Damaged(error.to_string()))? {
        (finding, None, commits) if finding == "ok" => Ok(commits),
        (finding, None, _) => Err(BackupError::Damaged(finding)),
        (_, Some(table), _) => Err(BackupError::Damaged(format!("rows of {table} refer to rows that do not exist"))),
    }
}
