//! Faults at the socket: what a client's connection really sees, and what the sandbox did all the same.

use std::io::ErrorKind;

use sandbox::Sandbox;
use sandbox::faults::{Cut, Fault, Kind, NewRule, When};
use sandbox::world::{Answered, ChargeStatus, Exchange};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{control, payment, start, start_kind, v2};

/// A call written to a connection of its own.
async fn call(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    let head = format!(
        "{method} /v2/programs/100012345/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Basic ZGVtbzpkZW1vLWFwaS1wYXNzd29yZA==\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn charge(sandbox: &Sandbox, reference: &str) -> TcpStream {
    call(sandbox, "POST", "charges", &payment("Test123", "1.00", reference)).await
}

/// Everything that arrives, and how it ended.
async fn read(mut stream: TcpStream) -> (String, Result<(), ErrorKind>) {
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes).await.map(|_| ()).map_err(|e| e.kind());
    (String::from_utf8_lossy(&bytes).into_owned(), ended)
}

fn next_charge(sandbox: &Sandbox, cut: Cut, kind: Kind) {
    sandbox.add_fault(NewRule::once("create_charge", Fault::new(cut, kind))).unwrap();
}

fn last(sandbox: &Sandbox) -> Exchange {
    sandbox.with_world(|w| w.exchanges().next_back().unwrap().clone())
}

