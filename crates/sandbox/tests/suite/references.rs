//! The answers about references, status queries and closed connections that nobody knows of Payoneer: each a switch, and
//! each shown to make its difference over real connections.

use sandbox::Sandbox;
use sandbox::world::{SameReference, Settings, StatusAbsent};
use tokio::io::AsyncWriteExt as _;

use crate::support::{control, payment, start, start_kind, v2};

fn set(sandbox: &Sandbox, change: impl FnOnce(&mut Settings)) {
    sandbox.with_world(|w| {
        let mut settings = w.settings().clone();
        change(&mut settings);
        w.set_settings(settings).unwrap();
    });
}

async fn charge(sandbox: &Sandbox, reference: &str) -> (u16, i64) {
    v2(sandbox, "POST", "charges", &payment("Test123", "1", reference)).await.verdict()
}

/// How many charges were made, and what the payee has left.
fn made(sandbox: &Sandbox) -> (usize, String) {
    sandbox.with_world(|w| {
        let account = w.payee("Test123").unwrap().account.clone();
        (w.charges().count(), w.account_balances(&account).values().next().unwrap().to_string())
    })
}

#[tokio::test]
async fn a_used_reference_is_refused_replayed_or_taken() {
    let sandbox = start_kind().await;
    assert_eq!(charge(&sandbox, "r").await, (200, 0));
    assert_eq!(charge(&sandbox, "r").await, (400, 10704));
    set(&sandbox, |s| s.same_reference = SameReference::Replayed);
    let again = v2(&sandbox, "POST", "charges", &payment("Test123", "7", "r")).await;
    assert_eq!((again.verdict(), again.fidelity()), ((200, 0), "invented; charge-replayed"));
    assert_eq!(made(&sandbox), (1, "99.00".to_owned()), "no money moves twice");
    set(&sandbox, |s| s.same_reference = SameReference::Taken);
    let again = v2(&sandbox, "POST", "charges", &payment("Test123", "7", "r")).await;
    assert_eq!((again.verdict(), again.fidelity()), ((200, 0), "invented; charge-reference-free"));
    assert_eq!(made(&sandbox), (2, "92.00".to_owned()));

    // Both are settled, each with its own amount, and the books stay right.
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":1}"#).await;
    assert_eq!(sandbox.with_world(|w| w.program_balance().to_string()), "10208.00");
    assert_eq!(sandbox.with_world(|w| w.charges_of("R").count()), 2);
    assert!(sandbox.with_world(|w| w.journal().audit().balanced));
    let listed = control(&sandbox, "GET", "charges?limit=1", "").await.json();
    let next = listed["next"].as_str().unwrap().replace(' ', "%20");
    let rest = control(&sandbox, "GET", &format!("charges?limit=1&after={next}"), "").await.json();
    assert_ne!(listed["data"][0]["payment_id"], rest["data"][0]["payment_id"], "no charge is left out between pages");
    let verdict = sandbox.verdict();
    assert!(verdict.kinds().contains(&sandbox::verdict::Kind::PaidTwice), "{verdict}");
}

#[tokio::test]
async fn a_reference_is_forgotten_after_its_time() {
    let sandbox = start_kind().await;
    set(&sandbox, |s| s.reference_memory_seconds = Some(60));
    assert_eq!(charge(&sandbox, "r").await, (200, 0));
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":59}"#).await;
    assert_eq!(charge(&sandbox, "r").await, (400, 10704));
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":1}"#).await;
    assert_eq!(charge(&sandbox, "r").await, (200, 0));
    assert_eq!(made(&sandbox), (2, "98.00".to_owned()));
}

#[tokio::test]
async fn case_tells_references_apart_or_does_not() {
    let sandbox = start_kind().await;
    assert_eq!(charge(&sandbox, "Ref").await, (200, 0));
    assert_eq!(charge(&sandbox, "REF").await, (400, 10704));
    assert_eq!(v2(&sandbox, "GET", "charges/rEF/status", "").await.verdict(), (200, 0));
    set(&sandbox, |s| s.reference_case_matters = true);
    assert_eq!(v2(&sandbox, "GET", "charges/rEF/status", "").await.verdict(), (404, 10311));
    assert_eq!(charge(&sandbox, "REF").await, (200, 0));
    assert_eq!(charge(&sandbox, "Ref").await, (400, 10704));
    assert_eq!(v2(&sandbox, "POST", "charges/REF/cancel", "").await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "GET", "charges/REF/status", "").await.json()["status"], "Refunded");
    assert_eq!(v2(&sandbox, "GET", "charges/Ref/status", "").await.json()["status"], "Pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_the_same_time_are_both_taken_or_one_is() {
    for (races, wanted) in [(true, [(200, 0), (200, 0)]), (false, [(200, 0), (400, 10704)])] {
        let sandbox = start_kind().await;
        set(&sandbox, |s| s.same_reference_races = races);
        let mut heard: [_; 2] = tokio::join!(charge(&sandbox, "r"), charge(&sandbox, "r")).into();
        heard.sort_unstable();
        assert_eq!(heard, wanted);
        assert_eq!(charge(&sandbox, "r").await, (400, 10704), "one that comes later is refused either way");
    }
}

