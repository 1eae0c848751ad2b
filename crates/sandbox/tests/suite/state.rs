//! Snapshots and the state file.

use sandbox::{Options, Sandbox, StartError, World};

use crate::support::{control, options, payment, start, v2};

#[tokio::test]
async fn a_snapshot_brings_everything_back() {
    let sandbox = start().await;
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await;
    v2(&sandbox, "POST", "payees/registration-link", r#"{"payee_id":"p"}"#).await;
    let snapshot = control(&sandbox, "GET", "snapshot", "").await.text;
    let answers = async || {
        let link = v2(&sandbox, "POST", "payees/registration-link", r#"{"payee_id":"q"}"#).await.text;
        let again = v2(&sandbox, "POST", "charges", &payment("Test123", "1", "C")).await.text;
        let moved = control(&sandbox, "POST", "clock/advance", r#"{"seconds":9}"#).await.text;
        (link, again, moved, control(&sandbox, "GET", "journal", "").await.text)
    };
    let first = answers().await;
    assert_eq!(control(&sandbox, "POST", "restore", &snapshot).await.status, 200);
    assert_eq!(control(&sandbox, "GET", "snapshot", "").await.text, snapshot);
    assert_eq!(answers().await, first);
}

#[tokio::test]
async fn a_reset_begins_anew_and_keeps_settings() {
    let sandbox = start().await;
    control(&sandbox, "PATCH", "settings", r#"{"merchant_name":"Kept"}"#).await;
    let charge = async || v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await.verdict();
    assert_eq!(charge().await, (200, 0));
    assert_eq!(control(&sandbox, "POST", "reset", "").await.json()["charges"], 0);
    assert_eq!(charge().await, (200, 0));
    assert_eq!(control(&sandbox, "GET", "settings", "").await.json()["merchant_name"], "Kept");
}

#[tokio::test]
async fn what_is_no_snapshot_is_refused() {
    let sandbox = start().await;
    let snapshot = control(&sandbox, "GET", "snapshot", "").await.text;
    let other = Sandbox::start(Options { program_id: "7".into(), ..options() }).await.unwrap();
    let foreign = control(&other, "GET", "snapshot", "").await.text;
    let unbalanced = snapshot.replacen("\"change\":1020000", "\"change\":1020001", 1);
    let orphan = snapshot.replacen("\"accounts\":{\"", "\"accounts\":{\"x", 1);
    assert!(unbalanced != snapshot && orphan != snapshot);
    for (text, status) in [("{}", 422), ("[", 400), (&foreign, 409), (&unbalanced, 422), (&orphan, 422)] {
        let answer = control(&sandbox, "POST", "restore", text).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert_eq!(control(&sandbox, "GET", "snapshot", "").await.text, snapshot);
}

#[tokio::test]
async fn a_large_snapshot_fits() {
    let sandbox = start().await;
    sandbox.with_world(|w| {
        for n in 0..3_000 {
            let new = sandbox::world::NewLink::plain(sandbox::world::LinkKind::Login, &format!("payee-{n}"));
            w.make_link(new).unwrap();
        }
    });
    let snapshot = control(&sandbox, "GET", "snapshot", "").await.text;
    assert!(snapshot.len() > 1024 * 1024);
    assert_eq!(control(&sandbox, "POST", "restore", &snapshot).await.status, 200);
}

#[tokio::test]
async fn the_state_file_holds_every_answered_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.json");
    let with_file = || Options { state_path: Some(path.clone()), ..options() };
    let sandbox = Sandbox::start(with_file()).await.unwrap();
    for n in 0..10 {
        let body = payment("Test123", "1", &format!("c{n}"));
        assert_eq!(v2(&sandbox, "POST", "charges", &body).await.verdict(), (200, 0));
        // As a second process would find it after a crash at this moment.
        let kept = World::from_snapshot(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(kept.charge(&format!("c{n}")).is_some());
    }
    assert_eq!(control(&sandbox, "PATCH", "settings", r#"{"merchant_name":"Kept"}"#).await.status, 200);
    let before = control(&sandbox, "GET", "snapshot", "").await.text;
    sandbox.shutdown().await;

    let again = Sandbox::start(Options { seed: Some(99), ..with_file() }).await.unwrap();
    assert_eq!(control(&again, "GET", "snapshot", "").await.text, before);
    assert_eq!(v2(&again, "POST", "charges", &payment("Test123", "1", "c3")).await.verdict(), (400, 10704));
    again.shutdown().await;
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["sandbox.json"]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_state_file_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.json");
    let sandbox = Sandbox::start(Options { state_path: Some(path.clone()), ..options() }).await.unwrap();
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn bad_state_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let rubbish = folder.path().join("rubbish");
    std::fs::write(&rubbish, "hello").unwrap();
    let foreign = folder.path().join("foreign");
    let other = Options { program_id: "7".into(), state_path: Some(foreign.clone()), ..options() };
    Sandbox::start(other).await.unwrap().shutdown().await;
    let nowhere = folder.path().join("no").join("such").join("folder");
    for path in [rubbish, foreign, nowhere, folder.path().to_owned()] {
        let refused = Sandbox::start(Options { state_path: Some(path.clone()), ..options() }).await;
        assert!(matches!(refused, Err(StartError::State { path: p, .. }) if p == path));
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("rubbish")).unwrap(), "hello");
}
