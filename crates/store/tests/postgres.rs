//! What only PostgreSQL can do to a store: other nodes at work on the same rows, broken connections, passwords, old schemas.
//! The doors themselves are proven on both engines in `doors.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod support;
#[path = "support/work.rs"]
mod work;

use std::time::Duration;

use store::{Address, Fault, Migration, OpenError, Options, Query, Store, Write, args};
use support::{Number, add, all, batch, ids, late, on_postgres, postgres_options, raise};

fn open(url: &str) -> Store {
    Store::open(&postgres_options(url)).unwrap()
}

#[tokio::test]
async fn a_check_at_the_commit_is_a_refusal_and_nothing_is_left() {
    let store = on_postgres();
    let refused = store.commit(batch([add("a", 1), late("nobody")])).await;
    assert!(matches!(refused, Err(Fault::Refused(_))), "{refused:?}");
    assert_eq!(ids(&store).await, Vec::<String>::new());
    store.commit(batch([add("a", 1), late("a")])).await.unwrap();
}

#[tokio::test]
async fn a_batch_of_any_length_is_one_commit_and_its_first_failure_counts() {
    let store = on_postgres();
    store.commit(batch((0..95).map(|i| add(format!("i{i:02}"), i)))).await.unwrap();
    assert_eq!((ids(&store).await.len(), store.counts().commits), (95, 1));
    let mixed = batch((0..95).map(|i| if i == 40 { raise("nobody", 1) } else { add(format!("i{i:02}"), i) }));
    assert!(matches!(store.commit(mixed).await, Err(Fault::Duplicate(_))), "the first comes before the fortieth");
    let stale_first = batch([raise("nobody", 1), add("i00", 1)]);
    assert_eq!(store.commit(stale_first).await, Err(Fault::Stale));
}

#[tokio::test]
async fn who_loses_a_deadlock_tries_again_and_gets_through() {
    let cluster = cluster::shared();
    let database = cluster.database();
    let store = open(&cluster.url(&database));
    store.commit(batch([add("a", 0), add("b", 0)])).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&cluster.url(&database), tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    // So that it is the store that notices, and loses.
    client.batch_execute("set deadlock_timeout = '1min'; begin; update item set n = 10 where id = 'b'").await.unwrap();
    let up = |id: &'static str| Write::one("update item set n = n + 1 where id = $1", args![id]);
    let losing = tokio::spawn(async move {
        let outcome = store.commit(batch([up("a"), up("b")])).await;
        (store, outcome)
    });
    let waiting =
        format!("select count(*) from pg_stat_activity where datname = '{database}' and wait_event_type = 'Lock'");
    while cluster.psql("postgres", &waiting).trim() != "1" {
        tokio::task::yield_now().await;
    }
    client.batch_execute("update item set n = n + 10 where id = 'a'; commit").await.unwrap();
    let (store, outcome) = losing.await.unwrap();
    outcome.unwrap();
    let items = store.read(all()).await.unwrap();
    assert_eq!(items.iter().map(|item| item.n).collect::<Vec<_>>(), [11, 11]);
    let before = cluster.log();
    assert!(before.contains("deadlock detected"), "there was none");
    drop(client);
    driving.await.unwrap().unwrap();
}

