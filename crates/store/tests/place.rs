//! The place of the database: instance lock, file modes, missing folders, files that are not ours.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod support;

use std::fs;

use store::{OpenError, Options, Store};
use support::{add, add_body, batch, file, ids, options};

#[tokio::test]
async fn only_one_store_serves_from_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let exclusive = Options { exclusive: true, ..options(folder.path()) };
    let server = Store::open(&exclusive).unwrap();
    let refused = Store::open(&exclusive).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains("another tollgate is using the database") && text.contains("test.db.lock"), "{text}");

    let beside = Store::open(&options(folder.path())).unwrap();
    beside.commit(batch([add("a", 1)])).await.unwrap();
    server.commit(batch([add("b", 1)])).await.unwrap();
    assert_eq!(ids(&server).await, ["a", "b"]);
    assert_eq!(ids(&beside).await, ["a", "b"]);
    beside.close().await;
    assert!(Store::open(&exclusive).is_err(), "a command beside the server does not let go of its lock");

    server.close().await;
    let next = Store::open(&exclusive).unwrap();
    assert_eq!(ids(&next).await, ["a", "b"]);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Options { exclusive: true, ..options(folder.path()) }).unwrap();
    store.commit(batch([add("a", 1)])).await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["test.db", "test.db-shm", "test.db-wal", "test.db.lock"]);
}

#[test]
fn a_missing_folder_is_named_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let refused = Store::open(&options(&folder.path().join("not/there"))).unwrap_err();
    assert!(matches!(refused, OpenError::NoFolder { .. }), "{refused}");
    assert!(refused.to_string().contains("not/there does not exist"), "{refused}");
    assert!(!folder.path().join("not").exists());
    let nameless = Store::open(&Options::sqlite("/")).unwrap_err();
    assert!(matches!(nameless, OpenError::File { .. }), "{nameless}");
}

#[test]
fn files_that_are_not_ours_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path());
    let text = "the quick brown fox jumps over the lazy dog\n".repeat(50);
    fs::write(&path, &text).unwrap();
    let refused = Store::open(&options(folder.path())).unwrap_err();
    assert!(matches!(refused, OpenError::NotOurs { .. }), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    for other in ["create table t (x)", "pragma application_id = 77"] {
        fs::remove_file(&path).unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch(other).unwrap();
        let before = fs::read(&path).unwrap();
        let refused = Store::open(&options(folder.path())).unwrap_err();
        assert!(matches!(refused, OpenError::NotOurs { .. }), "{refused}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[tokio::test]
async fn a_damaged_database_is_refused_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&options(folder.path())).unwrap();
    for i in 0..50 {
        store.commit(batch([add_body(&format!("i{i:02}"), vec![7; 1000])])).await.unwrap();
    }
    store.close().await;
    let path = file(folder.path());
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 4096;
    bytes[last..last + 100].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let refused = Store::open(&options(folder.path())).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    assert!(refused.to_string().contains("restore a backup"), "{refused}");
    let unchecked = Options { quick_check: false, ..options(folder.path()) };
    assert!(Store::open(&unchecked).is_ok());
}
