//! A backup of a real gateway's database is restored: nothing is sent until an operator has looked, and what the
//! database has forgotten is not done twice.

#![expect(clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use serde_json::{Value, json};
use std::path::Path;
use support::{House, Running, json as printed, tollgate};

/// The status and the body of the answer.
async fn call(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
}

struct Shop<'a> {
    house: &'a House,
    gateway: Running,
}

impl Shop<'_> {
    async fn post(&self, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let request = reqwest::Client::new().post(format!("{}{path}", self.gateway.url));
        let request = request.bearer_auth(&self.house.key).header("idempotency-key", key);
        call(request.header("content-type", "application/json").body(body.to_string())).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = reqwest::Client::new().get(format!("{}{path}", self.gateway.url));
        call(request.bearer_auth(&self.house.key)).await
    }

    async fn charge(&self, key: &str) -> (u16, Value) {
        let body = json!({"payee_id": "Test123", "amount": "10", "currency": "USD", "description": "Restore test"});
        self.post("/v1/charges", key, &body).await
    }

    async fn payout(&self, key: &str) -> (u16, Value) {
        let body = json!({"payee_id": "Test123", "amount": "3", "currency": "USD", "description": "Restore test"});
        self.post("/v1/payouts", key, &body).await
    }
}

fn open(house: &House) -> Shop<'_> {
    Shop { house, gateway: house.serve() }
}

async fn count(house: &House, what: &str) -> usize {
    let list = house.control(what).await;
    list["data"].as_array().or_else(|| list.as_array()).expect("a list").len()
}

