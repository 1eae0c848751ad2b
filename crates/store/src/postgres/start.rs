//! The start: is the server new enough and durable, is the schema ours, bring it up to date.
//! Everything here happens on one connection of its own, before the pools are filled.

use std::sync::Arc;
use std::thread;

use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Transaction};

use super::address::Address;
use super::errors::{self, Uniques};
use super::lookout::Lookout;
use super::session::DURABLE;
use crate::migrate::{self, Applied, Migration};
use crate::tally::Tally;
use crate::{HeadFile, OpenError, Options};

/// The oldest server that is supported, as `server_version_num` says it.
const OLDEST: i32 = 150_000;
/// How often two first starts at the same moment may stumble over each other.
const TRIES: usize = 5;
/// How long another node that is migrating is waited for; what is done here may take its time.
const MIGRATING: &str = "set lock_timeout = '60s'; set statement_timeout = 0";

const RECORDS: &str = "create table if not exists migrations (
    number bigint primary key,
    name   text not null,
    sha256 text not null
)";
// Whoever holds it migrates; the others wait, and then find nothing left to do. Reading is not in its way.
const LOCK: &str = "lock table migrations in share row exclusive mode";
const APPLIED: &str = "select number, name, sha256 from migrations order by number";
const EXISTS: &str = "select to_regclass('migrations') is not null";
const RECORD: &str = "insert into migrations (number, name, sha256) values ($1, $2, $3)";
const MARK: &str = "set local tollgate.migrating = 'yes'";
const MARKED: &str = "select coalesce(current_setting('tollgate.migrating', true), '') = 'yes'";
const FACTS: &str = "select current_setting('server_version_num')::int4 as version, \
    current_setting('server_version') as named, current_setting('fsync') as fsync, \
    current_setting('synchronous_commit') as durable, current_setting('synchronous_standby_names') as standbys, \
    (select count(*) from pg_stat_replication) as replicas";

/// What the start has found out.
pub(super) struct Opened {
    pub(super) uniques: Uniques,
    /// `None` where no head is kept.
    pub(super) lookout: Option<Lookout>,
}

/// Checks the server and the schema, in a thread of its own: the caller may stand inside a runtime that must not block.
pub(super) fn open(address: &Address, options: &Options, tally: &Arc<Tally>) -> Result<Opened, OpenError> {
    thread::scope(|scope| {
        let opening = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| OpenError::Engine(error.to_string()))?;
            runtime.block_on(check(address, options, tally))
        });
        opening.join().unwrap_or_else(|_| Err(OpenError::Engine("the opening broke off".to_owned())))
    })
}

/// One connection, outside of every pool, and the task that drives it.
pub(crate) async fn connect(address: &Address) -> Result<(Client, JoinHandle<Result<(), Error>>), OpenError> {
    let unreachable =
        |error: Error| OpenError::Unreachable { address: address.to_string(), detail: errors::text(&error) };
    let (client, connection) = address.config.connect(address.protection.connector()?).await.map_err(unreachable)?;
    let driving = tokio::spawn(connection);
    client.batch_execute(MIGRATING).await.map_err(|error| engine(&error))?;
    client.batch_execute(DURABLE).await.map_err(|error| engine(&error))?;
    Ok((client, driving))
}

async fn check(address: &Address, options: &Options, tally: &Arc<Tally>) -> Result<Opened, OpenError> {
    let (mut client, driving) = connect(address).await?;
    facts(&client).await?;
    bring_up_to_date(&mut client, options.migrations).await?;
    let uniques = Uniques::of(&client).await.map_err(|error| engine(&error))?;
    let lookout = match &options.head_file {
        HeadFile::At(path) => Some(Lookout::open(path.clone(), options.writers, &client, Arc::clone(tally)).await?),
        HeadFile::Beside | HeadFile::Off => None,
    };
    drop(client);
    // It says good-bye to the server.
    let _ = driving.await;
    Ok(Opened { uniques, lookout })
}

/// Refuses a server that is too old, and says aloud where acknowledged commits could be lost.
async fn facts(client: &Client) -> Result<(), OpenError> {
    let facts = client.query_one(FACTS, &[]).await.map_err(|error| engine(&error))?;
    let text = |name: &str| facts.try_get::<_, String>(name).map_err(|error| engine(&error));
    let version: i32 = facts.try_get("version").map_err(|error| engine(&error))?;
    let named = text("named")?;
    if version < OLDEST {
        return Err(OpenError::OldServer { found: named });
    }
    for warning in warnings(&text("fsync")?, &text("durable")?, &text("standbys")?, facts.try_get("replicas").ok()) {
        tracing::warn!("{warning}");
    }
    tracing::info!(version = named, "PostgreSQL");
    Ok(())
}

