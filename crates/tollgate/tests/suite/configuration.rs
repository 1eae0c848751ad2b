//! Settings as the binary sees them: which source wins, what is refused, and
//! that secrets stay inside.

use std::path::Path;

use serde_json::Value;

use crate::run;
use crate::support::{json, tollgate};

fn folder(toml: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tollgate.toml"), toml).expect("a file");
    folder
}

fn setting(folder: &Path, args: &[&str], variable: Option<&str>, key: &str) -> Value {
    let mut command = tollgate(folder);
    command.args(["--json", "config", "serve"]).args(args);
    if let Some(value) = variable {
        command.env("TOLLGATE_SERVE_LISTEN", value);
    }
    let all = json(&mut command);
    all.as_array().expect("a list").iter().find(|row| row["key"] == key).expect("the setting").clone()
}

#[test]
fn flag_then_environment_then_file_then_default() {
    let folder = folder("[serve]\nlisten = \"127.0.0.1:3\"\n");
    let listen = |args: &[&str], variable| setting(folder.path(), args, variable, "serve.listen");
    let flag = listen(&["--listen", "127.0.0.1:1"], Some("127.0.0.1:2"));
    assert_eq!((&flag["value"], &flag["origin"]["kind"]), (&"127.0.0.1:1".into(), &"flag".into()));
    let variable = listen(&[], Some("127.0.0.1:2"));
    assert_eq!((&variable["value"], &variable["origin"]["kind"]), (&"127.0.0.1:2".into(), &"environment".into()));
    let file = listen(&[], None);
    assert_eq!((&file["value"], &file["origin"]["kind"]), (&"127.0.0.1:3".into(), &"file".into()));
    assert_eq!(file["origin"]["line"], 2);
    let default = setting(folder.path(), &[], None, "serve.shutdown_grace");
    assert_eq!((&default["value"], &default["origin"]["kind"]), (&"35s".into(), &"default".into()));
}

#[test]
fn a_file_can_be_named_and_must_then_exist() {
    let folder = folder("[serve]\nlisten = \"127.0.0.1:3\"\n");
    std::fs::write(folder.path().join("other.toml"), "[serve]\nlisten = \"127.0.0.1:4\"\n").expect("a file");
    let other = setting(folder.path(), &["--config", "other.toml"], None, "serve.listen");
    assert_eq!(other["value"], "127.0.0.1:4");
    let ended = run(tollgate(folder.path()).args(["config", "--config", "none.toml"]));
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("none.toml"), "{}", ended.err);
}

#[test]
fn an_unknown_key_is_refused_by_every_command_with_its_line() {
    let folder = folder("# ours\n\n[serve]\nlissten = \"127.0.0.1:3\"\n");
    for args in [&["config"][..], &["serve"], &["sandbox"], &["program", "list"], &["demo", "--once"]] {
        let ended = run(tollgate(folder.path()).args(args));
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        assert!(ended.err.contains("tollgate.toml:4: unknown key `serve.lissten`"), "{args:?}: {}", ended.err);
    }
}

#[test]
fn a_wrong_value_is_refused_with_where_it_was_written() {
    let folder = folder("");
    let ended = run(tollgate(folder.path()).arg("serve").env("TOLLGATE_SERVE_SHUTDOWN_GRACE", "soon"));
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("serve.shutdown_grace: `soon`"), "{}", ended.err);
    assert!(ended.err.contains("environment TOLLGATE_SERVE_SHUTDOWN_GRACE"), "{}", ended.err);
}

#[test]
fn secrets_are_shown_nowhere() {
    let folder = folder("[sandbox]\napi_password = \"canary-file\"\n");
    for args in [&["config"][..], &["--json", "config"], &["--json", "config", "sandbox"]] {
        let ended = run(tollgate(folder.path()).args(args).env("TOLLGATE_KEY", "canary-variable"));
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(ended.out.contains("********"), "{}", ended.out);
        assert!(!(ended.out + &ended.err).contains("canary"), "{args:?}");
    }
    let ended = run(tollgate(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]).env("TOLLGATE_KEY", "canary"));
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("TOLLGATE_KEY") && !ended.err.contains("canary"), "{}", ended.err);
}

#[test]
fn a_postgresql_that_is_not_there_is_named_without_its_password() {
    let folder = folder("");
    let database = ["serve", "--database", "postgres://shop:canary@127.0.0.1:1/tollgate"];
    let ended = run(tollgate(folder.path()).args(database).env("TOLLGATE_KEY", "07".repeat(32)));
    assert_eq!(ended.code, Some(4), "{}", ended.err);
    assert!(ended.err.contains("127.0.0.1") && !ended.err.contains("canary"), "{}", ended.err);
}
