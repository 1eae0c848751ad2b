//! `kill -9` of a real gateway process between send and answer, and at any other moment under load: every charge is
//! settled once, and what nobody can know is said to be unknown.

#![expect(clippy::expect_used, reason = "a test ends where something is missing")]

mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use support::line::{Fault, Line};
use support::{House, Running, eventually};

/// A house whose gateway reaches the sandbox over a line that can lose things.
fn house_with_line() -> (House, Line) {
    let folder = tempfile::tempdir().expect("a folder");
    House::build_with_line(folder, &["sandbox", "--listen", "127.0.0.1:0", "--seed", "7"])
}

async fn post_charge(gateway: &str, key: &str, name: &str, amount: &str) -> Option<(u16, Value)> {
    let body = json!({"payee_id": "Test123", "amount": amount, "currency": "USD", "description": "Crash test"});
    let answer = reqwest::Client::new()
        .post(format!("{gateway}/v1/charges"))
        .bearer_auth(key)
        .header("idempotency-key", name)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .ok()?;
    let status = answer.status().as_u16();
    Some((status, serde_json::from_str(&answer.text().await.ok()?).ok()?))
}

/// The charge that was asked for under this key, if the gateway answers and knows it.
async fn charge_of(gateway: &str, key: &str, name: &str) -> Option<Value> {
    let url = format!("{gateway}/v1/charges?idempotency_key={name}");
    let answer = reqwest::Client::new().get(url).bearer_auth(key).send().await.ok()?;
    let list: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
    list["data"].as_array()?.first().cloned()
}

