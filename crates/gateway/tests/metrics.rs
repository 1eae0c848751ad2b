//! What an operator sees: `/metrics` over real HTTP while a house is in use, and `/readyz` at every turn.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use domain::webhook_endpoint::Kinds;
use edge::{Asker, CHARGE};
use gateway::engine::NewEndpoint;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use support::line::{Fault, Trouble};
use support::receiver::{Act, Receiver};
use support::{House, Options, StillClock, eventually};

/// Every sample of a scrape, as text.
async fn scrape(house: &House) -> Vec<String> {
    let addr = house.gateway.metrics_addr().expect("metrics are served");
    let response = reqwest::get(format!("http://{addr}/metrics")).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = response.text().await.expect("a body");
    assert!(text.ends_with("# EOF\n"), "a whole page: {text}");
    text.lines().map(str::to_owned).collect()
}

/// The value of one series; `None` where there is none.
fn value<'a>(samples: &'a [String], series: &str) -> Option<&'a str> {
    samples.iter().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
}

async fn house() -> (House, std::sync::Arc<StillClock>) {
    let clock = StillClock::now_on();
    let metrics = |options: &mut Options| options.metrics_listen = Some(([127, 0, 0, 1], 0).into());
    let house = House::open_with(std::sync::Arc::<StillClock>::clone(&clock), &metrics).await;
    (house, clock)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_and_nobody_is_named() {
    let (house, clock) = house().await;
    let merchant = Asker::merchant(&house);
    assert_eq!(merchant.post("/v1/charges", "k1", CHARGE).await.status, 201);
    let charge = merchant.post("/v1/charges", "k1", CHARGE).await;
    assert_eq!(charge.status, 200);
    assert_eq!(merchant.post("/v1/charges", "k2", &CHARGE.replace("1.2", "1000")).await.status, 201, "declined");
    assert_eq!(merchant.get("/v1/charges/ch_none").await.status, 404);
    assert_eq!(merchant.get("/somewhere/else").await.status, 404);

    let callback = house.engine().callback_url(&house.program).strip_prefix(house.gateway.url()).unwrap().to_owned();
    let query = format!("{callback}?payeeid=Test123");
    assert_eq!(merchant.get(&query).await.status, 200);
    eventually("the callback is interpreted", || async {
        (merchant.get("/v1/callbacks").await.json()["data"][0]["status"] != "received").then_some(())
    })
    .await;

    let samples = scrape(&house).await;
    let at = clock.seconds().to_string();
    let charges =
        |status: u16| format!(r#"tollgate_http_requests_total{{method="POST",route="/v1/charges",status="{status}"}}"#);
    for (series, wanted) in [
        (charges(201).as_str(), "2"),
        (&charges(200), "1"),
        (r#"tollgate_http_requests_total{method="GET",route="-",status="404"}"#, "1"),
        (r#"tollgate_http_requests_total{method="GET",route="/v1/charges/{id}",status="404"}"#, "1"),
        (r#"tollgate_http_request_duration_seconds_count{method="POST",route="/v1/charges"}"#, "3"),
        (r#"tollgate_payoneer_call_duration_seconds_count{call="send_charge",outcome="done"}"#, "1"),
        (r#"tollgate_payoneer_call_duration_seconds_count{call="send_charge",outcome="declined"}"#, "1"),
        (r#"tollgate_payoneer_answers_total{call="send_charge",code="0"}"#, "1"),
        (r#"tollgate_payoneer_answers_total{call="send_charge",code="10301"}"#, "1"),
        (r#"tollgate_events_total{event="charge.succeeded"}"#, "1"),
        (r#"tollgate_events_total{event="charge.failed"}"#, "1"),
        ("tollgate_callbacks_received_total", "1"),
        ("tollgate_callback_delay_seconds_count", "1"),
        ("tollgate_callback_last_timestamp_seconds", &at),
        ("tollgate_levels_read_timestamp_seconds", &at),
        ("process_start_time_seconds", &at),
        (r#"tollgate_attempts_open{kind="charge",state="unknown"}"#, "0"),
        (r#"tollgate_payoneer_programs{standing="open"}"#, "1"),
        (r#"tollgate_payoneer_places{lane="money"}"#, "32"),
        (r#"tollgate_payoneer_places_taken{lane="money"}"#, "0"),
        (r#"tollgate_store_trust{trust="sound"}"#, "1"),
        (r#"tollgate_store_trust{trust="quarantined"}"#, "0"),
        ("tollgate_store_down", "0"),
        (r#"tollgate_job_runs_total{kind="digest",end="done"}"#, "1"),
    ] {
        assert_eq!(value(&samples, series), Some(wanted), "{series} in\n{}", samples.join("\n"));
    }
    let number = |series: &str| value(&samples, series).and_then(|text| text.parse::<u64>().ok()).expect("a number");
    assert!(number("tollgate_store_commits_total") > 5 && number("tollgate_store_batches_total") > 5);
    assert_eq!(number("tollgate_store_commit_batches_count"), number("tollgate_store_commits_total"));
    assert!(
        value(&samples, &format!(r#"tollgate_build_info{{version="{}",dialects="v2"}}"#, env!("CARGO_PKG_VERSION")))
            == Some("1")
    );

    let all = samples.join("\n");
    let id = charge.json()["id"].as_str().unwrap().to_owned();
    for named in ["Test123", house.program.id.as_str(), &house.program.callback_token, "100012345", &id, "/somewhere"] {
        assert!(!all.contains(named), "{named} in {all}");
    }
    house.gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unknown_is_seen_with_its_age_and_by_whom_it_was_settled() {
    let (house, clock) = house().await;
    let merchant = Asker::merchant(&house);
    assert_eq!(merchant.post("/v1/charges", "k0", CHARGE).await.status, 201);
    house.line.trouble(Some(Trouble { fault: Fault::LoseReply, queries: true }));
    assert_eq!(merchant.post("/v1/charges", "k1", CHARGE).await.status, 202);
    clock.forward(7);
    let samples = scrape(&house).await;
    assert_eq!(value(&samples, r#"tollgate_attempts_open{kind="charge",state="unknown"}"#), Some("1"));
    assert_eq!(value(&samples, r#"tollgate_unknown_oldest_seconds{kind="charge"}"#), Some("7"));
    assert_eq!(value(&samples, r#"tollgate_needs_attention{kind="charge"}"#), Some("0"));
    assert_eq!(
        value(&samples, r#"tollgate_payoneer_call_duration_seconds_count{call="send_charge",outcome="unknown"}"#),
        Some("1")
    );

    house.line.trouble(None);
    let settled = r#"tollgate_settled_by_query_total{kind="charge",told_by="poll"}"#;
    eventually("the resolver settles it", || async {
        clock.forward(60);
        (value(&scrape(&house).await, settled) == Some("1")).then_some(())
    })
    .await;
    clock.forward(10);
    let samples = scrape(&house).await;
    assert_eq!(value(&samples, r#"tollgate_attempts_open{kind="charge",state="unknown"}"#), Some("0"));
    assert_eq!(value(&samples, r#"tollgate_unknown_oldest_seconds{kind="charge"}"#), Some("0"));
    assert_eq!(value(&samples, r#"tollgate_settled_by_query_total{kind="charge",told_by="callback"}"#), Some("0"));
    house.gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_circuit_is_seen() {
    let (house, _clock) = house().await;
    let merchant = Asker::merchant(&house);
    assert_eq!(merchant.post("/v1/charges", "k0", CHARGE).await.status, 201);
    house.line.trouble(Some(Trouble { fault: Fault::ErrorPage, queries: true }));
    for number in 0..8 {
        merchant.post("/v1/charges", &format!("broken-{number}"), CHARGE).await;
    }
    let samples = scrape(&house).await;
    assert_eq!(value(&samples, r#"tollgate_payoneer_programs{standing="down"}"#), Some("1"));
    assert_eq!(value(&samples, r#"tollgate_payoneer_programs{standing="open"}"#), Some("0"));
    assert!(value(&samples, r#"tollgate_payoneer_turned_away_total{reason="down"}"#).is_some());
    house.gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_ends_before_service_does() {
    let duck = |options: &mut Options| options.lame_duck = Duration::from_secs(2);
    let house = House::open_with(StillClock::now_on(), &duck).await;
    let merchant = Asker::merchant(&house);
    let ready = merchant.get("/readyz").await;
    assert_eq!((ready.status, ready.json()["status"].as_str()), (200, Some("ready")));
    let going = tokio::spawn(house.gateway.shutdown());
    let not_ready = eventually("it is said that nobody should come", || async {
        let ready = merchant.get("/readyz").await;
        (ready.status != 200).then_some(ready)
    })
    .await;
    assert_eq!(not_ready.problem().0, 503);
    assert_eq!(not_ready.problem().1, "draining");
    assert_eq!(merchant.get("/healthz").await.json(), json!({ "status": "alive" }));
    assert_eq!(merchant.post("/v1/charges", "late", CHARGE).await.status, 201, "whoever comes is served");
    going.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_have_no_place_on_the_main_listener_and_are_off_unless_asked_for() {
    let house = House::open().await;
    assert!(house.gateway.metrics_addr().is_none());
    assert_eq!(Asker::merchant(&house).get("/metrics").await.status, 404);
    house.gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_counted_by_what_came_of_them() {
    let (house, clock) = house().await;
    let receiver = Receiver::each(|n| if n < 1 { Act::Answer(500, "") } else { Act::Answer(200, "") }).await;
    let kinds = Kinds::new(["webhook_endpoint.tested"]).unwrap();
    let new = NewEndpoint { url: receiver.url("/"), description: String::new(), kinds, headers: BTreeMap::new() };
    let (endpoint, _) =
        house.engine().create_endpoint(&house.program, &domain::audit::Actor::console("tests"), new).await.unwrap();
    house.engine().test_endpoint(&house.program, &endpoint.id).await.unwrap();
    let seen = |series: &'static str, wanted: &'static str| {
        let house = &house;
        eventually(series, move || async move { (value(&scrape(house).await, series) == Some(wanted)).then_some(()) })
    };
    seen(r#"tollgate_delivery_try_duration_seconds_count{outcome="5xx"}"#, "1").await;
    clock.forward(7);
    seen(r#"tollgate_delivery_try_duration_seconds_count{outcome="2xx"}"#, "1").await;
    seen("tollgate_delivery_delay_seconds_count", "1").await;
    clock.forward(10);
    let samples = scrape(&house).await;
    for (series, wanted) in [
        (r#"tollgate_delivery_delay_seconds_bucket{le="5.0"}"#, "0"),
        (r#"tollgate_delivery_delay_seconds_bucket{le="10.0"}"#, "1"),
        ("tollgate_deliveries_failed_total", "0"),
        ("tollgate_deliveries_due", "0"),
        ("tollgate_deliveries_late_seconds", "0"),
        (r#"tollgate_events_total{event="webhook_endpoint.tested"}"#, "1"),
    ] {
        assert_eq!(value(&samples, series), Some(wanted), "{series} in\n{}", samples.join("\n"));
    }
    assert!(!samples.join("\n").contains(endpoint.id.as_str()));
    house.gateway.shutdown().await;
}

/// Every name that begins like one of ours, wherever it stands in the text.
fn names(text: &str) -> std::collections::BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c: char| !is_name(c));
    words.filter(|word| word.starts_with("tollgate_") || word.starts_with("process_")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboard_alerts_and_documents_speak_of_metrics_that_exist() {
    let (house, _clock) = house().await;
    assert_eq!(Asker::merchant(&house).post("/v1/charges", "k1", CHARGE).await.status, 201);
    let callback = house.engine().callback_url(&house.program).strip_prefix(house.gateway.url()).unwrap().to_owned();
    assert_eq!(Asker::nobody(&house).get(&callback).await.status, 200);
    let samples = eventually("a job has run", || async {
        let samples = scrape(&house).await;
        samples.iter().any(|line| line.starts_with("tollgate_job_run_duration_seconds_count")).then_some(samples)
    })
    .await;
    let (mut exist, mut families) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for line in &samples {
        let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) else { continue };
        let suffixes: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            "info" => &["_info"],
            _ => &[""],
        };
        exist.extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
        // People speak of a histogram without saying which part of it.
        families.insert(if kind == "histogram" { name.to_owned() } else { format!("{name}{}", suffixes[0]) });
    }
    for (path, least, for_people) in [
        ("deploy/grafana-dashboard.json", 20, false),
        ("deploy/prometheus-alerts.yml", 10, false),
        ("docs/operations.md", 25, true),
    ] {
        let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).expect("a file");
        let named = names(&text);
        assert!(named.len() >= least, "{path} names only {named:?}");
        let known = if for_people { &families } else { &exist };
        for name in &named {
            assert!(known.contains(*name), "{path} speaks of {name}, which is not among {known:?}");
        }
        if for_people {
            let untold: Vec<_> = families.iter().filter(|name| !named.contains(name.as_str())).collect();
            assert!(untold.is_empty(), "{path} does not tell of {untold:?}");
        }
    }
    let dashboard = format!("{}/../../deploy/grafana-dashboard.json", env!("CARGO_MANIFEST_DIR"));
    let dashboard: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(dashboard).expect("a file")).expect("JSON");
    assert!(dashboard["panels"].as_array().expect("panels").len() > 15);
    house.gateway.shutdown().await;
}
