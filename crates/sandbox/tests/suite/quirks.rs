//! What published clients send, and what must come back: slashes, cases, labels, forms, braces, sizes.

use sandbox::world::Settings;

use crate::support::{payment, raw, register, send, start, v2};
use sandbox::world::Review;

const AUTH: &str = "Authorization: Basic ZGVtbzpkZW1vLWFwaS1wYXNzd29yZA==";

#[tokio::test]
async fn slashes_do_not_matter() {
    let sandbox = start().await;
    for target in [
        "//v2/programs/100012345/payees/Test123/status",
        "/v2//programs//100012345/payees///Test123/status///",
        "/v2/programs/100012345/payees/Test123/status?x=1",
        "/v2/programs/100012345/payees/%54est123/status",
    ] {
        let answer = raw(
            &sandbox,
            format!("GET {target} HTTP/1.1\r\nHost: x\r\n{AUTH}\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
        assert!(answer.contains(r#""status":"ACTIVE""#), "{target}: {answer}");
    }
}

#[tokio::test]
async fn literal_braces_get_a_clean_404() {
    let sandbox = start().await;
    for path in ["charges/{client_reference_id}/status", "charges/%7Bclient_reference_id%7D/cancel"] {
        let target = format!("/v2/programs/100012345/{path}");
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\n{AUTH}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let answer = raw(&sandbox, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        let absent = if path.ends_with("status") { "\r\n\r\n{}" } else { r#""code":10311"# };
        assert!(answer.contains(absent), "{answer}");
    }
}

#[tokio::test]
async fn a_form_label_on_json_and_a_capital_in_a_key() {
    let sandbox = start().await;
    let url = format!("{}/v2/programs/100012345/charges", sandbox.url());
    let body = r#"{"payee_id":"Test123","amount":"1","client_Reference_id":"R-1","Description":"d","CURRENCY":"usd"}"#;
    let request = crate::support::client()
        .post(url)
        .basic_auth("demo", Some("demo-api-password"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    assert_eq!(send(request).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "charges/R-1/status", "").await.verdict(), (200, 0));
}

#[tokio::test]
async fn a_form_makes_a_link() {
    let sandbox = start().await;
    let answer = v2(&sandbox, "POST", "payees/registration-link", "payee_id=form-1").await;
    assert_eq!(answer.verdict(), (200, 0));
    assert_eq!(sandbox.with_world(|w| w.links().next().unwrap().payee_id.clone()), "form-1");
}

#[tokio::test]
async fn amounts_in_every_form() {
    let sandbox = start().await;
    for (n, good) in ["\"5\"", "\"1.2\"", "1.2", "5", "25.22", "\"025.20\""].iter().enumerate() {
        let body = payment("Test123", good, &format!("good-{n}"));
        assert_eq!(v2(&sandbox, "POST", "charges", &body).await.verdict(), (200, 0), "{good}");
    }
    let bad = ["\"2.00 USD\"", "1.234", "\"1.234\"", "-1", "\"-1\"", "0", "\"0.00\"", "1e1", "\"\"", "\"١\""];
    for call in ["charges", "payouts"] {
        for amount in bad {
            let answer = v2(&sandbox, "POST", call, &payment("Test123", amount, "bad")).await;
            assert_eq!(answer.verdict(), (400, 10403), "{call} {amount}");
        }
    }
    let euros = payment("Test123", "1", "euros").replace("USD", "EUR");
    assert_eq!(v2(&sandbox, "POST", "payouts", &euros).await.verdict(), (400, 10403));
    let nonsense = payment("Test123", "1", "nonsense").replace("USD", "dollars");
    assert_eq!(v2(&sandbox, "POST", "payouts", &nonsense).await.verdict(), (400, 10302));
    assert_eq!(sandbox.with_world(|w| (w.charges().count(), w.payouts().count())), (6, 0));
}

#[tokio::test]
async fn errors_come_with_200_when_wished() {
    let sandbox = start().await;
    sandbox.with_world(|w| w.set_settings(Settings { errors_as_200: true, ..w.settings().clone() })).unwrap();
    assert_eq!(v2(&sandbox, "GET", "payees/nobody/status", "").await.verdict(), (200, 10005));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("nobody", "1", "r")).await.verdict(), (200, 10700));
    // What is no judgement of the call keeps its status.
    assert_eq!(v2(&sandbox, "GET", "nothing", "").await.verdict(), (404, 404));
}

#[tokio::test]
async fn sizes_methods_paths_and_programs() {
    let sandbox = start().await;
    let most = 1024 * 1024;
    let padded = |bytes: usize| format!("{}{}", r#"{"payee_id":"big"}"#, " ".repeat(bytes - 18));
    assert_eq!(v2(&sandbox, "POST", "payees/registration-link", &padded(most)).await.verdict(), (200, 0));
    assert_eq!(v2(&sandbox, "POST", "payees/registration-link", &padded(most + 1)).await.verdict(), (413, 413));
    let wrong = v2(&sandbox, "GET", "payees/registration-link", "").await;
    assert_eq!((wrong.verdict(), wrong.headers["allow"].to_str().unwrap()), ((405, 405), "POST"));
    assert_eq!(v2(&sandbox, "PUT", "payees/x/status", "").await.headers["allow"], "GET, POST");
    assert_eq!(v2(&sandbox, "GET", "", "").await.verdict(), (404, 404));
    assert_eq!(v2(&sandbox, "GET", "../100012346/echo", "").await.verdict(), (404, 404));
    let elsewhere = send(crate::support::client().get(format!("{}/v4/programs/1/balance", sandbox.url()))).await;
    assert_eq!(elsewhere.verdict(), (404, 404));
}

#[tokio::test]
async fn rubbish_gets_an_envelope_that_names_the_trouble() {
    let sandbox = start().await;
    register(&sandbox, "p", Review::Approve);
    for (body, hint) in [
        ("{", "The body is not a JSON object"),
        ("[]", "The body is not a JSON object"),
        ("{}", "payee_id is required"),
        (r#"{"payee_id":"p"}"#, "client_reference_id is required"),
        (r#"{"payee_id":["p"]}"#, "payee_id must be a text"),
        (&payment("p", "true", "r"), "amount must be a text or a number"),
        (&payment("p", "1", "a%b"), "client_reference_id must be"),
        (&payment("p", "1", &"r".repeat(51)), "client_reference_id must be at most 50"),
        (&payment(&"p".repeat(51), "1", "r"), "payee_id must be at most 50"),
        (&payment("p", "1", "r").replace("test", &"d".repeat(151)), "description must be at most 150"),
        (&payment("p", "1", "r").replace(r#","currency":"USD""#, ""), "currency is required"),
    ] {
        let answer = v2(&sandbox, "POST", "charges", body).await;
        assert_eq!(answer.verdict(), (400, 10001), "{body}");
        assert!(answer.json()["hint"].as_str().unwrap().contains(hint), "{body}: {}", answer.text);
    }
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(v2(&sandbox, "POST", "charges", &deep).await.verdict(), (400, 10001));
    for payee in ["", "a b", "a/b", &"x".repeat(51)] {
        let body = format!(r#"{{"payee_id":"{payee}"}}"#);
        assert_eq!(v2(&sandbox, "POST", "payees/registration-link", &body).await.verdict(), (400, 10001), "{payee}");
    }
    assert_eq!(sandbox.with_world(|w| w.charges().count()), 0);
}
