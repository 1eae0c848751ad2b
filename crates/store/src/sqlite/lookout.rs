//! The lookout: advances the database's head in every commit, and notices a database that is not the one seen before.
//! What is then refused is the writer's business; how the head file is kept is `head_file`'s.
//!
//! A restored backup, a fail-over to an old copy and a swapped volume look alike: the head is lower than one that was
//! seen, or another one at the same number. Then rows may be gone of things that were sent, so the database is put into
//! quarantine by a row of its own. While it lasts the head file stays as it was: if the right database comes back, it
//! still agrees with the file, and nothing needs to be left.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};
use sha2::{Digest as _, Sha256};

use super::head_file::{HeadFile, Kept};
use super::health::Health;
use crate::OpenError;
use crate::trust::{Cause, Head, Trust};

/// How many heads the database keeps for comparison. Far more than are committed between two syncs of the head file.
const HEADS_KEPT: i64 = 4_096;

const LOOK: &str = "select coalesce(max(sequence), 0), (select hash from head order by sequence desc limit 1), \
    exists (select 1 from quarantine where left_at is null), exists (select 1 from quarantine) from head";
const HASH_AT: &str = "select hash from head where sequence = ?1";
const ADVANCE: &str = "insert into head (sequence, hash) values (?1, ?2)";
const FORGET: &str = "delete from head where sequence <= ?1";
const CONVICT: &str = "insert into quarantine (cause, head_sequence, seen_sequence, seen_hash) values (?1, ?2, ?3, ?4)";
const FORGIVEN: &str = "select exists (select 1 from quarantine \
    where left_at is not null and seen_sequence = ?1 and seen_hash = ?2)";

/// Looks out over one database for one process.
pub(super) struct Lookout {
    file: HeadFile,
    health: Arc<Health>,
    /// The head after the latest commit of this process, or at its start.
    seen: Head,
    /// The head of the transaction that has begun.
    now: Head,
    trust: Trust,
    /// What the transaction has written so far.
    written: Sha256,
    /// Whether the head file could be written the last time; the trouble is told once.
    kept: bool,
}

impl Lookout {
    /// Compares the database with the head file. The file is read first: a database that others commit to meanwhile
    /// can then only be ahead of it.
    pub(super) fn open(file: HeadFile, db: &mut Connection, health: Arc<Health>) -> Result<Self, OpenError> {
        let engine = |error: rusqlite::Error| OpenError::Engine(error.to_string());
        let kept = file.read()?;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(engine)?;
        let (now, trust) = look(&transaction).map_err(engine)?;
        let mut lookout = Self { file, health, seen: now, now, trust, written: Sha256::new(), kept: true };
        if trust != Trust::Quarantined
            && let Some((cause, seen)) = judge(&transaction, &kept, &now).map_err(engine)?
        {
            lookout.convict(&transaction, cause, seen).map_err(engine)?;
            lookout.advance(&transaction).map_err(engine)?;
        }
        transaction.commit().map_err(engine)?;
        lookout.seen = lookout.now;
        lookout.health.stand(lookout.trust);
        if lookout.trust == Trust::Quarantined {
            tracing::error!("the database is in quarantine: nothing is sent until an operator leaves it");
        } else {
            let path = lookout.file.path().to_owned();
            lookout.file.write(&lookout.now).map_err(|source| OpenError::File { path, source })?;
        }
        Ok(lookout)
    }

    pub(super) fn sync_by_itself(&mut self) -> Result<(), OpenError> {
        self.file.sync_by_itself()
    }

    pub(super) const fn trust(&self) -> Trust {
        self.trust
    }

    /// After a transaction has begun: is this still the database of the last commit?
    pub(super) fn begin(&mut self, db: &Connection) -> rusqlite::Result<()> {
        self.written = Sha256::new();
        (self.now, self.trust) = look(db)?;
        if self.trust != Trust::Quarantined
            && self.now != self.seen
            && let Some(cause) = compare(db, &self.seen, &self.now)?
        {
            self.convict(db, cause, Some(self.seen))?;
        }
        self.health.stand(self.trust);
        Ok(())
    }

    /// Adds to what the transaction has written.
    pub(super) fn wrote(&mut self, add: impl FnOnce(&mut Sha256)) {
        add(&mut self.written);
    }

