//! The SQLite engine: one writer, a few readers, or everything inline on one connection.
//! Only this folder knows rusqlite's connections and transactions.

mod backup;
mod connection;
#[cfg(test)]
mod drill;
mod errors;
mod examine;
mod head_file;
mod health;
mod lookout;
mod memory;
mod place;
mod readers;
mod space;
mod start;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;

use tokio::sync::{mpsc, oneshot, watch};

pub use self::backup::{Backup, BackupError, backup};
pub(crate) use self::connection::file_for_reading as read_only;
use self::errors::{Disk, Mishap};
use self::health::Health;
use self::lookout::Lookout;
use self::memory::Eraser;
use self::place::{Lock, Place};
use self::readers::Readers;
use self::writer::{CommitWork, TakeWork, Work, Writer};
use crate::store::Purpose;
use crate::{Batch, Counts, Examination, Fault, FromRow, HeadFile, OpenError, Options, Query, Trust};

/// An open SQLite database.
pub(crate) struct Sqlite {
    mode: Mode,
    health: Arc<Health>,
    /// For a database in memory alone.
    eraser: Option<Mutex<Eraser>>,
}

enum Mode {
    Threads(Threads),
    /// `None` once closed. The lock outlives the connection.
    Inline(Mutex<Option<(Writer, Option<Lock>)>>),
}

