//! Many callers at once: batches share a durable commit, yet each succeeds or fails alone.
//! Counted in the write-ahead log itself, never by time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod support;

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use store::{Batch, Fault, Options, Query, Store, Write, args};
use support::{Item, Number, add, add_owned, all, batch, file, ids, late, options, raise};

/// The number of commits that the write-ahead log holds: frames that end a transaction.
fn commits_in_log(folder: &Path) -> usize {
    let log = fs::read(folder.join("test.db-wal")).unwrap_or_default();
    let Some((header, frames)) = log.split_at_checked(32) else {
        return 0;
    };
    let page = u32::from_be_bytes(header[8..12].try_into().unwrap()) as usize;
    let current = |frame: &&[u8]| frame[8..16] == header[16..24];
    let ends_transaction = |frame: &&[u8]| frame[4..8] != [0; 4];
    frames.chunks_exact(24 + page).take_while(current).filter(ends_transaction).count()
}

/// Keeps the writer waiting at the door of its transaction until released.
struct Barrier {
    connection: Connection,
}

impl Barrier {
    fn shut(folder: &Path) -> Self {
        let connection = Connection::open(file(folder)).unwrap();
        connection.execute_batch("begin immediate").unwrap();
        Self { connection }
    }

    fn open(self) {
        self.connection.execute_batch("rollback").unwrap();
    }
}

/// Commits these batches so that all of them wait for the writer together; the outcomes in order.
async fn together(folder: &Path, store: &Store, batches: Vec<Batch>) -> Vec<Result<(), Fault>> {
    let barrier = Barrier::shut(folder);
    let tasks: Vec<_> = batches
        .into_iter()
        .map(|batch| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    support::let_all_others_run().await;
    barrier.open();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

#[tokio::test]
async fn batches_that_wait_together_share_a_durable_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let before = commits_in_log(folder.path());
    let batches = (0..64).map(|i| batch([add(format!("i{i}"), i)])).collect();
    let outcomes = together(folder.path(), &store, batches).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(commits_in_log(folder.path()) - before, 1);
    assert_eq!((store.counts().commits, store.counts().batches), (1, 64));

    let batches = (0..200).map(|i| batch([add(format!("j{i}"), i)])).collect();
    together(folder.path(), &store, batches).await;
    assert_eq!(commits_in_log(folder.path()) - before, 5, "200 batches in groups of at most 64");
    assert_eq!(ids(&store).await.len(), 264);
}

#[tokio::test]
async fn a_caller_alone_gets_a_commit_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let before = commits_in_log(folder.path());
    for done in 1..=10 {
        store.commit(batch([add(format!("i{done}"), 0)])).await.unwrap();
        assert_eq!(commits_in_log(folder.path()) - before, done, "answered after the commit");
    }
}

#[tokio::test]
async fn a_failing_batch_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    store.commit(batch([add_owned("a", "x")])).await.unwrap();
    let before = commits_in_log(folder.path());
    let outcomes = together(
        folder.path(),
        &store,
        vec![
            batch([add("b", 1), add("c", 1)]),
            batch([add("half", 1), add_owned("d", "x")]),
            batch([raise("a", 1)]),
            batch([add("half", 1), raise("a", 1)]),
            batch([add("half", 1), add("e", -1)]),
            batch([Write::any("gibberish", args![])]),
            batch([add("f", 1)]),
        ],
    )
    .await;
    assert_eq!(outcomes[0], Ok(()));
    assert!(outcomes[1].as_ref().unwrap_err().is_duplicate_of("item_owner"));
    assert_eq!(outcomes[2], Ok(()));
    assert_eq!(outcomes[3], Err(Fault::Stale));
    assert!(matches!(outcomes[4], Err(Fault::Refused(_))));
    assert!(matches!(outcomes[5], Err(Fault::Refused(_))));
    assert_eq!(outcomes[6], Ok(()));
    assert_eq!(commits_in_log(folder.path()) - before, 1);
    assert_eq!(ids(&store).await, ["a", "b", "c", "f"]);
    assert_eq!(store.counts().failed, 4);
}

#[tokio::test]
async fn a_group_in_which_all_fail_commits_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let before = commits_in_log(folder.path());
    let outcomes = together(folder.path(), &store, vec![batch([add("a", -1)]), batch([raise("a", 1)])]).await;
    assert!(matches!(outcomes[..], [Err(Fault::Refused(_)), Err(Fault::Stale)]), "{outcomes:?}");
    assert_eq!(commits_in_log(folder.path()), before);
    assert_eq!(store.counts().commits, 0);
    store.commit(batch([add("b", 1)])).await.unwrap();
    assert_eq!(ids(&store).await, ["b"]);
}

