//! The control API: every call once, and every kind of no.

use serde_json::json;

use crate::support::{control, payment, start, v2};

#[tokio::test]
async fn health_tells_what_it_is() {
    let sandbox = start().await;
    let health = control(&sandbox, "GET", "health", "").await.json();
    assert_eq!(
        (&health["status"], &health["program_id"], &health["seed"]),
        (&json!("ok"), &json!("100012345"), &json!(1))
    );
    assert_eq!(health["url"], sandbox.url());
}

#[tokio::test]
async fn settings_are_merged_and_the_secret_is_masked() {
    let sandbox = start().await;
    let patch = r#"{"redirect_url":"https://m.example/back","review":"pending","charge_settle_seconds":null,
        "callbacks":{"approved":{"url":"https://m.example/cb?id={{apuid}}"}},"hmac":{"enabled":true,"secret":"hush-hush"}}"#;
    let seen = control(&sandbox, "PATCH", "settings", patch).await;
    assert_eq!(seen.status, 200);
    assert!(!seen.text.contains("hush-hush"));
    assert_eq!(seen.json()["hmac"]["secret"], "********");
    assert_eq!(seen.json()["callbacks"]["approved"]["method"], "GET");
    assert_eq!(seen.json()["charge_settle_seconds"], json!(null));

    // What was shown can be given back, and leaves the secret alone.
    let back = control(&sandbox, "PATCH", "settings", &seen.text).await;
    assert_eq!((back.status, back.json()), (200, seen.json()));
    sandbox.with_world(|w| assert_eq!(w.settings().hmac.secret.as_ref().unwrap().expose(), "hush-hush"));
    let gone = control(&sandbox, "PATCH", "settings", r#"{"callbacks":{"approved":null},"redirect_url":null}"#).await;
    assert_eq!((gone.json()["callbacks"].clone(), gone.json()["redirect_url"].clone()), (json!({}), json!(null)));
    assert_eq!(control(&sandbox, "GET", "settings", "").await.json(), gone.json());
}

