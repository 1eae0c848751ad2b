//! Tests that need the inside of the engine: its settings, a disk that is full.
//! What can be seen from outside is tested in `tests/`.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::connection;
use super::health::Health;
use super::place::Place;
use super::start;
use super::writer::{CommitWork, TakeWork, Work, Writer};
use crate::store::Purpose;
use crate::{Batch, Fault, OnIoError, Options, Query, Write, args};

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn connections_are_set_up_for_durability_and_distrust() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::sqlite(folder.path().join("test.db"));
    let place = Place::find(&folder.path().join("test.db")).unwrap();
    place.make_file().unwrap();
    let (opener, first) = start::file(&place, false, &options).unwrap();
    let again = opener.open().unwrap();
    let reader = connection::file_for_reading(place.file(), options.busy).unwrap();
    for db in [&first, &again] {
        let writer = &db.connection;
        let mode: String = writer.query_row("pragma journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert_eq!(number(writer, "pragma synchronous"), 2, "full");
        assert_eq!(number(writer, "pragma foreign_keys"), 1);
        assert_eq!(number(writer, "pragma fullfsync"), 1);
        assert_eq!(number(writer, "pragma checkpoint_fullfsync"), 1);
    }
    assert_eq!(number(&reader, "pragma query_only"), 1);
    for connection in [&first.connection, &again.connection, &reader] {
        assert_eq!(number(connection, "pragma trusted_schema"), 0);
        assert_eq!(number(connection, "pragma cell_size_check"), 1);
        assert_eq!(number(connection, "pragma busy_timeout"), 5000);
        assert!(connection.prepare("select \"text\"").is_err(), "a name is not a text");
    }
}

#[test]
fn the_schema_is_strict_and_checks_nothing_as_late_as_the_commit() {
    let (_, db, _) = start::memory(&Options::memory()).unwrap();
    let loose = "select count(*) from pragma_table_list
                  where schema = 'main' and type = 'table' and strict = 0 and name not like 'sqlite%'";
    assert_eq!(number(&db.connection, loose), 0);
    // A reference checked at COMMIT would make one bad batch fail all that share its commit.
    let late = "select count(*) from sqlite_schema where sql like '%deferr%'";
    assert_eq!(number(&db.connection, late), 0);
    assert!(number(&db.connection, "select count(*) from sqlite_schema") > 10);
}

struct Bench {
    writer: Writer,
    health: Arc<Health>,
    _folder: tempfile::TempDir,
}

/// A writer on a real file that cannot grow.
fn full_disk() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::sqlite(folder.path().join("test.db"));
    let place = Place::find(&folder.path().join("test.db")).unwrap();
    place.make_file().unwrap();
    let (opener, db) = start::file(&place, false, &options).unwrap();
    db.connection.execute_batch("create table t (id integer primary key, body blob) strict").unwrap();
    db.connection.pragma_update_and_check(None, "max_page_count", 1, |_| Ok(())).unwrap();
    let health = Arc::new(Health::new(OnIoError::GoDown, None));
    Bench { writer: Writer::new(opener, db, Arc::clone(&health), 64), health, _folder: folder }
}

type Answer = oneshot::Receiver<Result<(), Fault>>;

fn add(id: i64, size: usize) -> (Box<dyn Work>, Answer) {
    let (reply, answer) = oneshot::channel();
    let write = Write::one("insert into t values ($1, $2)", args![id, vec![7_u8; size]]);
    (Box::new(CommitWork { batch: Batch::new().with(write), purpose: Purpose::Record, reply }), answer)
}

fn run(writer: &mut Writer, jobs: Vec<(Box<dyn Work>, Answer)>) -> Vec<Result<(), Fault>> {
    let (jobs, answers): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
    let mut jobs = jobs.into_iter();
    let first = jobs.next().unwrap();
    writer.work(first, || jobs.next());
    answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
}

#[test]
fn a_full_disk_before_the_commit_fails_the_batch_alone_and_is_not_the_end() {
    let mut bench = full_disk();
    let alone = run(&mut bench.writer, vec![add(1, 20_000)]);
    assert!(matches!(alone[..], [Err(Fault::Down(_))]), "{alone:?}");
    let outcomes = run(&mut bench.writer, vec![add(2, 10), add(3, 20_000), add(4, 10)]);
    assert!(matches!(outcomes[..], [Ok(()), Err(Fault::Down(_)), Ok(())]), "{outcomes:?}");
    assert_eq!(bench.health.down(), None);
    assert_eq!(run(&mut bench.writer, vec![add(5, 10)]), [Ok(())]);
}

#[test]
fn a_take_runs_again_after_a_neighbour_took_the_transaction_down() {
    let (opener, db, _) = start::memory(&Options::memory()).unwrap();
    db.connection
        .execute_batch(
            "create table t (id integer primary key, body blob) strict;
             create trigger bomb before insert on t when new.id = 13
             begin select raise(rollback, 'gone'); end;",
        )
        .unwrap();
    let health = Arc::new(Health::new(OnIoError::GoDown, None));
    let mut writer = Writer::new(opener, db, health, 64);
    let (reply, mut taken) = oneshot::channel();
    let query = Query::<Id>::new("insert into t values (1, null), (2, null) returning id", args![]);
    let take: Box<dyn Work> = Box::new(TakeWork { query, rows: Vec::new(), reply });
    let (bomb, mut refused) = add(13, 1);
    let mut bomb = Some(bomb);
    writer.work(take, || bomb.take());
    assert_eq!(taken.try_recv().unwrap().unwrap(), [Id(1), Id(2)]);
    assert_eq!(refused.try_recv().unwrap(), Err(Fault::Refused("gone".into())));
    let stored = writer.read(&Query::<Id>::new("select id from t order by id", args![]), usize::MAX).unwrap();
    assert_eq!(stored, [Id(1), Id(2)]);
}

#[derive(Debug, PartialEq)]
struct Id(i64);

impl crate::FromRow for Id {
    fn from_row(row: &crate::Row<'_>) -> Result<Self, crate::BadRow> {
        row.int("id").map(Self)
    }
}