fn charges(sandbox: &Sandbox) -> usize {
    sandbox.with_world(|w| w.charges().count())
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_close_is_an_end() {
    let sandbox = start().await;
    for (cut, taken) in [(Cut::BeforeRead, 0), (Cut::AfterReadBeforeApply, 0), (Cut::AfterApplyBeforeReply, 1)] {
        let before = charges(&sandbox);
        next_charge(&sandbox, cut, Kind::Reset);
        let seen = read(charge(&sandbox, &format!("{cut}-reset")).await).await;
        assert_eq!(seen, (String::new(), Err(ErrorKind::ConnectionReset)), "{cut}");
        next_charge(&sandbox, cut, Kind::Close);
        let seen = read(charge(&sandbox, &format!("{cut}-close")).await).await;
        assert_eq!(seen, (String::new(), Ok(())), "{cut}");
        assert_eq!(charges(&sandbox) - before, taken * 2, "{cut}");
        let noted = last(&sandbox);
        assert_eq!((noted.answered, noted.effect, noted.applied), (Answered::Nothing, taken == 1, taken == 1));
        assert_eq!((noted.code, noted.http_status), if taken == 1 { (0, 200) } else { (-1, 0) });
        let fault = noted.fault.unwrap();
        assert_eq!((fault.cut, fault.kind.as_str()), (cut.to_string(), "close"));
    }
    sandbox.faults().assert_fired();
}

#[tokio::test]
async fn a_reply_breaks_in_the_middle() {
    let sandbox = start().await;
    for (kind, end) in
        [(Kind::Close, Ok(())), (Kind::Truncated, Ok(())), (Kind::Reset, Err(ErrorKind::ConnectionReset))]
    {
        next_charge(&sandbox, Cut::MidReply, kind);
        let (text, ended) = read(charge(&sandbox, kind.word()).await).await;
        assert_eq!(ended, end, "{kind}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        let length: usize = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        assert_eq!(body.len(), length / 2);
        assert!(body.starts_with("{\"audit_id\":"), "{body}");
        let noted = last(&sandbox);
        assert_eq!((noted.answered, noted.effect, noted.code), (Answered::Broken, true, 0));
    }
    assert_eq!(charges(&sandbox), 3);
}

#[tokio::test]
async fn a_silent_connection_stays_open_and_the_effect_is_taken() {
    let sandbox = start().await;
    next_charge(&sandbox, Cut::AfterApplyBeforeReply, Kind::Hang);
    let mut silent = charge(&sandbox, "silent").await;
    // Another call about the same charge is answered meanwhile.
    while charges(&sandbox) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(v2(&sandbox, "GET", "charges/silent/status", "").await.json()["status"], "Pending");
    assert_eq!(silent.try_read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
    silent.shutdown().await.unwrap();
    assert_eq!(read(silent).await, (String::new(), Ok(())));
}

#[tokio::test]
async fn a_late_reply_comes_after_the_effect_and_whole() {
    let sandbox = start().await;
    let fault = Fault { seconds: Some(45), ..Fault::new(Cut::AfterApplyBeforeReply, Kind::Delay) };
    sandbox.add_fault(NewRule::once("create_charge", fault)).unwrap();
    let late = charge(&sandbox, "late").await;
    while charges(&sandbox) == 0 {
        tokio::task::yield_now().await;
    }
    let now = sandbox.with_world(|w| w.now());
    sandbox.advance_to(now.plus_seconds(44)).await;
    assert_eq!(late.try_read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::WouldBlock);
    sandbox.advance_to(now.plus_seconds(45)).await;
    let mut late = late;
    let mut head = [0; 15];
    late.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
}

#[tokio::test]
async fn an_effect_is_taken_after_the_client_gave_up() {
    let sandbox = start_kind().await;
    next_charge(&sandbox, Cut::ApplyAfterTimeout, Kind::Close);
    assert_eq!(read(charge(&sandbox, "ghost").await).await, (String::new(), Ok(())));
    assert_eq!(v2(&sandbox, "GET", "charges/ghost/status", "").await.verdict(), (404, 10311));
    let now = sandbox.with_world(|w| w.now());
    sandbox.advance_to(now.plus_seconds(59)).await;
    assert_eq!(charges(&sandbox), 0);
    sandbox.advance_to(now.plus_seconds(61)).await;
    let (status, noted) =
        sandbox.with_world(|w| (w.charge("ghost").unwrap().status, w.exchanges().next().unwrap().clone()));
    assert_eq!(status, ChargeStatus::Transferred);
    assert_eq!((noted.effect, noted.applied, noted.answered), (true, true, Answered::Nothing));
}

#[tokio::test]
async fn replies_that_are_not_the_true_one() {
    let sandbox = start().await;
    let cases = [
        (Kind::TooManyRequests, 429, "\"code\":429"),
        (Kind::ServerError, 503, "\"code\":503"),
        (Kind::Html, 502, "<html>"),
        (Kind::EmptyNotFound, 404, "{}"),
        (Kind::Garbage, 200, "<not json"),
    ];
    for (cut, taken) in [(Cut::AfterReadBeforeApply, 0), (Cut::AfterApplyBeforeReply, cases.len())] {
        for (kind, status, body) in cases {
            next_charge(&sandbox, cut, kind);
            let answer = v2(&sandbox, "POST", "charges", &payment("Test123", "1", &format!("{cut}{kind}"))).await;
            assert_eq!(answer.status, status, "{cut} {kind}");
            assert!(answer.text.contains(body), "{}", answer.text);
            assert_eq!(answer.fidelity(), "invented; fault");
            let wait = answer.headers.get("retry-after").map(|h| h.to_str().unwrap());
            assert_eq!(wait, (status == 429).then_some("30"));
            let noted = last(&sandbox);
            assert_eq!(noted.http_status, status);
            assert_eq!(noted.fault.unwrap().retry_after_seconds, (status == 429).then_some(30));
        }
        assert_eq!(charges(&sandbox), taken);
    }
}

#[tokio::test]
async fn a_reply_drips_whole() {
    let sandbox = start().await;
    let fault = Fault { delay_ms: Some(0), ..Fault::new(Cut::AfterApplyBeforeReply, Kind::Drip) };
    sandbox.add_fault(NewRule::once("create_charge", fault)).unwrap();
    let (text, ended) = read(charge(&sandbox, "drip").await).await;
    assert_eq!(ended, Ok(()));
    assert!(text.ends_with(r#","code":0,"description":"Success"}"#), "{text}");
    assert_eq!(last(&sandbox).answered, Answered::Whole);
}

#[tokio::test]
async fn rules_choose_by_everything_that_a_call_shows() {
    let sandbox = start().await;
    let lost = Fault::new(Cut::AfterReadBeforeApply, Kind::EmptyNotFound);
    let rule = |when| NewRule { when, times: 0, ..NewRule::once("create_charge", lost.clone()) };
    let text = |t: &str| Some(t.to_owned());
    for when in [
        When { reference: text("A-*"), ..When::default() },
        When { amount: text("7.77"), ..When::default() },
        When { payee_id: text("nobody"), ..When::default() },
        When { key: text("k1"), ..When::default() },
        When { username: text("somebody else"), ..When::default() },
    ] {
        sandbox.add_fault(rule(when)).unwrap();
    }
    let meets = async |payee: &str, amount: &str, reference: &str| {
        v2(&sandbox, "POST", "charges", &payment(payee, amount, reference)).await.text == "{}"
    };
    assert!(meets("Test123", "1", "a-1").await);
    assert!(meets("Test123", "7.77", "b").await);
    assert!(meets("nobody", "1", "c").await);
    assert!(!meets("Test123", "1", "d").await);
    let keyed = crate::support::client()
        .post(format!("{}/v2/programs/100012345/charges", sandbox.url()))
        .basic_auth("demo", Some("demo-api-password"))
        .header("x-sandbox-fault-key", "k1")
        .body(payment("Test123", "1", "e"));
    assert_eq!(crate::support::send(keyed).await.text, "{}");
    let unfired: Vec<_> = sandbox.faults().unfired().map(|r| r.id.clone()).collect();
    assert_eq!(unfired, ["f5"]);
    let answer = control(&sandbox, "GET", "faults/unfired", "").await;
    assert!(answer.status == 409 && answer.text.contains("f5"), "{}", answer.text);
}

#[tokio::test]
async fn a_scripts_steps_wait_for_each_other() {
    let sandbox = start().await;
    let script = r#"{"name":"s","steps":[
        {"operation":"create_charge","when":{"reference":"first"},"fault":{"cut":"after_read_before_apply","kind":"html"}},
        {"operation":"create_charge","fault":{"cut":"after_read_before_apply","kind":"pass"}},
        {"operation":"create_charge","fault":{"cut":"after_read_before_apply","kind":"server_error","status":500}},
        {"operation":"charge_status","fault":{"cut":"before_read","kind":"empty_not_found"}}]}"#;
    assert_eq!(control(&sandbox, "POST", "faults/script", script).await.status, 201);
    let post =
        async |reference: &str| v2(&sandbox, "POST", "charges", &payment("Test123", "1", reference)).await.status;
    assert_eq!(post("other").await, 200, "the first step waits for its own reference");
    assert_eq!(v2(&sandbox, "GET", "charges/other/status", "").await.text, "{}", "another operation has its own turn");
    assert_eq!([post("first").await, post("first").await, post("x").await, post("x").await], [502, 200, 500, 200]);
    let listed = control(&sandbox, "GET", "faults", "").await.json();
    let fired: Vec<_> = listed["data"].as_array().unwrap().iter().map(|r| r["fired"].as_u64().unwrap()).collect();
    assert_eq!(fired, [1, 1, 1, 1]);
    assert_eq!(control(&sandbox, "GET", "faults/unfired", "").await.status, 200);
    assert_eq!(control(&sandbox, "DELETE", "faults/f2", "").await.json()["data"].as_array().unwrap().len(), 3);
    assert_eq!(control(&sandbox, "DELETE", "faults", "").await.json()["data"].as_array().unwrap().len(), 0);
    assert_eq!(control(&sandbox, "DELETE", "faults/f2", "").await.status, 404);
}

#[tokio::test]
async fn a_rule_that_cannot_be_is_refused() {
    let sandbox = start().await;
    for (rule, field) in [
        (r#"{"operation":"pay","fault":{"cut":"mid_reply","kind":"reset"}}"#, "operation"),
        (r#"{"fault":{"cut":"mid_reply","kind":"html"}}"#, "kind"),
        (r#"{"fault":{"cut":"before_read","kind":"late"}}"#, "kind"),
        (r#"{"fault":{"cut":"before_read","kind":"html","status":200}}"#, "status"),
        (r#"{"fault":{"cut":"before_read","kind":"delay","delay_ms":600001}}"#, "delay_ms"),
        (r#"{"when":{"reference":""},"fault":{"cut":"before_read","kind":"reset"}}"#, "when"),
    ] {
        let answer = control(&sandbox, "POST", "faults", rule).await;
        assert_eq!((answer.status, answer.json()["error"]["field"].as_str()), (422, Some(field)), "{rule}");
    }
    let half = r#"{"name":"s","steps":[{"fault":{"cut":"mid_reply","kind":"reset"}},{"fault":{"cut":"mid_reply","kind":"html"}}]}"#;
    assert_eq!(control(&sandbox, "POST", "faults/script", half).await.status, 422);
    assert!(sandbox.faults().rules().is_empty(), "all steps or none");
    assert_eq!(control(&sandbox, "POST", "chaos", r#"{"profile":"wild"}"#).await.status, 422);
}

#[tokio::test]
async fn magic_values_work_once_and_leave_questions_alone() {
    let sandbox = start().await;
    let reference = "fault:after_apply_before_reply:reset:7";
    let (text, ended) = read(charge(&sandbox, reference).await).await;
    assert_eq!((text.as_str(), ended), ("", Err(ErrorKind::ConnectionReset)));
    assert_eq!(last(&sandbox).fault.unwrap().id, "magic");
    assert_eq!(v2(&sandbox, "GET", &format!("charges/{reference}/status"), "").await.json()["status"], "Pending");
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1.00", reference)).await.verdict(), (400, 10704));
}

#[tokio::test]
async fn strangers_use_nothing_up() {
    let sandbox = start().await;
    next_charge(&sandbox, Cut::AfterReadBeforeApply, Kind::Html);
    let url = format!("{}/v2/programs/100012345/charges", sandbox.url());
    let stranger = crate::support::client().post(url).basic_auth("x", Some("y")).body(payment("Test123", "1", "a"));
    assert_eq!(crate::support::send(stranger).await.status, 401);
    assert_eq!(sandbox.faults().unfired().count(), 1);
}

#[tokio::test]
async fn a_question_about_a_payment_is_about_its_payee_too() {
    let sandbox = start().await;
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await.verdict(), (200, 0));
    for (payee, heard) in [("somebody-else", 200), ("Test123", 503)] {
        let mut rule = NewRule::once("charge_status", Fault::new(Cut::BeforeRead, Kind::ServerError));
        rule.when.payee_id = Some(payee.to_owned());
        sandbox.add_fault(rule).unwrap();
        assert_eq!(v2(&sandbox, "GET", "charges/r/status", "").await.status, heard, "{payee}");
    }
}
