//! The lookout: notices a database that is not the one seen before. Many nodes commit at the same time, so there is no
//! one chain of commits: each node has a log, and the log has lanes. One commit is made in a lane at a time; it advances
//! the lane's row, which must still stand where this node left it. No commit waits for another one's row.
//!
//! A restored dump and a standby that lagged when it was promoted lack commits that were acknowledged: then lanes stand
//! lower than what was seen, in memory or in the file outside the database, and the database is put into quarantine by
//! a row of its own. While it lasts the file stays as it was. What is refused then is the transaction's business.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_postgres::{Client, Error, Row};

use super::errors;
use super::lane_file::{Kept, LaneFile};
use crate::tally::Tally;
use crate::trust::{Cause, Head};
use crate::{BadRow, OpenError, Trust, Write, args};

/// A quarantine that is left in this moment may come too late: then Payoneer was asked first, or nothing is sent.
pub(super) const LOOK: &str = "select (select count(*) from quarantine where left_at is null) as open, \
    (select count(*) from quarantine) as ever";
const LANES: &str = "select lane, sequence, hash from head where log = $1 order by lane";
const LANE: &str = "select lane, sequence, hash from head where log = $1 and lane = $2 for update";
const SEAT: &str = "insert into head (log, lane, sequence, hash) select $1, n, 0, $2 \
    from generate_series(0, $3::bigint - 1) n on conflict (log, lane) do nothing";
const ADVANCE: &str = "update head set sequence = $1, hash = $2 \
    where log = $3 and lane = $4 and sequence = $5 and hash = $6";
const CONVICT: &str = "insert into quarantine (cause, head_sequence, seen_sequence, seen_hash) \
    select $1, $2, $3, $4 where not exists (select 1 from quarantine where left_at is null)";
const FORGIVEN: &str = "select exists (select 1 from quarantine \
    where left_at is not null and seen_sequence = $1 and seen_hash = $2)";
const NAME: &str = "select replace(gen_random_uuid()::text, '-', '')";

/// Looks out over one database for one node.
pub(super) struct Lookout {
    log: String,
    file: LaneFile,
    tally: Arc<Tally>,
    /// The heads after the latest commits that this node knows of, by lane.
    seen: Mutex<Vec<Head>>,
    /// Lanes in which nothing is being committed.
    free: Mutex<Vec<usize>>,
    /// Whether the file was left as it was, for a quarantine.
    frozen: AtomicBool,
}

/// The right to commit in a lane.
pub(super) struct Lane<'a> {
    lookout: &'a Lookout,
    number: usize,
}

/// What speaks against the database: why, where it stands, and what was seen.
struct Accusation {
    cause: Cause,
    there: i64,
    seen: Option<Head>,
}

impl Lookout {
    /// Compares the database with the file. The file is read first: the database can then only be ahead of it.
    pub(super) async fn open(
        path: PathBuf,
        lanes: usize,
        client: &Client,
        tally: Arc<Tally>,
    ) -> Result<Self, OpenError> {
        let engine = |error: Error| OpenError::Engine(errors::text(&error));
        let file = LaneFile::open(path)?;
        let kept = file.read()?;
        let missing = kept == Kept::Missing;
        let unreadable = Accusation { cause: Cause::UnreadableHeadFile, there: 0, seen: None };
        let (log, mut seen, mut against) = match kept {
            Kept::Seen(log, seen) => (log, seen, None),
            other => {
                let log = client.query_one(NAME, &[]).await.and_then(|row| row.try_get(0)).map_err(engine)?;
                (log, Vec::new(), (other == Kept::Unreadable).then_some(unreadable))
            }
        };
        seen.resize(seen.len().max(lanes.max(1)), Head::default());
        let free = Mutex::new((0..lanes.max(1)).rev().collect());
        let lookout = Self { log, file, tally, seen: Mutex::default(), free, frozen: AtomicBool::new(false) };
        let there = lookout.rows(client, seen.len()).await.map_err(engine)?;
        if against.is_none()
            && let Some(found) = judge(&there, &seen)
            && !forgiven(client, &found).await.map_err(engine)?
        {
            against = Some(found);
        }
        let mut trust = look(client).await.map_err(engine)?;
        if let Some(found) = &against
            && trust != Trust::Quarantined
        {
            convict(client, found).await.map_err(engine)?;
            trust = Trust::Quarantined;
        }
        lookout.adopt(client, seen.len()).await.map_err(engine)?;
        lookout.tally.stand(trust);
        if trust == Trust::Quarantined {
            tracing::error!("the database is in quarantine: nothing is sent until an operator leaves it");
        }
        if trust == Trust::Quarantined && !missing {
            lookout.frozen.store(true, Ordering::Release);
        } else {
            lookout.file.replace(&lookout.log, &lookout.seen().clone())?;
        }
        Ok(lookout)
    }

