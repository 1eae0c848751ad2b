//! Every call of the imitated API: bodies, codes, HTTP statuses, words.

use sandbox::world::{Review, Settings, SuccessWord};

use crate::support::{control, payment, register, start, start_kind, v2};

#[tokio::test]
async fn echo_and_version() {
    let sandbox = start().await;
    let echo = v2(&sandbox, "GET", "echo", "").await;
    assert!(echo.text.ends_with(r#","code":0,"description":"Success"}"#), "{}", echo.text);
    assert_eq!(v2(&sandbox, "GET", "api-version", "").await.json()["version"], "4.18");
}

#[tokio::test]
async fn links_are_kept_until_they_are_completed() {
    let sandbox = start().await;
    let link = async |call: &str, body: &str| {
        let answer = v2(&sandbox, "POST", &format!("payees/{call}"), body).await;
        assert_eq!(answer.verdict(), (200, 0), "{body}");
        let field = call.replace('-', "_");
        (answer.json()[field.as_str()].as_str().unwrap().to_owned(), answer.fidelity().to_owned())
    };
    let (first, how) = link("registration-link", r#"{"payee_id":"a"}"#).await;
    assert_eq!(how, "observed; link");
    let (again, how) = link("registration-link", r#"{"payee_id":"a","redirect_time":"7","language_id":4}"#).await;
    assert_eq!((&again, how.as_str()), (&first, "observed; link-again"));
    let (session, _) = link("registration-link", r#"{"payee_id":"a","client_session_id":"s"}"#).await;
    let (login, _) = link("login-link", r#"{"payee_id":"a"}"#).await;
    assert!(first != session && first != login && session != login);

    let token = first.split_once("token=").unwrap().1.to_owned();
    let complete = format!("links/{token}/complete");
    let done = control(&sandbox, "POST", &complete, r#"{"outcome":"decline"}"#).await;
    assert_eq!((done.status, &done.json()["payee"]["status"]), (200, &"INACTIVE".into()));
    assert_eq!(done.json()["link"]["completed"]["redirect_seconds"], 7);
    assert_eq!(control(&sandbox, "POST", &complete, "").await.status, 409);
    let (fresh, _) = link("registration-link", r#"{"payee_id":"a"}"#).await;
    assert_ne!(fresh, first);
}

#[tokio::test]
async fn odd_link_wishes_are_understood() {
    let sandbox = start().await;
    let body = r#"{"payee_id":"a","already_have_an_account":"true","redirect_time":5000,"language_id":"en","anything":{"else":1},
        "redirect_url":"https://m.example/r?p={{apuid}}&x=a  b","payee":{"type":"COMPANY","contact":{"first_name":"Ann","email":"a@b.example"},"company":{"name":"Acme"}}}"#;
    assert_eq!(v2(&sandbox, "POST", "payees/registration-link", body).await.verdict(), (200, 0));
    sandbox.with_world(|w| {
        let link = w.links().next().unwrap().clone();
        assert_eq!(link.kind, sandbox::world::LinkKind::Login);
        assert_eq!((link.redirect_seconds, link.language_id), (Some(999), Some(1)));
        assert_eq!((link.prefill.first_name.as_str(), link.prefill.company_name.as_str()), ("Ann", "Acme"));
        assert_eq!(link.prefill_email, "a@b.example");
        let account = w.account_by_email(sandbox::world::SECOND_EMAIL).unwrap().id.clone();
        let done = w.complete_link(&link.token, &account, None).unwrap();
        assert_eq!(done.redirect_url.as_deref(), Some("https://m.example/r?p=a&x=a%20%20b"));
    });
    let bad = v2(&sandbox, "POST", "payees/registration-link", r#"{"payee_id":"b","redirect_url":"javascript:x"}"#);
    assert_eq!(bad.await.verdict(), (400, 10001));
}

#[tokio::test]
async fn a_payee_through_its_life() {
    let sandbox = start().await;
    register(&sandbox, "p", Review::Pending);
    let status = async || v2(&sandbox, "GET", "payees/p/status", "").await.json()["status"].clone();
    assert_eq!(status().await, "PENDING");
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("p", "1", "c1")).await.verdict(), (400, 10700));
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("p", "1", "p1")).await.verdict(), (400, 10009));
    control(&sandbox, "POST", "payees/p/approve", "").await;
    assert_eq!(status().await, "ACTIVE");
    let details = v2(&sandbox, "GET", "payees/p/details", "").await;
    assert_eq!(details.json()["payout_method"]["type"], "BANK");
    assert_eq!(details.json()["contact"]["phone"], "");
    assert_eq!(details.json()["registration_date"], "2026-11-23");
    control(&sandbox, "POST", "payees/p/block", r#"{"reason":"fraud"}"#).await;
    assert_eq!(status().await, "INACTIVE");
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("p", "1", "c1")).await.verdict(), (400, 10009));
    assert_eq!(v2(&sandbox, "DELETE", "payees/p", "").await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "DELETE", "payees/p", "").await.verdict(), (404, 10005));
    assert_eq!(v2(&sandbox, "GET", "payees/p/details", "").await.verdict(), (404, 10005));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("p", "1", "c1")).await.verdict(), (400, 10700));
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("p", "1", "p1")).await.verdict(), (400, 10005));
    register(&sandbox, "p", Review::Approve);
    assert_eq!(status().await, "ACTIVE");
}