/// What an operator should know about a server's durability.
fn warnings(fsync: &str, durable: &str, standbys: &str, replicas: Option<i64>) -> Vec<&'static str> {
    let mut found = Vec::new();
    if fsync == "off" {
        found.push("PostgreSQL runs with fsync = off: a crash of its machine can lose what was acknowledged");
    }
    if matches!(durable, "off" | "local" | "remote_write") {
        found.push("PostgreSQL's synchronous_commit is weaker than `on`; this gateway's own commits use `on`");
    }
    if standbys.is_empty() && replicas.unwrap_or_default() > 0 {
        found.push(
            "a replica exists and synchronous_standby_names is empty: a fail-over can lose what was acknowledged; \
             such a database is put into quarantine when that is noticed",
        );
    }
    found
}

/// Runs what is pending, each migration in a transaction of its own.
async fn bring_up_to_date(client: &mut Client, list: &[Migration]) -> Result<(), OpenError> {
    if migrate::pending(list, &applied(client).await?)?.is_empty() {
        return Ok(());
    }
    make_records(client).await?;
    // Asked again for each: another node may be doing the same.
    while let Some(next) = migrate::pending(list, &applied(client).await?)?.first() {
        let ran = run(client, next).await.map_err(|detail| OpenError::MigrationFailed {
            number: next.number,
            name: next.name.to_owned(),
            detail,
        })?;
        if ran {
            tracing::info!(number = next.number, name = next.name, "migration applied");
        }
    }
    Ok(())
}

/// What the database has recorded, in order; nothing for a new database.
async fn applied(client: &Client) -> Result<Vec<Applied>, OpenError> {
    let there: bool = first(client.query_one(EXISTS, &[]).await).map_err(|error| engine(&error))?;
    if !there {
        return Ok(Vec::new());
    }
    recorded(client.query(APPLIED, &[]).await).map_err(|error| engine(&error))
}

fn recorded(rows: Result<Vec<tokio_postgres::Row>, Error>) -> Result<Vec<Applied>, Error> {
    let read = |row: tokio_postgres::Row| {
        let number: i64 = row.try_get("number")?;
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Applied { number, name: row.try_get("name")?, sha256: row.try_get("sha256")? })
    };
    rows?.into_iter().map(read).collect()
}

fn first<T: for<'a> tokio_postgres::types::FromSql<'a>>(row: Result<tokio_postgres::Row, Error>) -> Result<T, Error> {
    row?.try_get(0)
}

/// `if not exists` looks before it makes, so two can still collide.
async fn make_records(client: &Client) -> Result<(), OpenError> {
    let mut made = client.batch_execute(RECORDS).await;
    for _ in 1..TRIES {
        let collided = made
            .as_ref()
            .is_err_and(|error| matches!(error.code(), Some(&SqlState::UNIQUE_VIOLATION | &SqlState::DUPLICATE_TABLE)));
        if !collided {
            break;
        }
        made = client.batch_execute(RECORDS).await;
    }
    made.map_err(|error| engine(&error))
}

/// `false`: somebody else was faster; what is pending is asked again.
async fn run(client: &mut Client, migration: &Migration) -> Result<bool, String> {
    let text = |error: Error| errors::text(&error);
    let transaction = client.transaction().await.map_err(text)?;
    transaction.batch_execute(LOCK).await.map_err(text)?;
    let done = recorded(transaction.query(APPLIED, &[]).await).map_err(text)?;
    if done.last().map_or(0, |last| last.number) + 1 != migration.number {
        return Ok(false);
    }
    transaction.batch_execute(MARK).await.map_err(text)?;
    transaction.batch_execute(migration.sql).await.map_err(text)?;
    if !still_inside(&transaction).await.map_err(text)? {
        return Err("a migration must not end its transaction".to_owned());
    }
    let number = i64::from(migration.number);
    transaction.execute(RECORD, &[&number, &migration.name, &migration.sha256()]).await.map_err(text)?;
    transaction.commit().await.map_err(text)?;
    Ok(true)
}

async fn still_inside(transaction: &Transaction<'_>) -> Result<bool, Error> {
    first(transaction.query_one(MARKED, &[]).await)
}

fn engine(error: &Error) -> OpenError {
    OpenError::Engine(errors::text(error))
}

#[cfg(test)]
mod tests {
    use super::warnings;

    #[test]
    fn what_can_lose_a_commit_is_said_aloud() {
        assert!(warnings("on", "on", "", Some(0)).is_empty());
        assert!(warnings("on", "remote_apply", "ANY 1 (a, b)", Some(2)).is_empty());
        assert!(warnings("off", "on", "", None)[0].contains("fsync"));
        assert!(warnings("on", "local", "", Some(0))[0].contains("synchronous_commit"));
        assert!(warnings("on", "on", "", Some(1))[0].contains("synchronous_standby_names"));
    }
}