struct Threads {
    /// `None` once closed: the writer ends when it has done what was handed in.
    jobs: RwLock<Option<mpsc::Sender<Box<dyn Work>>>>,
    /// Ends when the writer has let go of the database.
    gone: watch::Receiver<()>,
    readers: Readers,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let place = Place::find(path)?;
        let lock = if options.exclusive {
            let in_use = || OpenError::InUse { path: place.file().to_owned(), lock: place.lock_file() };
            Some(place.lock()?.ok_or_else(in_use)?)
        } else {
            None
        };
        place.make_file()?;
        let (opener, mut db) = start::file(&place, lock.is_some(), options)?;
        let health = Arc::new(Health::new(options.on_io_error.clone(), options.watch.clone()));
        let head_file = match &options.head_file {
            HeadFile::Beside => Some(place.head_file()),
            HeadFile::At(path) => Some(path.clone()),
            HeadFile::Off => None,
        };
        let lookout = head_file
            .map(|path| Lookout::open(head_file::HeadFile::at(path), &mut db.connection, Arc::clone(&health)))
            .transpose()?;
        if options.inline {
            let writer = Writer::new(opener, db, Arc::clone(&health), 1).with_lookout(lookout);
            return Ok(Self { mode: Mode::Inline(Mutex::new(Some((writer, lock)))), health, eraser: None });
        }
        let writer = Writer::new(opener, db, Arc::clone(&health), options.group).with_lookout(lookout);
        Self::threads(place.file(), writer, health, lock, options)
    }

    pub(crate) fn examine(path: &Path, options: &Options) -> Result<Examination, OpenError> {
        examine::file(path, options)
    }

    pub(crate) fn open_in_memory(options: &Options) -> Result<Self, OpenError> {
        let (opener, db, eraser) = start::memory(options)?;
        let eraser = Some(Mutex::new(eraser));
        let health = Arc::new(Health::new(options.on_io_error.clone(), options.watch.clone()));
        let writer = Writer::new(opener, db, Arc::clone(&health), 1);
        Ok(Self { mode: Mode::Inline(Mutex::new(Some((writer, None)))), health, eraser })
    }

    fn threads(
        file: &Path,
        mut writer: Writer,
        health: Arc<Health>,
        lock: Option<Lock>,
        options: &Options,
    ) -> Result<Self, OpenError> {
        writer.sync_head_by_itself()?;
        let (jobs, mut waiting) = mpsc::channel::<Box<dyn Work>>(options.queue.max(1));
        let (goes, gone) = watch::channel(());
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || {
                while let Some(job) = waiting.blocking_recv() {
                    writer.work(job, || waiting.try_recv().ok());
                }
                writer.close();
                drop(lock);
                drop(goes);
            })
            .map_err(|source| OpenError::File { path: file.to_owned(), source })?;
        Ok(Self {
            mode: Mode::Threads(Threads {
                jobs: RwLock::new(Some(jobs)),
                gone,
                readers: Readers::new(file.to_owned(), options.busy, options.readers),
            }),
            health,
            eraser: None,
        })
    }

    pub(crate) async fn read<R: FromRow>(&self, query: Query<R>, limit: usize) -> Result<Vec<R>, Fault> {
        self.health.may_read()?;
        let rows = match &self.mode {
            Mode::Threads(threads) => threads.readers.read(query, limit).await,
            Mode::Inline(writer) => inline(writer, |writer| writer.read(&query, limit)),
        };
        rows.map_err(|mishap| {
            if mishap.disk == Some(Disk::Broken) {
                self.health.fail(&Disk::Broken, &mishap.fault.to_string());
            }
            mishap.fault
        })
    }

    pub(crate) async fn commit(&self, batch: Batch, purpose: Purpose) -> Result<(), Fault> {
        let (reply, answer) = oneshot::channel();
        self.hand_in(Box::new(CommitWork { batch, purpose, reply })).await?;
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    pub(crate) async fn take<R: FromRow>(&self, query: Query<R>) -> Result<Vec<R>, Fault> {
        let (reply, answer) = oneshot::channel();
        let rows = Vec::new();
        self.hand_in(Box::new(TakeWork { query, rows, reply })).await?;
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    /// Takes a database in memory back to what its migrations made.
    pub(crate) fn begin_anew(&self) -> Result<(), Fault> {
        let Some(eraser) = &self.eraser else {
            return Err(Fault::Refused("only a database in memory can begin anew".to_owned()));
        };
        let mut eraser = eraser.lock().unwrap_or_else(PoisonError::into_inner);
        eraser.erase().map_err(|error| Fault::Down(error.to_string()))
    }

    pub(crate) fn down(&self) -> Option<String> {
        let stopped = match &self.mode {
            Mode::Threads(threads) => match threads.sender() {
                Some(jobs) => jobs.is_closed().then(ended),
                None => Some(closed()),
            },
            Mode::Inline(writer) => match writer.lock() {
                Ok(writer) => writer.is_none().then(closed),
                Err(_) => Some(ended()),
            },
        };
        self.health.down().or_else(|| stopped.map(|fault| fault.to_string()))
    }

    pub(crate) fn trust(&self) -> Trust {
        self.health.trust()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.health.counts()
    }

    pub(crate) async fn close(&self) {
        match &self.mode {
            Mode::Threads(threads) => {
                threads.readers.close().await;
                drop(threads.jobs.write().unwrap_or_else(PoisonError::into_inner).take());
                let mut gone = threads.gone.clone();
                while gone.changed().await.is_ok() {}
            }
            Mode::Inline(writer) => {
                let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((mut writer, lock)) = writer.take() {
                    writer.close();
                    drop(lock);
                }
            }
        }
    }

    /// Gives the work to the writer, after waiting for room in its queue.
    async fn hand_in(&self, work: Box<dyn Work>) -> Result<(), Fault> {
        self.health.may_write()?;
        match &self.mode {
            Mode::Threads(threads) => {
                let jobs = threads.sender().ok_or_else(closed)?;
                jobs.send(work).await.map_err(|_| ended())
            }
            Mode::Inline(writer) => inline(writer, |writer| {
                writer.work(work, || None);
                Ok(())
            })
            .map_err(|mishap| mishap.fault),
        }
    }
}

impl Threads {
    fn sender(&self) -> Option<mpsc::Sender<Box<dyn Work>>> {
        self.jobs.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn inline<T>(
    writer: &Mutex<Option<(Writer, Option<Lock>)>>,
    call: impl FnOnce(&mut Writer) -> Result<T, Mishap>,
) -> Result<T, Mishap> {
    let Ok(mut writer) = writer.lock() else {
        // Its transaction may be half done, so the connection is used no more.
        return Err(ended().into());
    };
    match writer.as_mut() {
        Some((writer, _)) => call(writer),
        None => Err(closed().into()),
    }
}

fn closed() -> Fault {
    Fault::Down("the store is closed".to_owned())
}

fn ended() -> Fault {
    Fault::Down("a panic ended the writer, restart to recover".to_owned())
}

/// The writer took the work and ended without a word: it may have committed.
fn unanswered() -> Fault {
    Fault::Unknown("the writer ended without an answer".to_owned())
}