/// Many nodes, each with a store of its own, and one list of work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_job_is_leased_by_one_node() {
    let url = cluster::shared().fresh();
    let now = domain::Time::from_micros(1_000_000);
    let until = domain::Time::from_micros(2_000_000);
    let nodes: Vec<_> = (0..6).map(|_| Store::open(&work::options(&url)).unwrap()).collect();
    let put = |n: i32| store::jobs::put(&domain::job::Job::at(domain::job::Kind::Verify, &format!("{n:03}"), now), now);
    nodes[0].commit(batch((0..240).map(put))).await.unwrap();
    let tasks: Vec<_> = nodes
        .into_iter()
        .enumerate()
        .map(|(number, node)| {
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let lease =
                        store::jobs::lease(&format!("node{number}"), until, until + domain::Span::from_secs(9), 5);
                    let leases = node.take(lease).await.unwrap();
                    if leases.is_empty() {
                        return mine;
                    }
                    mine.extend(leases.into_iter().map(|lease| lease.subject));
                }
            })
        })
        .collect();
    let mut taken = Vec::new();
    for task in tasks {
        taken.extend(task.await.unwrap());
    }
    taken.sort();
    assert_eq!(taken, (0..240).map(|n| format!("{n:03}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_row_that_somebody_holds_is_waited_for_within_bounds() {
    let url = cluster::shared().fresh();
    let store = Store::open(&Options { busy: Duration::from_millis(100), ..postgres_options(&url) }).unwrap();
    store.commit(batch([add("a", 0)])).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let driving = tokio::spawn(connection);
    client.batch_execute("begin; update item set n = 5 where id = 'a'").await.unwrap();
    let held = store.commit(batch([raise("a", 1)])).await;
    assert!(matches!(held, Err(Fault::Down(_))), "{held:?}");
    assert_eq!(store.read(all()).await.unwrap()[0].n, 0, "reads go on");
    drop(client);
    driving.await.unwrap().unwrap();
    store.commit(batch([raise("a", 1)])).await.unwrap();
}

#[tokio::test]
async fn broken_connections_are_replaced_and_never_answer_ok() {
    let cluster = cluster::shared();
    let database = cluster.database();
    let store = open(&cluster.url(&database));
    store.commit(batch([add("a", 1)])).await.unwrap();
    assert_eq!(ids(&store).await, ["a"]);
    let end_all = format!(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '{database}' \
         and application_name = 'tollgate'"
    );
    assert_eq!(cluster.psql("postgres", &end_all).trim(), "2", "one that reads and one that writes");
    assert_eq!(ids(&store).await, ["a"], "a read is tried again");
    let mut outcome = store.commit(batch([add("b", 1)])).await;
    if let Err(Fault::Down(_)) = outcome {
        // It was noticed too late, but nothing was written.
        outcome = store.commit(batch([add("b", 1)])).await;
    }
    outcome.unwrap();
    assert_eq!(ids(&store).await, ["a", "b"]);
}

#[tokio::test]
async fn a_commit_is_durable_and_a_reader_cannot_write_whatever_the_server_says() {
    let cluster = cluster::shared();
    let database = cluster.database();
    cluster.psql("postgres", &format!("alter database {database} set synchronous_commit = off"));
    let store = open(&cluster.url(&database));
    let setting = "insert into item (id, n) values (current_setting('synchronous_commit'), 1) returning n";
    store.take(Query::<Number>::new(setting, args![])).await.unwrap();
    assert_eq!(ids(&store).await, ["on"]);
    let sneaky = "with raised as (update item set n = 2 returning n) select n from raised";
    let outcome = store.read(Query::<Number>::new(sneaky, args![])).await;
    assert_eq!(outcome, Err(Fault::Refused("a query must not write".into())));
    assert_eq!(store.read(all()).await.unwrap()[0].n, 1);
}

#[tokio::test]
async fn a_password_opens_and_is_nowhere_to_be_read() {
    let cluster = cluster::shared();
    let at = |password: &str| {
        let place = format!("127.0.0.1:{}/{}", cluster.port(), cluster.database());
        format!("postgres://{}:{password}@{place}", cluster::LOCKED)
    };
    open(&at(cluster::PASSWORD)).commit(batch([add("a", 1)])).await.unwrap();
    let wrong = postgres_options(&at("wrong-horse"));
    let refused = Store::open(&wrong).unwrap_err();
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused:?}");
    for shown in [refused.to_string(), format!("{refused:?}"), format!("{:?}", wrong.location)] {
        assert!(!shown.contains("wrong-horse") && shown.contains("127.0.0.1"), "{shown}");
    }
}

#[tokio::test]
async fn a_server_must_prove_its_name_unless_told_otherwise() {
    let cluster = cluster::Cluster::with_tls();
    let at = |host: &str, options: &str| {
        format!("postgres://postgres@{host}:{}/{}?{options}", cluster.port(), cluster.database())
    };
    let authority = format!("sslmode=verify-full&sslrootcert={}", cluster.authority().display());
    for (url, wanted) in [
        (at("localhost", &authority), 1),
        (at("127.0.0.1", "sslmode=require"), 1),
        (at("localhost", "sslmode=disable"), 0),
        (at("localhost", ""), 0),
    ] {
        let found = open(&url).read(Query::<Number>::new(ENCRYPTED, args![])).await.unwrap();
        assert_eq!(found, [Number(wanted)], "{url}");
    }
    for url in [at("127.0.0.1", &authority), at("localhost", "sslmode=verify-full")] {
        let refused = Store::open(&postgres_options(&url)).unwrap_err();
        assert!(matches!(refused, OpenError::Unreachable { .. }), "{url}: {refused}");
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
    let nowhere = Store::open(&postgres_options(&at("localhost", "sslmode=verify-full&sslrootcert=/nowhere.pem")));
    assert!(nowhere.unwrap_err().to_string().contains("/nowhere.pem"));
}

const ENCRYPTED: &str = "select count(*) as n from pg_stat_ssl where pid = pg_backend_pid() and ssl";

#[tokio::test]
async fn a_closed_store_lets_nobody_in_and_finishes_what_runs() {
    let store = on_postgres();
    let tasks: Vec<_> = (0..50)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(batch([add(format!("i{i}"), i)])).await })
        })
        .collect();
    support::let_all_others_run().await;
    assert_eq!(store.down(), None);
    store.close().await;
    assert!(store.down().is_some());
    for task in tasks {
        let outcome = task.await.unwrap();
        assert!(matches!(outcome, Ok(()) | Err(Fault::Down(_))), "{outcome:?}");
    }
    assert!(matches!(store.read(all()).await, Err(Fault::Down(_))));
    assert!(matches!(store.commit(batch([add("b", 1)])).await, Err(Fault::Down(_))));
}

