//! The store: how it is opened, its doors, how it is closed. Engines stand behind the doors.
//! No SQL and nothing of any engine is here, so that a second engine is one more variant.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::Time;

use crate::gate::{Door, Gate, Passage};
use crate::migrate::{self, Migration};
use crate::postgres::{Address, Postgres};
use crate::sqlite::Sqlite;
use crate::{Batch, Fault, FromRow, HeadFile, OpenError, Query, Trust, events};

/// Where the data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite database file; made on first use, in a folder that must exist.
    Sqlite(PathBuf),
    /// A SQLite database in memory, gone when the store is dropped. Always inline.
    Memory,
    /// A PostgreSQL database, which many processes may share.
    Postgres(Address),
}

impl From<PathBuf> for Location {
    fn from(file: PathBuf) -> Self {
        Self::Sqlite(file)
    }
}

impl From<&Path> for Location {
    fn from(file: &Path) -> Self {
        Self::Sqlite(file.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(file: &PathBuf) -> Self {
        Self::Sqlite(file.clone())
    }
}

/// Where it is, as it may be shown to anybody.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Memory => f.write_str("memory"),
            Self::Postgres(address) => write!(f, "{address}"),
        }
    }
}

/// What happens when the disk under the database fails (an I/O error, a damaged file). The store is down for ever after
/// it, so nothing more can be sent. A full disk is no failure of this kind.
#[derive(Clone, Default)]
pub enum OnIoError {
    /// Nothing more than being down.
    #[default]
    GoDown,
    /// Call this once, with the cause, from the thread that met the error: to end the process, say.
    Call(Arc<dyn Fn(&str) + Send + Sync>),
}

impl fmt::Debug for OnIoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoDown => "GoDown",
            Self::Call(_) => "Call",
        })
    }
}

/// Somebody who is told what the store has written, for metrics. Called by the threads that write, so it must be quick.
pub trait Watch: Send + Sync {
    /// Microseconds since any fixed instant: the store has no clock of its own.
    fn clock(&self) -> i64;

    /// So many batches have become durable together, so many microseconds after their transaction began.
    fn committed(&self, batches: u64, micros: i64);

    /// An event of this kind has become durable.
    fn event(&self, kind: &str);
}

/// How to open a store. Begin with [`Options::sqlite`], [`Options::memory`] or [`Options::postgres`].
#[derive(Clone)]
pub struct Options {
    /// Where the data lives.
    pub location: Location,
    /// Whether to be the only one that serves from this database: takes the instance lock.
    /// A command-line call beside a running server leaves it `false`. PostgreSQL has no such lock.
    pub exclusive: bool,
    /// Whether every call completes inside the calling thread, on one connection and with no thread
    /// of its own, so that one thread can replay a whole run. Blocks the caller on the disk. SQLite only.
    pub inline: bool,
    /// How many reads may run at once, at least 1.
    pub readers: usize,
    /// How many batches may be committed at once, at least 1. SQLite has one writer and groups them instead.
    pub writers: usize,
    /// How many batches may wait for the writer before callers wait for room, at least 1. SQLite only.
    pub queue: usize,
    /// How many batches may share one durable commit, at least 1. SQLite only.
    pub group: usize,
    /// How long to wait for another process that is writing; on PostgreSQL for a row that another transaction holds,
    /// and for a connection of the pool.
    pub busy: Duration,
    /// Whether to look for damage before serving; takes time in proportion to the size. SQLite only.
    pub quick_check: bool,
    /// The schema, step by step.
    pub migrations: &'static [Migration],
    /// Where the head that was seen last is kept. A database in memory has none.
    pub head_file: HeadFile,
    /// What happens when the disk fails.
    pub on_io_error: OnIoError,
    /// Who is told what was written, if anybody.
    pub watch: Option<Arc<dyn Watch>>,
}

