//! The demo as README's first command runs it: every step, a second run, the
//! end by signal.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run;
use crate::support::tollgate;

const STEPS: [&str; 11] = [
    "not authorised",
    "link",
    "page",
    "redirect",
    "callback",
    "authorised",
    "charge",
    "same charge",
    "refund",
    "payout",
    "journal",
];

#[test]
fn every_step_succeeds_and_a_second_run_on_the_same_data_too() {
    let folder = tempfile::tempdir().expect("a folder");
    for round in 1..=2 {
        let mut command = tollgate(folder.path());
        let ended = run(command.args(["--json", "demo", "--once", "--listen", "127.0.0.1:0", "--data", "kept"]));
        assert_eq!(ended.code, Some(0), "round {round}: {}\n{}", ended.out, ended.err);
        let steps: Vec<Value> = ended.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let names: Vec<&str> = steps.iter().filter_map(|step| step["name"].as_str()).collect();
        assert_eq!(names, STEPS, "round {round}");
        assert!(steps.iter().all(|step| step["ok"] == true), "round {round}: {}", ended.out);
        let journal = steps.last().and_then(|step| step["detail"].as_str()).expect("the last step");
        assert!(journal.starts_with(&format!("{} movements", 2 * round)), "{journal}");
    }
}

#[test]
fn it_prints_a_line_per_step_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = tollgate(folder.path());
    let ended = run(command.args(["demo", "--once", "--listen", "127.0.0.1:0"]).env("TMPDIR", folder.path()));
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.out, ended.err);
    assert_eq!(ended.out.lines().filter(|line| line.starts_with("ok ")).count(), STEPS.len(), "{}", ended.out);
    assert_eq!(ended.err, "");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn it_stays_up_says_where_to_click_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = tollgate(folder.path());
    command.args(["--json", "demo", "--listen", "127.0.0.1:0"]).env("TMPDIR", folder.path());
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("output")).lines();
    let places: Value = lines
        .map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"))
        .find(|line: &Value| line["shop"].is_string())
        .expect("the places, before the end");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for place in ["shop", "checkout", "back_office"] {
            let page = reqwest::get(places[place].as_str().expect("an address")).await.expect("an answer");
            assert_eq!(page.status().as_u16(), 200, "{place}");
        }
        let request = reqwest::Client::new().get(format!("{}charges", places["api"].as_str().expect("an address")));
        let answer = request.bearer_auth(places["api_key"].as_str().expect("a key")).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
    });
    let signalled = Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(signalled.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}
