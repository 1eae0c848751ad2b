//! Traces of a real gateway, as a collector receives them: one trace from the merchant's request over the call of
//! Payoneer, whose answer is lost, to the job that settles it. Needs the feature `otel`.

#![expect(clippy::expect_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use support::{House, Running, eventually, tollgate};

/// What was received of one span.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    name: String,
    trace: String,
    id: String,
    parent: String,
}

type Spans = Arc<Mutex<Vec<Span>>>;

/// The length-delimited fields of a protobuf message: all that is read of OTLP here.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (first, rest) = bytes.split_first().expect("a whole number");
            *bytes = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let length = match key & 7 {
            0 => {
                varint(&mut bytes);
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)).expect("a length"),
            5 => 4,
            other => panic!("wire type {other}"),
        };
        let (field, rest) = bytes.split_at(length);
        bytes = rest;
        if key & 7 == 2 {
            found.push((key >> 3, field));
        }
    }
    found
}

fn of<'a>(message: &'a [u8], number: u64) -> impl Iterator<Item = &'a [u8]> {
    fields(message).into_iter().filter(move |(found, _)| *found == number).map(|(_, field)| field)
}

fn span(message: &[u8]) -> Span {
    let first = |number| of(message, number).next().unwrap_or_default();
    let hex = |number| data_encoding::HEXLOWER.encode(first(number));
    Span { name: String::from_utf8_lossy(first(5)).into_owned(), trace: hex(1), id: hex(2), parent: hex(4) }
}

async fn receive(State(spans): State<Spans>, headers: HeaderMap, body: Bytes) {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    // Request, resource, scope, span.
    let scopes = of(&body, 1).flat_map(|resource| of(resource, 2).collect::<Vec<_>>());
    let received = scopes.flat_map(|scope| of(scope, 2).map(span).collect::<Vec<_>>());
    spans.lock().expect("a lock").extend(received);
}

async fn collector() -> (String, Spans) {
    let spans = Spans::default();
    let router = axum::Router::new().route("/v1/traces", axum::routing::post(receive)).with_state(Arc::clone(&spans));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, spans)
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

async fn charge(gateway: &Running, key: &str, idempotency: &str, traceparent: Option<&str>) -> serde_json::Value {
    let body = r#"{"payee_id":"Test123","amount":"1.2","currency":"USD","description":"Charge test"}"#;
    let request = reqwest::Client::new().post(format!("{}/v1/charges", gateway.url)).bearer_auth(key);
    let request = request.header("content-type", "application/json").header("idempotency-key", idempotency).body(body);
    let request = match traceparent {
        Some(value) => request.header("traceparent", value),
        None => request,
    };
    let text = request.send().await.expect("an answer").text().await.expect("a body");
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trace_goes_from_the_request_to_the_job_that_settles_it() {
    let (collector, spans) = collector().await;
    let house = House::build(None);
    let folder = house.folder.path();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--traces-endpoint", &collector];
    let gateway = Running::start(folder, "serve", &arguments);
    // The payee is asked about first, so that only the charge is left to go wrong.
    assert_eq!(charge(&gateway, &house.key, "k0", None).await["status"], "succeeded");
    let mut fault = tollgate(folder);
    fault.args(["sandbox", "fault", "add", "after_apply_before_reply", "reset", "--operation", "create_charge"]);
    let added = fault.args(["--sandbox", &house.sandbox.url]).output().expect("it runs");
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));

    let context = format!("00-{TRACE}-{PARENT}-01");
    let unknown = charge(&gateway, &house.key, "k1", Some(&context)).await;
    assert_eq!(unknown["status"], "unknown");
    let id = unknown["id"].as_str().expect("an id").to_owned();
    eventually("the resolver settles it", || async {
        let request = reqwest::Client::new().get(format!("{}/v1/charges/{id}", gateway.url)).bearer_auth(&house.key);
        let text = request.send().await.expect("an answer").text().await.expect("a body");
        text.contains("\"succeeded\"").then_some(())
    })
    .await;
    assert_eq!(gateway.stop().code(), Some(0));

    let spans = spans.lock().expect("a lock").clone();
    let ours: Vec<&Span> = spans.iter().filter(|span| span.trace == TRACE).collect();
    let named =
        |name: &str| ours.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} in {spans:#?}"));
    let request = named("POST /v1/charges");
    assert_eq!(request.parent, PARENT, "the merchant's own span is above ours");
    assert_eq!(named("payoneer send_charge").parent, request.id);
    let job = named("job resolve");
    assert_eq!(job.parent, request.id, "the job goes back to the request, whenever it runs");
    assert_eq!(named("payoneer charge_status").parent, job.id);
    let others = spans.iter().filter(|span| span.name == "POST /v1/charges" && span.trace != TRACE);
    assert_eq!(others.count(), 1, "a request without a trace begins its own: {spans:#?}");
    for secret in ["Test123", &house.key, "demo-api-password"] {
        assert!(!format!("{spans:?}").contains(secret));
    }
}