impl Options {
    /// A database file, with the defaults of a command-line call beside a server.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self {
            location: Location::Sqlite(path.into()),
            exclusive: false,
            inline: false,
            readers: 4,
            writers: 16,
            queue: 1024,
            group: 64,
            busy: Duration::from_secs(5),
            quick_check: true,
            migrations: migrate::SQLITE,
            head_file: HeadFile::Beside,
            on_io_error: OnIoError::GoDown,
            watch: None,
        }
    }

    /// A PostgreSQL database, with the defaults of a command-line call beside a server.
    pub fn postgres(address: Address) -> Self {
        Self {
            location: Location::Postgres(address),
            migrations: migrate::POSTGRES,
            head_file: HeadFile::Off,
            ..Self::sqlite(PathBuf::new())
        }
    }

    /// The defaults for a database at this place.
    pub fn at(location: Location) -> Self {
        match location {
            Location::Sqlite(file) => Self::sqlite(file),
            Location::Memory => Self::memory(),
            Location::Postgres(address) => Self::postgres(address),
        }
    }

    /// A database in memory, for tests and simulation.
    pub fn memory() -> Self {
        Self { location: Location::Memory, inline: true, ..Self::sqlite(PathBuf::new()) }
    }
}

/// How much the store has written since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Durable commits, each with one wait for the disk.
    pub commits: u64,
    /// Batches and takes that were part of a durable commit.
    pub batches: u64,
    /// Batches and takes that were answered with a fault.
    pub failed: u64,
}

/// What was found in a database without changing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examination {
    /// The number of its newest migration.
    pub schema: u32,
    /// The number of this program's newest migration.
    pub known: u32,
    /// How large it is, in bytes.
    pub bytes: i64,
}

/// What a batch is committed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To write something down.
    Record,
    /// To send something afterwards.
    Send {
        /// Whether Payoneer was asked about the reference first.
        asked: bool,
    },
}

impl Purpose {
    /// Whether it may be done on a database that stands like this.
    pub(crate) fn suits(self, trust: Trust) -> Result<(), Fault> {
        match (self, trust) {
            (Self::Send { .. }, Trust::Quarantined) => Err(Fault::Quarantined),
            // Decided before the quarantine was left; whoever tries again asks first.
            (Self::Send { asked: false }, Trust::Restored) => {
                Err(Fault::Down("the database was restored a moment ago".to_owned()))
            }
            (Self::Record | Self::Send { .. }, _) => Ok(()),
        }
    }
}

/// The three doors to the data. Cheap to clone; all clones are one store.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    gate: Option<Arc<dyn Gate>>,
    watch: Option<Arc<dyn Watch>>,
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

impl Store {
    /// Opens the database, brings its schema up to date and starts the engine.
    ///
    /// Blocks; it is meant for the start of a program.
    pub fn open(options: &Options) -> Result<Self, OpenError> {
        let engine = match &options.location {
            Location::Sqlite(path) => Engine::Sqlite(Arc::new(Sqlite::open(path, options)?)),
            Location::Memory => Engine::Sqlite(Arc::new(Sqlite::open_in_memory(options)?)),
            Location::Postgres(address) => Engine::Postgres(Arc::new(Postgres::open(address, options)?)),
        };
        Ok(Self { engine, gate: None, watch: options.watch.clone() })
    }

    /// Looks at the database without changing it: whether it is ours, whole, and of which schema. Takes time in
    /// proportion to its size.
    pub fn examine(options: &Options) -> Result<Examination, OpenError> {
        match &options.location {
            Location::Sqlite(path) => Sqlite::examine(path, options),
            Location::Memory => Err(OpenError::Engine("a database in memory does not exist yet".to_owned())),
            Location::Postgres(_) => Err(OpenError::Engine("a server looks after its own files".to_owned())),
        }
    }

    /// Another handle on the same store, with a gate before its doors. For simulations.
    #[must_use]
    pub fn behind(&self, gate: Arc<dyn Gate>) -> Self {
        Self { gate: Some(gate), ..self.clone() }
    }