#[tokio::test]
async fn bad_settings_are_named_and_change_nothing() {
    let sandbox = start().await;
    let before = control(&sandbox, "GET", "settings", "").await.text;
    for (patch, field) in [
        (r#"{"redirect_url":"not an address"}"#, "redirect_url"),
        (r#"{"redirect_url":"javascript:alert(1)"}"#, "redirect_url"),
        (r#"{"redirect_url":"https://user:pw@m.example/"}"#, "redirect_url"),
        (r#"{"redirect_seconds":1000}"#, "redirect_seconds"),
        (r#"{"hmac":{"enabled":true}}"#, "hmac.secret"),
        (r#"{"hmac":{"app_name":"a:b"}}"#, "hmac.app_name"),
        (r#"{"callbacks":{"approved":{"url":"ftp://x/"}}}"#, "callbacks.approved.url"),
        (r#"{"callback_timeout_ms":1}"#, "callback_timeout_ms"),
        (r#"{"merchant_name":" "}"#, "merchant_name"),
        (r#"{"charge_settle_seconds":40000000}"#, "charge_settle_seconds"),
    ] {
        let answer = control(&sandbox, "PATCH", "settings", patch).await;
        assert_eq!((answer.status, &answer.json()["error"]["field"]), (422, &json!(field)), "{patch}");
    }
    for patch in [
        r#"{"nonsense":1}"#,
        r#"{"review":"maybe"}"#,
        r#"{"callbacks":{"later":{"url":"http://x/"}}}"#,
        r#"{"opening_balance":-1}"#,
    ] {
        assert_eq!(control(&sandbox, "PATCH", "settings", patch).await.status, 422, "{patch}");
    }
    assert_eq!(control(&sandbox, "PATCH", "settings", "[]").await.status, 422);
    let base = control(&sandbox, "POST", "settings/callbacks", r#"{"base_url":"nowhere"}"#).await;
    assert_eq!((base.status, &base.json()["error"]["field"]), (422, &json!("base_url")));
    assert_eq!(control(&sandbox, "GET", "settings", "").await.text, before);
}

#[tokio::test]
async fn accounts_and_balances() {
    let sandbox = start().await;
    let open = r#"{"email":"Ann@Example.com","password":"pw","profile":{"first_name":"Ann"},"balance":"5.00"}"#;
    let made = control(&sandbox, "POST", "accounts", open).await;
    assert_eq!(made.status, 201);
    assert!(!made.text.contains("password") && !made.text.contains("\"pw\""), "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 7);
    assert_eq!(control(&sandbox, "POST", "accounts", &open.replace("Ann@E", "ann@e")).await.status, 409);
    for bad in [
        r#"{"email":"x","password":"pw"}"#,
        r#"{"email":"a@b.example"}"#,
        r#"{"email":"a@b.example","password":""}"#,
        r#"{"email":"a@b.example","password":"x","balance":"1.234"}"#,
        r#"{"email":"a@b.example","password":"x","balance":5}"#,
    ] {
        assert_eq!(control(&sandbox, "POST", "accounts", bad).await.status, 422, "{bad}");
    }
    let path = format!("accounts/{id}");
    control(&sandbox, "POST", &format!("{path}/fund"), r#"{"amount":"2.50"}"#).await;
    control(&sandbox, "POST", &format!("{path}/fund"), r#"{"amount":"1","currency":"EUR"}"#).await;
    control(&sandbox, "POST", &format!("{path}/drain"), r#"{"amount":"0.50"}"#).await;
    let seen = control(&sandbox, "GET", &path, "").await.json();
    assert_eq!(seen["balances"], json!({"EUR": "1.00", "USD": "7.00"}));
    assert_eq!(control(&sandbox, "POST", &format!("{path}/drain"), r#"{"amount":"7.01"}"#).await.status, 409);
    assert_eq!(control(&sandbox, "POST", &format!("{path}/fund"), r#"{"amount":"0"}"#).await.status, 422);
    assert_eq!(control(&sandbox, "POST", "accounts/1/fund", r#"{"amount":"1"}"#).await.status, 404);
    let program = control(&sandbox, "POST", "program/fund", r#"{"amount":"0.01"}"#).await.json();
    assert_eq!(program["balance"], "10200.01");
    assert_eq!(control(&sandbox, "GET", "journal/check", "").await.json()["balanced"], true);
}

#[tokio::test]
async fn payees_are_decided_about_only_where_it_makes_sense() {
    let sandbox = start().await;
    let link = control(&sandbox, "POST", "links", r#"{"payee_id":"p"}"#).await;
    assert_eq!(link.status, 201);
    let complete = format!("links/{}/complete", link.json()["token"].as_str().unwrap());
    assert_eq!(control(&sandbox, "POST", &complete, r#"{"account":"nobody@x.example"}"#).await.status, 404);
    assert_eq!(control(&sandbox, "POST", &complete, r#"{"outcome":"maybe"}"#).await.status, 422);
    let body = r#"{"outcome":"pending","account":"existing@sandbox.example"}"#;
    assert_eq!(control(&sandbox, "POST", &complete, body).await.json()["payee"]["status"], "PENDING");
    let accounts = control(&sandbox, "GET", "accounts", "").await.json()["data"].as_array().unwrap().len();
    assert_eq!(accounts, 2, "a refused or known account is not opened");
    let act = async |what: &str, body: &str| {
        let answer = control(&sandbox, "POST", &format!("payees/p/{what}"), body).await;
        (answer.status, answer.json()["status"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(act("block", "").await.0, 409);
    assert_eq!(act("decline", r#"{"reason":"no"}"#).await, (200, "INACTIVE".into()));
    assert_eq!(control(&sandbox, "GET", "payees/p", "").await.json()["reason"], "no");
    assert_eq!(act("decline", "").await.0, 409);
    assert_eq!(act("approve", "").await, (200, "ACTIVE".into()));
    assert_eq!(act("approve", "").await.0, 409);
    assert_eq!(act("block", r#"{"reason":1}"#).await.0, 422);
    assert_eq!(act("release", "").await.0, 200);
    assert_eq!(act("release", "").await.0, 404);
    assert_eq!(control(&sandbox, "GET", "payees/p", "").await.status, 404);
}

#[tokio::test]
async fn lists_are_paged() {
    let sandbox = start().await;
    for n in 0..5 {
        v2(&sandbox, "POST", "charges", &payment("Test123", "1", &format!("c{n}"))).await;
    }
    let first = control(&sandbox, "GET", "charges?limit=2", "").await.json();
    assert_eq!(
        (first["data"].as_array().unwrap().len(), first["next"].as_str().map(|next| &next[..3])),
        (2, Some("c1 "))
    );
    let rest = control(
        &sandbox,
        "GET",
        &format!("charges?limit=3&after={}", first["next"].as_str().unwrap().replace(' ', "%20")),
        "",
    )
    .await
    .json();
    assert_eq!((&rest["data"][0]["client_reference_id"], &rest["next"]), (&json!("c2"), &json!(null)));
    assert_eq!(control(&sandbox, "GET", "charges?payee_id=nobody", "").await.json()["data"], json!([]));
    for bad in ["charges?limit=0", "charges?limit=1001", "charges?limit=x", "journal?after=x", "charges?nonsense=1"] {
        assert_eq!(control(&sandbox, "GET", bad, "").await.status, 422, "{bad}");
    }
    let log = control(&sandbox, "GET", "api-log", "").await.json();
    assert_eq!((log["data"].as_array().unwrap().len(), &log["data"][0]["behaviour"]), (5, &json!("charge")));
    assert!(!log.to_string().contains("ZGVtb"), "credentials are logged");
    let journal = control(&sandbox, "GET", "journal?limit=1", "").await.json();
    assert_eq!((&journal["data"][0]["memo"], &journal["next"]), (&json!("program opened"), &json!("1")));
    assert!(control(&sandbox, "GET", "provenance", "").await.json().as_array().unwrap().len() > 40);
}

#[tokio::test]
async fn unknown_paths_methods_and_bodies() {
    let sandbox = start().await;
    assert_eq!(control(&sandbox, "GET", "nothing", "").await.json()["error"]["code"], "not_found");
    assert_eq!(control(&sandbox, "DELETE", "payees", "").await.json()["error"]["code"], "method_not_allowed");
    assert_eq!(control(&sandbox, "POST", "reset", r#"{"hard":true}"#).await.status, 422);
    assert_eq!(control(&sandbox, "POST", "charges/none/settle", "").await.status, 404);
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(control(&sandbox, "POST", "accounts", &large).await.status, 413);
    assert_eq!(control(&sandbox, "POST", "accounts", "\u{0}").await.status, 400);
}
