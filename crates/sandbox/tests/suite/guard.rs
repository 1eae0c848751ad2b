//! What keeps foreign web pages, foreign names and slow callers out.

use crate::support::{raw, start};

async fn post(sandbox: &sandbox::Sandbox, headers: &str) -> String {
    let request = format!("POST /_sandbox/reset HTTP/1.1\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
    raw(sandbox, request.as_bytes()).await
}

#[tokio::test]
async fn foreign_pages_cannot_change_anything() {
    let sandbox = start().await;
    let own = format!("Host: {}\r\n", sandbox.address());
    for headers in [
        "Origin: https://evil.example\r\n",
        "Origin: http://127.0.0.1:1\r\n",
        "Origin: null\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        let answer = post(&sandbox, &format!("{own}{headers}")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{headers}: {answer}");
    }
    for headers in
        [String::new(), format!("Origin: http://{}\r\n", sandbox.address()), "Sec-Fetch-Site: same-origin\r\n".into()]
    {
        let answer = post(&sandbox, &format!("{own}{headers}")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{headers}: {answer}");
    }
}

#[tokio::test]
async fn foreign_names_see_nothing() {
    let sandbox = start().await;
    let get = async |host: &str| {
        let request = format!("GET /_sandbox/snapshot HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        raw(&sandbox, request.as_bytes()).await
    };
    assert!(get("rebound.example").await.starts_with("HTTP/1.1 403"));
    assert!(get("localhost:1").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn what_is_no_http_does_no_harm() {
    let sandbox = start().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let answer = raw(&sandbox, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let huge = format!("GET /v2/{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(600_000));
    let answer = raw(&sandbox, huge.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(crate::support::control(&sandbox, "GET", "health", "").await.status, 200);
}
