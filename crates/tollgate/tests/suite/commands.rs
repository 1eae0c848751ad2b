//! Every command once as a person would type it: what it prints, what it
//! leaves behind, and with which code it exits.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::run;
use crate::support::{House, Running, json, tollgate};

#[test]
fn every_command_has_help_with_examples() {
    let folder = tempfile::tempdir().expect("a folder");
    for args in [
        &["--help"][..],
        &["serve", "--help"],
        &["sandbox", "--help"],
        &["demo", "--help"],
        &["program", "add", "--help"],
        &["program", "rotate", "--help"],
        &["key", "create", "--help"],
        &["charge", "create", "--help"],
        &["charge", "list", "--help"],
        &["charge", "settle", "--help"],
        &["payout", "create", "--help"],
        &["payee", "authorize", "--help"],
        &["checkout", "create", "--help"],
        &["event", "list", "--help"],
        &["audit", "list", "--help"],
        &["config", "--help"],
        &["doctor", "--help"],
        &["migrate-store", "--help"],
        &["status", "--help"],
        &["completions", "--help"],
    ] {
        let ended = run(tollgate(folder.path()).args(args));
        assert_eq!(ended.code, Some(0), "{args:?}: {}", ended.err);
        assert!(ended.out.contains("Example"), "{args:?}: {}", ended.out);
    }
    let version = run(tollgate(folder.path()).arg("--version"));
    assert_eq!(version.out, format!("tollgate {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_printed_for_every_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = run(tollgate(folder.path()).args(["completions", shell]));
        assert_eq!(ended.code, Some(0), "{shell}: {}", ended.err);
        assert!(ended.out.contains("sandbox") && ended.out.contains("ready-file"), "{shell}");
    }
}

#[test]
fn wrong_usage_is_code_2() {
    let folder = tempfile::tempdir().expect("a folder");
    for args in [
        &["fly"][..],
        &["serve", "--listen"],
        &["serve", "--listen", "nowhere"],
        &["key", "create"],
        &["program", "add", "--name", "A", "--program-id", "1", "--username", "u", "--environment", "moon"],
        &["program", "add", "--name", "A", "--program-id", "1", "--username", "u", "--environment", "sandbox"],
        &["sandbox", "--listen", "0.0.0.0:0"],
        &["sandbox", "--listen", "127.0.0.1:0", "--program-id", "abc"],
    ] {
        let ended = run(tollgate(folder.path()).args(args));
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        assert!(!ended.err.is_empty(), "{args:?}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing may be left behind");
}

#[test]
fn an_address_in_use_is_code_3_with_an_offer() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for face in ["serve", "sandbox", "demo"] {
        let ended = run(tollgate(folder.path()).args([face, "--listen", &address]));
        assert_eq!(ended.code, Some(3), "{face}: {}", ended.err);
        assert!(ended.err.contains(&format!("{address} is in use")), "{face}: {}", ended.err);
        assert!(ended.err.contains("--listen 127.0.0.1:0"), "{face}: {}", ended.err);
    }
}

#[test]
fn storage_that_cannot_be_opened_is_code_4() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve = |database: &str| {
        run(tollgate(folder.path()).args(["serve", "--listen", "127.0.0.1:0", "--database", database]))
    };
    std::fs::write(folder.path().join("text.db"), "this is no database").expect("a file");
    let lost_key = serve("text.db");
    assert_eq!(lost_key.code, Some(4), "{}", lost_key.err);
    assert!(lost_key.err.contains("its key file"), "{}", lost_key.err);
    let gateway = Running::start(folder.path(), "serve", &["serve", "--listen", "127.0.0.1:0"]);
    let second = serve("tollgate.db");
    assert_eq!(second.code, Some(4), "{}", second.err);
    assert!(second.err.contains("another tollgate is using the database"), "{}", second.err);
    drop(gateway);
    let key = folder.path().join("tollgate.key");
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).expect("permissions");
    let open_key = serve("tollgate.db");
    assert_eq!(open_key.code, Some(4), "{}", open_key.err);
    assert!(open_key.err.contains("chmod 600"), "{}", open_key.err);
}

#[test]
fn services_stop_on_sigterm_and_take_their_ready_file_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    for (face, line) in [("serve", "Gateway"), ("sandbox", "Sandbox")] {
        let running = Running::start(folder.path(), face, &[face, "--listen", "127.0.0.1:0"]);
        let ready = folder.path().join(format!("{face}.ready.json"));
        let said: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&ready).expect("a file")).expect("JSON");
        assert_eq!(said["face"], face);
        assert_eq!(said["pid"], running.pid());
        assert_eq!(said["url"], format!("http://{}", said["listen"].as_str().expect("text")));
        let log = running.log.clone();
        let url = running.url.clone();
        assert_eq!(running.stop().code(), Some(0));
        assert!(!ready.exists(), "{face}");
        let printed = std::fs::read_to_string(log).expect("a log");
        assert!(printed.contains(&format!("{line} ")) && printed.contains(&url), "{printed}");
    }
}

