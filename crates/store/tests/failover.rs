//! A server that dies, a standby in its place, an answer to COMMIT that is lost: what was acknowledged is there, what was
//! refused is not, and where acknowledged commits are gone it is noticed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "support/proxy.rs"]
mod proxy;
#[path = "support/work.rs"]
mod work;

use std::collections::BTreeSet;
use std::path::Path;

use cluster::Cluster;
use proxy::{Cut, Proxy};
use store::{Fault, Store, Trust, quarantines};
use work::{ids, job, open, send};

/// Commits by several callers at once, each its own names one after the other; what became of each.
async fn load(store: &Store, callers: usize, rounds: usize) -> Vec<(String, Result<(), Fault>)> {
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut outcomes = Vec::new();
                for round in 0..rounds {
                    let name = format!("c{caller:02}-{round:03}");
                    let outcome = send(&store, &name, false).await;
                    outcomes.push((name, outcome));
                }
                outcomes
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all
}

/// What was acknowledged is there once, what was refused is not, and the unknown is one of the two.
async fn is_true(store: &Store, outcomes: &[(String, Result<(), Fault>)]) {
    let there = ids(store).await;
    let set: BTreeSet<&String> = there.iter().collect();
    assert_eq!(set.len(), there.len());
    for (name, outcome) in outcomes {
        match outcome {
            Ok(()) => assert!(set.contains(name), "{name} was acknowledged and is gone"),
            Err(Fault::Unknown(_)) => {}
            Err(refused) => assert!(!set.contains(name), "{name} was refused ({refused}) and is there"),
        }
    }
}

fn count(outcomes: &[(String, Result<(), Fault>)], which: impl Fn(&Result<(), Fault>) -> bool) -> usize {
    outcomes.iter().filter(|(_, outcome)| which(outcome)).count()
}

async fn cut_at_commits(cut: Cut) -> Vec<(String, Result<(), Fault>)> {
    let folder = tempfile::tempdir().unwrap();
    let cluster = cluster::shared();
    let database = cluster.database();
    let proxy = Proxy::to(cluster.port(), cut);
    let store = open(&proxy.url(&database), &folder.path().join("x.head"));
    proxy.arm(5);
    let outcomes = load(&store, 6, 15).await;
    proxy.arm(0);
    is_true(&store, &outcomes).await;
    assert_eq!(store.trust(), Trust::Sound);
    assert_eq!(store.read(quarantines::all()).await.unwrap(), []);
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_found_to_have_taken_place() {
    let outcomes = cut_at_commits(Cut::Answer).await;
    assert_eq!(count(&outcomes, Result::is_ok), outcomes.len(), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_never_arrived_is_found_not_to_have_taken_place() {
    let outcomes = cut_at_commits(Cut::Request).await;
    let refused = count(&outcomes, |outcome| matches!(outcome, Err(Fault::Down(_))));
    assert!(refused >= outcomes.len() / 6, "{outcomes:?}");
    assert_eq!(count(&outcomes, Result::is_ok) + refused, outcomes.len(), "{outcomes:?}");
}

#[tokio::test]
async fn without_a_head_a_lost_answer_is_unknown() {
    let cluster = cluster::shared();
    let database = cluster.database();
    let proxy = Proxy::to(cluster.port(), Cut::Answer);
    let store = Store::open(&work::options(&proxy.url(&database))).unwrap();
    proxy.arm(1);
    let outcome = store.commit(job("a")).await;
    assert!(matches!(outcome, Err(Fault::Unknown(_))), "{outcome:?}");
    proxy.arm(0);
    assert_eq!(ids(&store).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_ended_at_any_moment_lose_and_double_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = cluster::shared();
    let database = cluster.database();
    let store = open(&cluster.url(&database), &folder.path().join("x.head"));
    let end_one = format!(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}' \
         and application_name = 'tollgate' order by random() limit 1"
    );
    let loading = tokio::spawn({
        let store = store.clone();
        async move { load(&store, 8, 40).await }
    });
    let mut ended = 0;
    while !loading.is_finished() {
        ended += tokio::task::block_in_place(|| cluster.psql("postgres", &end_one)).matches('t').count();
    }
    let outcomes = loading.await.unwrap();
    is_true(&store, &outcomes).await;
    assert!(ended > 0 && count(&outcomes, Result::is_ok) > 0);
    assert_eq!(store.trust(), Trust::Sound);
}

/// A primary with a standby, and a node that knows both.
fn pair(settings: &[&str], head: &Path) -> (Cluster, Cluster, Store, String) {
    let primary = Cluster::start(&[]);
    let standby = primary.standby("second", &["synchronous_standby_names="]);
    for setting in settings {
        primary.psql("postgres", &format!("alter system set {setting}"));
    }
    primary.psql("postgres", "select pg_reload_conf()");
    let database = primary.database();
    let hosts = format!("127.0.0.1:{},127.0.0.1:{}", primary.port(), standby.port());
    let store = open(&format!("postgres://postgres@{hosts}/{database}"), head);
    (primary, standby, store, database)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synchronous_standby_takes_over_under_load_and_nothing_is_lost_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let (primary, standby, store, _) = pair(&["synchronous_standby_names = 'second'"], &folder.path().join("x.head"));
    send(&store, "first", false).await.unwrap();
    let loading = tokio::spawn({
        let store = store.clone();
        async move { load(&store, 8, 60).await }
    });
    while store.counts().commits < 40 {
        tokio::task::yield_now().await;
    }
    tokio::task::block_in_place(|| {
        primary.kill();
        standby.promote();
    });
    let outcomes = loading.await.unwrap();
    is_true(&store, &outcomes).await;
    send(&store, "last", false).await.unwrap();
    let there = ids(&store).await;
    assert!(there.contains(&"first".to_owned()) && there.contains(&"last".to_owned()));
    assert!(count(&outcomes, Result::is_ok) >= 39, "{outcomes:?}");
    assert_eq!((store.trust(), store.read(quarantines::all()).await.unwrap().len()), (Trust::Sound, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_lagged_is_put_into_quarantine_when_it_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let (primary, standby, store, _) = pair(&[], &folder.path().join("x.head"));
    send(&store, "kept", false).await.unwrap();
    let behind = "select pg_wal_lsn_diff(pg_current_wal_lsn(), min(replay_lsn)) from pg_stat_replication";
    while primary.psql("postgres", behind).trim() != "0" {
        tokio::task::yield_now().await;
    }
    // From here on it hears nothing more.
    standby.psql("postgres", "alter system set primary_conninfo = ''");
    standby.psql("postgres", "select pg_reload_conf()");
    while primary.psql("postgres", "select count(*) from pg_stat_replication").trim() != "0" {
        tokio::task::yield_now().await;
    }
    send(&store, "lost", false).await.unwrap();
    primary.kill();
    standby.promote();
    let mut outcome = send(&store, "next", true).await;
    for _ in 0..100 {
        // The connections to the dead primary are thrown away one after the other.
        let Err(Fault::Down(_)) = outcome else { break };
        outcome = send(&store, "next", true).await;
    }
    assert_eq!(outcome, Err(Fault::Quarantined));
    assert_eq!(ids(&store).await, ["kept"], "an acknowledged commit is gone, and that was noticed");
    let causes: Vec<_> = store.read(quarantines::all()).await.unwrap().into_iter().map(|found| found.cause).collect();
    assert_eq!(causes, ["lower"]);
}