    /// Takes a database in memory back to what its migrations made, for the next of many runs: statements stay planned.
    /// A database in a file is refused.
    pub fn begin_anew(&self) -> Result<(), Fault> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.begin_anew(),
            Engine::Postgres(_) => Err(Fault::Refused("only a database in memory can begin anew".to_owned())),
        }
    }

    /// Goes through the gate, if there is one. `true`: the answer of the call must be lost.
    async fn pass(&self, door: Door) -> Result<bool, Fault> {
        let Some(gate) = &self.gate else { return Ok(false) };
        match (gate.pass(door).await, door) {
            (Passage::Free, _) => Ok(false),
            (Passage::Deaf, Door::Commit | Door::Take) => Ok(true),
            (Passage::Lost, Door::Commit | Door::Take) => Err(unheard()),
            // A read that got no answer has changed nothing.
            (Passage::Shut, _) | (Passage::Deaf | Passage::Lost, Door::Read) => {
                Err(Fault::Down("the gate is shut".to_owned()))
            }
        }
    }

    /// All rows of a query. Sees everything that was committed before the call.
    pub async fn read<R: FromRow>(&self, query: Query<R>) -> Result<Vec<R>, Fault> {
        self.pass(Door::Read).await?;
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(query, usize::MAX).await,
            Engine::Postgres(postgres) => postgres.read(query, usize::MAX).await,
        }
    }

    /// The first row of a query, if there is one.
    pub async fn read_one<R: FromRow>(&self, query: Query<R>) -> Result<Option<R>, Fault> {
        self.pass(Door::Read).await?;
        let rows = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(query, 1).await,
            Engine::Postgres(postgres) => postgres.read(query, 1).await,
        }?;
        Ok(rows.into_iter().next())
    }

    /// Commits a batch: all of it or nothing, answered when it is durable.
    ///
    /// A caller that stops waiting does not stop the commit.
    pub async fn commit(&self, batch: Batch) -> Result<(), Fault> {
        if batch.is_empty() {
            return Ok(());
        }
        self.commit_for(batch, Purpose::Record).await
    }

    pub(crate) async fn commit_for(&self, batch: Batch, purpose: Purpose) -> Result<(), Fault> {
        let deaf = self.pass(Door::Commit).await?;
        let events = self.watch.as_ref().map(|watch| (watch, events::kinds(&batch)));
        let done = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.commit(batch, purpose).await,
            Engine::Postgres(postgres) => postgres.commit(batch, purpose).await,
        };
        if let (Ok(()), Some((watch, kinds))) = (&done, events) {
            for kind in &kinds {
                watch.event(kind);
            }
        }
        if deaf { Err(unheard()) } else { done }
    }

    /// Commits one write that returns rows (`update .. returning ..`), answered when it is durable.
    pub async fn take<R: FromRow>(&self, query: Query<R>) -> Result<Vec<R>, Fault> {
        let deaf = self.pass(Door::Take).await?;
        let taken = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.take(query).await,
            Engine::Postgres(postgres) => postgres.take(query).await,
        };
        if deaf { Err(unheard()) } else { taken }
    }

    /// Whether other processes may serve from the same database at the same time.
    pub fn is_shared(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres(_) => true,
        }
    }

    /// What the database's own clock says, by which processes that share it judge each other. One that is not shared
    /// has none.
    pub async fn clock(&self) -> Result<Option<Time>, Fault> {
        self.pass(Door::Read).await?;
        match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(postgres) => postgres.clock().await.map(Some),
        }
    }

    /// Whether the database can be trusted to know of everything that was sent, as of the latest commit.
    pub fn trust(&self) -> Trust {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.trust(),
            Engine::Postgres(postgres) => postgres.trust(),
        }
    }

    /// Why nothing can be written any more, if so; for the readiness check.
    pub fn down(&self) -> Option<String> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.down(),
            Engine::Postgres(postgres) => postgres.down(),
        }
    }

    /// How much was written since the store was opened; for metrics.
    pub fn counts(&self) -> Counts {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.counts(),
            Engine::Postgres(postgres) => postgres.counts(),
        }
    }

    /// Finishes what was handed in, tidies the database up and lets go of it.
    /// Later calls at any door are [`Fault::Down`]. Calling it again only waits.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close().await,
        }
    }
}

fn unheard() -> Fault {
    Fault::Unknown("the gate let no answer through".to_owned())
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}
