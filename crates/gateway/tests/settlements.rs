//! What operators may settle, how many it takes, and what is left behind: over real HTTP, against a real sandbox.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::api_key::Scope;
use domain::settlement::SettleBy;
use edge::{Asker, CHARGE, Reply};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Options, Store};
use support::line::Fault;
use support::{House, StillClock, eventually};

/// A house whose clock stands, so that nobody looks at anything before the test says so.
async fn still_house(settle_by: SettleBy) -> (House, Arc<StillClock>) {
    let clock = StillClock::now_on();
    let source = Arc::<StillClock>::clone(&clock);
    (House::open_with(source, &|options| options.settle_by = settle_by).await, clock)
}

/// Another person with a key of their own.
async fn another(house: &House, scope: Scope) -> Asker {
    let admin = house.admin();
    let (_, key) = admin.create_key(&house.program, "another", vec![scope]).await.unwrap();
    admin.close().await;
    Asker::with_key(house, key.expose_secret())
}

async fn unknown_charge(house: &House, fault: Fault) -> String {
    house.line.hit(&[fault]);
    let made = Asker::merchant(house).post("/v1/charges", "k", CHARGE).await;
    assert_eq!((made.status, &made.json()["status"]), (202, &json!("unknown")), "{}", made.text());
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn settle(asker: &Asker, path: &str, verdict: &str) -> Reply {
    let body = json!({ "as": verdict, "reason": "a day has passed", "evidence": "line 7 of the report" });
    asker.post(&format!("{path}/settle"), "", &body.to_string()).await
}

async fn withdraw(asker: &Asker, path: &str) -> Reply {
    asker.post(&format!("{path}/settle/withdraw"), "", r#"{"reason":"looked at the wrong line"}"#).await
}

async fn kinds(asker: &Asker, subject: &str) -> Vec<String> {
    let events = asker.get(&format!("/v1/events?subject={subject}")).await.json();
    events["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

async fn audited(asker: &Asker) -> Vec<Value> {
    asker.get("/v1/audit?limit=100").await.json()["data"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

/// How often money was moved for it, and how many jobs are left.
async fn left(house: &House, subject: &str) -> (usize, i64) {
    let store = Store::open(&Options::sqlite(house.database())).unwrap();
    let moved = store.read(store::journal::of_subject(subject)).await.unwrap().len();
    let jobs = store.read_one(store::jobs::due(domain::Time::from_micros(i64::MAX))).await.unwrap().unwrap().0;
    store.close().await;
    (moved, jobs)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_operators_who_agree_settle_a_charge_in_one_commit_with_all_that_follows() {
    let (house, _) = still_house(SettleBy::Two).await;
    let (ada, ben) = (Asker::merchant(&house), another(&house, Scope::Admin).await);
    let id = unknown_charge(&house, Fault::LoseRequest).await;
    let path = format!("/v1/charges/{id}");

    for _ in 0..2 {
        let proposed = settle(&ada, &path, "succeeded").await;
        assert_eq!((proposed.status, &proposed.json()["status"]), (202, &json!("unknown")), "{}", proposed.text());
    }
    let seen = ben.get(&path).await.json();
    let proposal = &seen["settlement"];
    assert_eq!((&proposal["status"], &proposal["as"]), (&json!("proposed"), &json!("succeeded")), "{seen}");
    assert_eq!((&proposal["evidence"], &proposal["settled_by"]), (&json!("line 7 of the report"), &Value::Null));
    for asker in [&ada, &ben] {
        let refused = settle(asker, &path, "failed").await.problem();
        assert_eq!((refused.0, refused.1.as_str()), (409, "settlement_disputed"));
    }
    assert_eq!(left(&house, &id).await, (0, 1), "nothing has moved, and it is still looked at");

    let settled = settle(&ben, &path, "succeeded").await;
    assert_eq!((settled.status, &settled.json()["status"]), (200, &json!("succeeded")), "{}", settled.text());
    assert_eq!(settled.json()["attempts"][0]["evidence"], "operator");
    let settlement = &settled.json()["settlement"];
    assert_eq!((&settlement["status"], &settlement["proposed_by"]), (&json!("settled"), &proposal["proposed_by"]));
    assert_ne!(settlement["settled_by"], settlement["proposed_by"]);
    assert_eq!(left(&house, &id).await, (1, 1), "money moved once; only the confirmation is left");
    assert_eq!(kinds(&ada, &id).await, ["charge.processing", "charge.unknown", "charge.succeeded"]);

    for asker in [&ada, &ben] {
        assert_eq!(settle(asker, &path, "succeeded").await.status, 200, "the same word again changes nothing");
        let late = settle(asker, &path, "failed").await.problem();
        assert_eq!((late.0, late.1.as_str()), (409, "not_unknown"));
    }
    assert_eq!(left(&house, &id).await, (1, 1));
    let entries = audited(&ada).await;
    assert_eq!(actions(&entries)[..2], ["settlement.made", "settlement.proposed"]);
    assert_eq!((&entries[0]["subject"], &entries[0]["actor"]), (&json!(id), &settlement["settled_by"]));
    assert_eq!((&entries[1]["actor"], &entries[1]["reason"]), (&settlement["proposed_by"], &json!("a day has passed")));
    assert_eq!((house.line.money_requests(), house.charges_at_payoneer()), (1, 0), "nothing was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_taken_back_before_something_else_is_said() {
    let (house, _) = still_house(SettleBy::Two).await;
    let (ada, ben) = (Asker::merchant(&house), another(&house, Scope::Admin).await);
    let id = unknown_charge(&house, Fault::LoseRequest).await;
    let path = format!("/v1/charges/{id}");
    assert_eq!(settle(&ada, &path, "succeeded").await.status, 202);
    for _ in 0..2 {
        let withdrawn = withdraw(&ben, &path).await;
        assert_eq!((withdrawn.status, &withdrawn.json()["settlement"]), (200, &Value::Null), "{}", withdrawn.text());
    }
    assert_eq!(settle(&ben, &path, "failed").await.status, 202, "a new proposal, not the second word of the old one");
    let settled = settle(&ada, &path, "failed").await.json();
    assert_eq!((&settled["status"], &settled["outcome"]), (&json!("failed"), &json!("none")));
    assert_eq!(settled["failure"]["code"], "settled_by_operator");
    assert_eq!(left(&house, &id).await.0, 0);
    let entries = audited(&ada).await;
    let wanted = ["settlement.made", "settlement.proposed", "settlement.withdrawn", "settlement.proposed"];
    assert_eq!(actions(&entries)[..4], wanted);
    assert_eq!(entries[2]["reason"], "looked at the wrong line");
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_payoneers_overtakes_a_proposal() {
    let (house, clock) = still_house(SettleBy::Two).await;
    let (ada, ben) = (Asker::merchant(&house), another(&house, Scope::Admin).await);
    let id = unknown_charge(&house, Fault::LoseReply).await;
    let path = format!("/v1/charges/{id}");
    assert_eq!(settle(&ada, &path, "failed").await.status, 202);
    let found = eventually("the status query settles it", || async {
        clock.forward(5);
        Some(ben.get(&path).await.json()).filter(|charge| charge["status"] == "succeeded")
    })
    .await;
    assert_eq!(found["attempts"][0]["evidence"], "status_query");
    assert_eq!(found["settlement"], Value::Null);
    let store = Store::open(&Options::sqlite(house.database())).unwrap();
    let standing = store.read_one(store::settlements::standing(&id)).await.unwrap();
    store.close().await;
    assert!(standing.is_none(), "the proposal is over: {standing:?}");
    let late = settle(&ben, &path, "failed").await.problem();
    assert_eq!((late.0, late.1.as_str()), (409, "not_unknown"));
    assert_eq!(ada.get(&path).await.json()["status"], "succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_who_call_failed_what_was_taken_are_contradicted() {
    let (house, clock) = still_house(SettleBy::One).await;
    let ada = Asker::merchant(&house);
    let id = unknown_charge(&house, Fault::LoseReply).await;
    let settled = settle(&ada, &format!("/v1/charges/{id}"), "failed").await;
    assert_eq!((settled.status, &settled.json()["status"]), (200, &json!("failed")), "one is enough here");
    assert_eq!(settled.json()["settlement"]["settled_by"], Value::Null);
    eventually("Payoneer is asked on", || async {
        clock.forward(60);
        kinds(&ada, &id).await.contains(&"charge.contradicted".to_owned()).then_some(())
    })
    .await;
    assert_eq!(left(&house, &id).await.1, 0, "told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_payouts_and_their_cancels_are_settled_too() {
    let (house, _) = still_house(SettleBy::One).await;
    let ada = Asker::merchant(&house);
    let charge = ada.post("/v1/charges", "c", CHARGE).await.json()["id"].as_str().unwrap().to_owned();
    house.line.hit(&[Fault::LoseRequest]);
    let refund = ada.post(&format!("/v1/charges/{charge}/refund"), "r", "{}").await.json();
    let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    let settled = settle(&ada, &path, "succeeded").await;
    assert_eq!((settled.status, &settled.json()["status"]), (200, &json!("succeeded")), "{}", settled.text());
    assert_eq!(settled.json()["settlement"]["status"], "settled");
    assert_eq!(ada.get(&format!("/v1/charges/{charge}")).await.json()["status"], "refunded");
    assert_eq!(left(&house, &charge).await.0, 2, "taken and given back");

    house.line.hit(&[Fault::LoseRequest]);
    let payout = ada.post("/v1/payouts", "p", CHARGE).await.json();
    let path = format!("/v1/payouts/{}", payout["id"].as_str().unwrap());
    let none = ada.post(&format!("{path}/settle"), "", &said("failed", Some("cancel"))).await;
    assert_eq!(none.status, 404, "there is no cancel");
    let settled = settle(&ada, &path, "failed").await.json();
    assert_eq!((&settled["status"], &settled["outcome"]), (&json!("failed"), &json!("none")));

    let payout = ada.post("/v1/payouts", "q", CHARGE).await.json();
    assert_eq!(payout["status"], "pending", "{payout}");
    let path = format!("/v1/payouts/{}", payout["id"].as_str().unwrap());
    house.line.hit(&[Fault::LoseRequest]);
    ada.post(&format!("{path}/cancel"), "", "").await;
    let itself = settle(&ada, &path, "succeeded").await.problem();
    assert_eq!((itself.0, itself.1.as_str()), (409, "not_unknown"), "the payout itself is no question");
    let settled = ada.post(&format!("{path}/settle"), "", &said("succeeded", Some("cancel"))).await;
    assert_eq!((settled.status, &settled.json()["status"]), (200, &json!("canceled")), "{}", settled.text());
    assert_eq!(left(&house, payout["id"].as_str().unwrap()).await.0, 2, "the money came back");
}

fn said(verdict: &str, about: Option<&str>) -> String {
    json!({ "as": verdict, "reason": "r", "evidence": "e", "about": about }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_operators_settle_and_only_what_is_unknown_and_in_full_sentences() {
    let (house, _) = still_house(SettleBy::Two).await;
    let ada = Asker::merchant(&house);
    let id = unknown_charge(&house, Fault::LoseRequest).await;
    let path = format!("/v1/charges/{id}");
    for scope in [Scope::Read, Scope::Charge, Scope::Payout] {
        let clerk = another(&house, scope).await;
        for reply in
            [settle(&clerk, &path, "failed").await, withdraw(&clerk, &path).await, clerk.get("/v1/audit").await]
        {
            assert_eq!(reply.problem().0, 403, "{scope}");
        }
    }
    for (body, field) in [
        (r#"{"as":"lost","reason":"r","evidence":"e"}"#.to_owned(), "as"),
        (r#"{"as":"failed","reason":" ","evidence":"e"}"#.to_owned(), "reason"),
        (r#"{"as":"failed","reason":"r"}"#.to_owned(), "evidence"),
        (json!({ "as": "failed", "reason": "r", "evidence": "e".repeat(501) }).to_string(), "evidence"),
        (said("failed", Some("cancel")), "about"),
    ] {
        let refused = ada.post(&format!("{path}/settle"), "", &body).await.problem();
        assert_eq!((refused.0, refused.2.as_deref()), (422, Some(field)), "{body}");
    }
    let nowhere = format!("/v1/charges/ch_{}", "0".repeat(26));
    assert_eq!(settle(&ada, &nowhere, "failed").await.problem().0, 404);
    let done = ada.post("/v1/charges", "done", CHARGE).await.json();
    let refused = settle(&ada, &format!("/v1/charges/{}", done["id"].as_str().unwrap()), "failed").await.problem();
    assert_eq!((refused.0, refused.1.as_str()), (409, "not_unknown"));
    assert_eq!(ada.get(&path).await.json()["settlement"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_look_has_payoneer_asked_once_in_a_while() {
    let (house, clock) = still_house(SettleBy::Two).await;
    let ada = Asker::merchant(&house);
    let id = unknown_charge(&house, Fault::LoseRequest).await;
    let path = format!("/v1/charges/{id}");
    let charge = domain::ChargeId::parse(&id).unwrap();
    // Past the API, where a reader's wish would have it looked at, too.
    let looks = || async { house.engine().charge(&house.program, &charge).await.unwrap().attempts[0].looks };
    let refresh = || async { ada.post(&format!("{path}/refresh"), "", "").await };
    let before = looks().await;
    assert_eq!(refresh().await.status, 202);
    let first = eventually("a look", || async { Some(looks().await).filter(|looks| *looks > before) }).await;
    for _ in 0..20 {
        assert_eq!(refresh().await.status, 202);
    }
    assert_eq!(looks().await, first, "the clock stands, so the gap is not over");
    clock.forward(11);
    assert_eq!(refresh().await.status, 202);
    eventually("another look", || async { (looks().await > first).then_some(()) }).await;
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_administrative_change_is_in_the_log_and_no_secret_is() {
    let house = House::open().await;
    let admin = house.admin().acting_as("ada");
    let (key, text) = admin.create_key(&house.program, "backend", vec![Scope::Read]).await.unwrap();
    admin.revoke_key(key.id.as_str()).await.unwrap();
    let rotation = gateway::Rotation { username: None, api_password: Some("canary-password".into()) };
    admin.rotate_program(house.program.id.as_str(), rotation).await.unwrap();
    admin.close().await;

    let merchant = Asker::merchant(&house);
    let entries = audited(&merchant).await;
    let wanted = ["program.changed", "api_key.revoked", "api_key.created", "api_key.created", "program.added"];
    assert_eq!(actions(&entries), wanted);
    assert!(entries[..3].iter().all(|entry| entry["actor"] == "console:ada"), "{entries:?}");
    assert_eq!(
        (&entries[1]["subject"], &entries[1]["before"]["name"]),
        (&json!(key.id.to_string()), &json!("backend"))
    );
    assert_eq!(entries[0]["after"]["new_password"], true);
    let all = serde_json::to_string(&entries).unwrap();
    let token = house.program.callback_token.as_str();
    for secret in ["canary-password", "demo-api-password", text.expose_secret(), token] {
        assert!(!all.contains(secret), "{all}");
    }
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = merchant.get(&format!("/v1/audit?limit=2{cursor}")).await.json();
        paged.extend(page["data"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, entries);
}
