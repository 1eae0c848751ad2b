//! The one writer: takes what is waiting, puts it into one transaction, answers after the commit.
//! It decides nothing about what is written; it only keeps batches whole and apart.

use std::sync::Arc;

use rusqlite::config::DbConfig;
use sha2::Sha256;
use tokio::sync::oneshot;

use super::connection::Db;
use super::errors::{self, Disk, Mishap};
use super::health::Health;
use super::lookout::Lookout;
use super::start::Opener;
use crate::crash_point;
use crate::store::Purpose;
use crate::trust::add_statement;
use crate::{Batch, Fault, OpenError, Query, Trust};

/// Something to do inside a transaction, and somebody who waits for the outcome.
pub(super) trait Work: Send {
    /// Whether it may be done on a database that stands like this.
    fn suits(&self, trust: Trust) -> Result<(), Fault> {
        let _ = trust;
        Ok(())
    }

    /// Whether something new begins with it, for which there must be room to settle it.
    fn begins(&self) -> bool {
        false
    }

    /// Does it. May be called again after everything it did was rolled back.
    fn run(&mut self, db: &Db) -> Result<(), Mishap>;

    /// Adds what it has written to the hash of the commit.
    fn add_to(&self, hash: &mut Sha256);

    /// Tells the outcome. After `Ok` the work is durable.
    fn answer(self: Box<Self>, outcome: Result<(), Fault>);
}

/// A batch to commit.
pub(super) struct CommitWork {
    pub(super) batch: Batch,
    pub(super) purpose: Purpose,
    pub(super) reply: oneshot::Sender<Result<(), Fault>>,
}

impl Work for CommitWork {
    fn begins(&self) -> bool {
        matches!(self.purpose, Purpose::Send { .. })
    }

    fn run(&mut self, db: &Db) -> Result<(), Mishap> {
        self.batch.writes.iter().try_for_each(|write| db.write(write))
    }

    fn add_to(&self, hash: &mut Sha256) {
        for write in &self.batch.writes {
            add_statement(hash, write.sql, &write.args);
        }
    }

    fn suits(&self, trust: Trust) -> Result<(), Fault> {
        self.purpose.suits(trust)
    }

    fn answer(self: Box<Self>, outcome: Result<(), Fault>) {
        // A caller that has gone away does not change what was committed.
        let _ = self.reply.send(outcome);
    }
}

/// A write that returns rows.
pub(super) struct TakeWork<R> {
    pub(super) query: Query<R>,
    pub(super) rows: Vec<R>,
    pub(super) reply: oneshot::Sender<Result<Vec<R>, Fault>>,
}

impl<R: Send> Work for TakeWork<R> {
    fn run(&mut self, db: &Db) -> Result<(), Mishap> {
        self.rows = db.take(&self.query)?;
        Ok(())
    }

    fn add_to(&self, hash: &mut Sha256) {
        add_statement(hash, self.query.sql, &self.query.args);
    }

    fn answer(self: Box<Self>, outcome: Result<(), Fault>) {
        let Self { rows, reply, .. } = *self;
        let _ = reply.send(outcome.map(|()| rows));
    }
}

type Job = Box<dyn Work>;

/// The owner of the only connection that writes.
pub(super) struct Writer {
    opener: Opener,
    health: Arc<Health>,
    /// The largest number of jobs in one transaction.
    group: usize,
    /// `None` after a commit without an answer, until it is opened anew.
    db: Option<Db>,
    /// `None` where no head is kept.
    lookout: Option<Box<Lookout>>,
}

impl Writer {
    pub(super) fn new(opener: Opener, db: Db, health: Arc<Health>, group: usize) -> Self {
        Self { opener, health, group: group.max(1), db: Some(db), lookout: None }
    }

    /// With an eye on the head.
    pub(super) fn with_lookout(self, lookout: Option<Lookout>) -> Self {
        Self { lookout: lookout.map(Box::new), ..self }
    }

    pub(super) fn sync_head_by_itself(&mut self) -> Result<(), OpenError> {
        self.lookout.as_mut().map_or(Ok(()), |lookout| lookout.sync_by_itself())
    }

    /// Runs a query on the writer's own connection, for inline mode.
    pub(super) fn read<R>(&mut self, query: &Query<R>, limit: usize) -> Result<Vec<R>, Mishap> {
        self.open()?;
        self.live()?.read(query, limit)
    }

    /// Does `first` and whatever else is waiting, in one transaction if all goes well.
    pub(super) fn work(&mut self, first: Job, mut waiting: impl FnMut() -> Option<Job>) {
        let begun = self.begin();
        // What came while the transaction waited to begin belongs to it as well.
        let mut jobs = vec![first];
        while jobs.len() < self.group
            && let Some(job) = waiting()
        {
            jobs.push(job);
        }
        crash_point::reach("writer.begun");
        match begun {
            Ok(()) => self.in_transaction(jobs),
            Err(fault) => self.answer_all(jobs, &fault),
        }
    }