#[tokio::test]
async fn a_status_query_lags_behind() {
    let sandbox = start_kind().await;
    set(&sandbox, |s| s.status_lag_seconds = 30);
    assert_eq!(charge(&sandbox, "r").await, (200, 0));
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("Test123", "1", "p")).await.verdict(), (200, 0));
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":29}"#).await;
    assert_eq!(v2(&sandbox, "GET", "charges/r/status", "").await.verdict(), (404, 10311));
    assert_eq!(v2(&sandbox, "GET", "payouts/p", "").await.verdict(), (404, 10311));
    assert_eq!(charge(&sandbox, "r").await, (400, 10704), "it is there all the same");
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":1}"#).await;
    assert_eq!(v2(&sandbox, "GET", "charges/r/status", "").await.json()["status"], "Transferred");
    assert_eq!(v2(&sandbox, "GET", "payouts/p", "").await.json()["status"], "Funded");
}

#[tokio::test]
async fn an_unknown_reference_has_three_answers() {
    let sandbox = start().await;
    let absent = v2(&sandbox, "GET", "charges/none/status", "").await;
    assert_eq!((absent.status, absent.text.as_str(), absent.fidelity()), (404, "{}", "invented; charge-absent"));
    for (answer, heard) in [(StatusAbsent::NotFound, (404, 10311)), (StatusAbsent::BadRequest, (400, 10311))] {
        set(&sandbox, |s| s.status_absent = answer);
        assert_eq!(v2(&sandbox, "GET", "charges/none/status", "").await.verdict(), heard);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_closed_connection_is_carried_out_or_recorded_as_not() {
    for survives in [true, false] {
        let sandbox = start_kind().await;
        set(&sandbox, |s| s.survives_close = survives);
        let body = payment("Test123", "1", "r");
        let head = "POST /v2/programs/100012345/charges HTTP/1.1\r\nHost: localhost\r\n\
                    Authorization: Basic ZGVtbzpkZW1vLWFwaS1wYXNzd29yZA==";
        let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = tokio::net::TcpStream::connect(sandbox.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        drop(stream);
        let seen = || sandbox.with_world(|w| w.exchanges().next_back().map(|e| (e.operation.clone(), e.effect)));
        let mut found = None;
        for _ in 0..2_000 {
            found = seen();
            if found.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(found, Some(("create_charge".to_owned(), survives)));
        assert_eq!(made(&sandbox).0, usize::from(survives));
    }
}

#[tokio::test]
async fn the_switches_begin_on_the_nastier_side_and_are_set_over_the_control_api() {
    let sandbox = start().await;
    let seen = control(&sandbox, "GET", "settings", "").await.json();
    for (name, nasty) in [
        ("same_reference", r#""refused""#),
        ("reference_memory_seconds", "86400"),
        ("reference_case_matters", "true"),
        ("reference_free_after_cancel", "true"),
        ("same_reference_races", "true"),
        ("status_lag_seconds", "0"),
        ("status_absent", r#""empty""#),
        ("survives_close", "true"),
    ] {
        assert_eq!(seen[name].to_string(), nasty, "{name}");
    }
    let kind = r#"{"same_reference":"replayed","reference_memory_seconds":null,"status_absent":"bad_request"}"#;
    let seen = control(&sandbox, "PATCH", "settings", kind).await.json();
    assert!(seen["reference_memory_seconds"].is_null() && seen["same_reference"] == "replayed");
    assert_eq!(control(&sandbox, "PATCH", "settings", r#"{"status_lag_seconds":31536001}"#).await.status, 422);
    assert_eq!(control(&sandbox, "PATCH", "settings", r#"{"same_reference":"forgotten"}"#).await.status, 422);
}
