//! The three doors, in every mode: what they return, what they refuse, what is left behind.
//! How batches share a commit is proven in `group.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod support;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use store::{BadRow, Batch, Expect, Fault, FromRow, Intent, Migration, Options, Query, Row, Store, Write, args};
use support::{
    Item, Number, POSTGRES, add, add_body, add_owned, all, batch, by_id, file, ids, in_every_mode, options, raise,
};

#[tokio::test]
async fn what_is_committed_is_read_and_the_order_of_a_batch_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        let mut one = Batch::new();
        one.push(add("a", 1)).push(raise("a", 1)).push(raise("a", 2));
        one.extend([add_body("b", vec![0, 159, 146, 150])]);
        assert_eq!(one.len(), 4);
        store.commit(one).await.unwrap();

        let a = Item { id: "a".into(), owner: None, n: 3, body: None };
        let b = Item { id: "b".into(), owner: None, n: 0, body: Some(vec![0, 159, 146, 150]) };
        assert_eq!(store.read(all()).await.unwrap(), [a.clone(), b]);
        assert_eq!(store.read_one(by_id("a")).await.unwrap(), Some(a.clone()));
        assert_eq!(store.read_one(by_id("c")).await.unwrap(), None);
        assert_eq!(store.read_one(all()).await.unwrap(), Some(a));
        assert_eq!(store.counts().commits, 1);
    }
}

#[tokio::test]
async fn a_failing_write_takes_the_whole_batch_back_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    for (mode, store) in in_every_mode(folder.path()).into_iter().enumerate() {
        store.commit(batch([add_owned("a", "x"), raise("a", 1)])).await.unwrap();
        let tag = |id: &'static str, tag: &'static str| {
            Write::one("insert into item (id, tag, n) values ($1, $2, 0)", args![id, tag])
        };
        store.commit(batch([tag("t", "Tag")])).await.unwrap();
        store.commit(batch([Write::one("insert into part values ('a', 1)", args![])])).await.unwrap();
        let one = |sql| Write::one(sql, args![]);
        for (write, wanted) in [
            (raise("a", 1), Fault::Stale),
            (raise("nobody", 1), Fault::Stale),
            (Write::new("update item set n = 0", args![], Expect::Exactly(4)), Fault::Stale),
            (Write::new("update item set n = 0", args![], Expect::AtMostOne), Fault::Stale),
            (add("a", 0), Fault::Duplicate("item.id".into())),
            (add_owned("c", "x"), Fault::Duplicate("item_owner (item.owner)".into())),
            (tag("c", "tAG"), Fault::Duplicate("item_tag".into())),
            (one("insert into part values ('a', 1)"), Fault::Duplicate("part.item, part.number".into())),
            (add("c", -1), Fault::Refused("CHECK constraint failed: n >= 0".into())),
            (one("delete from item"), Fault::Refused("items are kept".into())),
            (add("c", 666), Fault::Refused("the whole transaction goes".into())),
            (one("insert into part values ('nobody', 1)"), Fault::Refused("FOREIGN KEY constraint failed".into())),
            (one("insert into item (id) values ('c')"), Fault::Refused("NOT NULL constraint failed: item.n".into())),
            (
                one("insert into item (id, n) values ('c', 'many')"),
                Fault::Refused("cannot store TEXT value in INTEGER column item.n".into()),
            ),
        ] {
            let sql = format!("{write:?}");
            let outcome = store.commit(batch([add("neighbour", 1), write])).await;
            match wanted {
                // The words of a refusal are the engine's own.
                Fault::Refused(_) if mode == POSTGRES => {
                    assert!(matches!(outcome, Err(Fault::Refused(_))), "{sql}: {outcome:?}");
                }
                wanted => assert_eq!(outcome, Err(wanted), "{sql}"),
            }
            assert_eq!(ids(&store).await, ["a", "t"], "{sql}");
        }
        let fault = store.commit(batch([add_owned("c", "x")])).await.unwrap_err();
        assert!(fault.is_duplicate_of("item_owner") && fault.is_duplicate_of("item.owner"));
        assert!(!fault.is_duplicate_of("item_tag") && !fault.is_duplicate_of("item_own"));
        store.commit(batch([add("d", 1)])).await.unwrap();
        assert_eq!(ids(&store).await, ["a", "d", "t"]);
    }
}

