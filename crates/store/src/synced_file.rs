//! A small file that is written often with plain writes and synced once in a while: for what may be a little behind
//! after a crash of the machine, but never ahead of what it tells of. What stands in it is its owners' business.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::OpenError;

/// How long what was written may wait for the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The file of one owner.
pub(crate) struct SyncedFile {
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

impl SyncedFile {
    /// Nothing is opened or made before the first write.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, shared: Arc::default(), syncs: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What stands in the file; `None` if there is none, and nothing readable as an empty text.
    pub(crate) fn read(&self) -> Result<Option<String>, OpenError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(String::new())),
            Err(source) => Err(OpenError::File { path: self.path.clone(), source }),
        }
    }

    /// Puts a whole new file in the place of whatever is there, durably.
    pub(crate) fn replace(&self, text: &str) -> io::Result<()> {
        let mut slot = self.shared.file.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Arc::new(replace(&self.path, text)?));
        Ok(())
    }

    /// Writes into the file and leaves the disk to its own time. Where nothing was written before, `whole` is made.
    pub(crate) fn write_at(&self, offset: u64, text: &str, whole: impl FnOnce() -> String) -> io::Result<()> {
        let mut slot = self.shared.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = slot.as_ref() else {
            *slot = Some(Arc::new(replace(&self.path, &whole())?));
            return Ok(());
        };
        let mut file = file.as_ref();
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(text.as_bytes())?;
        self.shared.dirty.store(true, Ordering::Release);
        Ok(())
    }

    /// Syncs what was written from time to time, in a thread that ends with this value.
    pub(crate) fn sync_by_itself(&mut self) -> Result<(), OpenError> {
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

    pub(crate) fn sync(&self) {
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

fn replace(path: &Path, text: &str) -> io::Result<File> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        && cfg!(unix)
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

/// Readable by its owner alone.
#[cfg(unix)]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

/// Readable by its owner alone, where the system knows such a thing.
#[cfg(not(unix))]
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}