/// Lets Payoneer refuse in words a reference that it does not know. An answer that could as well be an outage proves nothing.
async fn refuse_in_words(house: &House) {
    let url = format!("{}/_sandbox/settings", house.sandbox.url);
    let (status, body) = call(reqwest::Client::new().patch(url).body(r#"{"status_absent":"not_found"}"#)).await;
    assert_eq!(status, 200, "{body}");
}

fn copy(from: &Path, to: &Path) {
    for name in ["tollgate.db", "tollgate.db-wal", "tollgate.db-shm"] {
        let _ = std::fs::remove_file(to.join(name));
        let _ = std::fs::copy(from.join(name), to.join(name));
    }
}

fn quarantine(house: &House, args: &[&str]) -> std::process::Command {
    let mut command = tollgate(house.folder.path());
    command.args(["--json", "quarantine"]).args(args);
    command
}

const LEAVE: [&str; 5] = ["leave", "--by", "Ada L.", "--reason", "the disk failed, this is the last backup"];

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restored_backup_a_forgotten_charge_is_not_made_twice() {
    let house = tokio::task::block_in_place(|| House::build(None));
    let backup = tempfile::tempdir().expect("a folder");
    let shop = open(&house);
    assert_eq!(shop.charge("before").await.0, 201);
    let (_, first) = shop.get("/v1/charges").await;
    assert!(shop.gateway.stop().success());
    copy(house.folder.path(), backup.path());
    let shop = open(&house);
    let (status, lost) = shop.charge("lost").await;
    assert_eq!((status, &lost["status"]), (201, &json!("succeeded")));
    assert_eq!(shop.payout("lost-payout").await.0, 201);
    // Given back as well: the restored database knows the charge, but not this.
    let path = format!("/v1/charges/{}/refund", first["data"][0]["id"].as_str().expect("an id"));
    let refunded = shop.post(&path, "lost-refund", &json!({})).await;
    assert_eq!(refunded.0, 201, "{refunded:?}");
    let sent = (count(&house, "charges").await, count(&house, "payouts").await);
    assert!(shop.gateway.stop().success());
    copy(backup.path(), house.folder.path());

    let shop = open(&house);
    for key in ["lost", "new", "another"] {
        let (status, body) = shop.charge(key).await;
        assert_eq!((status, &body["code"], &body["outcome"]), (503, &json!("quarantined"), &json!("none")), "{body}");
        assert_eq!(body["retry"], "after_fix");
    }
    for (status, body) in [shop.payout("lost-payout").await, shop.post(&path, "lost-refund", &json!({})).await] {
        assert_eq!((status, &body["code"]), (503, &json!("quarantined")), "{body}");
    }
    assert_eq!(shop.get("/readyz").await.1["status"], "quarantined");
    assert_eq!(shop.get("/v1/charges").await.1["data"].as_array().map(Vec::len), Some(1), "reading goes on");
    assert_eq!((count(&house, "charges").await, count(&house, "payouts").await), sent, "nothing was sent");
    let log = std::fs::read_to_string(&shop.gateway.log).expect("a log");
    assert!(log.contains("may have gone back in time"), "{log}");

    let status = printed(&mut quarantine(&house, &["status"]));
    assert_eq!((&status["quarantined"], &status["quarantines"][0]["cause"]), (&json!(true), &json!("lower")));
    printed(&mut quarantine(&house, &["reconcile"]));
    printed(&mut quarantine(&house, &LEAVE));
    let again = quarantine(&house, &LEAVE).output().expect("it runs");
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("is not in quarantine"));

    // The running gateway notices by its next commit; the first caller may have to come again.
    let mut answer = shop.charge("lost").await;
    if answer.0 == 503 {
        assert_eq!((&answer.1["outcome"], &answer.1["retry"]), (&json!("none"), &json!("same_key")), "{answer:?}");
        answer = shop.charge("lost").await;
    }
    assert_eq!((answer.0, &answer.1["outcome"]), (202, &json!("unknown")), "{answer:?}");
    assert_eq!(answer.1["reference"], lost["reference"], "derived again from the merchant's key");
    let payout = shop.payout("lost-payout").await;
    assert_eq!((payout.0, &payout.1["outcome"]), (202, &json!("unknown")), "{payout:?}");
    let refund = shop.post(&path, "lost-refund", &json!({})).await;
    assert_eq!(refund.0, 202, "{refund:?}");
    assert_eq!((count(&house, "charges").await, count(&house, "payouts").await), sent, "nothing was done twice");
    let (status, body) = shop.charge("guessed").await;
    assert_eq!((status, &body["outcome"]), (502, &json!("none")), "an empty 404 lets nothing be sent: {body}");
    refuse_in_words(&house).await;
    let (status, body) = shop.charge("new").await;
    assert_eq!((status, &body["status"]), (201, &json!("succeeded")), "what Payoneer does not know is sent: {body}");
    assert_eq!(count(&house, "charges").await, sent.0 + 1);
    assert_eq!(shop.get("/readyz").await.1["status"], "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_database_in_the_place_of_ours_sends_nothing() {
    let (house, other) = tokio::task::block_in_place(|| (House::build(None), House::build(None)));
    for house in [&house, &other] {
        let shop = open(house);
        assert_eq!(shop.charge("a").await.0, 201);
        assert!(shop.gateway.stop().success());
    }
    copy(other.folder.path(), house.folder.path());
    std::fs::copy(other.folder.path().join("tollgate.key"), house.folder.path().join("tollgate.key")).expect("a key");
    let mixed = House { key: other.key.clone(), ..house };
    let shop = open(&mixed);
    let (status, body) = shop.charge("b").await;
    assert_eq!((status, &body["code"]), (503, &json!("quarantined")), "{body}");
    let status = printed(&mut quarantine(&mixed, &["status"]));
    let cause = status["quarantines"][0]["cause"].as_str().expect("a cause");
    assert!(["other_history", "lower"].contains(&cause), "{status}");
    assert_eq!((count(&mixed, "charges").await, count(&other, "charges").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_head_file_a_database_waits_for_an_explicit_word() {
    let house = tokio::task::block_in_place(|| House::build(None));
    std::fs::remove_file(house.folder.path().join("tollgate.db.head")).expect("a head file");
    let shop = open(&house);
    assert_eq!(shop.charge("a").await.1["code"], "quarantined");
    let status = printed(&mut quarantine(&house, &["status"]));
    assert_eq!(status["quarantines"][0]["cause"], "no_head_file");
    assert!(shop.gateway.stop().success());
    printed(&mut quarantine(&house, &LEAVE));
    let shop = open(&house);
    refuse_in_words(&house).await;
    let answer = shop.charge("a").await;
    assert_eq!(answer.0, 201, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_under_load_holds_all_that_was_answered_before_it() {
    let house = tokio::task::block_in_place(|| House::build(None));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let file = elsewhere.path().join("copy.db");
    let backup = |file: &Path| {
        let mut command = tollgate(house.folder.path());
        command.args(["--json", "backup"]).arg(file);
        command
    };
    let shop = open(&house);
    let mut before = Vec::new();
    for number in 0..10 {
        let (status, charge) = shop.charge(&format!("before-{number}")).await;
        assert_eq!(status, 201, "{charge}");
        before.push(charge["id"].as_str().expect("an id").to_owned());
    }
    let made = tokio::task::block_in_place(|| {
        let busy = std::sync::atomic::AtomicBool::new(true);
        let runtime = tokio::runtime::Handle::current();
        std::thread::scope(|scope| {
            let load = scope.spawn(|| {
                runtime.block_on(async {
                    let mut during = 0;
                    while busy.load(std::sync::atomic::Ordering::Relaxed) {
                        assert_eq!(shop.charge(&format!("during-{during}")).await.0, 201);
                        during += 1;
                    }
                    during
                })
            });
            let made = printed(&mut backup(&file));
            busy.store(false, std::sync::atomic::Ordering::Relaxed);
            assert!(load.join().expect("the load") > 0, "something was written meanwhile");
            made
        })
    });
    assert!(made["commits"].as_i64() >= Some(20) && made["bytes"].as_u64() > Some(4096), "{made}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).expect("a folder").count(), 1, "nothing else is left there");
    let again = backup(&file).output().expect("it runs");
    assert_eq!(again.status.code(), Some(2), "a backup never overwrites");
    assert!(shop.gateway.stop().success());

    copy(elsewhere.path(), house.folder.path());
    std::fs::copy(&file, house.folder.path().join("tollgate.db")).expect("the copy is put back");
    let shop = open(&house);
    for id in before {
        let (status, charge) = shop.get(&format!("/v1/charges/{id}")).await;
        assert_eq!((status, &charge["status"]), (200, &json!("succeeded")), "{charge}");
    }
    assert_eq!(shop.charge("after").await.1["code"], "quarantined", "the old copy is noticed");
}

#[test]
fn no_backup_is_made_of_what_is_no_whole_database_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let backup = |database: &str| {
        let mut command = tollgate(folder.path());
        command.args(["backup", "copy.db", "--database", database]);
        command.output().expect("it runs")
    };
    std::fs::write(folder.path().join("text.db"), "no database at all, but long enough to be looked at")
        .expect("a file");
    for (database, wanted) in [("missing.db", "cannot use"), ("text.db", "not a tollgate database")] {
        let answer = backup(database);
        let told = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert!(answer.status.code() == Some(4) && told.contains(wanted), "{database}: {told}");
    }
    let key = ["--json", "program", "list", "--database", "whole.db"];
    printed(tollgate(folder.path()).args(key));
    let path = folder.path().join("whole.db");
    let mut bytes = std::fs::read(&path).expect("a database");
    let (from, to) = (bytes.len() / 2, bytes.len() / 2 + 8192);
    bytes[from..to].fill(0x5a);
    std::fs::write(&path, bytes).expect("damage");
    let answer = backup("whole.db");
    let told = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(!answer.status.success() && told.contains("damaged"), "{told}");
    let left = std::fs::read_dir(folder.path()).expect("a folder");
    let left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("copy.db")), "{left:?}");
}