#[tokio::test]
async fn expected_row_counts_let_the_right_number_through() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        store.commit(batch([add("a", 0), add("b", 0), add("c", 0)])).await.unwrap();
        let raise_above =
            |id: &'static str, expect| Write::new("update item set n = 9 where id > $1", args![id], expect);
        for (id, expect) in [
            ("", Expect::Exactly(3)),
            ("", Expect::Any),
            ("z", Expect::Any),
            ("z", Expect::AtMostOne),
            ("b", Expect::AtMostOne),
            ("b", Expect::One),
        ] {
            assert_eq!(store.commit(batch([raise_above(id, expect)])).await, Ok(()), "{id} {expect:?}");
        }
        let unless_there = "insert into item (id, n) values ('a', 5) on conflict do nothing";
        let outcome = store.commit(batch([Write::one(unless_there, args![])])).await;
        assert_eq!(outcome, Err(Fault::Stale));
        store.commit(batch([Write::new(unless_there, args![], Expect::AtMostOne)])).await.unwrap();
    }
}

#[tokio::test]
async fn a_mistaken_statement_is_refused_and_harms_nobody() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        for (sql, args) in [
            ("update nothing set n = 1", args![]),
            ("update item set n = \"text\"", args![]),
            ("update item set n = $1", args![]),
            ("update item set n = 1", args![1]),
            ("update item set owner = $1", args!["zero \0 inside"]),
            ("select id from item", args![]),
            ("insert into item (id, n) values ('x', 1) returning id", args![]),
            ("gibberish", args![]),
            ("commit", args![]),
            ("rollback", args![]),
            ("savepoint batch", args![]),
        ] {
            let outcome = store.commit(batch([add("a", 1), Write::any(sql, args)])).await;
            assert!(matches!(outcome, Err(Fault::Refused(_))), "{sql}: {outcome:?}");
        }
        let take = store.take(Query::<Item>::new("select * from item", args![])).await;
        assert!(matches!(take, Err(Fault::Refused(_))), "{take:?}");
        assert_eq!(store.commit(Batch::new()).await, Ok(()));
        assert_eq!(ids(&store).await, Vec::<String>::new());
        assert_eq!(store.counts().commits, 0);
    }
}

#[tokio::test]
async fn a_take_commits_and_returns_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        store.commit(batch((0..10).map(|i| add(format!("i{i}"), i)))).await.unwrap();
        let lease = |limit: i64| {
            Query::<Item>::new(
                "update item set owner = id where id in
                    (select id from item where owner is null order by id limit $1 for update skip locked)
                 returning id, owner, n, body",
                args![limit],
            )
        };
        assert_eq!(store.take(lease(4)).await.unwrap().len(), 4);
        assert_eq!(store.take(lease(100)).await.unwrap().len(), 6);
        assert_eq!(store.take(lease(100)).await.unwrap(), []);
        let owned = store.read(all()).await.unwrap();
        assert!(owned.iter().all(|item| item.owner.as_deref() == Some(&item.id)));
        let duplicate = Query::<Item>::new("update item set owner = 'i1' where id = 'i2' returning *", args![]);
        assert!(store.take(duplicate).await.unwrap_err().is_duplicate_of("item_owner"));
    }
}

#[tokio::test]
async fn a_query_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        store.commit(batch([add("a", 1)])).await.unwrap();
        let sneaky = Query::<Number>::new("update item set n = 2 returning n", args![]);
        let outcome = store.read(sneaky).await;
        assert!(matches!(outcome, Err(Fault::Refused(_))), "{outcome:?}");
        assert_eq!(store.read_one(by_id("a")).await.unwrap().unwrap().n, 1);
    }
}

/// A mapping that asks for what is not there.
#[derive(Debug, PartialEq)]
struct Wrong;

