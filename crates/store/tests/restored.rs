//! A PostgreSQL database that went back in time: a restored dump, another database in its place. It is recognised by the
//! heads that each node keeps, whoever else commits, and nothing is sent until an operator has looked.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "support/work.rs"]
mod work;

use std::path::Path;

use domain::Time;
use store::{Batch, Fault, HeadFile, OpenError, Options, Store, Trust, quarantines};
use work::{ids, job, open, options, send};

async fn causes(store: &Store) -> Vec<String> {
    store.read(quarantines::all()).await.unwrap().into_iter().map(|found| found.cause).collect()
}

async fn leave(store: &Store) -> Result<(), Fault> {
    let leave = quarantines::leave("Ada", "compared with Payoneer", Time::from_micros(5));
    store.commit(Batch::new().with(leave)).await
}

/// A database whose dump was taken before its last commits.
struct Dumped {
    folder: tempfile::TempDir,
    database: String,
}

impl Dumped {
    async fn new(store: impl Fn(&str, &Path) -> Store) -> (Self, Store) {
        let folder = tempfile::tempdir().unwrap();
        let cluster = cluster::shared();
        let database = cluster.database();
        let store = store(&cluster.url(&database), &folder.path().join("one.head"));
        store.commit(job("before")).await.unwrap();
        cluster.dump(&database, &folder.path().join("dump"));
        store.commit(job("after")).await.unwrap();
        (Self { folder, database }, store)
    }

    fn restore(&self) {
        cluster::shared().restore(&self.database, &self.folder.path().join("dump"));
    }

    fn url(&self) -> String {
        cluster::shared().url(&self.database)
    }

    fn head(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

#[tokio::test]
async fn a_dump_restored_under_a_running_node_sends_nothing_until_it_is_left() {
    let (dumped, store) = Dumped::new(open).await;
    send(&store, "s1", false).await.unwrap();
    assert_eq!(store.trust(), Trust::Sound);
    dumped.restore();
    assert_eq!(send(&store, "s2", true).await, Err(Fault::Quarantined));
    assert_eq!(store.trust(), Trust::Quarantined);
    assert_eq!(causes(&store).await, ["lower"]);
    store.commit(job("recorded")).await.unwrap();
    assert_eq!(ids(&store).await, ["before", "recorded"]);

    leave(&store).await.unwrap();
    assert!(matches!(send(&store, "s3", false).await, Err(Fault::Down(_))), "who has not asked must ask");
    send(&store, "s3", true).await.unwrap();
    assert_eq!(store.trust(), Trust::Restored);
    assert_eq!(leave(&store).await, Err(Fault::Stale));
    store.close().await;
    drop(store);
    let again = open(&dumped.url(), &dumped.head("one.head"));
    send(&again, "s4", true).await.unwrap();
    assert_eq!(causes(&again).await, ["lower"], "it is accused once");
}

#[tokio::test]
async fn a_dump_restored_between_two_runs_is_noticed_at_the_start() {
    let (dumped, store) = Dumped::new(open).await;
    store.close().await;
    drop(store);
    dumped.restore();
    let kept = std::fs::read(dumped.head("one.head")).unwrap();
    let again = open(&dumped.url(), &dumped.head("one.head"));
    assert_eq!(again.trust(), Trust::Quarantined);
    assert_eq!(send(&again, "s", true).await, Err(Fault::Quarantined));
    again.commit(job("x")).await.unwrap();
    assert_eq!(std::fs::read(dumped.head("one.head")).unwrap(), kept, "the file stays as it was");
    again.close().await;
    drop(again);
    let third = open(&dumped.url(), &dumped.head("one.head"));
    assert_eq!(causes(&third).await, ["lower"], "the quarantine lasts, and is one");
    leave(&third).await.unwrap();
    send(&third, "s", true).await.unwrap();
    assert_ne!(std::fs::read(dumped.head("one.head")).unwrap(), kept);
}

#[tokio::test]
async fn a_node_without_a_head_heeds_what_another_one_has_noticed() {
    let (dumped, store) = Dumped::new(open).await;
    let other = open(&dumped.url(), &dumped.head("other.head"));
    let bare = Store::open(&Options { head_file: HeadFile::Beside, ..options(&dumped.url()) }).unwrap();
    send(&other, "o1", false).await.unwrap();
    send(&bare, "b1", false).await.unwrap();
    dumped.restore();
    store.commit(job("x")).await.unwrap();
    for node in [&other, &bare] {
        assert_eq!(send(node, "s", true).await, Err(Fault::Quarantined));
    }
    assert_eq!(causes(&store).await.len(), 1);
    bare.clock().await.unwrap();
    assert_eq!(bare.trust(), Trust::Quarantined);
}

#[tokio::test]
async fn another_database_and_an_unreadable_file_are_accused() {
    let (dumped, store) = Dumped::new(open).await;
    store.close().await;
    drop(store);
    let elsewhere = cluster::shared().fresh();
    let other = open(&elsewhere, &dumped.head("one.head"));
    assert_eq!((other.trust(), causes(&other).await), (Trust::Quarantined, vec!["other_history".to_owned()]));
    std::fs::write(dumped.head("torn.head"), "half a line").unwrap();
    let torn = open(&cluster::shared().fresh(), &dumped.head("torn.head"));
    assert_eq!(causes(&torn).await, ["unreadable_head_file"]);
}

#[tokio::test]
async fn two_nodes_cannot_share_a_head_file() {
    let folder = tempfile::tempdir().unwrap();
    let (url, file) = (cluster::shared().fresh(), folder.path().join("x.head"));
    let first = open(&url, &file);
    let second = Store::open(&Options { head_file: HeadFile::At(file.clone()), ..options(&url) });
    assert!(matches!(second, Err(OpenError::HeadFileInUse { .. })));
    first.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_load_no_broken_connection_and_no_restart_is_taken_for_going_back() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = cluster::shared();
    let database = cluster.database();
    let url = cluster.url(&database);
    for round in 0..3 {
        let nodes = ["a.head", "b.head"].map(|name| open(&url, &folder.path().join(name)));
        let tasks: Vec<_> = (0..120)
            .map(|n| {
                let node = nodes[n % 2].clone();
                tokio::spawn(async move { send(&node, &format!("r{round}-{n}"), false).await })
            })
            .collect();
        let end_all = format!(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{database}' \
            and application_name = 'tollgate'"
        );
        cluster.psql("postgres", &end_all);
        for task in tasks {
            let outcome = task.await.unwrap();
            assert!(matches!(outcome, Ok(()) | Err(Fault::Down(_))), "{outcome:?}");
        }
        for node in nodes {
            assert_eq!(causes(&node).await, Vec::<String>::new());
            assert_eq!(node.trust(), Trust::Sound);
            // One ends as it should, the other as it happens.
            if round % 2 == 0 {
                node.close().await;
            }
        }
    }
}