const FIRST: Migration = support::ON_POSTGRES[0];
const SECOND: Migration = Migration {
    number: 2,
    name: "colour",
    sql: "alter table item add column colour text; update item set colour = 'red';",
};

fn open_with(url: &str, migrations: &'static [Migration]) -> Result<Store, OpenError> {
    Store::open(&Options { migrations, ..postgres_options(url) })
}

#[tokio::test]
async fn each_migration_runs_once_and_none_is_changed_later() {
    const CHANGED: Migration = Migration { sql: "create table item (id text primary key)", ..FIRST };
    let url = cluster::shared().fresh();
    let store = open_with(&url, &[FIRST]).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    for _ in 0..2 {
        let store = open_with(&url, &[FIRST, SECOND]).unwrap();
        let red = Query::<Number>::new("select count(*) as n from item where colour = 'red'", args![]);
        assert_eq!(store.read(red).await.unwrap(), [Number(1)]);
    }
    store.commit(batch([add("b", 1)])).await.expect("a node of the version before goes on");
    let changed = open_with(&url, &[CHANGED, SECOND]).unwrap_err();
    assert!(matches!(changed, OpenError::MigrationChanged { number: 1, .. }), "{changed}");
    let newer = open_with(&url, &[FIRST]).unwrap_err();
    assert!(matches!(newer, OpenError::Newer { found: 2, known: 1 }), "{newer}");
}

#[tokio::test]
async fn a_failing_migration_leaves_no_trace() {
    const BROKEN: Migration = Migration { sql: "create table made (x bigint); gibberish", ..SECOND };
    const ENDS: Migration = Migration { sql: "create table made (x bigint); commit;", ..SECOND };
    let url = cluster::shared().fresh();
    let refused = open_with(&url, &[FIRST, BROKEN]).unwrap_err();
    assert!(matches!(refused, OpenError::MigrationFailed { number: 2, .. }), "{refused}");
    let store = open_with(&url, &[FIRST, SECOND]).unwrap();
    let made = Query::<Number>::new("select count(*) as n from pg_class where relname = 'made'", args![]);
    assert_eq!(store.read(made).await.unwrap(), [Number(0)]);
    let refused = open_with(&cluster::shared().fresh(), &[FIRST, ENDS]).unwrap_err();
    assert!(refused.to_string().contains("must not end its transaction"), "{refused}");
}

#[test]
fn many_first_openers_make_one_schema() {
    let url = cluster::shared().fresh();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| open_with(&url, &[FIRST, SECOND]).unwrap());
        }
    });
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_not_there() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let address = Address::parse(&format!("postgres://u:secret@{free}/d")).unwrap();
    let refused = Store::open(&Options::postgres(address)).unwrap_err().to_string();
    assert!(refused.contains(&free.to_string()) && !refused.contains("secret"), "{refused}");
}
