//! What can be done with a running sandbox from the command line: its settings, its clock, a scenario; and a client that
//! fails, made to fail by less.

use serde_json::{Value, json};

use crate::run;
use crate::support::{Running, json as printed, tollgate};

#[test]
fn settings_clock_and_scenarios_of_a_running_sandbox() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = Running::start(folder.path(), "sandbox", &["sandbox", "--listen", "127.0.0.1:0", "--strict"]);
    let on = |args: &[&str]| {
        let mut command = tollgate(folder.path());
        command.arg("sandbox").args(args).args(["--sandbox", &sandbox.url]);
        command
    };
    let settings = printed(&mut on(&["settings", "--json"]));
    assert_eq!((&settings["strict"], &settings["same_reference"]), (&json!(true), &json!("refused")));
    let changed =
        ["settings", "same_reference=taken", "reference_memory_seconds=null", "status_lag_seconds=30", "--json"];
    let settings = printed(&mut on(&changed));
    assert_eq!((&settings["same_reference"], &settings["status_lag_seconds"]), (&json!("taken"), &json!(30)));
    assert_eq!(settings["reference_memory_seconds"], Value::Null);
    assert_eq!(run(&mut on(&["settings", "status_lag_seconds=soon"])).code, Some(1));
    assert_eq!(run(&mut on(&["settings", "status_lag_seconds"])).code, Some(2));

    let shown = printed(&mut on(&["clock", "manual", "--json"]));
    let later = printed(&mut on(&["clock", "advance", "3600", "--json"]));
    assert_ne!(shown["now"], later["now"]);
    assert_eq!(printed(&mut on(&["clock", "times", "60", "--json"]))["times"], json!(60));
    let ended = run(&mut on(&["clock", "show"]));
    assert!(ended.out.contains("times 60"), "{}", ended.out);
    assert_eq!(run(&mut on(&["clock", "advance"])).code, Some(2));
    assert_eq!(run(&mut on(&["clock", "advance", "--to", "1999-01-01T00:00:00Z"])).code, Some(1));

    let ended = run(&mut on(&["trigger", "reply_lost_after_charge", "--payee", "Test123"]));
    assert!(ended.out.contains("A correct client: Keeps the charge open") && ended.out.contains("f1"), "{}", ended.out);
    let listed = printed(&mut on(&["fault", "list", "--json"]));
    assert_eq!(listed["data"][0]["when"]["payee_id"], "Test123");
    assert_eq!(run(&mut on(&["trigger", "nothing"])).code, Some(1));
    sandbox.stop();
}

#[cfg(unix)]
#[test]
fn a_client_that_fails_is_shrunk_and_one_that_does_not_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let shrink = |client: &[&str]| {
        let mut command = tollgate(folder.path());
        command.args(["sandbox", "shrink", "--seed", "7", "--chaos", "hostile", "--json", "--"]).args(client);
        run(&mut command)
    };
    // The address comes in both ways.
    let ended = shrink(&["sh", "-c", "test \"$SANDBOX_URL\" = \"$0\" && exit 1", "{url}"]);
    assert_eq!(ended.code, Some(5), "{}", ended.err);
    let found: Value = serde_json::from_str(&ended.out).expect("JSON");
    assert_eq!((&found["fired"], &found["script"]["steps"]), (&json!(0), &json!([])), "it needs no fault");
    let ended = shrink(&["true"]);
    assert_eq!((ended.code, ended.out.trim()), (Some(0), "The client does not fail under this chaos."));
    assert_eq!(shrink(&["/nowhere/client"]).code, Some(1));
}
