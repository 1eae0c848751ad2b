//! The seed's literal requests get the seed's literal answers.

use sandbox::world::{ChargeStatus, SECOND_EMAIL};
use serde_json::Map;

use crate::support::{control, payment, send, start, v2};

/// The answer without its audit id, keys in order of appearance.
fn shape(text: &str) -> String {
    let start = text.find(",\"code\"").unwrap();
    assert!(text.starts_with("{\"audit_id\":"), "{text}");
    format!("{{{}", &text[start + 1..])
}

#[tokio::test]
async fn status_before_and_after_authorisation() {
    let sandbox = start().await;
    let before = v2(&sandbox, "POST", "payees/ID123/status/", r#"{"payee_id": "ID123"}"#).await;
    assert_eq!(before.status, 404);
    assert_eq!(
        shape(&before.text),
        r#"{"code":10005,"hint":"Please ensure that the payee has registered with Payoneer","description":"Payee was not found"}"#
    );
    assert_eq!(before.fidelity(), "observed; payee-unknown");

    let link = v2(&sandbox, "POST", "payees/registration-link/", r#"{"payee_id": "ID123"}"#).await;
    assert_eq!(link.verdict(), (200, 0));
    let address = link.json()["registration_link"].as_str().unwrap().to_owned();
    let token = address.strip_prefix(&format!("{}/partners/lp.aspx?token=", sandbox.url())).unwrap();
    let (head, tail) = token.split_at(32);
    assert!(head.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{token}");
    assert!(tail.len() == 10 && tail.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)), "{token}");

    // Before the person finishes the page, the payee is still not there.
    assert_eq!(v2(&sandbox, "POST", "payees/ID123/status/", "{}").await.verdict(), (404, 10005));

    sandbox.with_world(|w| {
        let ticket = w.log_in(token, SECOND_EMAIL, sandbox::world::FIRST_PASSWORD).unwrap();
        w.consent(token, &ticket, None).unwrap();
    });
    for method in ["POST", "GET"] {
        let after = v2(&sandbox, method, "payees/ID123/status/", "").await;
        assert_eq!(after.status, 200);
        assert_eq!(shape(&after.text), r#"{"code":0,"description":"Success","status":"ACTIVE"}"#);
    }
}

#[tokio::test]
async fn the_charge_takes_the_money() {
    let sandbox = start().await;
    sandbox
        .with_world(|w| {
            let (link, _) =
                w.make_link(sandbox::world::NewLink::plain(sandbox::world::LinkKind::Registration, "ID123"))?;
            let account = w.account_by_email(SECOND_EMAIL).unwrap().id.clone();
            w.complete_link(&link.token, &account, None)
        })
        .unwrap();
    let body = r#"{"payee_id":"ID123","amount":"1.2","client_reference_id":"test_88","description":"Charge test","currency":"USD"}"#;
    let charge = v2(&sandbox, "POST", "charges", body).await;
    assert_eq!(charge.status, 200);
    assert_eq!(shape(&charge.text), r#"{"code":0,"description":"Success"}"#);
    assert_eq!(charge.fidelity(), "documented; charge");

    let pending = v2(&sandbox, "GET", "charges/test_88/status", "").await;
    assert_eq!(shape(&pending.text), r#"{"code":0,"description":"Success","status":"Pending"}"#);
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":1}"#).await;
    let settled = v2(&sandbox, "GET", "charges/test_88/status", "").await;
    assert_eq!(settled.json()["status"], "Transferred");

    sandbox.with_world(|w| {
        assert_eq!(w.program_balance().to_string(), "10201.20");
        let account = w.account_by_email(SECOND_EMAIL).unwrap().id.clone();
        assert_eq!(w.account_balances(&account).values().next().unwrap().to_string(), "248.80");
        assert_eq!(w.charge("test_88").unwrap().status, ChargeStatus::Transferred);
        assert!(w.journal().audit().balanced);
    });
}

#[tokio::test]
async fn the_first_payee_is_ready_for_charges() {
    let sandbox = start().await;
    assert_eq!(v2(&sandbox, "GET", "payees/Test123/status", "").await.json()["status"], "ACTIVE");
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "\"100.00\"", "all")).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "0.01", "more")).await.verdict(), (400, 10301));
    let balance = v2(&sandbox, "GET", "balance", "").await;
    assert!(balance.text.ends_with(r#""balance":10200.00,"currency":"USD","fees_due":0.00}"#), "{}", balance.text);
}

#[tokio::test]
async fn no_credentials_no_answer() {
    let sandbox = start().await;
    let url = format!("{}/v2/programs/100012345/payees/Test123/status", sandbox.url());
    let client = crate::support::client();
    for request in [
        client.get(&url),
        client.get(&url).basic_auth("demo", Some("wrong")),
        client.get(&url).basic_auth("Demo", Some("demo-api-password")),
        client.get(&url).header("authorization", "Bearer demo-api-password"),
        client.get(&url).header("authorization", "Basic !!!"),
    ] {
        let answer = send(request).await;
        assert_eq!(answer.verdict(), (401, 401));
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        let keys: Vec<_> = answer.json().as_object().map(Map::keys).unwrap().cloned().collect();
        assert_eq!(keys, ["audit_id", "code", "description", "hint"]);
        assert!(answer.json()["audit_id"].as_i64().unwrap() > i64::from(i32::MAX));
    }
}
