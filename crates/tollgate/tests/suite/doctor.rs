//! `tollgate doctor` and `tollgate status` as an operator types them: on a
//! house that is well, and on houses with one thing broken each.

use std::path::Path;

use serde_json::Value;

use crate::support::{House, Running, tollgate};
use crate::{Ended, run};

fn doctor(folder: &Path, args: &[&str]) -> (Ended, Value) {
    let ended = run(tollgate(folder).args(["doctor", "--json"]).args(args));
    let report = serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}{}", ended.out, ended.err));
    (ended, report)
}

/// The levels of all checks of that name.
fn levels<'a>(report: &'a Value, name: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().expect("a list").iter().filter(|check| check["check"] == name);
    checks.map(|check| check["level"].as_str().expect("text")).collect()
}

/// What the failed checks say, advice included.
fn failures(report: &Value) -> String {
    let checks = report["checks"].as_array().expect("a list").iter();
    checks.filter(|check| check["level"] == "failure").map(Value::to_string).collect()
}

#[test]
fn a_house_that_is_well_is_told_so() {
    let house = House::build(None);
    let folder = house.folder.path();
    let gateway =
        Running::start(folder, "serve", &["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"]);
    let (ended, report) = doctor(folder, &["--public-url", &gateway.url]);
    assert_eq!((ended.code, &report["healthy"]), (Some(0), &Value::Bool(true)), "{report:#}");
    for name in [
        "configuration",
        "master key",
        "database",
        "history",
        "clock",
        "payoneer",
        "clocks",
        "api keys",
        "public address",
    ] {
        assert_eq!(levels(&report, name), ["ok"], "{name}: {report:#}");
    }
    assert_eq!(levels(&report, "developer options"), ["warning"], "no callback has come yet");
    assert!(!ended.out.contains("demo-api-password"));

    let told = run(tollgate(folder).args(["doctor", "--public-url", "http://127.0.0.1:9"]));
    assert_eq!(told.code, Some(0), "{}", told.out);
    assert!(
        told.out.contains("no gateway answers at http://127.0.0.1:9") && told.out.contains("0 failures"),
        "{}",
        told.out
    );

    let ready = std::fs::read_to_string(folder.join("serve.ready.json")).expect("a file");
    let ready: Value = serde_json::from_str(&ready).expect("JSON");
    let metrics = ready["metrics"].as_str().expect("an address").to_owned();
    let url = gateway.url.clone();
    let status = || run(tollgate(folder).args(["status", "--json", "--url", &url, "--metrics-url", &metrics]));
    let seen: Value = serde_json::from_str(&status().out).expect("JSON");
    assert_eq!(seen["status"], "ready");
    assert_eq!(seen["metrics"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&seen["metrics"]["unknown"], &seen["metrics"]["programs_open"]), (&Value::from(0), &Value::from(1)));
    let told = run(tollgate(folder).args(["status", "--url", &url]));
    assert_eq!(told.code, Some(0));
    assert!(told.out.contains("ready") && told.out.contains("--metrics-listen"), "{}", told.out);
    assert_eq!(gateway.stop().code(), Some(0));
    let gone = status();
    assert_eq!(gone.code, Some(1));
    assert!(gone.out.contains("no_answer"), "{}", gone.out);
}

#[test]
fn nothing_is_made_where_nothing_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ended, report) = doctor(folder.path(), &[]);
    assert_eq!(ended.code, Some(0), "{report:#}");
    assert_eq!(levels(&report, "programs"), ["skipped"]);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing may be left behind");
}

#[test]
fn what_is_broken_is_named_with_what_to_do() {
    let house = House::build(None);
    let folder = house.folder.path();
    let (ended, report) = doctor(folder, &["--shutdown-grace", "soon"]);
    assert_eq!(ended.code, Some(1));
    assert!(failures(&report).contains("serve.shutdown_grace: `soon` is not a time"), "{report:#}");

    let key = folder.join("tollgate.key");
    let right = std::fs::read(&key).expect("a key");
    std::fs::write(&key, "0".repeat(64)).expect("written");
    let (ended, report) = doctor(folder, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(failures(&report).contains("not the one that the database was made with"), "{report:#}");
    std::fs::write(&key, right).expect("written");

    let mut add = tollgate(folder);
    add.args(["program", "add", "--name", "Real", "--program-id", "100099999", "--username", "u"]);
    add.args(["--environment", "http://127.0.0.1:9"]).env("TOLLGATE_API_PASSWORD", "canary-password");
    assert_eq!(run(&mut add).code, Some(0));
    let (ended, report) = doctor(folder, &[]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(levels(&report, "payoneer"), ["ok", "failure"], "{report:#}");
    assert_eq!(levels(&report, "clocks"), ["ok", "skipped"], "{report:#}");
    assert_eq!(levels(&report, "api keys"), ["ok", "warning"], "{report:#}");
    assert!(failures(&report).contains("Nothing listens there"), "{report:#}");
    assert!(!ended.out.contains("canary-password"));

    std::fs::write(folder.join("tollgate.db"), "this is no database").expect("written");
    let (ended, report) = doctor(folder, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(failures(&report).contains("not a tollgate database"), "{report:#}");
    assert_eq!(levels(&report, "programs"), ["skipped"]);
}
