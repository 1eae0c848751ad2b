//! Bringing a schema up to date: order, the lock by hash, newer databases, failures half-way.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod support;

use store::{Fault, HeadFile, Migration, OpenError, Options, Query, Store, args};
use support::{Number, add, batch, file, ids, options};

const FIRST: Migration = support::MIGRATIONS[0];
const SECOND: Migration = Migration {
    number: 2,
    name: "colour",
    sql: "alter table item add column colour text; update item set colour = 'red';",
};
const THIRD: Migration = Migration { number: 3, name: "index", sql: "create index item_colour on item (colour);" };

fn open(folder: &std::path::Path, migrations: &'static [Migration]) -> Result<Store, OpenError> {
    Store::open(&Options { migrations, head_file: HeadFile::Off, ..Options::sqlite(file(folder)) })
}

fn pragma(folder: &std::path::Path, name: &str) -> i64 {
    let connection = rusqlite::Connection::open(file(folder)).unwrap();
    connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn each_migration_runs_once_in_order_and_data_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &[FIRST]).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    store.close().await;
    assert_eq!(pragma(folder.path(), "user_version"), 1);
    for _ in 0..2 {
        let store = open(folder.path(), &[FIRST, SECOND, THIRD]).unwrap();
        let red = Query::<Number>::new("select count(*) as n from item where colour = 'red'", args![]);
        assert_eq!(store.read(red).await.unwrap(), [Number(1)]);
        store.close().await;
    }
    assert_eq!(pragma(folder.path(), "user_version"), 3);
    assert_eq!(pragma(folder.path(), "application_id"), 0x546f_6c6c);
}

#[tokio::test]
async fn a_released_migration_must_not_change() {
    const CHANGED: Migration = Migration { sql: "create table item (id text primary key) strict;", ..FIRST };
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), &[FIRST]).unwrap().close().await;
    let refused = open(folder.path(), &[CHANGED, SECOND]).unwrap_err();
    assert!(matches!(refused, OpenError::MigrationChanged { number: 1, .. }), "{refused}");
    assert!(refused.to_string().contains("0001_items was changed"), "{refused}");
    assert_eq!(pragma(folder.path(), "user_version"), 1, "the second one did not run");
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &[FIRST, SECOND]).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    store.close().await;
    let refused = open(folder.path(), &[FIRST]).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 2, known: 1 }), "{refused}");
    assert!(refused.to_string().contains("use a newer tollgate"), "{refused}");
    assert_eq!(ids(&open(folder.path(), &[FIRST, SECOND]).unwrap()).await, ["a"]);
}

#[tokio::test]
async fn a_failing_migration_leaves_no_trace() {
    const BROKEN: Migration = Migration { sql: "create table made (x integer) strict; gibberish", ..SECOND };
    const ENDS: Migration = Migration { sql: "create table made (x integer) strict; commit;", ..SECOND };
    const DANGLES: Migration = Migration { sql: "insert into part values ('nobody', 1);", ..SECOND };
    for (broken, word) in [(BROKEN, "syntax error"), (DANGLES, "rows of part refer")] {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), &[FIRST]).unwrap().close().await;
        let list = Vec::leak(vec![FIRST, broken, THIRD]);
        let refused = open(folder.path(), list).unwrap_err();
        assert!(matches!(refused, OpenError::MigrationFailed { number: 2, .. }), "{refused}");
        assert!(refused.to_string().contains(word), "{refused}");
        assert_eq!(pragma(folder.path(), "user_version"), 1);
        let store = open(folder.path(), &[FIRST, SECOND]).unwrap();
        let made = Query::<Number>::new("select count(*) as n from sqlite_schema where name = 'made'", args![]);
        assert_eq!(store.read(made).await.unwrap(), [Number(0)]);
    }
    let folder = tempfile::tempdir().unwrap();
    let refused = open(folder.path(), &[FIRST, ENDS]).unwrap_err();
    assert!(refused.to_string().contains("must not end its transaction"), "{refused}");
}

#[tokio::test]
async fn a_table_can_be_rebuilt_without_losing_what_refers_to_it() {
    const REBUILD: Migration = Migration {
        number: 2,
        name: "rebuild",
        sql: "drop trigger item_kept;
              create table item_new (id text primary key, owner text, n integer not null, body blob) strict;
              insert into item_new select id, owner, n, body from item;
              drop table item;
              alter table item_new rename to item;",
    };
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &[FIRST]).unwrap();
    let part = |id| store::Write::one("insert into part values ($1, 1)", args![id]);
    store.commit(batch([add("a", 1), part("a")])).await.unwrap();
    store.close().await;
    let store = open(folder.path(), &[FIRST, REBUILD]).unwrap();
    assert_eq!(ids(&store).await, ["a"]);
    let refused = store.commit(batch([part("nobody")])).await;
    assert!(matches!(refused, Err(Fault::Refused(_))), "references are checked again: {refused:?}");
    store.close().await;
}

#[tokio::test]
async fn a_running_server_is_not_migrated_under_its_feet() {
    let folder = tempfile::tempdir().unwrap();
    let server = Options { exclusive: true, migrations: &[FIRST], ..options(folder.path()) };
    let server = Store::open(&server).unwrap();
    open(folder.path(), &[FIRST]).unwrap().close().await;
    let refused = open(folder.path(), &[FIRST, SECOND]).unwrap_err();
    assert!(matches!(refused, OpenError::OldSchemaInUse { found: 1, known: 2 }), "{refused}");
    server.close().await;
    open(folder.path(), &[FIRST, SECOND]).unwrap().close().await;
    assert_eq!(pragma(folder.path(), "user_version"), 2);
}

#[test]
fn many_first_openers_make_one_database() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| open(folder.path(), &[FIRST, SECOND, THIRD]).unwrap());
        }
    });
    assert_eq!(pragma(folder.path(), "user_version"), 3);
}

#[tokio::test]
async fn a_list_out_of_order_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = open(folder.path(), &[FIRST, THIRD]).unwrap_err();
    assert!(matches!(refused, OpenError::MigrationList { .. }), "{refused}");
    let memory = Store::open(&Options { migrations: &[THIRD], ..Options::memory() }).unwrap_err();
    assert!(matches!(memory, OpenError::MigrationList { .. }), "{memory}");
}