async fn charges_at_payoneer(house: &House) -> Vec<Value> {
    let list = house.control("charges?limit=1000").await;
    list["data"].as_array().or_else(|| list.as_array()).expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_send_and_answer_the_charge_is_settled_once() {
    let (house, line) = house_with_line();
    let gateway = house.serve();
    line.hit(&[Fault::Hang]);
    let (url, key) = (gateway.url.clone(), house.key.clone());
    let asked = tokio::spawn(async move { post_charge(&url, &key, "k1", "10").await });
    eventually("Payoneer takes the charge", || async { (charges_at_payoneer(&house).await.len() == 1).then_some(()) })
        .await;
    gateway.kill();
    assert!(asked.await.unwrap().is_none(), "the merchant got no answer");

    let gateway = house.serve();
    let settled = eventually("the charge settles", || async {
        charge_of(&gateway.url, &house.key, "k1").await.filter(|charge| charge["status"] == "succeeded")
    })
    .await;
    assert_eq!(settled["outcome"], "done");
    let (status, again) = post_charge(&gateway.url, &house.key, "k1", "10").await.expect("an answer");
    assert_eq!((status, &again["id"]), (200, &settled["id"]));
    assert_eq!((charges_at_payoneer(&house).await.len(), line.money_requests()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_request_arrived_the_charge_stays_unknown_and_is_not_sent_again() {
    let (house, line) = house_with_line();
    let gateway = house.serve();
    line.hit(&[Fault::LoseRequest]);
    let (status, body) = post_charge(&gateway.url, &house.key, "k1", "10").await.expect("an answer");
    assert_eq!((status, &body["outcome"]), (202, &json!("unknown")));
    gateway.kill();
    let gateway = house.serve();
    let looked = eventually("the status was looked at", || async {
        let log = house.control("api-log?limit=1000").await.to_string();
        (log.matches("/status").count() >= 3).then_some(())
    });
    looked.await;
    let charge = charge_of(&gateway.url, &house.key, "k1").await.expect("the charge is known");
    assert_eq!(charge["status"], "unknown");
    assert_eq!((charges_at_payoneer(&house).await.len(), line.money_requests()), (0, 1));
}

/// Twelve lives of one gateway, each ended by `kill -9` under load at another moment.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_under_load_no_charge_is_lost_or_doubled() {
    killed_under_load(tokio::task::block_in_place(|| House::build(None))).await;
}

/// The same with everything in PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_under_load_on_postgres_no_charge_is_lost_or_doubled() {
    killed_under_load(tokio::task::block_in_place(House::build_on_postgres)).await;
}

async fn killed_under_load(house: House) {
    const LIVES: u64 = 12;
    let house = Arc::new(house);
    let mut answered: BTreeMap<String, Value> = BTreeMap::new();
    for life in 0..LIVES {
        let gateway = house.serve();
        let count = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = (0..6_u64)
            .map(|n| {
                let (house, url, count) = (Arc::clone(&house), gateway.url.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let mut answers = Vec::new();
                    for round in 0..40 {
                        let name = format!("life{life}-task{n}-{round}");
                        let Some(answer) = post_charge(&url, &house.key, &name, "0.01").await else { break };
                        count.fetch_add(1, Ordering::SeqCst);
                        answers.push((name, answer));
                    }
                    answers
                })
            })
            .collect();
        // So that the ends fall at different places, on any machine.
        until(&count, life * 3).await;
        gateway.kill();
        for task in tasks {
            for (name, (status, body)) in task.await.expect("a task") {
                assert!(status < 300 || status == 503, "{name}: {status} {body}");
                if status < 300 {
                    answered.insert(name, body);
                }
            }
        }
    }
    let gateway = house.serve();
    nothing_is_lost_or_doubled(&house, &gateway, &answered).await;
}

async fn nothing_is_lost_or_doubled(house: &House, gateway: &Running, answered: &BTreeMap<String, Value>) {
    all_settled(house, gateway).await;
    let at_payoneer = charges_by_reference(house).await;
    let ours = every_charge(house, gateway).await;
    for (name, body) in answered {
        let known = ours.values().any(|charge| charge["id"] == body["id"]);
        assert!(known, "{name} was answered and is gone");
    }
    let mut taken = 0;
    for (reference, charge) in &ours {
        let there = at_payoneer.get(reference).copied().unwrap_or(0);
        match charge["status"].as_str().expect("a status") {
            "succeeded" => assert_eq!(there, 1, "{charge}"),
            "failed" | "created" | "canceled" => assert_eq!(there, 0, "{charge}"),
            // Nobody can say what became of a request that perhaps never arrived.
            "unknown" => assert_eq!(there, 0, "Payoneer knows it, so the status query must have found it: {charge}"),
            other => panic!("{other}: {charge}"),
        }
        taken += there;
    }
    assert_eq!(taken, at_payoneer.values().sum::<usize>(), "Payoneer has charges that we do not know");
    assert!(!answered.is_empty() && taken > 0);
}

/// Two nodes behind one merchant, who repeats at the other what one did not answer. One is killed again and again.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_under_load_leaves_the_other_to_settle_everything() {
    const LIVES: u64 = 3;
    let house = Arc::new(tokio::task::block_in_place(House::build_on_postgres));
    let (steady, mut answered) = (house.node("steady"), BTreeMap::new());
    for life in 0..LIVES {
        let shaky = house.node("shaky");
        let count = Arc::new(AtomicU64::new(0));
        let tasks: Vec<_> = (0..4_u64)
            .map(|n| {
                let (house, count) = (Arc::clone(&house), Arc::clone(&count));
                let urls = [shaky.url.clone(), steady.url.clone()];
                tokio::spawn(async move {
                    let mut answers = Vec::new();
                    for round in 0..12 {
                        let name = format!("life{life}-task{n}-{round}");
                        let answer = eventually("one of the two answers for good", async || {
                            for url in &urls {
                                let answer = post_charge(url, &house.key, &name, "0.01").await;
                                // What the other one was doing when it died is still running, for all that is known.
                                if let Some(answer) = answer.filter(|(status, _)| *status != 409) {
                                    return Some(answer);
                                }
                            }
                            None
                        });
                        answers.push((name.clone(), answer.await));
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    answers
                })
            })
            .collect();
        until(&count, life * 5).await;
        shaky.kill();
        for task in tasks {
            let answers = task.await.unwrap();
            assert_eq!(answers.len(), 12, "one of the two answers everything");
            for (name, (status, body)) in answers {
                assert!(status < 300, "{name}: {status} {body}");
                answered.insert(name, body);
            }
        }
    }
    nothing_is_lost_or_doubled(&house, &steady, &answered).await;
    let nodes = reqwest::Client::new().get(format!("{}/v1/nodes", steady.url)).bearer_auth(&house.key);
    let nodes = nodes.send().await.expect("an answer").text().await.expect("a body");
    let nodes: Value = serde_json::from_str(&nodes).expect("JSON");
    assert_eq!(nodes["data"].as_array().map(Vec::len), Some(1 + usize::try_from(LIVES).expect("few")), "{nodes}");
    let verdict = house.control("verdict").await;
    assert_eq!(verdict["clean"], true, "{verdict:#}");
}

/// Until so many are done.
async fn until(count: &AtomicU64, many: u64) {
    while count.load(Ordering::SeqCst) < many {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn charges_by_reference(house: &House) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for charge in charges_at_payoneer(house).await {
        let reference = charge["client_reference_id"].as_str().expect("a reference").to_owned();
        *found.entry(reference).or_default() += 1;
    }
    found
}

async fn every_charge(house: &House, gateway: &Running) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let url = format!("{}/v1/charges?limit=100{cursor}", gateway.url);
        let answer = reqwest::Client::new().get(url).bearer_auth(&house.key).send().await.expect("an answer");
        let page: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        for charge in page["data"].as_array().expect("a list") {
            found.insert(charge["reference"].as_str().expect("a reference").to_owned(), charge.clone());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

/// Until nothing is under way and every unknown charge that Payoneer knows has been found.
async fn all_settled(house: &House, gateway: &Running) {
    eventually("every charge that Payoneer took is settled", || async {
        let at_payoneer = charges_by_reference(house).await;
        let ours = every_charge(house, gateway).await;
        let open = |charge: &Value| {
            let known = at_payoneer.contains_key(charge["reference"].as_str().unwrap_or_default());
            charge["status"] == "processing" || (charge["status"] == "unknown" && known)
        };
        (!ours.values().any(open)).then_some(())
    })
    .await;
}
