//! The commands that speak to a gateway's API, as a person would type them: against a real gateway process and a real
//! sandbox process, with what they print and how they end.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::line::{Fault, Line};
use crate::support::{House, Running, json as printed, tollgate};
use crate::{Ended, run};

const ORDER: [&str; 6] = ["--payee", "Test123", "--amount", "1.20", "--currency", "USD"];

/// A person with a key, beside a running gateway.
struct Person<'a> {
    house: &'a House,
    url: &'a str,
    key: String,
}

impl Person<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = tollgate(self.house.folder.path());
        command.args(args).env("TOLLGATE_URL", self.url).env("TOLLGATE_API_KEY", &self.key);
        command
    }

    fn run(&self, args: &[&str]) -> Ended {
        run(&mut self.command(args))
    }

    /// What it prints as JSON.
    fn says(&self, args: &[&str]) -> Value {
        printed(self.command(args).arg("--json"))
    }
}

fn charge<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["charge", "create", "--description", "Order 88"][..], &ORDER, more].concat()
}

fn id(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}

#[test]
fn a_merchants_day_on_the_command_line() {
    let house = House::build(None);
    let gateway = house.serve();
    let person = Person { house: &house, url: &gateway.url, key: house.key.clone() };

    let made = person.run(&charge(&["--reference", "order-88", "--metadata", "cart=7"]));
    assert_eq!(made.code, Some(0), "{}", made.err);
    assert!(made.out.contains("succeeded") && made.out.contains("order-88"), "{}", made.out);
    let key = made.err.trim().strip_prefix("Idempotency-Key: ").expect("the key it drew");
    let again = person.says(&charge(&["--reference", "order-88", "--metadata", "cart=7", "--idempotency-key", key]));
    let list = person.says(&["charge", "list", "--reference", "order-88"]);
    assert_eq!((list["data"].as_array().map(Vec::len), &list["data"][0]["id"]), (Some(1), &again["id"]));
    assert_eq!((&again["metadata"]["cart"], &again["idempotency_key"]), (&json!("7"), &json!(key)));
    let got = person.run(&["charge", "get", id(&again)]);
    assert!(got.out.contains("Charged") && got.out.contains("yes") && got.out.contains("reply"), "{}", got.out);
    for (filter, count) in [("succeeded", 1), ("failed", 0)] {
        let list = person.says(&["charge", "list", "--status", filter, "--payee", "Test123"]);
        assert_eq!(list["data"].as_array().map(Vec::len), Some(count), "{filter}");
    }
    assert_eq!(person.run(&["charge", "list", "--status", "paid"]).code, Some(2));

    let refund = person.says(&["charge", "refund", id(&again), "--idempotency-key", "r"]);
    assert_eq!((&refund["status"], &refund["charge"]), (&json!("succeeded"), &again["id"]));
    assert_eq!(person.says(&["refund", "get", id(&refund)])["id"], refund["id"]);
    let table = person.run(&["refund", "list"]);
    assert!(table.out.starts_with("REFUND") && table.out.contains(id(&refund)), "{}", table.out);
    assert!(!person.run(&["refund", "list", "--needs-attention"]).out.contains("rf_"));

    let order = [&["payout", "create", "--description", "May"][..], &ORDER].concat();
    let payout = person.says(&[&order[..], &["--idempotency-key", "p"]].concat());
    assert_eq!(payout["outcome"], "done");
    assert_eq!(person.says(&["payout", "get", id(&payout)])["id"], payout["id"]);
    assert!(person.run(&["payout", "list"]).out.contains(id(&payout)));
    assert_eq!(person.says(&["payout", "cancel", id(&payout)])["status"], "canceled");

    assert_eq!(person.says(&["payee", "refresh", "Test123"])["mandate"]["status"], "active");
    assert!(person.run(&["payee", "list"]).out.contains("Test123"));
    let link = person.run(&["payee", "authorize", "user-42", "--language", "zh"]);
    assert!(link.out.starts_with("http") && link.err.contains("user-42"), "{}{}", link.out, link.err);
    assert_eq!(person.says(&["payee", "revoke", "Test123"])["mandate"]["status"], "revoked");
    assert!(person.run(&["payee", "get", "Test123"]).out.contains("merchant"));

    let order = [&["checkout", "create", "--description", "Order 89"][..], &ORDER].concat();
    let open = person.says(&[&order[..], &["--success-url", "http://127.0.0.1:9/paid"]].concat());
    assert!(person.run(&["checkout", "get", id(&open)]).out.contains("open"));
    assert_eq!(person.says(&["checkout", "expire", id(&open)])["status"], "expired");

    let page = person.run(&["event", "list", "--limit", "2"]);
    let cursor = page.err.trim().strip_prefix("There are more: --cursor ").expect("a cursor").to_owned();
    let next = person.says(&["event", "list", "--limit", "1", "--cursor", &cursor]);
    let event = person.run(&["event", "get", id(&next["data"][0])]);
    assert!(event.out.contains("Sequence") && event.out.contains("object"), "{}", event.out);
    assert!(person.run(&["audit", "list"]).out.contains("program.added"));
}

