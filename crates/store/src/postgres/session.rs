//! Connections on loan from a pool: how they are set up, how long anybody waits for one, when one is thrown away.
//! Transactions are not this module's business.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::{Error, Statement};

use super::address::Address;
use super::errors::{self, Trouble, Uniques};
use crate::{Fault, OpenError};

/// How long the server works on one statement before it gives up.
const STATEMENT: Duration = Duration::from_secs(10);
/// How long a transaction may stand still between two statements before the server ends it.
const IDLE: Duration = Duration::from_secs(10);
/// How much longer than the server's own limits we wait for its word.
const MARGIN: Duration = Duration::from_secs(5);
/// How long a new connection may take with everything, over all hosts.
const OPENING: Duration = Duration::from_secs(20);

/// A pool of connections that are all set up in the same way.
pub(super) struct Line {
    pool: Pool,
    uniques: Arc<Uniques>,
}

impl Line {
    /// Connections that cannot write.
    pub(super) fn reading(
        address: &Address,
        count: usize,
        busy: Duration,
        uniques: Arc<Uniques>,
    ) -> Result<Self, OpenError> {
        let settings = format!("{}; set session characteristics as transaction read only", limits(busy));
        Self::open(address, count, busy, settings, uniques)
    }

    /// Connections that write durably, whatever the server's own setting is.
    pub(super) fn writing(
        address: &Address,
        count: usize,
        busy: Duration,
        uniques: Arc<Uniques>,
    ) -> Result<Self, OpenError> {
        let settings = format!("{}; {DURABLE}", limits(busy));
        Self::open(address, count, busy, settings, uniques)
    }

    fn open(
        address: &Address,
        count: usize,
        busy: Duration,
        settings: String,
        uniques: Arc<Uniques>,
    ) -> Result<Self, OpenError> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let connects = Manager::from_config((*address.config).clone(), address.protection.connector()?, recycling);
        let settings: Arc<str> = settings.into();
        let pool = Pool::builder(connects)
            .max_size(count.max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(busy))
            .create_timeout(Some(OPENING))
            .post_create(Hook::async_fn(move |client, _| {
                let settings = Arc::clone(&settings);
                Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|error| OpenError::Engine(error.to_string()))?;
        Ok(Self { pool, uniques })
    }

    /// A connection, from the pool or new.
    pub(super) async fn session(&self) -> Result<Session, Fault> {
        match self.pool.get().await {
            Ok(client) => {
                let new = deadpool_postgres::Client::metrics(&client).recycle_count == 0;
                Ok(Session { client: Some(client), new, uniques: Arc::clone(&self.uniques) })
            }
            Err(PoolError::Closed) => Err(closed()),
            Err(PoolError::Backend(error)) => Err(Fault::Down(errors::text(&error))),
            Err(PoolError::Timeout(kind)) => Err(Fault::Down(format!("no connection in time ({kind:?})"))),
            Err(other) => Err(Fault::Down(other.to_string())),
        }
    }

    /// Waits for the server, but not longer than it could need by its own limits.
    pub(super) async fn bounded<T>(&self, call: impl Future<Output = T>) -> Result<T, Fault> {
        let silent = |_| Fault::Down("the server did not answer in time".to_owned());
        tokio::time::timeout(STATEMENT + MARGIN, call).await.map_err(silent)
    }

    pub(super) fn close(&self) {
        self.pool.close();
    }
}

/// `on` waits for the standbys named by `synchronous_standby_names`; `remote_apply` is stronger still and is left alone.
pub(super) const DURABLE: &str = "select set_config('synchronous_commit', 'on', false) \
    where current_setting('synchronous_commit') <> 'remote_apply'";

fn limits(busy: Duration) -> String {
    format!(
        "set statement_timeout = {}; set lock_timeout = {}; set idle_in_transaction_session_timeout = {}",
        STATEMENT.as_millis(),
        busy.as_millis().max(1),
        IDLE.as_millis()
    )
}

pub(super) fn closed() -> Fault {
    Fault::Down("the store is closed".to_owned())
}

/// A connection on loan. Dropped, it is closed, and whatever was begun on it ends; only [`Session::give_back`] keeps it.
pub(super) struct Session {
    client: Option<deadpool_postgres::Client>,
    new: bool,
    uniques: Arc<Uniques>,
}

impl Session {
    /// To the pool, for whoever comes next.
    pub(super) fn give_back(mut self) {
        drop(self.client.take());
    }

    /// Whether nobody used it before.
    pub(super) const fn is_new(&self) -> bool {
        self.new
    }

    /// The driver's connection.
    pub(super) fn client(&self) -> Result<&deadpool_postgres::Client, Fault> {
        self.client.as_ref().ok_or_else(closed)
    }

    /// A statement that this connection keeps prepared.
    pub(super) async fn prepare(&self, sql: &'static str) -> Result<Statement, Trouble> {
        self.client()?.prepare_cached(sql).await.map_err(|error| self.sort(&error))
    }

    /// What an error before COMMIT means.
    pub(super) fn sort(&self, error: &Error) -> Trouble {
        errors::before_commit(error, &self.uniques)
    }

    /// What an error of a read means: on these connections a write is refused by the server.
    pub(super) fn sort_read(&self, error: &Error) -> Trouble {
        let writes = error.code() == Some(&tokio_postgres::error::SqlState::READ_ONLY_SQL_TRANSACTION);
        if writes {
            return Fault::Refused("a query must not write".to_owned()).into();
        }
        self.sort(error)
    }

    /// What an error of COMMIT means; `None` when nobody knows.
    pub(super) fn sort_commit(&self, error: &Error) -> Option<Trouble> {
        errors::of_commit(error, &self.uniques)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(deadpool_postgres::Client::take(client));
        }
    }
}

/// Whether a statement begins with one of these words. Keeps `commit` and its like out, which would end a transaction
/// that is not theirs.
pub(super) fn begins_with(sql: &str, words: &[&str]) -> bool {
    let first = sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    words.iter().any(|word| word.eq_ignore_ascii_case(first))
}

/// Whether there are as many arguments as places for them.
pub(super) fn fits(statement: &Statement, args: usize) -> Result<(), Fault> {
    let places = statement.params().len();
    if places == args {
        return Ok(());
    }
    Err(Fault::Refused(format!("{args} arguments for {places} places")))
}
