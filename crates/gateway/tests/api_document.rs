//! The OpenAPI document over real HTTP: it is served, its examples do what they say, and its page needs nothing else.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use edge::document::{DOCUMENT, flaws};
use edge::{Asker, Reply};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served_to_anybody() {
    let house = House::open().await;
    let reply = Asker::nobody(&house).get("/openapi.json").await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    assert_eq!(reply.text(), gateway::openapi());
    assert_eq!(reply.json()["openapi"], "3.1.0");
}

/// The ids of what the examples made, by the noun of its path.
type Made = BTreeMap<String, String>;

/// Runs every example of a request, each creation before what needs it; returns how many.
async fn run_examples(merchant: &Asker, made: &mut Made, wanted: impl Fn(&str) -> bool) -> usize {
    let mut run = 0;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post").filter(|_| wanted(path)) else { continue };
        let content = &operation["requestBody"]["content"]["application/json"];
        for (name, example) in content["examples"].as_object().unwrap() {
            let body = &example["value"];
            assert_eq!(flaws(&content["schema"], body), [""; 0], "{path}: {name} is not what its own schema says");
            let Some(address) = filled(path, made) else { panic!("{path}: nothing was made for it") };
            let reply = merchant.post(&address, &format!("example-{path}-{name}"), &body.to_string()).await;
            run += 1;
            // Whether a thing can be taken back depends on where it stands: then any described answer is right.
            assert!(reply.status < 500, "{path}: {}", reply.text());
            assert!(path.contains('{') || [201, 202].contains(&reply.status), "{path}: {name}: {}", reply.text());
            if [201, 202].contains(&reply.status) {
                let thing = reply.json();
                let plural = format!("{}s", thing["object"].as_str().unwrap());
                made.insert(plural, thing["id"].as_str().unwrap().to_owned());
            }
        }
    }
    run
}

