//! What every answer carries, on every route, whatever it says.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use edge::{Asker, Reply};
use support::House;

const EVERYWHERE: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn check(reply: &Reply, what: &str) {
    for (name, value) in EVERYWHERE {
        assert_eq!(reply.header(name), *value, "{what}: {name}");
    }
    let policy = reply.header("content-security-policy");
    for rule in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("script-src"), "{what}: {policy}");
    assert!(reply.header("permissions-policy").contains("payment=()"), "{what}");
    assert!(!reply.header("x-request-id").is_empty(), "{what}");
    assert!(reply.headers.get_all("content-security-policy").iter().count() == 1, "{what}");
    let is_page = reply.header("content-type").starts_with("text/html");
    assert_eq!(reply.header("referrer-policy"), if is_page { "same-origin" } else { "no-referrer" }, "{what}");
    let form_action = if is_page { "form-action 'self'" } else { "form-action 'none'" };
    assert!(policy.contains(form_action), "{what}: {policy}");
    if !what.contains("/assets/") || reply.status != 200 {
        assert_eq!(reply.header("cache-control"), "no-store", "{what}");
    }
    assert_eq!(reply.header("server"), "", "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_with_the_same_care() {
    let house = House::open().await;
    let askers = [("nobody", Asker::nobody(&house)), ("the merchant", Asker::merchant(&house))];
    let mut seen = 0;
    for (method, route) in gateway::ROUTES {
        let path =
            route.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/");
        let methods: &[&str] = match *method {
            "get" => &["GET", "HEAD", "DELETE"],
            "post" => &["POST", "PUT"],
            _ => &["GET", "POST", "PUT", "DELETE", "OPTIONS", "PURGE"],
        };
        for (who, asker) in &askers {
            for method in methods {
                let reply = asker.send(method, &path, &[], Vec::new()).await;
                check(&reply, &format!("{who}: {method} {route}"));
                assert!(reply.status < 500 || reply.status == 503, "{method} {route}: {}", reply.status);
                seen += 1;
            }
        }
    }
    assert!(seen > 150, "{seen}");
    for path in ["/", "/nothing", "/v1", "/checkout", "/checkout/", "/%2e%2e/%2e%2e/etc/passwd", "/v1//charges"] {
        let reply = askers[0].1.get(path).await;
        check(&reply, path);
        assert_eq!(reply.problem().1, "not_found", "{path}");
    }
    let patch = askers[1].1.send("PATCH", "/v1/charges", &[], Vec::new()).await;
    assert_eq!(patch.problem().1, "method_not_allowed");
    assert!(patch.header("allow").contains("POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmless_request_id_comes_back_and_any_other_does_not() {
    let house = House::open().await;
    let nobody = Asker::nobody(&house);
    let ask = |id: &'static str| {
        let nobody = &nobody;
        async move { nobody.send("GET", "/v1/charges", &[("x-request-id", id)], Vec::new()).await }
    };
    let own = ask("Order-7_a").await;
    assert_eq!((own.header("x-request-id"), own.json()["request_id"].as_str()), ("Order-7_a", Some("Order-7_a")));
    for odd in ["a b", "<script>", "订单", ""] {
        let id = ask(odd).await.header("x-request-id").to_owned();
        assert!(id.starts_with("req_") && id.len() == 30, "{odd}: {id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_named_by_their_content() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let page = browser.get("/checkout/x").await.text();
    let style = page.split("stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let reply = browser.get(style).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(reply.header("cache-control").contains("immutable"));
    assert!(!reply.text().contains("http"), "nothing is loaded from anywhere else");
    for none in ["<script", " style=", " onclick", " onload", " onerror", "javascript:"] {
        assert!(!page.contains(none), "{none}: {page}");
    }
    for other in ["/assets/page.css", "/assets/..%2FCargo.toml", "/assets/page-0000000000000000.css"] {
        assert_eq!(browser.get(other).await.status, 404, "{other}");
    }
}