#[test]
fn a_refusal_says_what_became_of_the_money_and_what_to_do() {
    let house = House::build(None);
    let gateway = house.serve();
    let person = Person { house: &house, url: &gateway.url, key: house.key.clone() };
    let order = charge(&["--idempotency-key", "k"]);
    let stranger: Vec<&str> = order.iter().map(|word| if *word == "Test123" { "stranger" } else { word }).collect();
    let refused = person.run(&stranger);
    assert_eq!(refused.code, Some(1));
    for part in ["payee_not_authorized", "No money moved", "payee authorize", "req_"] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    let problem: Value = serde_json::from_str(&person.run(&[&stranger[..], &["--json"]].concat()).out).expect("JSON");
    assert_eq!((&problem["outcome"], &problem["retry"]), (&json!("none"), &json!("after_payee_action")));
    let missing = person.run(&["charge", "get", "ch_nothing"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.err.contains("not_found") && !missing.err.contains("money"), "{}", missing.err);

    let nobody = Person { key: "tg_test_canary".to_owned(), ..person };
    let refused = nobody.run(&["charge", "list"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("unauthorized") && !refused.err.contains("canary"), "{}", refused.err);

    let closed = Person { url: "http://127.0.0.1:9", ..nobody };
    let refused = closed.run(&order);
    assert_eq!(refused.code, Some(1), "nothing was sent");
    for part in ["No money moved", "http://127.0.0.1:9", "--url"] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    assert!(!(refused.out + &refused.err).contains("canary"));
}

#[test]
fn the_key_comes_from_a_file_or_a_variable_and_never_from_an_argument() {
    let house = House::build(None);
    let gateway = house.serve();
    let folder = house.folder.path();
    let list = |key: Option<&str>, more: &[&str]| {
        let mut command = tollgate(folder);
        command.args(["charge", "list", "--url", &gateway.url]).args(more);
        if let Some(key) = key {
            command.env("TOLLGATE_API_KEY", key);
        }
        run(&mut command)
    };
    let none = list(None, &[]);
    assert_eq!(none.code, Some(2));
    assert!(none.err.contains("TOLLGATE_API_KEY") && none.err.contains("--api-key-file"), "{}", none.err);
    assert_eq!(list(None, &["--api-key", "x"]).code, Some(2), "there is no such flag");
    std::fs::write(folder.join("key"), format!("{}\n", house.key)).expect("a file");
    std::fs::write(folder.join("two"), "one\ntwo\n").expect("a file");
    assert_eq!(list(None, &["--api-key-file", "key"]).code, Some(0));
    assert_eq!(list(Some("wrong"), &["--api-key-file", "key"]).code, Some(0), "the flag comes first");
    assert_eq!(list(Some("wrong"), &[]).code, Some(1));
    for bad in ["two", "nowhere"] {
        assert_eq!(list(None, &["--api-key-file", bad]).code, Some(2), "{bad}");
    }
}

/// A house whose gateway reaches the sandbox over a line that can lose things.
fn house_with_line() -> (House, Line) {
    let slot = std::sync::Mutex::new(None);
    let runtime = tokio::runtime::Handle::current();
    let house = tokio::task::block_in_place(|| {
        House::build(Some(&|sandbox: &str| {
            let address = sandbox.trim_start_matches("http://").parse().expect("an address");
            let line = runtime.block_on(Line::start(address));
            let url = line.url();
            *slot.lock().expect("a lock") = Some(line);
            url
        }))
    });
    let line = slot.into_inner().expect("a lock").expect("a line");
    (house, line)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_say_has_a_code_of_its_own_and_is_settled_by_two() {
    let (house, line) = house_with_line();
    tokio::task::block_in_place(|| {
        let gateway = house.serve();
        let key = ["--json", "key", "create", "--program", "Test Shop", "--name", "ben", "--scope", "admin"];
        let key = printed(tollgate(house.folder.path()).args(key));
        let ada = Person { house: &house, url: &gateway.url, key: house.key.clone() };
        let ben = Person { house: &house, url: &gateway.url, key: key["secret"].as_str().expect("a key").to_owned() };

        line.hit(&[Fault::LoseRequest]);
        let order = charge(&["--idempotency-key", "lost"]);
        for _ in 0..2 {
            let unknown = ada.run(&order);
            assert_eq!(unknown.code, Some(6), "{}{}", unknown.out, unknown.err);
            assert!(unknown.out.contains("nobody can say yet"), "{}", unknown.out);
        }
        let list = ada.says(&["charge", "list", "--status", "unknown"]);
        assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "the same key is the same charge");
        let charge = id(&list["data"][0]);
        assert_eq!(ada.run(&["charge", "refresh", charge]).code, Some(6), "Payoneer does not know it");
        assert!(!ada.run(&["charge", "list", "--needs-attention"]).out.contains("ch_"), "not after a moment");

        let said = ["--as", "failed", "--reason", "never arrived", "--evidence", "the report"];
        let settle = [&["charge", "settle", charge][..], &said].concat();
        let proposed = ada.run(&settle);
        assert_eq!(proposed.code, Some(0), "{}", proposed.err);
        assert!(
            proposed.out.contains("Another operator") && proposed.out.contains("never arrived"),
            "{}",
            proposed.out
        );
        let disputed = ben.run(&["charge", "settle", charge, "--as", "succeeded", "--reason", "r", "--evidence", "e"]);
        assert_eq!(disputed.code, Some(1));
        assert!(disputed.err.contains("settlement_disputed"), "{}", disputed.err);
        assert_eq!(ben.run(&["charge", "settle", charge, "--withdraw", "--reason", "not sure"]).code, Some(0));
        assert_eq!(ben.run(&settle).code, Some(0));
        let settled = ada.run(&settle);
        assert!(settled.out.contains("agreed") && settled.out.contains("settled_by_operator"), "{}", settled.out);
        assert_eq!(ada.says(&["charge", "get", charge])["status"], "failed");
        assert_eq!(ada.run(&["charge", "settle", charge, "--as", "failed", "--reason", "r"]).code, Some(2));
        let audit = ada.run(&["audit", "list"]).out;
        for part in ["settlement.made", "settlement.withdrawn", "not sure", "console:"] {
            assert!(audit.contains(part), "{part}: {audit}");
        }
        assert!(Running::stop(gateway).success());
    });
    assert_eq!(line.money_requests(), 1);
}