    /// Writes the log back into the database and lets go of it.
    pub(super) fn close(&mut self) {
        if let Some(lookout) = &self.lookout {
            lookout.close();
        }
        if self.health.down().is_some() {
            return self.abandon();
        }
        let Some(db) = self.db.take() else {
            return;
        };
        let checkpoint = db.connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, i64>(0));
        match checkpoint {
            Ok(0) => {}
            Ok(_) => tracing::info!("another process kept the log from being written back"),
            Err(error) => tracing::warn!(%error, "the log could not be written back"),
        }
    }

    /// Opens the connection anew if it was dropped. Never called inside a transaction.
    fn open(&mut self) -> Result<(), Fault> {
        if self.db.is_some() {
            return Ok(());
        }
        let opened = self.opener.open().map_err(|error| {
            if let Some(disk) = errors::disk(&error) {
                self.health.fail(&disk, &error.to_string());
            }
            Fault::Down(format!("the database cannot be opened again: {error}"))
        })?;
        self.db = Some(opened);
        Ok(())
    }

    fn live(&self) -> Result<&Db, Fault> {
        let dropped = || Fault::Down("the connection was dropped".to_owned());
        self.db.as_ref().ok_or_else(dropped)
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.health.begin();
        self.health.may_write()?;
        self.open()?;
        let begun = self.live()?.connection.execute_batch("begin immediate");
        let begun = begun.and_then(|()| match (&mut self.lookout, &self.db) {
            (Some(lookout), Some(db)) => lookout.begin(&db.connection),
            _ => Ok(()),
        });
        begun.map_err(|error| self.before_commit(&error))
    }

    /// What an error means that the writer itself met inside a transaction, which is over with it.
    fn before_commit(&mut self, error: &rusqlite::Error) -> Fault {
        let mishap = match self.live() {
            Ok(db) => db.sort(error),
            Err(fault) => fault.into(),
        };
        self.note(&mishap);
        if mishap.disk == Some(Disk::Broken) {
            self.abandon();
        } else {
            self.roll_back();
        }
        mishap.fault
    }

    /// Runs all jobs, each behind a savepoint of its own so that it can fail alone.
    fn in_transaction(&mut self, mut jobs: Vec<Job>) {
        if jobs.len() == 1 {
            for job in jobs {
                self.alone(job);
            }
            return;
        }
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in &mut jobs {
            match self.behind_savepoint(job.as_mut()) {
                Ok(outcome) => {
                    if outcome.is_ok() {
                        self.wrote(job.as_ref());
                    }
                    outcomes.push(outcome);
                }
                Err(Lost::Transaction) => return self.one_by_one(jobs),
                Err(Lost::Disk(fault)) => {
                    self.abandon();
                    return self.answer_all(jobs, &fault);
                }
            }
        }
        let good = outcomes.iter().filter(|outcome| outcome.is_ok()).count() as u64;
        if good == 0 {
            self.roll_back();
        } else if let Err(fault) = self.commit(good) {
            // Even a refusal is unknown now: it may rest on a neighbour that is not there.
            return self.answer_all(jobs, &fault);
        }
        self.health.failed(jobs.len() as u64 - good);
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            job.answer(outcome);
        }
    }

    /// Runs one job in the transaction that has begun.
    fn alone(&mut self, mut job: Job) {
        let outcome = match self.run(job.as_mut()) {
            Ok(()) => {
                self.wrote(job.as_ref());
                self.commit(1)
            }
            Err(mishap) => {
                self.note(&mishap);
                self.roll_back();
                Err(mishap.fault)
            }
        };
        self.health.failed(u64::from(outcome.is_err()));
        job.answer(outcome);
    }

    /// After a job took the whole transaction down with it: nothing was written, so each job is
    /// run again in a transaction of its own.
    fn one_by_one(&mut self, jobs: Vec<Job>) {
        for job in jobs {
            match self.begin() {
                Ok(()) => self.alone(job),
                Err(fault) => job.answer(Err(fault)),
            }
        }
    }

    fn behind_savepoint(&self, job: &mut dyn Work) -> Result<Result<(), Fault>, Lost> {
        self.plain("savepoint batch")?;
        let Err(mishap) = self.run(job) else {
            self.plain("release batch")?;
            return Ok(Ok(()));
        };
        if mishap.disk == Some(Disk::Broken) {
            self.note(&mishap);
            return Err(Lost::Disk(mishap.fault));
        }
        if self.has_lost_transaction() {
            return Err(Lost::Transaction);
        }
        self.plain("rollback to batch")?;
        self.plain("release batch")?;
        Ok(Err(mishap.fault))
    }

    fn run(&self, job: &mut dyn Work) -> Result<(), Mishap> {
        if let Some(lookout) = &self.lookout {
            job.suits(lookout.trust())?;
        }
        if job.begins() && !self.opener.has_room() {
            return Err(Fault::Down("the disk is nearly full, so nothing new is begun".to_owned()).into());
        }
        job.run(self.live()?)
    }

    fn wrote(&mut self, job: &dyn Work) {
        if let Some(lookout) = &mut self.lookout {
            lookout.wrote(|hash| job.add_to(hash));
        }
    }

    /// A statement of the writer's own, which fails only if the database does.
    fn plain(&self, sql: &str) -> Result<(), Lost> {
        let db = self.live().map_err(Lost::Disk)?;
        let done = db.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]));
        done.map(|_| ()).map_err(|error| {
            let mishap = db.sort(&error);
            self.note(&mishap);
            if self.has_lost_transaction() && mishap.disk != Some(Disk::Broken) {
                Lost::Transaction
            } else {
                Lost::Disk(mishap.fault)
            }
        })
    }

    /// Commits; an error means that nobody knows, so the connection is dropped and opened anew
    /// before anybody can read back.
    fn commit(&mut self, batches: u64) -> Result<(), Fault> {
        let advanced = match (&mut self.lookout, &self.db) {
            (Some(lookout), Some(db)) => lookout.advance(&db.connection),
            _ => Ok(()),
        };
        advanced.map_err(|error| self.before_commit(&error))?;
        crash_point::reach("writer.before_commit");
        let done = self.live()?.connection.execute_batch("commit");
        crash_point::reach("writer.after_commit");
        let Err(error) = done else {
            self.committed(batches);
            return Ok(());
        };
        tracing::error!(%error, "a commit failed; its outcome is unknown");
        match errors::disk(&error) {
            Some(Disk::Full) if self.lookout.is_some() => {}
            Some(disk) => {
                self.health.fail(&disk, &error.to_string());
                self.abandon();
                return Err(Fault::Unknown(error.to_string()));
            }
            None if self.opener.is_in_memory() => {
                self.roll_back();
                return Err(Fault::Unknown(error.to_string()));
            }
            None => {}
        }
        self.db = None;
        if let Err(fault) = self.open() {
            tracing::error!(%fault, "the database is closed for now");
            return Err(Fault::Unknown(error.to_string()));
        }
        self.read_back(batches, &error)
    }

    fn committed(&mut self, batches: u64) {
        self.health.committed(batches);
        if let Some(lookout) = &mut self.lookout {
            lookout.committed();
        }
    }

    /// What became of a commit without an answer: its head is there, or the one before it still is.
    fn read_back(&mut self, batches: u64, error: &rusqlite::Error) -> Result<(), Fault> {
        let took_place = match (&self.lookout, &self.db) {
            (Some(lookout), Some(db)) => lookout.took_place(&db.connection).unwrap_or_default(),
            _ => None,
        };
        match took_place {
            Some(true) => {
                self.committed(batches);
                Ok(())
            }
            Some(false) => Err(Fault::Down(error.to_string())),
            None => Err(Fault::Unknown(error.to_string())),
        }
    }

    /// Drops the connection without touching the files again: on a disk that has just failed, writing the log back
    /// could turn an unknown commit into a damaged database.
    fn abandon(&mut self) {
        if let Some(db) = self.db.take()
            && let Err(error) = db.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        {
            tracing::warn!(%error, "the log may be written back");
        }
    }

    /// Rolls back; a connection that cannot even do that is dropped, which does it too.
    fn roll_back(&mut self) {
        let Some(db) = &self.db else {
            return;
        };
        if db.connection.is_autocommit() {
            return;
        }
        if let Err(error) = db.connection.execute_batch("rollback") {
            tracing::warn!(%error, "a rollback failed; the connection is dropped");
            self.db = None;
        }
    }

    fn has_lost_transaction(&self) -> bool {
        self.db.as_ref().is_none_or(|db| db.connection.is_autocommit())
    }

    /// Tells the disk policy about an error met before a commit. A full disk is not the end then:
    /// nothing was written, and room may come back.
    fn note(&self, mishap: &Mishap) {
        if mishap.disk == Some(Disk::Broken) {
            self.health.fail(&Disk::Broken, &mishap.fault.to_string());
        }
    }

    fn answer_all(&self, jobs: Vec<Job>, fault: &Fault) {
        self.health.failed(jobs.len() as u64);
        for job in jobs {
            job.answer(Err(fault.clone()));
        }
    }
}

/// Why a group cannot go on.
enum Lost {
    /// The transaction is gone, with all that was written in it; the connection is good.
    Transaction,
    /// The database fails.
    Disk(Fault),
}