#[tokio::test]
async fn a_reference_is_used_once_for_ever() {
    let sandbox = start_kind().await;
    // A refused charge does not use its reference up.
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("nobody", "1", "Ref-1")).await.verdict(), (400, 10700));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "Ref-1")).await.verdict(), (200, 0));
    for again in ["Ref-1", "REF-1", "ref-1"] {
        assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", again)).await.verdict(), (400, 10704));
    }
    let free = |free| {
        let set = |w: &mut sandbox::World| {
            w.set_settings(Settings { reference_free_after_cancel: free, ..w.settings().clone() })
        };
        sandbox.with_world(set).unwrap();
    };
    assert_eq!(v2(&sandbox, "POST", "charges/Ref-1/cancel", "{}").await.verdict(), (200, 0));
    free(false);
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "Ref-1")).await.verdict(), (400, 10704));
    free(true);
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "ref-1")).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "Ref-1")).await.verdict(), (400, 10704));
    // Charges and payouts do not share references.
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("Test123", "1", "Ref-1")).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("Test123", "1", "rEF-1")).await.verdict(), (400, 10304));
    assert_eq!(sandbox.with_world(|w| (w.charges().count(), w.payouts().count())), (2, 1));
}

#[tokio::test]
async fn a_charge_is_cancelled_whole_and_once() {
    let sandbox = start_kind().await;
    let held = || sandbox.with_world(|w| (w.program_balance().to_string(), first_payees(w)));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "\"40\"", "c")).await.verdict(), (200, 0));
    assert_eq!(held(), ("10200.00".into(), "60.00".into()));
    control(&sandbox, "POST", "charges/c/settle", "").await;
    assert_eq!(held(), ("10240.00".into(), "60.00".into()));
    for _ in 0..2 {
        assert_eq!(v2(&sandbox, "POST", "charges/C/cancel", "").await.verdict(), (200, 0));
        assert_eq!(v2(&sandbox, "GET", "charges/c/status", "").await.json()["status"], "Refunded");
        assert_eq!(held(), ("10200.00".into(), "100.00".into()));
    }
    assert_eq!(v2(&sandbox, "POST", "charges/none/cancel", "").await.verdict(), (404, 10311));
    assert_eq!(v2(&sandbox, "GET", "charges/none/status", "").await.verdict(), (404, 10311));

    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "f")).await.verdict(), (200, 0));
    control(&sandbox, "POST", "charges/f/fail", "").await;
    assert_eq!(v2(&sandbox, "GET", "charges/f/status", "").await.json()["status"], "Failed");
    assert_eq!(v2(&sandbox, "POST", "charges/f/cancel", "").await.verdict(), (400, 10705));
    assert_eq!(held(), ("10200.00".into(), "100.00".into()));
}

fn first_payees(w: &sandbox::World) -> String {
    let account = &w.payee("Test123").unwrap().account;
    w.account_balances(account).values().next().unwrap().to_string()
}

#[tokio::test]
async fn a_refund_needs_the_programs_money() {
    let sandbox = start().await;
    v2(&sandbox, "POST", "charges", &payment("Test123", "50", "c")).await;
    control(&sandbox, "POST", "charges/c/settle", "").await;
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("Test123", "\"10201\"", "all")).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "charges/c/cancel", "").await.verdict(), (400, 10301));
    assert_eq!(v2(&sandbox, "GET", "charges/c/status", "").await.json()["status"], "Transferred");
}

