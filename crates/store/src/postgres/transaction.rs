//! One batch, one short transaction: everything is sent at once, COMMIT when all of it came out as it had to.
//! Connections come from `session`; what is written is the callers' business.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use futures_util::future::{join, join_all};
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Row, Statement};

use super::cells::{Bound, bound};
use super::errors::{self, Trouble};
use super::lookout::{self, Lane, Lookout};
use super::session::{self, Line, Session};
use crate::store::Purpose;
use crate::tally::Tally;
use crate::trust::{Head, add_statement};
use crate::{BadRow, Fault, Options, Value, Write, crash_point};

/// How often a transaction is run that gave way to another one. These are the only blind repeats.
const TRIES: usize = 6;
/// How long to stand back before the second run; twice as long before the third, and so on.
const PAUSE: Duration = Duration::from_millis(2);
/// How many statements are sent before the first answer is waited for.
const PIPELINE: usize = 30;
/// How long an answer to COMMIT is waited for. Standbys that are waited for may take their time.
const COMMIT: Duration = Duration::from_secs(20);
/// How often it is tried to find out about a commit without an answer, and how long to pause in between: a fail-over
/// takes its time.
const READ_BACKS: usize = 40;
const BETWEEN_READ_BACKS: Duration = Duration::from_millis(250);

// A limit that struck while COMMIT waits for a standby would end the wait, and call durable what is not.
const COMMIT_SQL: &str = "set local statement_timeout = 0; commit";

/// What is done in one transaction.
pub(super) struct Work<'a> {
    pub(super) steps: Vec<Step<'a>>,
}

