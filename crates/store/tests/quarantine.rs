//! A database that went back in time: recognised by its head, put into quarantine, left by an operator.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::fs;
use std::path::{Path, PathBuf};

use domain::Time;
use store::{Batch, Fault, HeadFile, Intent, Options, Store, Trust, Write, args, quarantines};

const NAMES: [&str; 4] = ["tollgate.db", "tollgate.db-wal", "tollgate.db-shm", "tollgate.db.head"];

fn file(folder: &Path) -> PathBuf {
    folder.join("tollgate.db")
}

fn open(folder: &Path) -> Store {
    Store::open(&Options::sqlite(file(folder))).unwrap()
}

fn write(id: &str) -> Batch {
    const JOB: &str = "insert into job (kind, subject, due_at, lease_until, owner, epoch, wakes, runs, called, created_at) \
        values ('verify', $1, 0, 0, null, 0, 0, 0, 0, 0)";
    Batch::new().with(Write::one(JOB, args![id]))
}

async fn fill(store: &Store, ids: &[&str]) {
    for id in ids {
        store.commit(write(id)).await.unwrap();
    }
}

async fn send(store: &Store, id: &str, asked: bool) -> Result<(), Fault> {
    let intent = Intent { attempt: id.to_owned(), epoch: 1, body: Vec::new(), asked };
    store.commit_intent(write(id), intent).await.map(drop)
}

/// Copies the database without its head file, as a backup does.
fn copy(from: &Path, to: &Path) {
    for name in &NAMES[..3] {
        let _ = fs::remove_file(to.join(name));
        let _ = fs::copy(from.join(name), to.join(name));
    }
}

async fn causes(store: &Store) -> Vec<String> {
    store.read(quarantines::all()).await.unwrap().into_iter().map(|found| found.cause).collect()
}

async fn leave(store: &Store) -> Result<(), Fault> {
    let leave = quarantines::leave("Ada", "compared with Payoneer", Time::from_micros(5));
    store.commit(Batch::new().with(leave)).await
}

/// A database of six commits whose third was backed up and restored.
async fn restored() -> (tempfile::TempDir, tempfile::TempDir) {
    let (folder, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&store, &["1", "2", "3"]).await;
    store.close().await;
    copy(folder.path(), backup.path());
    let store = open(folder.path());
    fill(&store, &["4", "5", "6"]).await;
    assert_eq!(store.trust(), Trust::Sound);
    store.close().await;
    copy(backup.path(), folder.path());
    (folder, backup)
}

#[tokio::test]
async fn an_older_copy_gives_out_no_permit_until_an_operator_leaves() {
    let (folder, _backup) = restored().await;
    for _ in 0..2 {
        let store = open(folder.path());
        assert_eq!(store.trust(), Trust::Quarantined);
        assert_eq!(causes(&store).await, ["lower"], "found once, kept by its row");
        assert_eq!(send(&store, "7", true).await, Err(Fault::Quarantined));
        store.close().await;
    }
    let server = open(folder.path());
    fill(&server, &["8"]).await;
    let beside = open(folder.path());
    leave(&beside).await.unwrap();
    assert_eq!(leave(&beside).await, Err(Fault::Stale), "there is nothing more to leave");
    beside.close().await;

    let not_asked = send(&server, "9", false).await;
    assert!(matches!(not_asked, Err(Fault::Down(_))), "it may have been sent and forgotten: {not_asked:?}");
    assert_eq!(server.trust(), Trust::Restored);
    send(&server, "9", true).await.unwrap();
    server.close().await;
    let store = open(folder.path());
    assert_eq!((store.trust(), causes(&store).await.len()), (Trust::Restored, 1));
}

#[tokio::test]
async fn the_right_database_comes_back_without_a_word() {
    let (folder, right) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = open(folder.path());
    fill(&store, &["1"]).await;
    store.close().await;
    copy(folder.path(), right.path());
    let old = tempfile::tempdir().unwrap();
    copy(folder.path(), old.path());
    let store = open(folder.path());
    fill(&store, &["2"]).await;
    store.close().await;
    copy(folder.path(), right.path());
    copy(old.path(), folder.path());
    let store = open(folder.path());
    fill(&store, &["in quarantine", "and more", "and more still"]).await;
    assert_eq!(store.trust(), Trust::Quarantined);
    store.close().await;
    copy(right.path(), folder.path());
    let store = open(folder.path());
    assert_eq!(store.trust(), Trust::Sound);
    send(&store, "3", false).await.unwrap();
}