#[tokio::test]
async fn the_success_word_can_be_done() {
    let sandbox = start().await;
    let word = SuccessWord::Done;
    let settings = |w: &sandbox::World| Settings {
        charge_success_word: word,
        charge_settle_seconds: Some(0),
        ..w.settings().clone()
    };
    sandbox.with_world(|w| w.set_settings(settings(w))).unwrap();
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await;
    assert_eq!(v2(&sandbox, "GET", "charges/c/status", "").await.json()["status"], "DONE");
}

#[tokio::test]
async fn a_payout_through_its_life() {
    let sandbox = start().await;
    let made = v2(&sandbox, "POST", "payouts", &payment("Test123", "25.22", "p")).await;
    assert!(made.text.ends_with(r#""amount":25.22,"currency":"USD"}"#), "{}", made.text);
    let id = made.json()["payout_id"].as_str().unwrap().to_owned();
    assert!(id.bytes().all(|b| b.is_ascii_digit()));
    let pending = v2(&sandbox, "GET", "payouts/P", "").await;
    let tail = format!(
        r#","payout_id":"{id}","status":"Pending","status_category":"Pending","payee_id":"Test123","payout_date":"2026-11-23T10:00:00.000","amount":25.22,"currency":"USD"}}"#
    );
    assert!(pending.text.ends_with(&tail), "{}", pending.text);
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":2}"#).await;
    let funded = v2(&sandbox, "GET", "payouts/p", "").await.json();
    assert_eq!((&funded["status"], &funded["status_category"]), (&"Funded".into(), &"Transferred".into()));
    assert_eq!(funded["load_date"], "2026-11-23T10:00:02.000");
    assert_eq!(v2(&sandbox, "POST", "payouts/p/cancel", "").await.verdict(), (400, 10312));
    assert_eq!(v2(&sandbox, "GET", "payouts/none", "").await.verdict(), (404, 10311));
    assert_eq!(v2(&sandbox, "POST", "payouts/none/cancel", "").await.verdict(), (404, 10311));
    assert_eq!(v2(&sandbox, "POST", "payouts", &payment("Test123", "10175", "big")).await.verdict(), (400, 10301));

    // A bank may send it back even after it was paid.
    let failed = control(&sandbox, "POST", "payouts/p/fail", r#"{"code":30013,"reason":"Invalid Branch Code"}"#).await;
    assert_eq!((failed.status, &failed.json()["reason_code"]), (200, &30013.into()));
    assert_eq!(v2(&sandbox, "GET", "payouts/p", "").await.json()["status"], "Cancelled");
    assert!(v2(&sandbox, "GET", "balance", "").await.text.contains(r#""balance":10200.00,"#));
}

#[tokio::test]
async fn reports_add_every_row() {
    let sandbox = start().await;
    v2(&sandbox, "POST", "payouts", &payment("Test123", "\"55.10\"", "a")).await;
    v2(&sandbox, "POST", "payouts", &payment("Test123", "25.22", "b")).await;
    assert_eq!(v2(&sandbox, "POST", "payouts/b/cancel", "").await.verdict(), (200, 0));
    let report = v2(&sandbox, "GET", "reports/payee_details?payee_id=Test123", "").await;
    assert!(report.text.contains(r#""total_amount":105.54"#), "{}", report.text);
    let rows = report.json()["payouts"].as_array().unwrap().clone();
    let seen: Vec<_> =
        rows.iter().map(|r| (r["status"].as_str().unwrap(), r["description"].as_str().unwrap())).collect();
    assert_eq!(seen, [("Pending", "test"), ("Cancelled", "test"), ("Refund", "Payment b refunded")]);
    assert_eq!(report.json()["status"], "Active");

    let span = "reports/payees_status?start_date=2026-11-01&end_date=2026-11-30";
    let all = v2(&sandbox, "GET", span, "").await;
    assert_eq!(all.json()["payees"][0]["payout_method"], "BANK");
    let empty = "reports/payees_status?start_date=2026-10-01&end_date=2026-10-31";
    assert_eq!(v2(&sandbox, "GET", empty, "").await.json()["payees"], serde_json::json!([]));
    for bad in [
        "",
        "?start_date=2026-11-01&end_date=2026-12-31",
        "?start_date=x&end_date=y",
        "?start_date=2026-11-02&end_date=2026-11-01",
    ] {
        assert_eq!(
            v2(&sandbox, "GET", &format!("reports/payees_status{bad}"), "").await.verdict(),
            (400, 10001),
            "{bad}"
        );
    }
    assert_eq!(v2(&sandbox, "GET", "reports/payee_details", "").await.verdict(), (400, 10001));
    assert_eq!(v2(&sandbox, "GET", "reports/payee_details?payee_id=x", "").await.verdict(), (404, 10005));
}