impl FromRow for Wrong {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        match row.str("id")? {
            "missing" => row.int("none").map(|_| Self),
            "kind" => row.int("body").map(|_| Self),
            "null" => row.text("owner").map(|_| Self),
            "bool" => row.bool("n").map(|_| Self),
            "row" => Ok(Self),
            _ => row.parse::<std::net::IpAddr>("id").map(|_| Self),
        }
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_names_the_column_and_takes_a_take_back() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        for (id, wanted) in [
            ("missing", BadRow::Missing { column: "none".into() }),
            ("kind", BadRow::Kind { column: "body".into(), wanted: "a whole number", found: "bytes" }),
            ("null", BadRow::Kind { column: "owner".into(), wanted: "text", found: "nothing" }),
            ("bool", BadRow::meaning("n", "is neither 0 nor 1")),
            ("meaning", BadRow::meaning("id", "invalid IP address syntax")),
        ] {
            let insert = "insert into item (id, n, body) values ($1, 7, $2)";
            store.commit(batch([Write::one(insert, args![id, vec![0_u8]])])).await.unwrap();
            let wanted = Err(Fault::Corrupt(wanted));
            let read = Query::<Wrong>::new("select * from item where id = $1", args![id]);
            assert_eq!(store.read(read).await, wanted);
            let take = Query::<Wrong>::new("update item set n = 8 where id = $1 returning *", args![id]);
            assert_eq!(store.take(take).await, wanted);
            assert_eq!(store.read_one(by_id(id)).await.unwrap().unwrap().n, 7);
            let second = Query::<Wrong>::new("select 'row' as id, 1 as n union all select $1, 7 order by n", args![id]);
            assert_eq!(store.read_one(second).await, Ok(Some(Wrong)), "only the first row is looked at");
        }
    }
}

#[tokio::test]
async fn a_permit_is_given_only_after_its_intent_is_durable() {
    let folder = tempfile::tempdir().unwrap();
    for store in in_every_mode(folder.path()) {
        let intent = |attempt: &str| Intent {
            attempt: attempt.into(),
            epoch: 3,
            body: b"{\"amount\":\"1.2\"}".to_vec(),
            asked: false,
        };
        let permit = store.commit_intent(batch([add("att_1", 1)]), intent("att_1")).await.unwrap();
        assert_eq!(ids(&store).await, ["att_1"]);
        assert!(!format!("{permit:?}").contains("amount"), "{permit:?}");
        assert_eq!(permit.attempt(), "att_1");
        let sendable = permit.open();
        assert!(!format!("{sendable:?}").contains("amount"), "{sendable:?}");
        assert_eq!((sendable.attempt(), sendable.epoch()), ("att_1", 3));
        assert_eq!(sendable.body(), b"{\"amount\":\"1.2\"}");
        assert_eq!(sendable.into_body(), b"{\"amount\":\"1.2\"}");

        let again = store.commit_intent(batch([add("att_1", 1)]), intent("att_1")).await;
        assert_eq!(again.unwrap_err(), Fault::Duplicate("item.id".into()));
        for writes in [batch([]), batch([add("att_2", 1)])] {
            let other = store.commit_intent(writes, intent("att_3")).await;
            assert!(matches!(other, Err(Fault::Refused(_))), "{other:?}");
        }
        assert_eq!(ids(&store).await, ["att_1"]);
    }
}