    /// The last write before the commit.
    pub(super) fn advance(&mut self, db: &Connection) -> rusqlite::Result<()> {
        self.now = self.now.after(std::mem::take(&mut self.written));
        let sequence = self.now.sequence;
        db.prepare_cached(ADVANCE)?.execute((sequence, self.now.hash))?;
        db.prepare_cached(FORGET)?.execute([sequence - HEADS_KEPT])?;
        if self.trust == Trust::Quarantined {
            // This very commit may be the operator's.
            self.trust = look(db)?.1;
        }
        Ok(())
    }

    /// After the commit is durable.
    pub(super) fn committed(&mut self) {
        self.seen = self.now;
        self.health.stand(self.trust);
        if self.trust == Trust::Quarantined {
            return;
        }
        let written = self.file.write(&self.now);
        if let (true, Err(error)) = (self.kept, &written) {
            tracing::error!(%error, file = %self.file.path().display(), "the head file cannot be written");
        }
        self.kept = written.is_ok();
    }

    /// After a commit that gave no answer, on a connection opened anew: whether it took place, if that can be told.
    pub(super) fn took_place(&self, db: &Connection) -> rusqlite::Result<Option<bool>> {
        let (head, _) = look(db)?;
        Ok(if head == self.now {
            Some(true)
        } else if head == self.seen {
            Some(false)
        } else {
            None
        })
    }

    pub(super) fn close(&self) {
        self.file.sync();
    }

    fn convict(&mut self, db: &Connection, cause: Cause, seen: Option<Head>) -> rusqlite::Result<()> {
        let (sequence, hash) = (seen.map(|seen| seen.sequence), seen.map(|seen| seen.hash));
        db.prepare_cached(CONVICT)?.execute((cause.as_str(), self.now.sequence, sequence, hash))?;
        self.written.update(cause.as_str());
        self.trust = Trust::Quarantined;
        let head = self.now.sequence;
        tracing::error!(%cause, head, seen = sequence, "the database may have gone back in time; nothing is sent");
        Ok(())
    }
}

/// The head and the trust, inside a transaction.
fn look(db: &Connection) -> rusqlite::Result<(Head, Trust)> {
    db.prepare_cached(LOOK)?.query_row([], |row| {
        let head = Head { sequence: row.get(0)?, hash: row.get::<_, Option<_>>(1)?.unwrap_or_default() };
        let trust = match (row.get(2)?, row.get(3)?) {
            (true, _) => Trust::Quarantined,
            (false, true) => Trust::Restored,
            (false, false) => Trust::Sound,
        };
        Ok((head, trust))
    })
}

/// What the head file says against the database, with the head that says it.
fn judge(db: &Connection, kept: &Kept, now: &Head) -> rusqlite::Result<Option<(Cause, Option<Head>)>> {
    let seen = match kept {
        Kept::Missing if now.sequence == 0 => return Ok(None),
        Kept::Missing => return Ok(Some((Cause::NoHeadFile, None))),
        Kept::Unreadable => return Ok(Some((Cause::UnreadableHeadFile, None))),
        Kept::Seen(seen) => seen,
    };
    let Some(cause) = compare(db, seen, now)? else { return Ok(None) };
    // An operator has left a quarantine that this very head caused, and a crash came before the file was written.
    let forgiven: bool = db.prepare_cached(FORGIVEN)?.query_row((seen.sequence, seen.hash), |row| row.get(0))?;
    Ok((!forgiven).then_some((cause, Some(*seen))))
}

/// Whether a database with the head `now` can be the one that had the head `seen`.
fn compare(db: &Connection, seen: &Head, now: &Head) -> rusqlite::Result<Option<Cause>> {
    if seen.sequence == 0 {
        return Ok(None);
    }
    if now.sequence < seen.sequence {
        return Ok(Some(Cause::Lower));
    }
    let hash: Option<[u8; 32]> = db.prepare_cached(HASH_AT)?.query_row([seen.sequence], |row| row.get(0)).optional()?;
    Ok(match hash {
        Some(hash) if hash == seen.hash => None,
        Some(_) => Some(Cause::OtherHistory),
        None => Some(Cause::TooLongAgo),
    })
}
