//! Every SQL text of the nouns, prepared and run on both engines with arguments of the kinds that PostgreSQL wants.
//! What the statements mean is tested where they are used.

use std::collections::BTreeSet;

use rusqlite::types::Value as Lite;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use crate::{HeadFile, Options, Store, dialect, statements};

/// One argument of each kind, for both engines.
fn argument(ty: &Type) -> (Box<dyn ToSql + Sync>, Lite) {
    match *ty {
        Type::INT8 => (Box::new(1_i64), Lite::Integer(1)),
        Type::INT4 => (Box::new(1_i32), Lite::Integer(1)),
        Type::TEXT | Type::VARCHAR => (Box::new("x"), Lite::Text("x".to_owned())),
        Type::BYTEA => (Box::new(vec![1_u8]), Lite::Blob(vec![1])),
        _ => panic!("an argument of type {ty}"),
    }
}

/// A statement with made-up arguments may be refused by what keeps the data right, and by nothing else.
fn is_right(outcome: Result<(), tokio_postgres::Error>) -> Result<(), String> {
    let Err(error) = outcome else { return Ok(()) };
    match error.code() {
        Some(code) if code.code().starts_with("23") || *code == SqlState::RAISE_EXCEPTION => Ok(()),
        _ => Err(error.to_string()),
    }
}

#[tokio::test]
async fn every_statement_of_the_nouns_runs_on_both_engines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.db");
    Store::open(&Options::sqlite(&file)).unwrap().close().await;
    let sqlite = rusqlite::Connection::open(&file).unwrap();
    let url = cluster::shared().fresh();
    let options = Options { head_file: HeadFile::Off, ..Options::postgres(url.parse().unwrap()) };
    Store::open(&options).unwrap().close().await;
    let (mut postgres, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);

    let statements = statements();
    assert!(statements.len() > 80, "{}", statements.len());
    for sql in statements {
        let there =
            postgres.prepare(sql).await.unwrap_or_else(|error| panic!("{error}: {:?}\n{sql}", error.as_db_error()));
        let text = dialect::sqlite(sql);
        let mut here = sqlite.prepare(&text).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        let used: BTreeSet<usize> = text
            .split('?')
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
            .collect();
        assert!(used.into_iter().eq(1..=here.parameter_count()), "a placeholder is left out\n{sql}");
        assert!(!text.trim_end().trim_end_matches(';').contains(';'), "more than one statement\n{sql}");
        assert_eq!(here.parameter_count(), there.params().len(), "{sql}");
        let names: Vec<&str> = there.columns().iter().map(tokio_postgres::Column::name).collect();
        let visible: Vec<&str> = names.into_iter().filter(|name| *name != "commit_id").collect();
        assert_eq!(here.column_names().collect::<Vec<_>>(), visible, "{sql}");

        let (ours, theirs): (Vec<_>, Vec<_>) = there.params().iter().map(argument).unzip();
        let ours: Vec<&(dyn ToSql + Sync)> = ours.iter().map(AsRef::as_ref).collect();
        let transaction = postgres.transaction().await.unwrap();
        let outcome = transaction.query(&there, &ours).await.map(drop);
        is_right(outcome).unwrap_or_else(|error| panic!("PostgreSQL: {error}\n{sql}"));
        transaction.rollback().await.unwrap();
        sqlite.execute_batch("begin").unwrap();
        let outcome = here.query(rusqlite::params_from_iter(theirs)).and_then(|mut rows| while_some(&mut rows));
        let broken =
            outcome.err().filter(|error| error.sqlite_error_code() != Some(rusqlite::ErrorCode::ConstraintViolation));
        assert!(broken.is_none(), "SQLite: {broken:?}\n{sql}");
        sqlite.execute_batch("rollback").unwrap();
    }
}

fn while_some(rows: &mut rusqlite::Rows<'_>) -> rusqlite::Result<()> {
    while rows.next()?.is_some() {}
    Ok(())
}