fn filled(path: &str, made: &Made) -> Option<String> {
    let noun = path.split('/').nth(2).unwrap_or_default();
    let parts = path.split('/').map(|part| match part {
        "{payee_id}" => Some("Test123".to_owned()),
        part if part.starts_with('{') => made.get(noun).cloned(),
        part => Some(part.to_owned()),
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_does_what_the_document_says() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    // Something from Payoneer's side, so that there is a callback.
    let program = merchant.get("/v1/program").await.json();
    let callback = program["callback_url"].as_str().unwrap();
    let callback = format!("/{}", callback.splitn(4, '/').nth(3).unwrap());
    let received: Reply = merchant.get(&format!("{callback}?approved=true&payeeid=Test123")).await;
    assert_eq!(received.status, 200);
    let mut made = Made::new();
    let id = merchant.get("/v1/callbacks").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    made.insert("callbacks".to_owned(), id);
    let created = run_examples(&merchant, &mut made, |path| !path.contains('{')).await;
    assert!(created >= 5, "{created}");
    assert!(house.charges_at_payoneer() >= 2, "the examples of charges take money");
    // An event on its way to an endpoint.
    let test = filled("/v1/webhook_endpoints/{id}/test", &made).unwrap();
    let delivery = merchant.post(&test, "", "{}").await.json()["id"].as_str().unwrap().to_owned();
    made.insert("deliveries".to_owned(), delivery);
    let done = run_examples(&merchant, &mut made, |path| path.contains('{')).await;
    assert!(done >= 7, "{done}");
    // Every look at what is there now.
    let id = merchant.get("/v1/events").await.json()["data"][0]["id"].as_str().unwrap().to_owned();
    made.insert("events".to_owned(), id);
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        if item.get("get").is_some() {
            let address = filled(path, &made).unwrap_or_else(|| panic!("{path}: nothing to look at"));
            assert_eq!(merchant.get(&address).await.status, 200, "{address}");
        }
    }
}

#[test]
fn the_judge_can_convict() {
    let schema = json!({ "$ref": "#/components/schemas/Charge" });
    let charge: Value = json!({ "id": "ch_1", "object": "refund", "amount": 1.2, "created_at": "yesterday" });
    let flaws = flaws(&schema, &charge).join("\n");
    for part in ["/id", "/object", "/amount", "/created_at", "\"outcome\" is a required property"] {
        assert!(flaws.contains(part), "{part} is not in\n{flaws}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_every_route_in_both_languages_and_loads_nothing_foreign() {
    let house = House::open().await;
    let nobody = Asker::nobody(&house);
    let page = nobody.get("/docs").await;
    assert_eq!((page.status, page.scene().as_str()), (200, "docs"));
    let html = page.text();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(html.contains(&format!("<article class=\"operation\" id=\"{id}\">")), "{path}");
        }
    }
    assert!(!html.contains("<script") && !html.contains("style=\"") && !html.contains("//cdn"));
    for link in html.split("<link ").skip(1).map(|rest| rest.split("href=\"").nth(1).unwrap()) {
        let link = link.split('"').next().unwrap();
        assert!(link.starts_with("/assets/"), "{link}");
        assert_eq!(nobody.get(link).await.status, 200, "{link}");
    }
    let chinese = nobody.get("/docs?lang=zh").await.text();
    assert!(chinese.contains("<html lang=\"zh-CN\">") && chinese.contains("接口文档"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_spoken_or_refused() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let newest = DOCUMENT["info"]["version"].as_str().unwrap();
    let ask = |version: &'static str| {
        let merchant = &merchant;
        async move { merchant.send("GET", "/v1/charges", &[("tollgate-version", version)], Vec::new()).await }
    };
    let plain = merchant.get("/v1/charges").await;
    assert_eq!((plain.status, plain.header("tollgate-version")), (200, newest));
    assert_eq!(ask("2026-11-25").await.status, 200);
    let unknown = ask("2031-01-01").await;
    assert_eq!(unknown.problem(), (400, "version_unknown".to_owned(), None));
    assert!(unknown.json()["detail"].as_str().unwrap().contains(newest));
    assert_eq!(Asker::nobody(&house).get("/healthz").await.header("tollgate-version"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_charge_already_is_not_sent_it_again_until_it_changes() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let made = merchant.post("/v1/charges", "k1", edge::CHARGE).await;
    let path = made.header("location").to_owned();
    let seen = merchant.get(&path).await;
    let name = seen.header("etag").to_owned();
    assert_eq!((seen.status, name.is_empty()), (200, false));
    let again = |name: String| {
        let (merchant, path) = (&merchant, &path);
        async move { merchant.send("GET", path, &[("if-none-match", &name)], Vec::new()).await }
    };
    let same = again(name.clone()).await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, name.as_str()));
    assert_eq!(merchant.post(&format!("{path}/refund"), "k2", "{}").await.status, 201);
    let changed = again(name.clone()).await;
    assert_eq!((changed.status, changed.json()["status"].as_str()), (200, Some("refunded")));
    assert_ne!(changed.header("etag"), name);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    let clock = support::StillClock::now_on();
    let source = std::sync::Arc::clone(&clock);
    let house = House::open_with(source, &|options| options.rate_limit = Some(2)).await;
    let merchant = Asker::merchant(&house);
    let first = merchant.get("/v1/charges").await;
    assert_eq!(first.header("ratelimit-policy"), "\"key\";q=2;w=1");
    assert_eq!(first.header("ratelimit"), "\"key\";r=1;t=1");
    assert_eq!(merchant.get("/v1/charges").await.status, 200);
    let refused = merchant.post("/v1/charges", "k1", edge::CHARGE).await;
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned(), None));
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("1", "\"key\";r=0;t=1"));
    assert_eq!(house.charges_at_payoneer(), 0, "what is turned away is not looked at");
    assert_eq!(Asker::nobody(&house).get("/healthz").await.status, 200, "what needs no key is not limited");
    clock.forward(1);
    assert_eq!(merchant.post("/v1/charges", "k1", edge::CHARGE).await.status, 201, "the same key is still free");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_allows_another_origin() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let origin = ("origin", "https://elsewhere.example");
    let preflight = [origin, ("access-control-request-method", "POST")];
    let asked = [
        merchant.send("OPTIONS", "/v1/charges", &preflight, Vec::new()).await,
        merchant.send("GET", "/v1/charges", &[origin], Vec::new()).await,
        merchant.send("GET", "/openapi.json", &[origin], Vec::new()).await,
    ];
    assert_eq!(asked.each_ref().map(|reply| reply.status), [405, 200, 200]);
    for reply in asked {
        assert!(!reply.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{:?}", reply.headers);
    }
}