#[tokio::test]
async fn a_batch_that_ends_the_whole_transaction_still_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let bomb = || batch([add("half", 1), add("bomb", 666)]);
    let outcomes = together(
        folder.path(),
        &store,
        vec![batch([add("a", 1)]), bomb(), batch([add("b", 1)]), bomb(), batch([add("c", 1)])],
    )
    .await;
    let refused = || Err(Fault::Refused("the whole transaction goes".into()));
    assert_eq!(outcomes, [Ok(()), refused(), Ok(()), refused(), Ok(())]);
    assert_eq!(ids(&store).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_failed_commit_is_unknown_to_all_in_it_and_the_store_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    let outcomes = together(
        folder.path(),
        &store,
        // The third one's refusal rests on the first one, which in the end is not there.
        vec![batch([add_owned("b", "x")]), batch([late("nobody")]), batch([add_owned("c", "x")])],
    )
    .await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Fault::Unknown(_)))), "{outcomes:?}");
    assert_eq!(ids(&store).await, ["a"]);
    assert_eq!(store.down(), None);
    store.commit(batch([add_owned("c", "x")])).await.unwrap();
    assert_eq!(ids(&store).await, ["a", "c"]);
    let alone = store.commit(batch([late("nobody")])).await;
    assert!(matches!(alone, Err(Fault::Unknown(_))), "{alone:?}");
    store.commit(batch([late("c")])).await.unwrap();
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_down_for_now() {
    let folder = tempfile::tempdir().unwrap();
    let brief = Options { busy: std::time::Duration::from_millis(20), ..options(folder.path()) };
    let store = Store::open(&brief).unwrap();
    let barrier = Barrier::shut(folder.path());
    let outcome = store.commit(batch([add("a", 1)])).await;
    assert!(matches!(outcome, Err(Fault::Down(_))), "{outcome:?}");
    assert_eq!(store.read(all()).await.unwrap(), [], "reads go on");
    barrier.open();
    store.commit(batch([add("a", 1)])).await.unwrap();
    assert_eq!(store.down(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_callers_lose_nothing_and_count_exactly() {
    const CALLERS: i64 = 64;
    const ROUNDS: i64 = 20;
    let folder = tempfile::tempdir().unwrap();
    let [sqlite, postgres] = support::on_each_engine(folder.path());
    sixty_four_callers(&sqlite, CALLERS, ROUNDS).await;
    let counts = sqlite.counts();
    assert!(counts.commits < counts.batches, "{counts:?}");
    sixty_four_callers(&postgres, CALLERS, ROUNDS).await;
}

async fn sixty_four_callers(store: &Store, callers: i64, rounds: i64) {
    store.commit(batch([add("shared", 0), add("locked", 0)])).await.unwrap();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut won = 0;
                for round in 0..rounds {
                    let id = format!("i{caller}-{round}");
                    let sum = Write::one("update item set n = n + 1 where id = 'shared'", args![]);
                    store.commit(batch([add(id.clone(), round), sum])).await.unwrap();
                    let mine = store.read(support::by_id(&id)).await.unwrap();
                    assert_eq!(mine.len(), 1, "a read sees what was committed before it");
                    let seen = Query::<Number>::new("select version as n from item where id = 'locked'", args![]);
                    let Number(version) = store.read_one(seen).await.unwrap().unwrap();
                    match store.commit(batch([raise("locked", version)])).await {
                        Ok(()) => won += 1,
                        Err(Fault::Stale) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += task.await.unwrap();
    }
    let items = store.read(all()).await.unwrap();
    let n = |id: &str| items.iter().find(|item| item.id == id).unwrap().n;
    assert_eq!(n("shared"), callers * rounds);
    assert_eq!(n("locked"), won);
    assert_eq!(i64::try_from(items.len()).unwrap(), callers * rounds + 2);
    let counts = store.counts();
    assert_eq!(i64::try_from(counts.batches).unwrap(), 1 + callers * rounds + won);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_row_is_taken_by_one_caller() {
    let folder = tempfile::tempdir().unwrap();
    for store in support::on_each_engine(folder.path()) {
        sixteen_takers(&store).await;
    }
}

async fn sixteen_takers(store: &Store) {
    store.commit(batch((0..300).map(|i| add(format!("i{i:03}"), i)))).await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let lease = Query::<Item>::new(
                        "update item set owner = id where id in
                            (select id from item where owner is null order by id limit 7 for update skip locked)
                         returning *",
                        args![],
                    );
                    let rows = store.take(lease).await.unwrap();
                    if rows.is_empty() {
                        return mine;
                    }
                    mine.extend(rows.into_iter().map(|item| item.id));
                }
            })
        })
        .collect();
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.await.unwrap());
    }
    taken.sort();
    assert_eq!(taken, (0..300).map(|i| format!("i{i:03}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn more_than_the_queue_holds_only_waits() {
    let folder = tempfile::tempdir().unwrap();
    let small = Options { queue: 2, group: 3, readers: 1, ..options(folder.path()) };
    let store = Store::open(&small).unwrap();
    let batches = (0..50).map(|i| batch([add(format!("i{i}"), i)])).collect();
    let outcomes = together(folder.path(), &store, batches).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(ids(&store).await.len(), 50);
    assert!(store.counts().commits >= 50 / 3, "never more than three in a group: {:?}", store.counts());
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_undo_its_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    let barrier = Barrier::shut(folder.path());
    let gone = tokio::spawn({
        let store = store.clone();
        async move { store.commit(batch([add("a", 1)])).await }
    });
    support::let_all_others_run().await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    barrier.open();
    store.commit(batch([add("b", 1)])).await.unwrap();
    assert_eq!(ids(&store).await, ["a", "b"]);
}