    /// A lane for one commit. There are as many as commits can be made at once.
    pub(super) fn enter(&self) -> Option<Lane<'_>> {
        let number = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Lane { lookout: self, number })
    }

    /// On a new connection, or where a lane has moved: is this still the database of the last commits?
    pub(super) async fn check(&self, client: &Client) -> Result<(), Error> {
        // First what was seen, then what is there, which can only be ahead of it.
        let seen = self.seen().clone();
        let there = self.rows(client, seen.len()).await?;
        let trust = look(client).await?;
        self.tally.stand(trust);
        if let Some(found) = judge(&there, &seen) {
            self.tally.stand(Trust::Quarantined);
            self.frozen.store(true, Ordering::Release);
            convict(client, &found).await?;
            return self.adopt(client, seen.len()).await;
        }
        for (known, there) in self.seen().iter_mut().zip(there) {
            // A commit without an answer took place after all.
            *known = there.filter(|there| there.sequence > known.sequence).unwrap_or(*known);
        }
        Ok(())
    }

    pub(super) fn close(&self) {
        self.file.sync();
    }

    /// Takes the database as it is for the one that is seen from now on.
    async fn adopt(&self, client: &Client, lanes: usize) -> Result<(), Error> {
        let count = i64::try_from(lanes).unwrap_or(i64::MAX);
        client.execute(SEAT, &[&self.log, &Head::default().hash.as_slice(), &count]).await?;
        let there = self.rows(client, lanes).await?;
        *self.seen() = there.into_iter().map(Option::unwrap_or_default).collect();
        Ok(())
    }

    async fn rows(&self, client: &Client, lanes: usize) -> Result<Vec<Option<Head>>, Error> {
        let mut there = vec![None; lanes];
        for row in client.query(LANES, &[&self.log]).await? {
            let (lane, head) = read(&row)?;
            if let Some(place) = usize::try_from(lane).ok().and_then(|lane| there.get_mut(lane)) {
                *place = Some(head);
            }
        }
        Ok(there)
    }

    fn seen(&self) -> MutexGuard<'_, Vec<Head>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane<'_> {
    /// Where the lane stands, as far as this node knows.
    pub(super) fn head(&self) -> Head {
        self.lookout.seen().get(self.number).copied().unwrap_or_default()
    }

    /// The last write of a transaction: the lane goes on from where it stood.
    pub(super) fn advance(&self, from: &Head, to: &Head) -> Write {
        let (log, lane) = (self.lookout.log.as_str(), i64::try_from(self.number).unwrap_or(i64::MAX));
        let (from_hash, to_hash) = (from.hash.as_slice(), to.hash.as_slice());
        Write::one(ADVANCE, args![to.sequence, to_hash, log, lane, from.sequence, from_hash])
    }

    /// After the commit is durable.
    pub(super) fn committed(&self, to: Head) {
        let lookout = self.lookout;
        let all = {
            let mut seen = lookout.seen();
            if let Some(place) = seen.get_mut(self.number) {
                *place = to;
            }
            seen.clone()
        };
        let written = if lookout.tally.trust() == Trust::Quarantined {
            lookout.frozen.store(true, Ordering::Release);
            return;
        } else if lookout.frozen.swap(false, Ordering::AcqRel) {
            lookout.file.replace(&lookout.log, &all).map_err(|error| error.to_string())
        } else {
            lookout.file.write(self.number, &to).map_err(|error| error.to_string())
        };
        if let Err(error) = written {
            tracing::error!(error, "the head file cannot be written");
        }
    }

    /// After a commit without an answer: where the lane stands now. Waits for the transaction, if it still runs.
    pub(super) async fn stands(&self, client: &Client) -> Result<Option<Head>, Error> {
        let lane = i64::try_from(self.number).unwrap_or(i64::MAX);
        let row = client.query_opt(LANE, &[&self.lookout.log, &lane]).await?;
        row.map(|row| read(&row).map(|(_, head)| head)).transpose()
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.lookout.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.number);
    }
}

fn read(row: &Row) -> Result<(i64, Head), Error> {
    let hash: &[u8] = row.try_get("hash")?;
    // The schema lets no other length in; if one were there, it would be another history.
    let hash = hash.try_into().unwrap_or([0xFF; 32]);
    Ok((row.try_get("lane")?, Head { sequence: row.try_get("sequence")?, hash }))
}

/// What the heads that were seen say against those that are there.
fn judge(there: &[Option<Head>], seen: &[Head]) -> Option<Accusation> {
    let unknown = there.iter().all(Option::is_none);
    let pairs = there.iter().zip(seen).filter(|(_, seen)| seen.sequence > 0);
    for (there, seen) in pairs {
        let cause = match there {
            None if unknown => Cause::OtherHistory,
            None => Cause::Lower,
            Some(there) if there.sequence < seen.sequence => Cause::Lower,
            Some(there) if there.sequence == seen.sequence && there.hash != seen.hash => Cause::OtherHistory,
            Some(_) => continue,
        };
        return Some(Accusation { cause, there: there.map_or(0, |there| there.sequence), seen: Some(*seen) });
    }
    None
}

/// Whether an operator has left a quarantine for this very reason, and a crash came before the file was written.
async fn forgiven(client: &Client, found: &Accusation) -> Result<bool, Error> {
    let Some(seen) = found.seen else { return Ok(false) };
    client.query_one(FORGIVEN, &[&seen.sequence, &seen.hash.as_slice()]).await?.try_get(0)
}

async fn convict(client: &Client, found: &Accusation) -> Result<(), Error> {
    let Accusation { cause, there, seen } = found;
    let sequence = seen.map(|seen| seen.sequence);
    let hash = seen.map(|seen| seen.hash.to_vec());
    client.execute(CONVICT, &[&cause.as_str(), there, &sequence, &hash]).await?;
    tracing::error!(%cause, there, seen = sequence, "the database may have gone back in time; nothing is sent");
    Ok(())
}

async fn look(client: &Client) -> Result<Trust, Error> {
    let row = client.query_one(LOOK, &[]).await?;
    Ok(stance(row.try_get("open")?, row.try_get("ever")?))
}

/// How the database stands, from a row of [`LOOK`].
pub(super) fn trust(row: &crate::Row<'_>) -> Result<Trust, BadRow> {
    Ok(stance(row.int("open")?, row.int("ever")?))
}

const fn stance(open: i64, ever: i64) -> Trust {
    match (open, ever) {
        (0, 0) => Trust::Sound,
        (0, _) => Trust::Restored,
        _ => Trust::Quarantined,
    }
}