#[tokio::test]
async fn another_database_or_another_head_file_is_noticed() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, ids) in [(&folder, ["1", "2"]), (&other, ["x", "y"])] {
        let store = open(folder.path());
        fill(&store, &ids).await;
        store.close().await;
    }
    let head = folder.path().join("tollgate.db.head");
    let ours = fs::read(&head).unwrap();
    let cause = async |what: &str| {
        let copied = tempfile::tempdir().unwrap();
        copy(folder.path(), copied.path());
        if head.exists() {
            fs::copy(&head, copied.path().join("tollgate.db.head")).unwrap();
        }
        let store = open(copied.path());
        assert_eq!(store.trust(), Trust::Quarantined, "{what}");
        causes(&store).await.join(" ")
    };
    fs::copy(other.path().join("tollgate.db.head"), &head).unwrap();
    assert_eq!(cause("another database").await, "other_history");
    fs::write(&head, &ours[1..]).unwrap();
    assert_eq!(cause("a damaged file").await, "unreadable_head_file");
    fs::remove_file(&head).unwrap();
    assert_eq!(cause("no file").await, "no_head_file");
    fs::write(&head, &ours).unwrap();
    assert_eq!(open(folder.path()).trust(), Trust::Sound);
}

#[tokio::test]
async fn a_head_file_that_lags_accuses_nobody_while_it_can_be_compared() {
    let folder = tempfile::tempdir().unwrap();
    let head = folder.path().join("tollgate.db.head");
    let store = open(folder.path());
    fill(&store, &["1"]).await;
    let lagging = fs::read(&head).unwrap();
    fill(&store, &["2", "3"]).await;
    store.close().await;
    fs::write(&head, &lagging).unwrap();
    let store = open(folder.path());
    assert_eq!(store.trust(), Trust::Sound);
    // As many commits as the database keeps heads, in one go.
    let connection = rusqlite::Connection::open(file(folder.path())).unwrap();
    let many = "insert into head (sequence, hash) with recursive counted (n) as \
        (select 4 union all select n + 1 from counted where n < 4098) select n, zeroblob(32) from counted";
    let number = connection.execute(many, []);
    assert_eq!(number.unwrap(), 4_095);
    drop(connection);
    fill(&store, &["4"]).await;
    store.close().await;
    fs::write(&head, &lagging).unwrap();
    let store = open(folder.path());
    assert_eq!(causes(&store).await, ["too_long_ago"]);
}

#[tokio::test]
async fn an_operator_s_word_survives_a_crash_before_the_head_file_is_written() {
    let (folder, _backup) = restored().await;
    let head = folder.path().join("tollgate.db.head");
    let accusing = fs::read(&head).unwrap();
    let store = open(folder.path());
    leave(&store).await.unwrap();
    store.close().await;
    assert_ne!(fs::read(&head).unwrap(), accusing);
    fs::write(&head, &accusing).unwrap();
    let store = open(folder.path());
    assert_eq!(store.trust(), Trust::Restored);
}

#[tokio::test]
async fn a_database_exchanged_under_a_running_process_is_noticed_at_the_next_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    fill(&store, &["1", "2"]).await;
    // What a restore into the open file comes to.
    let connection = rusqlite::Connection::open(file(folder.path())).unwrap();
    connection.execute_batch("delete from head where sequence = 2").unwrap();
    assert_eq!(store.trust(), Trust::Sound);
    assert_eq!(send(&store, "3", true).await, Err(Fault::Quarantined));
    assert_eq!(store.trust(), Trust::Quarantined);
    fill(&store, &["4"]).await;
    assert_eq!(causes(&store).await, ["lower"]);
}

#[tokio::test]
async fn the_head_file_can_lie_elsewhere() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let head_file = HeadFile::At(elsewhere.path().join("heads"));
    let store = Store::open(&Options { head_file, ..Options::sqlite(file(folder.path())) }).unwrap();
    fill(&store, &["1"]).await;
    assert!(elsewhere.path().join("heads").exists() && !folder.path().join("tollgate.db.head").exists());
}

#[tokio::test]
async fn callers_that_share_a_commit_share_a_head() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(write(&n.to_string())).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let connection = rusqlite::Connection::open(file(folder.path())).unwrap();
    let heads: i64 = connection.query_row("select count(*) from head", [], |row| row.get(0)).unwrap();
    assert_eq!(u64::try_from(heads).unwrap(), store.counts().commits, "one head and one wait for the disk each");
}