#[test]
fn inline_calls_complete_at_once_without_any_runtime() {
    fn now<T>(call: impl Future<Output = T>) -> T {
        match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("the call had to wait"),
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let on_file = Options { inline: true, ..options(folder.path()) };
    let in_memory = Options { migrations: support::MIGRATIONS, ..Options::memory() };
    for options in [on_file, in_memory] {
        let store = Store::open(&options).unwrap();
        now(store.commit(batch([add("a", 1)]))).unwrap();
        assert_eq!(now(store.read(all())).unwrap().len(), 1);
        let take = Query::<Number>::new("update item set n = 5 returning n", args![]);
        assert_eq!(now(store.take(take)).unwrap(), [Number(5)]);
        now(store.close());
        assert!(matches!(now(store.read(all())), Err(Fault::Down(_))));
    }
}

#[tokio::test]
async fn two_stores_in_memory_are_two_stores_and_clones_are_one() {
    let memory = || Store::open(&Options { migrations: support::MIGRATIONS, ..Options::memory() }).unwrap();
    let (one, other) = (memory(), memory());
    one.clone().commit(batch([add("a", 1)])).await.unwrap();
    assert_eq!(ids(&one).await, ["a"]);
    assert_eq!(ids(&other).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_closed_store_keeps_its_data_and_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    assert_eq!(store.down(), None);
    assert_eq!(ids(&store).await, ["a"]);
    let other = store.clone();
    tokio::join!(store.close(), other.close());
    assert!(!folder.path().join("test.db-wal").exists(), "the log was written back");
    assert!(store.down().is_some());
    assert!(matches!(store.read(all()).await, Err(Fault::Down(_))));
    assert!(matches!(store.commit(batch([add("b", 1)])).await, Err(Fault::Down(_))));
    let again = Store::open(&options(folder.path())).unwrap();
    assert_eq!(ids(&again).await, ["a"]);
}

#[tokio::test]
async fn closing_finishes_what_was_handed_in() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let blocker = rusqlite::Connection::open(file(folder.path())).unwrap();
    blocker.execute_batch("begin immediate").unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(batch([add(format!("i{i}"), i)])).await })
        })
        .collect();
    support::let_all_others_run().await;
    let closing = tokio::spawn(async move { store.close().await });
    support::let_all_others_run().await;
    blocker.execute_batch("rollback").unwrap();
    closing.await.unwrap();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let again = Store::open(&options(folder.path())).unwrap();
    assert_eq!(ids(&again).await.len(), 100);
}

#[tokio::test]
async fn closing_beside_another_process_still_empties_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let beside = rusqlite::Connection::open(file(folder.path())).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    let seen: i64 = beside.query_row("select count(*) from item", [], |row| row.get(0)).unwrap();
    store.close().await;
    assert_eq!(seen, 1);
    assert_eq!(std::fs::metadata(folder.path().join("test.db-wal")).unwrap().len(), 0);
}

#[test]
fn arguments_are_not_printed() {
    let write = Write::one("select $1, $2, $3", args!["a secret", b"bytes".to_vec(), 5]);
    let printed = format!("{write:?}");
    assert!(
        !printed.contains("secret") && printed.contains("Text(<8 bytes>)") && printed.contains("Int(5)"),
        "{printed}"
    );
}

#[tokio::test]
async fn a_database_in_memory_begins_anew_and_one_in_a_file_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let [threads, inline, memory, postgres] = in_every_mode(folder.path());
    for _ in 0..3 {
        memory.commit(batch([add_owned("a", "x"), add("b", 2)])).await.unwrap();
        let part = Write::one("insert into part values ('a', 1)", args![]);
        memory.commit(batch([part])).await.unwrap();
        assert_eq!(ids(&memory).await, ["a", "b"]);
        memory.begin_anew().unwrap();
        assert_eq!(memory.read(all()).await.unwrap(), []);
    }
    // What refuses writes still does.
    memory.commit(batch([add("a", 1)])).await.unwrap();
    let kept = memory.commit(batch([Write::one("delete from item", args![])])).await;
    assert_eq!(kept, Err(Fault::Refused("items are kept".into())));

    for store in [threads, inline, postgres] {
        store.commit(batch([add("a", 1)])).await.unwrap();
        assert!(matches!(store.begin_anew(), Err(Fault::Refused(_))));
        assert_eq!(store.read(all()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_the_migrations_wrote_is_there_again_when_a_database_begins_anew() {
    const LIST: &[Migration] = &[Migration {
        number: 1,
        name: "filled",
        sql: "create table item (n integer primary key autoincrement, m integer) strict;
              insert into item (m) values (7), (8);",
    }];
    let store = Store::open(&Options { migrations: LIST, ..Options::memory() }).unwrap();
    let numbers = || Query::<Number>::new("select n + m as n from item order by item.n", args![]);
    for _ in 0..2 {
        assert_eq!(store.read(numbers()).await.unwrap(), [Number(8), Number(10)]);
        store.commit(batch([Write::new("update item set m = 1", args![], Expect::Exactly(2))])).await.unwrap();
        store.commit(batch([Write::one("insert into item (m) values (9)", args![])])).await.unwrap();
        assert_eq!(store.read(numbers()).await.unwrap(), [Number(2), Number(3), Number(12)]);
        store.begin_anew().unwrap();
    }
}
