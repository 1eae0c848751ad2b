//! Crashes and failing disks, with real processes: what was acknowledged is there afterwards.
//! The children are this test binary itself, started again for one of the ignored tests.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on must stop")]

mod support;

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use store::{Fault, OnIoError, Options, Query, Store, args};
use support::{Number, add, add_body, all, batch, ids, options};

const FOLDER: &str = "STORE_TEST_FOLDER";
const ROUND: &str = "STORE_TEST_ROUND";

fn child_folder() -> PathBuf {
    env::var_os(FOLDER).expect("started by another test").into()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// This binary, told to run one of its ignored tests.
fn child(test: &str, folder: &Path, round: u32) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", test]);
    told(&mut command, folder, round);
    command
}

fn told(command: &mut Command, folder: &Path, round: u32) {
    command.env(FOLDER, folder).env(ROUND, round.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
}

#[ignore = "the child of acknowledged_commits_survive_a_kill"]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_until_killed() {
    let round = env::var(ROUND).unwrap();
    let store = Store::open(&Options { exclusive: true, ..options(&child_folder()) }).unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|caller| {
            let (store, round) = (store.clone(), round.clone());
            tokio::spawn(async move {
                // Far more than the parent lets live: it kills us after some hundred lines.
                for i in 0..100_000 {
                    let id = format!("{round}-{caller}-{i}");
                    let pair = [add(format!("{id}-left"), i), add(format!("{id}-right"), i)];
                    store.commit(batch(pair)).await.unwrap();
                    say(&format!("ack {id}"));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn acknowledged_commits_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..6 {
        let mut process = child("commits_until_killed", folder.path(), round).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut heard = 0;
        for line in lines {
            let line = line.unwrap();
            let Some(id) = line.strip_prefix("ack ") else { continue };
            acknowledged.push(id.to_owned());
            heard += 1;
            if heard == 40 + 37 * round {
                // SIGKILL; what it wrote until then is still read to the end.
                process.kill().unwrap();
            }
        }
        assert!(!process.wait().unwrap().success());
        assert!(heard >= 40 + 37 * round, "only {heard} commits in round {round}");

        let store = Store::open(&Options { exclusive: true, ..options(folder.path()) }).unwrap();
        let there = ids(&store).await;
        for id in &acknowledged {
            for half in ["left", "right"] {
                assert!(there.binary_search(&format!("{id}-{half}")).is_ok(), "{id}-{half} is lost");
            }
        }
        let half = Query::<Number>::new(
            "select count(*) as n from item a where not exists (select 1 from item b where b.id =
                replace(replace(replace(a.id, 'left', 'x'), 'right', 'left'), 'x', 'right'))",
            args![],
        );
        assert_eq!(store.read(half).await.unwrap(), [Number(0)], "no batch is there by half");
        store.close().await;
    }
    assert!(acknowledged.len() > 500, "{}", acknowledged.len());
}

#[tokio::test]
async fn a_close_and_an_open_keep_everything() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let store = Store::open(&options(folder.path())).unwrap();
        assert_eq!(ids(&store).await.len(), 10 * round);
        store.commit(batch((0..10).map(|i| add(format!("{round}-{i}"), i)))).await.unwrap();
        store.close().await;
    }
}

#[ignore = "the child of a_failing_disk_takes_the_store_down_for_ever"]
#[tokio::test]
async fn writes_until_the_disk_fails() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let on_io_error = OnIoError::Call(Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    let store = Store::open(&Options { on_io_error, ..options(&child_folder()) }).unwrap();
    let mut first = None;
    for i in 0..1000 {
        let id = format!("i{i:04}");
        match store.commit(batch([add_body(&id, vec![1; 3000])])).await {
            Ok(()) => say(&format!("ack {id}")),
            Err(fault) => {
                first = Some(fault);
                break;
            }
        }
    }
    let first = first.expect("the limit on the file size must be met");
    assert!(matches!(first, Fault::Unknown(_)), "the error came from COMMIT: {first}");
    for _ in 0..3 {
        let next = store.commit(batch([add("small", 1)])).await;
        assert!(matches!(next, Err(Fault::Down(_))), "{next:?}");
    }
    let read = store.read(all()).await;
    assert!(matches!(read, Err(Fault::Down(_))), "{read:?}");
    let cause = store.down().expect("down for ever");
    assert!(cause.contains("disk I/O error"), "{cause}");
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    say("as expected");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_failing_disk_takes_the_store_down_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    // With its signal ignored, the limit on the size of a file makes a write fail with EFBIG,
    // which is an I/O error to SQLite like any other.
    let mut command = Command::new("sh");
    command.arg("-c").arg("trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\"").arg(env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", "writes_until_the_disk_fails"]);
    told(&mut command, folder.path(), 0);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("as expected"), "{said}");
    let acknowledged: Vec<_> = said.lines().filter_map(|line| line.strip_prefix("ack ")).collect();
    assert!(acknowledged.len() > 10, "{said}");

    let store = Store::open(&options(folder.path())).unwrap();
    let there = ids(&store).await;
    assert!(there.starts_with(&acknowledged.iter().map(ToString::to_string).collect::<Vec<_>>()), "{there:?}");
    assert!(there.len() <= acknowledged.len() + 1, "{there:?}");
    store.commit(batch([add("again", 1)])).await.unwrap();
}