#[test]
fn a_program_is_added_shown_checked_and_rotated() {
    let house = House::build(None);
    let folder = house.folder.path();
    let listed = json(tollgate(folder).args(["--json", "program", "list"]));
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    for name in ["Test Shop", "100012345", house.program["id"].as_str().expect("an id")] {
        let shown = json(tollgate(folder).args(["--json", "program", "show", name]));
        assert_eq!(shown["id"], house.program["id"]);
        assert!(shown["callback_templates"].as_array().is_some_and(|templates| !templates.is_empty()));
        assert!(!shown.to_string().contains("demo-api-password"));
    }
    let check = || json(tollgate(folder).args(["--json", "program", "check", "Test Shop"]));
    assert_eq!(check()["ok"], true);

    let rotate = |password: &'static str| {
        let mut command = tollgate(folder);
        command.args(["program", "rotate", "Test Shop", "--api-password-stdin"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        std::io::Write::write_all(&mut child.stdin.take().expect("input"), password.as_bytes()).expect("written");
        child.wait_with_output().expect("it ends")
    };
    assert!(rotate("wrong-canary\n").status.success());
    let refused = run(tollgate(folder).args(["program", "check", "Test Shop"]));
    assert_eq!(refused.code, Some(1));
    assert!(refused.out.contains("refuses the credentials") && refused.out.contains("API"), "{}", refused.out);
    assert!(!(refused.out + &refused.err).contains("canary"));
    assert_eq!(rotate("").status.code(), Some(2));
    assert_eq!(rotate("one\ntwo\n").status.code(), Some(2));
    assert!(rotate("demo-api-password").status.success());
    assert_eq!(check()["ok"], true);

    let missing = run(tollgate(folder).args(["program", "show", "Nobody"]));
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("tollgate program list"), "{}", missing.err);
}

#[test]
fn a_check_says_in_plain_words_that_nobody_answers() {
    let house = House::build(None);
    let folder = house.folder.path().to_owned();
    let House { sandbox, folder: _kept, .. } = house;
    assert_eq!(sandbox.stop().code(), Some(0));
    let ended = run(tollgate(&folder).args(["program", "check", "Test Shop"]));
    assert_eq!(ended.code, Some(1));
    assert!(ended.out.contains("No answer") && ended.out.contains("is it running?"), "{}", ended.out);
}

#[test]
fn a_key_is_shown_once_and_revoked_for_ever() {
    let house = House::build(None);
    let folder = house.folder.path();
    let made = run(tollgate(folder).args(["key", "create", "--program", "Test Shop", "--name", "backend"]));
    assert_eq!(made.code, Some(0), "{}", made.err);
    let secret = made.out.trim();
    assert!(secret.starts_with("tg_test_") && !secret.contains(char::is_whitespace), "the key alone, for scripts");
    assert!(!made.err.contains(secret));
    let list = || json(tollgate(folder).args(["--json", "key", "list", "--program", "Test Shop"]));
    let listed = list();
    assert!(!listed.to_string().contains(secret));
    let find = |listed: &serde_json::Value| {
        let keys = listed.as_array().expect("a list").iter();
        keys.clone().find(|key| key["name"] == "backend").expect("the key").clone()
    };
    assert_eq!(find(&listed)["scopes"], serde_json::json!(["read", "charge", "payout"]));
    assert!(find(&listed)["revoked_at"].is_null());
    let id = find(&listed)["id"].as_str().expect("an id").to_owned();
    assert_eq!(run(tollgate(folder).args(["key", "revoke", &id])).code, Some(0));
    assert!(find(&list())["revoked_at"].is_string());
    let again = run(tollgate(folder).args(["key", "revoke", &id]));
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("tollgate key list"), "{}", again.err);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = tollgate(folder.path());
    command.args(["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn faults_of_a_running_sandbox_are_added_listed_and_cleared() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = json(tollgate(folder.path()).args(["sandbox", "scenarios", "--json"]));
    let names: Vec<_> = told.as_array().expect("a list").iter().map(|s| s["name"].clone()).collect();
    assert!(names.len() >= 30 && names.contains(&"reply_lost_after_charge".into()), "{names:?}");

    let sandbox = Running::start(folder.path(), "sandbox", &["sandbox", "--listen", "127.0.0.1:0", "--chaos", "flaky"]);
    let fault = |args: &[&str]| {
        let mut command = tollgate(folder.path());
        command.args(["sandbox", "fault"]).args(args).args(["--sandbox", &sandbox.url]);
        command
    };
    let added = json(&mut fault(&[
        "add",
        "mid_reply",
        "reset",
        "--operation",
        "create_charge",
        "--reference",
        "a-*",
        "--json",
    ]));
    assert_eq!((&added["id"], &added["when"]["reference"]), (&"f1".into(), &"a-*".into()));
    let ended = run(&mut fault(&["add", "--scenario", "status_unavailable_after_lost_reply"]));
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let listed = run(&mut fault(&["list"]));
    for word in ["FIRED", "f1", "a-*", "mid_reply", "f3", "charge_status", "server_error"] {
        assert!(listed.out.contains(word), "{word}: {}", listed.out);
    }
    assert_eq!(json(&mut fault(&["list", "--json"]))["chaos"]["profile"], "flaky");
    assert_eq!(run(&mut fault(&["clear"])).code, Some(0));
    assert_eq!(json(&mut fault(&["list", "--json"]))["data"].as_array().map(Vec::len), Some(0));

    let refused = run(&mut fault(&["add", "mid_reply", "html"]));
    assert!(refused.code == Some(1) && refused.err.contains("html cannot happen at mid_reply"), "{}", refused.err);
    assert_eq!(run(&mut fault(&["add", "nowhere", "reset"])).code, Some(2));
    assert_eq!(run(&mut fault(&["add", "--scenario", "nothing"])).code, Some(1));
    assert_eq!(run(&mut fault(&["add"])).code, Some(2));
    sandbox.stop();
    assert_eq!(
        run(tollgate(folder.path()).args(["sandbox", "fault", "list", "--sandbox", "http://127.0.0.1:1"])).code,
        Some(1)
    );
}
