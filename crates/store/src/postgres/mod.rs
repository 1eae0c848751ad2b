//! The PostgreSQL engine: a pool that only reads, a pool that writes, one short transaction for each batch.
//! Only this folder knows the driver's connections and transactions.

mod address;
mod cells;
mod errors;
mod lane_file;
mod lookout;
mod session;
mod start;
mod tls;
mod transaction;

use std::sync::Arc;

use domain::Time;
use futures_util::TryStreamExt as _;
use tokio::task::JoinHandle;

pub use self::address::{Address, BadAddress};
pub(crate) use self::cells::{Cell, bound};
use self::errors::Trouble;
pub(crate) use self::errors::text as say;
use self::session::Line;
pub(crate) use self::start::connect;
use self::transaction::{Committer, Step, Work};
use crate::store::Purpose;
use crate::tally::Tally;
use crate::{BadRow, Batch, Counts, Fault, FromRow, HeadFile, OpenError, Options, Query, Row, Trust};

/// How often a read is tried, where the connection broke under it.
const READ_TRIES: usize = 2;

/// Brings the schema of a database up to date, and does nothing else with it.
pub(crate) fn prepare(address: &Address, options: &Options) -> Result<(), OpenError> {
    start::open(address, options, &Arc::default()).map(drop)
}

/// An open PostgreSQL database.
pub(crate) struct Postgres {
    reads: Line,
    committer: Arc<Committer>,
    /// Whether the schema knows quarantines.
    watched: bool,
    tally: Arc<Tally>,
}

impl Postgres {
    /// Connects once to bring the schema up to date; the pools fill when they are used.
    pub(crate) fn open(address: &Address, options: &Options) -> Result<Self, OpenError> {
        let tally = Arc::new(Tally::new(options.watch.clone()));
        let start::Opened { uniques, lookout } = start::open(address, options, &tally)?;
        let uniques = Arc::new(uniques);
        let reads = Line::reading(address, options.readers, options.busy, Arc::clone(&uniques))?;
        let writes = Line::writing(address, options.writers, options.busy, uniques)?;
        let committer = Arc::new(Committer::new(writes, options, lookout, Arc::clone(&tally)));
        Ok(Self { reads, committer, watched: options.head_file != HeadFile::Off, tally })
    }

    pub(crate) async fn read<R: FromRow>(&self, query: Query<R>, limit: usize) -> Result<Vec<R>, Fault> {
        let mut why = String::new();
        for _ in 0..READ_TRIES {
            let session = self.reads.session().await?;
            match self.reads.bounded(read(&session, &query, limit)).await? {
                Err(Trouble::Lost(lost)) => why = lost,
                outcome => {
                    session.give_back();
                    return outcome.map_err(Trouble::into_fault);
                }
            }
        }
        Err(Fault::Down(why))
    }

    pub(crate) async fn clock(&self) -> Result<Time, Fault> {
        if self.watched {
            // Whoever asks does so regularly, so this is how it is noticed that another node declared a quarantine.
            for stance in self.read(Query::<Stance>::new(lookout::LOOK, crate::args![]), 1).await? {
                self.tally.stand(stance.0);
            }
        }
        let now = self.read(Query::<Now>::new(CLOCK, crate::args![]), 1).await?;
        now.first().map(|now| now.0).ok_or_else(|| Fault::Down("the server has no clock".to_owned()))
    }

    pub(crate) async fn commit(&self, batch: Batch, purpose: Purpose) -> Result<(), Fault> {
        let committer = Arc::clone(&self.committer);
        let look = (self.watched && purpose != Purpose::Record).then_some(Step::Look(purpose));
        // In a task of its own, so that a caller who stops waiting does not stop it half-way.
        answer(tokio::spawn(async move {
            let steps = batch.writes.iter().map(Step::Write).chain(look).collect();
            committer.run(&Work { steps }, |_| Ok(())).await
        }))
        .await
    }

    pub(crate) async fn take<R: FromRow>(&self, query: Query<R>) -> Result<Vec<R>, Fault> {
        let committer = Arc::clone(&self.committer);
        answer(tokio::spawn(async move {
            let steps = vec![Step::Take { sql: query.sql, args: &query.args }];
            let map = |found: &[tokio_postgres::Row]| {
                found.iter().map(|row| (query.read)(&Row::postgres(row))).collect::<Result<Vec<R>, _>>()
            };
            committer.run(&Work { steps }, map).await
        }))
        .await
    }

    /// A database that cannot be reached now is no reason to restart, so only a closed store is down for good.
    pub(crate) fn down(&self) -> Option<String> {
        self.committer.is_closed().then(|| session::closed().to_string())
    }

    pub(crate) fn trust(&self) -> Trust {
        self.tally.trust()
    }

    pub(crate) fn counts(&self) -> Counts {
        self.tally.counts()
    }

    pub(crate) async fn close(&self) {
        self.committer.close().await;
        self.reads.close();
    }
}

const CLOCK: &str = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint as now";

struct Now(Time);

impl FromRow for Now {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        row.int("now").map(Time::from_micros).map(Self)
    }
}

struct Stance(Trust);

impl FromRow for Stance {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        lookout::trust(row).map(Self)
    }
}

async fn read<R>(session: &session::Session, query: &Query<R>, limit: usize) -> Result<Vec<R>, Trouble> {
    if !session::begins_with(query.sql, &["select", "with", "values"]) {
        return Err(Fault::Refused("a query must not write".to_owned()).into());
    }
    let statement = session.prepare(query.sql).await?;
    let args = bound(&query.args)?;
    session::fits(&statement, args.len())?;
    let sort = |error| session.sort_read(&error);
    let rows = session.client()?.query_raw(&statement, args.iter()).await.map_err(sort)?;
    let mut rows = std::pin::pin!(rows);
    let mut found = Vec::new();
    while found.len() < limit {
        match rows.try_next().await.map_err(sort)? {
            Some(row) => found.push((query.read)(&Row::postgres(&row))?),
            None => break,
        }
    }
    Ok(found)
}

/// A task that ended without a word may have committed.
async fn answer<T>(task: JoinHandle<Result<T, Fault>>) -> Result<T, Fault> {
    task.await.unwrap_or_else(|error| Err(Fault::Unknown(format!("the commit was broken off: {error}"))))
}