/// One statement of it.
pub(super) enum Step<'a> {
    Write(&'a Write),
    /// A write whose rows are wanted.
    Take {
        sql: &'static str,
        args: &'a [Value],
    },
    /// Whether the database stands in such a way that this may be done.
    Look(Purpose),
    /// The last write: the head of the lane goes on from where it was seen.
    Advance(&'a Write),
}

/// Runs transactions, as many at once as there is room for.
pub(super) struct Committer {
    line: Line,
    busy: Duration,
    room: Arc<Semaphore>,
    count: u32,
    /// `None` where no head is kept.
    lookout: Option<Lookout>,
    tally: Arc<Tally>,
}

impl Committer {
    pub(super) fn new(line: Line, options: &Options, lookout: Option<Lookout>, tally: Arc<Tally>) -> Self {
        let count = u32::try_from(options.writers.max(1)).unwrap_or(u32::MAX);
        let room = Arc::new(Semaphore::new(count as usize));
        Self { line, busy: options.busy, room, count, lookout, tally }
    }

    /// Runs a transaction. `map` reads the rows of a take before the commit, so that it can still be taken back.
    pub(super) async fn run<T>(&self, work: &Work<'_>, map: impl Fn(&[Row]) -> Result<T, BadRow>) -> Result<T, Fault> {
        let began = self.tally.clock();
        let outcome = self.tries(work, map).await;
        match &outcome {
            Ok(_) => self.tally.committed(1, began),
            Err(_) => self.tally.failed(1),
        }
        outcome
    }

    async fn tries<T>(&self, work: &Work<'_>, map: impl Fn(&[Row]) -> Result<T, BadRow>) -> Result<T, Fault> {
        let _seat = self.seat().await?;
        let lane = self.lookout.as_ref().map(|lookout| lookout.enter().ok_or_else(session::closed)).transpose()?;
        let mut pause = PAUSE;
        let mut reason = String::new();
        for _ in 0..TRIES {
            match self.once(work, lane.as_ref(), &map).await {
                Ok(value) => return Ok(value),
                Err(Trouble::Again(why)) => reason = why,
                // Looked at again; it was taken for what it is now, or put into quarantine.
                Err(Trouble::Moved) => reason = String::from("the head has moved"),
                Err(over) => return Err(over.into_fault()),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(Fault::Down(format!("gave way to other transactions {TRIES} times: {reason}")))
    }

    async fn seat(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let seat = tokio::time::timeout(self.busy, Arc::clone(&self.room).acquire_owned());
        let seat = seat.await.map_err(|_| Fault::Down("too many batches are waiting".to_owned()))?;
        seat.map_err(|_| session::closed())
    }

    async fn once<T>(
        &self,
        work: &Work<'_>,
        lane: Option<&Lane<'_>>,
        map: impl Fn(&[Row]) -> Result<T, BadRow>,
    ) -> Result<T, Trouble> {
        let session = self.session().await?;
        let heads = lane.map(|lane| (lane.head(), lane.head().after(written_by(work))));
        let advance = lane.zip(heads).map(|(lane, (from, to))| lane.advance(&from, &to));
        let last = advance.as_ref().map(Step::Advance);
        let steps: Vec<&Step<'_>> = work.steps.iter().chain(&last).collect();
        let ready = match self.line.bounded(prepare(&session, &steps)).await? {
            Ok(ready) => ready,
            Err(trouble) => {
                // Nothing was begun.
                if !matches!(trouble, Trouble::Lost(_)) {
                    session.give_back();
                }
                return Err(trouble);
            }
        };
        crash_point::reach("postgres.before_begin");
        let written = self.line.bounded(write(&session, &ready, &self.tally)).await?;
        let value = written.and_then(|found| Ok(map(&found)?));
        let value = match value {
            Ok(value) => value,
            Err(trouble) => {
                self.roll_back(session, matches!(trouble, Trouble::Moved)).await;
                return Err(trouble);
            }
        };
        crash_point::reach("postgres.before_commit");
        self.commit(session, lane.zip(heads)).await?;
        crash_point::reach("postgres.after_commit");
        if let Some((lane, (_, to))) = lane.zip(heads) {
            lane.committed(to);
        }
        Ok(value)
    }

    /// A connection; on a new one it is made sure that it leads to the database of the last commits.
    async fn session(&self) -> Result<Session, Trouble> {
        let session = self.line.session().await?;
        if let Some(lookout) = &self.lookout
            && session.is_new()
        {
            let checked = self.line.bounded(lookout.check(session.client()?)).await?;
            checked.map_err(|error| session.sort(&error))?;
        }
        Ok(session)
    }

    async fn commit(&self, session: Session, lane: Option<(&Lane<'_>, (Head, Head))>) -> Result<(), Trouble> {
        let done = tokio::time::timeout(COMMIT, session.client()?.batch_execute(COMMIT_SQL)).await;
        let why = match done {
            Ok(Ok(())) => {
                session.give_back();
                return Ok(());
            }
            Ok(Err(error)) => {
                if let Some(trouble) = session.sort_commit(&error) {
                    session.give_back();
                    return Err(trouble);
                }
                errors::text(&error)
            }
            Err(_) => "the server did not answer in time".to_owned(),
        };
        drop(session);
        tracing::error!(why, "a commit got no answer");
        match lane {
            Some((lane, (from, to))) => self.read_back(lane, from, to, why).await,
            None => Err(Fault::Unknown(why).into()),
        }
    }

    /// What became of a commit without an answer: the head of its lane is there, or the one before it still is.
    async fn read_back(&self, lane: &Lane<'_>, from: Head, to: Head, why: String) -> Result<(), Trouble> {
        for _ in 0..READ_BACKS {
            if let Ok(session) = self.line.session().await
                && let Ok(client) = session.client()
                && let Ok(Ok(stands)) = self.line.bounded(lane.stands(client)).await
            {
                session.give_back();
                return if stands == Some(to) {
                    Ok(())
                } else if stands == Some(from) {
                    Err(Fault::Down(why).into())
                } else {
                    Err(Fault::Unknown(why).into())
                };
            }
            tokio::time::sleep(BETWEEN_READ_BACKS).await;
        }
        Err(Fault::Unknown(why).into())
    }

    /// A connection that cannot even roll back is closed, which does it too.
    async fn roll_back(&self, session: Session, moved: bool) {
        let Ok(client) = session.client() else { return };
        let Ok(Ok(())) = self.line.bounded(client.batch_execute("rollback")).await else { return };
        if let Some(lookout) = &self.lookout
            && moved
            && !matches!(self.line.bounded(lookout.check(client)).await, Ok(Ok(())))
        {
            return;
        }
        session.give_back();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.room.is_closed()
    }

    /// Waits for what runs, and lets nothing more in.
    pub(super) async fn close(&self) {
        let all = self.room.acquire_many(self.count).await;
        self.room.close();
        drop(all);
        if let Some(lookout) = &self.lookout {
            lookout.close();
        }
        self.line.close();
    }
}

/// A step with all that it needs to be sent.
struct Ready<'a> {
    step: &'a Step<'a>,
    statement: Statement,
    args: Vec<Bound<'a>>,
}

/// The hash of all that is written.
fn written_by(work: &Work<'_>) -> Sha256 {
    let mut hash = Sha256::new();
    for step in &work.steps {
        add_statement(&mut hash, step.sql(), step.args());
    }
    hash
}

async fn prepare<'a>(session: &Session, steps: &[&'a Step<'a>]) -> Result<Vec<Ready<'a>>, Trouble> {
    let mut ready = Vec::with_capacity(steps.len());
    for some in steps.chunks(PIPELINE) {
        let prepared = join_all(some.iter().map(|step| session.prepare(step.sql()))).await;
        for (step, statement) in some.iter().zip(prepared) {
            let (statement, args) = (statement?, bound(step.args())?);
            let writes = session::begins_with(step.sql(), &["insert", "update", "delete", "with"]);
            if !writes && !matches!(step, Step::Look(_)) {
                return Err(Fault::Refused("a write must write".to_owned()).into());
            }
            if matches!(step, Step::Write(_) | Step::Advance(_)) && !statement.columns().is_empty() {
                return Err(Fault::Refused("a write must not return rows".to_owned()).into());
            }
            session::fits(&statement, args.len())?;
            ready.push(Ready { step, statement, args });
        }
    }
    Ok(ready)
}

/// Begins and writes; the rows of the takes. The first step that went wrong counts, as if the others had not been sent.
async fn write(session: &Session, ready: &[Ready<'_>], tally: &Tally) -> Result<Vec<Row>, Trouble> {
    let client = session.client()?;
    let mut found = Vec::new();
    let mut begin = Some(client.batch_execute("begin"));
    for some in ready.chunks(PIPELINE) {
        let writes = join_all(some.iter().map(|ready| run(session, ready, tally)));
        let outcomes = match begin.take() {
            Some(begin) => {
                let (begun, outcomes) = join(begin, writes).await;
                begun.map_err(|error| session.sort(&error))?;
                outcomes
            }
            None => writes.await,
        };
        for rows in outcomes {
            found.extend(rows?);
        }
    }
    Ok(found)
}

async fn run(session: &Session, ready: &Ready<'_>, tally: &Tally) -> Result<Vec<Row>, Trouble> {
    let client = session.client()?;
    let sort = |error| session.sort(&error);
    match ready.step {
        Step::Write(write) => {
            let rows = client.execute_raw(&ready.statement, &ready.args).await.map_err(sort)?;
            if write.expect.allows(rows) { Ok(Vec::new()) } else { Err(Fault::Stale.into()) }
        }
        Step::Advance(write) => {
            let rows = client.execute_raw(&ready.statement, &ready.args).await.map_err(sort)?;
            if write.expect.allows(rows) { Ok(Vec::new()) } else { Err(Trouble::Moved) }
        }
        Step::Take { .. } => {
            let rows = client.query_raw(&ready.statement, &ready.args).await.map_err(sort)?;
            rows.try_collect().await.map_err(sort)
        }
        Step::Look(purpose) => {
            let row = client.query_one(&ready.statement, &[]).await.map_err(sort)?;
            let trust = lookout::trust(&crate::Row::postgres(&row))?;
            tally.stand(trust);
            purpose.suits(trust)?;
            Ok(Vec::new())
        }
    }
}

impl Step<'_> {
    fn sql(&self) -> &'static str {
        match self {
            Self::Write(write) | Self::Advance(write) => write.sql,
            Self::Take { sql, .. } => sql,
            Self::Look(_) => lookout::LOOK,
        }
    }

    fn args(&self) -> &[Value] {
        match self {
            Self::Write(write) | Self::Advance(write) => &write.args,
            Self::Take { args, .. } => args,
            Self::Look(_) => &[],
        }
    }
}
