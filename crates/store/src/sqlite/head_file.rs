//! The head file: the head that was seen last, kept outside the database so that a restored backup does not take it
//! along. Nothing is judged here.
//!
//! The file is written after the commit it tells of is durable, with a plain write and no wait for the disk; a thread of
//! its own syncs it once in a while, and closing does. So it may be behind the database - after a crash of the machine
//! by what was committed since the last sync - but never ahead of it. Being behind is safe: a database is only ever
//! compared at the head in the file, so an older file notices a little less (a copy made after that head) and never
//! accuses a sound database. Several processes may write it; one that is late writes an older head, which is being
//! behind again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::place::private;
use crate::OpenError;
use crate::trust::Head;

/// How long a written head may wait for the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// The first word of the file; another number for another form.
const FORM: &str = "tollgate-head-1";

/// What a head file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// There is no file.
    Missing,
    /// It is not what this module writes.
    Unreadable,
    /// The head that was seen last.
    Seen(Head),
}

/// The head file of one database.
pub(super) struct HeadFile {
    path: PathBuf,
    shared: Arc<Shared>,
    /// Dropped to end the thread that syncs, if there is one.
    syncs: Option<Sender<()>>,
}

#[derive(Default)]
struct Shared {
    file: Mutex<Option<Arc<File>>>,
    dirty: AtomicBool,
}

impl HeadFile {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Nothing is opened or made before the first write.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, shared: Arc::default(), syncs: None }
    }

    pub(super) fn read(&self) -> Result<Kept, OpenError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(parse(&text).map_or(Kept::Unreadable, Kept::Seen)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kept::Missing),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Kept::Unreadable),
            Err(source) => Err(OpenError::File { path: self.path.clone(), source }),
        }
    }

    /// Writes the head and leaves the disk to its own time. Made durably the first time.
    pub(super) fn write(&self, head: &Head) -> io::Result<()> {
        let text = print(head);
        let mut slot = self.shared.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = slot.as_ref() else {
            *slot = Some(Arc::new(replace(&self.path, &text)?));
            return Ok(());
        };
        // Always the same length and within one sector, so that it is there whole or not at all.
        let mut file = file.as_ref();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(text.as_bytes())?;
        self.shared.dirty.store(true, Ordering::Release);
        Ok(())
    }

    /// Syncs what was written from time to time, in a thread that ends with this value.
    pub(super) fn sync_by_itself(&mut self) -> Result<(), OpenError> {
        let (sender, ended) = mpsc::channel();
        let shared = Arc::clone(&self.shared);
        thread::Builder::new()
            .name("store-head".to_owned())
            .spawn(move || {
                while ended.recv_timeout(SYNC_EVERY) == Err(RecvTimeoutError::Timeout) {
                    shared.sync();
                }
            })
            .map_err(|source| OpenError::File { path: self.path.clone(), source })?;
        self.syncs = Some(sender);
        Ok(())
    }

    pub(super) fn sync(&self) {
        self.shared.sync();
    }
}

impl Shared {
    fn sync(&self) {
        if !self.dirty.swap(false, Ordering::AcqRel) {
            return;
        }
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(Err(error)) = file.map(|file| file.sync_data()) {
            tracing::warn!(%error, "the head file could not be synced; after a crash of the machine it may be behind");
        }
    }
}

/// Puts a whole new file in the place of whatever is there.
fn replace(path: &Path, text: &str) -> io::Result<File> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    if let Some(folder) = path.parent()
        && cfg!(unix)
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

fn print(head: &Head) -> String {
    let said = format!("{FORM} {:019} {}", head.sequence, HEXLOWER.encode(&head.hash));
    let check = HEXLOWER.encode(&Sha256::digest(&said));
    format!("{said} {check}\n")
}

fn parse(text: &str) -> Option<Head> {
    let mut words = text.strip_suffix('\n')?.split(' ').skip(1);
    let sequence = words.next()?.parse().ok()?;
    let hash = HEXLOWER.decode(words.next()?.as_bytes()).ok()?.try_into().ok()?;
    let head = Head { sequence, hash };
    (print(&head) == text).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(sequence: i64) -> Head {
        Head { sequence, hash: [7; 32] }
    }

    #[test]
    fn what_was_written_last_is_read_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.head");
        let file = HeadFile::at(path.clone());
        assert_eq!(file.read().unwrap(), Kept::Missing);
        for sequence in [0, 9, 1_000_000, i64::MAX] {
            file.write(&head(sequence)).unwrap();
            file.sync();
            assert_eq!(HeadFile::at(path.clone()).read().unwrap(), Kept::Seen(head(sequence)));
        }
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert_eq!(file.read().unwrap(), Kept::Unreadable, "byte {place}");
            fs::write(&path, &whole[..place]).unwrap();
            assert_eq!(file.read().unwrap(), Kept::Unreadable, "cut at {place}");
        }
    }
}
