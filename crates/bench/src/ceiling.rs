//! The ceilings: what the machine could do at best in the same run. A bare loop over SQLite with the product's own rows
//! and statements, batched ideally or one transaction at a time, and a bare HTTP server. No product code runs in them
//! but what makes the rows.

use crate::Failed;
use crate::pair::{Maker, Pair};
use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params_from_iter};
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use store::{Batch, Options, Store, Value};

/// Writes so many pairs on one bare connection, `together` of them in each transaction, and tells how long it took.
///
/// The same schema, indexes, triggers, statements and durability as the store's; no threads, no queue, no savepoints,
/// no head.
pub(crate) fn pairs(folder: &Path, count: usize, together: usize) -> Result<Duration, Failed> {
    let file = folder.join("ceiling.db");
    let options = Options::sqlite(&file);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let maker = runtime.block_on(async {
        let store = Store::open(&options)?;
        let maker = Maker::on(&store).await?;
        store.close().await;
        Ok::<_, Failed>(maker)
    })?;
    let connection = Connection::open(&file)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 10_000)?;
    connection.set_prepared_statement_cache_capacity(256);
    let mut texts = HashMap::new();
    let made = (0..count).map(|_| {
        let Pair { intent, outcome } = maker.next()?;
        Ok::<_, Failed>((statements(&intent, &mut texts), statements(&outcome, &mut texts)))
    });
    let made = made.collect::<Result<Vec<_>, _>>()?;
    let began = Instant::now();
    for group in made.chunks(together.max(1)) {
        commit(&connection, group.iter().map(|(intent, _)| intent))?;
        commit(&connection, group.iter().map(|(_, outcome)| outcome))?;
    }
    Ok(began.elapsed())
}

/// The statements of a batch in SQLite's own words, each text translated once.
type Statements = Vec<(Rc<str>, Vec<Value>)>;

fn statements(batch: &Batch, texts: &mut HashMap<&'static str, Rc<str>>) -> Statements {
    let translated = |(sql, args): (&'static str, &[Value])| {
        let text = texts.entry(sql).or_insert_with(|| store::sqlite_text(sql).into());
        (Rc::clone(text), args.to_vec())
    };
    batch.statements().map(translated).collect()
}

fn commit<'a>(connection: &Connection, batches: impl Iterator<Item = &'a Statements>) -> Result<(), Failed> {
    connection.execute_batch("begin immediate")?;
    for (sql, args) in batches.flatten() {
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute(params_from_iter(args.iter().map(bound)))?;
    }
    connection.execute_batch("commit")?;
    Ok(())
}

fn bound(value: &Value) -> ToSqlOutput<'_> {
    match value {
        Value::Null => rusqlite::types::Null.into(),
        Value::Int(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Blob(bytes) => bytes.as_slice().into(),
    }
}

/// Serves an HTTP server that answers each body with itself, until its standard input ends.
pub(crate) fn echo() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let router = Router::new().route("/v1/charges", post(|body: Bytes| async { body }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}", listener.local_addr()?);
        let gone = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        axum::serve(listener, router)
            .with_graceful_shutdown(async {
                let _ = gone.await;
            })
            .await?;
        Ok(())
    })
}
