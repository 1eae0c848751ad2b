//! Every malformed, oversized, wrongly typed, wrongly encoded or unauthorised request gets the right problem that names
//! the field, changes nothing and leaks nothing.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use domain::api_key::Scope;
use edge::{Asker, CHARGE, raw, raw_until_closed};
use secrecy::ExposeSecret as _;
use support::House;

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// (what replaces what in a good charge, status, code, field)
type Case<'a> = (&'a str, &'a str, u16, &'a str, Option<&'a str>);

const AMOUNTS: &[Case<'_>] = &[
    (r#""1.2""#, r#""1.234""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""1.200""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""0""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""0.00""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""-1.20""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""1e2""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""1E+2""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""1000000000000000""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""99999999999999.99""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""1,2""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#"" 1.2""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#""١.٢""#, 422, "invalid_field", Some("amount")),
    (r#""1.2""#, "1.2", 422, "invalid_field", Some("amount")),
    (r#""1.2""#, "12", 422, "invalid_field", Some("amount")),
    (r#""1.2""#, "1e999", 422, "invalid_field", Some("amount")),
    (r#""1.2""#, "1e99999999999999999999", 422, "invalid_field", Some("amount")),
    (r#""1.2""#, "null", 422, "invalid_field", Some("amount")),
    (r#""1.2""#, r#"{"amount":"1.2"}"#, 422, "invalid_field", Some("amount")),
    (r#""USD""#, r#""usd""#, 422, "invalid_field", Some("currency")),
    (r#""USD""#, r#""XXX""#, 422, "invalid_field", Some("currency")),
    (r#""USD""#, r#""DOGE""#, 422, "invalid_field", Some("currency")),
    (r#""USD""#, r#""JPY""#, 422, "invalid_field", Some("amount")),
    (r#""1.2","currency":"USD""#, r#""1.234","currency":"KWD""#, 422, "invalid_field", Some("amount")),
];

const SHAPES: &[Case<'_>] = &[
    (r#""amount":"1.2","#, "", 422, "missing_field", Some("amount")),
    (r#""payee_id":"Test123","#, "", 422, "missing_field", Some("payee_id")),
    (r#","description":"Charge test""#, "", 422, "missing_field", Some("description")),
    ("description", "desc", 422, "unknown_field", Some("desc")),
    (r#""Charge test""#, r#""x","extra":1"#, 422, "unknown_field", Some("extra")),
    (r#""Charge test""#, r#""x","amount":"1.2""#, 422, "invalid_field", Some("amount")),
    (r#""Charge test""#, r#""x","\u0061mount":"9""#, 422, "invalid_field", Some("amount")),
    (r#""Charge test""#, r#""""#, 422, "invalid_field", Some("description")),
    (r#""Charge test""#, r#""a\u0000b""#, 422, "invalid_field", Some("description")),
    (r#""Charge test""#, r#""\ud800""#, 422, "invalid_field", Some("description")),
    (r#""Charge test""#, "true", 422, "invalid_field", Some("description")),
    (r#""Test123""#, "123", 422, "invalid_field", Some("payee_id")),
    (r#""Test123""#, r#""a/b""#, 422, "invalid_field", Some("payee_id")),
    (r#""Test123""#, r#""..""#, 422, "invalid_field", Some("payee_id")),
    (r#""Test123""#, r#""用户""#, 422, "invalid_field", Some("payee_id")),
    (r#""Test123""#, r#""""#, 422, "invalid_field", Some("payee_id")),
    (r#""Charge test""#, r#""x","client_reference_id":"""#, 422, "invalid_field", Some("client_reference_id")),
    (r#""Charge test""#, r#""x","client_reference_id":"a?b""#, 422, "invalid_field", Some("client_reference_id")),
    (r#""Charge test""#, r#""x","client_reference_id":7"#, 422, "invalid_field", Some("client_reference_id")),
    (r#""Charge test""#, r#""x","metadata":{"a":1}"#, 422, "invalid_field", Some("metadata.a")),
    (r#""Charge test""#, r#""x","metadata":[]"#, 422, "invalid_field", Some("metadata")),
    ("{", "[{", 400, "invalid_json", None),
    ("}", "}}", 400, "invalid_json", None),
    (r#"{"payee_id""#, r"{'payee_id'", 400, "invalid_json", None),
    (CHARGE, "", 400, "invalid_json", None),
    (CHARGE, "[]", 400, "invalid_json", None),
    (CHARGE, "null", 400, "invalid_json", None),
    (CHARGE, r#"["Test123","1.2","USD","x"]"#, 400, "invalid_json", None),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_charge_is_refused_with_the_fields_name_and_changes_nothing() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let before = merchant.inventory().await;
    for (from, to, status, code, field) in AMOUNTS.iter().chain(SHAPES) {
        let body = CHARGE.replacen(from, to, 1);
        assert_ne!(body, CHARGE, "{from} is not in the good body");
        let reply = merchant.post("/v1/charges", "k1", &body).await;
        assert_eq!(reply.problem(), (*status, (*code).to_owned(), field.map(str::to_owned)), "{body}");
    }
    let long =
        |field: &str, length: usize| CHARGE.replacen('{', &format!("{{\"{field}\":\"{}\",", "a".repeat(length)), 1);
    for (field, length) in [("client_reference_id", 51), ("purpose", 101)] {
        let reply = merchant.post("/v1/charges", "k1", &long(field, length)).await;
        assert_eq!(reply.problem(), (422, "invalid_field".to_owned(), Some(field.to_owned())));
    }
    for (from, length, field) in [("Test123", 51, "payee_id"), ("Charge test", 151, "description")] {
        let reply = merchant.post("/v1/charges", "k1", &CHARGE.replace(from, &"a".repeat(length))).await;
        assert_eq!(reply.problem(), (422, "invalid_field".to_owned(), Some(field.to_owned())));
    }
    let deep = CHARGE.replacen('{', &format!("{{\"metadata\":{}1{},", "[".repeat(50_000), "]".repeat(50_000)), 1);
    assert_eq!(merchant.post("/v1/charges", "k1", &deep).await.problem().1, "invalid_json");
    assert_eq!(merchant.inventory().await, before);
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (0, 0));
    // The same key is still free for the good request.
    assert_eq!(merchant.post("/v1/charges", "k1", CHARGE).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_encodings_and_sizes_are_refused() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let send = |headers: &'static [(&'static str, &'static str)], body: Vec<u8>| {
        let merchant = &merchant;
        async move {
            let headers: Vec<_> = headers.iter().copied().chain([("idempotency-key", "k1")]).collect();
            merchant.send("POST", "/v1/charges", &headers, body).await.problem()
        }
    };
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/x-www-form-urlencoded")],
        &[("content-type", "application/json; charset=utf-16")],
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
    ] {
        assert_eq!(send(headers, CHARGE.into()).await.1, "unsupported_media_type", "{headers:?}");
    }
    let latin1 = CHARGE.replace("test", "t\u{e9}st").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(send(JSON, latin1).await, (400, "invalid_json".to_owned(), None));
    let utf16 = CHARGE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(send(JSON, utf16).await, (400, "invalid_json".to_owned(), None));
    let bom = format!("\u{feff}{CHARGE}").into_bytes();
    assert_eq!(send(JSON, bom).await, (400, "invalid_json".to_owned(), None));
    let padded = |length: usize| format!("{CHARGE}{}", " ".repeat(length - CHARGE.len())).into_bytes();
    assert_eq!(send(JSON, padded(1_048_577)).await, (413, "body_too_large".to_owned(), None));
    assert_eq!(house.line.money_requests(), 0);
    let whole = merchant.send("POST", "/v1/charges", &[JSON[0], ("idempotency-key", "k2")], padded(1_048_576)).await;
    assert_eq!(whole.status, 201, "exactly 1 MiB is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_bodies_name_their_fields_too() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let before = merchant.inventory().await;
    let checkout = |from: &str, to: &str| {
        let good = r#"{"payee_id":"p1","amount":"5","currency":"USD","description":"d","success_url":"https://shop.example/ok"}"#;
        good.replacen(from, to, 1)
    };
    let session = |more: &str| format!(r#"{{"payee_id":"p1"{more}}}"#);
    for (path, body, code, field) in [
        ("payouts", CHARGE.replace("1.2", "0"), "invalid_field", "amount"),
        ("payouts", CHARGE.replace(r#""1.2""#, "1.2"), "invalid_field", "amount"),
        ("payouts", CHARGE.replace('}', r#","purpose":"x"}"#), "unknown_field", "purpose"),
        ("authorization_sessions", "{}".to_owned(), "missing_field", "payee_id"),
        ("authorization_sessions", session(r#","return_url":"javascript:alert(1)""#), "invalid_field", "return_url"),
        ("authorization_sessions", session(r#","return_url":"//evil.example""#), "invalid_field", "return_url"),
        ("authorization_sessions", session(r#","language":"fr""#), "invalid_field", "language"),
        ("authorization_sessions", session(r#","account":"old""#), "invalid_field", "account"),
        ("authorization_sessions", session(r#","contact":["a","b","c"]"#), "invalid_field", "contact"),
        ("authorization_sessions", session(r#","contact":{"email":"nobody"}"#), "invalid_field", "contact.email"),
        ("authorization_sessions", session(r#","contact":{"phone":"1"}"#), "unknown_field", "contact.phone"),
        ("checkout_sessions", checkout("success_url", "success"), "unknown_field", "success"),
        ("checkout_sessions", checkout("https:", "ftp:"), "invalid_field", "success_url"),
        ("checkout_sessions", checkout("shop.example", "a@shop.example"), "invalid_field", "success_url"),
        ("checkout_sessions", checkout(r#""5""#, r#""5.001""#), "invalid_field", "amount"),
        ("checkout_sessions", checkout("{", r#"{"cancel_url":"data:,x","#), "invalid_field", "cancel_url"),
        ("checkout_sessions", checkout("{", r#"{"expires_in_seconds":1,"#), "invalid_field", "expires_in_seconds"),
        ("checkout_sessions", checkout("{", r#"{"expires_in_seconds":1e9,"#), "invalid_field", "expires_in_seconds"),
    ] {
        let reply = merchant.post(&format!("/v1/{path}"), "k1", &body).await;
        assert_eq!(reply.problem(), (422, code.to_owned(), Some(field.to_owned())), "{path} {body}");
    }
    for (query, field) in [
        ("charges?limit=0", "?limit"),
        ("charges?limit=101", "?limit"),
        ("charges?limit=ten", "?limit"),
        ("charges?limit=1&limit=2", "?limit"),
        ("charges?cursor='--", "?cursor"),
        ("charges?status=paid", "?status"),
        ("charges?payee_id=a%2Fb", "?payee_id"),
        ("charges?stauts=failed", "?stauts"),
        ("charges?payee_id=%FF", "?payee_id"),
        ("events?after=ch_1", "?after"),
        ("events?type=charge.exploded", "?type"),
        ("events?type=charge.failed&subject=x", "?subject"),
        ("events?subject=a%00b", "?subject"),
        ("payees?status=active", "?status"),
    ] {
        let (status, _, named) = merchant.get(&format!("/v1/{query}")).await.problem();
        assert_eq!((status, named.as_deref()), (422, Some(field)), "{query}");
    }
    assert_eq!(merchant.inventory().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_nothing_is_not_found_and_says_no_more() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let charge = merchant.post("/v1/charges", "k1", CHARGE).await.json();
    let id = charge["id"].as_str().unwrap();
    let unknown = "ch_00000000000000000000000000";
    for path in [
        unknown,
        "ch_1",
        "po_00000000000000000000000000",
        "..%2Fpayees",
        "%00",
        "%FF%FE",
        "%3Cscript%3E",
        &"x".repeat(4_000),
    ] {
        assert_eq!(merchant.get(&format!("/v1/charges/{path}")).await.problem().1, "not_found", "{path}");
    }
    for path in
        ["/v1/payees/nobody", "/v1/refunds/x", "/v1/payouts/x", "/v1/events/x", "/v1/callbacks/x", "/v2", "/v1/"]
    {
        assert_eq!(merchant.get(path).await.problem().1, "not_found", "{path}");
    }
    // Another merchant's charge is not there at all.
    let admin = house.admin();
    let mut other = support_program();
    other.environment = house.program.environment.clone();
    let program = admin.add_program(other).await.unwrap();
    let (_, key) = admin.create_key(&program, "other", vec![Scope::Admin]).await.unwrap();
    admin.close().await;
    let stranger = Asker::with_key(&house, key.expose_secret());
    let theirs = stranger.get(&format!("/v1/charges/{id}")).await;
    let none = stranger.get(&format!("/v1/charges/{unknown}")).await;
    assert_eq!(theirs.json()["detail"], none.json()["detail"]);
    assert_eq!(theirs.problem(), none.problem());
    assert_eq!(stranger.count("/v1/charges").await, 0);
    assert_eq!(stranger.post(&format!("/v1/charges/{id}/refund"), "k9", "{}").await.problem().1, "not_found");
    assert_eq!(merchant.get(&format!("/v1/charges/{id}")).await.json()["status"], "succeeded");
}

fn support_program() -> gateway::NewProgram {
    gateway::NewProgram {
        name: "Other Merchant".to_owned(),
        program_id: "100099999".to_owned(),
        environment: domain::program::Environment::Sandbox,
        username: "demo".to_owned(),
        api_password: "demo-api-password".to_owned().into(),
        return_url: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_key_nothing_opens() {
    let house = House::open().await;
    let key = house.key.expose_secret().to_owned();
    let nobody = Asker::nobody(&house);
    let flipped = format!("{}{}", &key[..key.len() - 1], if key.ends_with('a') { 'b' } else { 'a' });
    let live = key.replace("tg_test_", "tg_live_");
    for authorization in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Basic {key}"),
        key.clone(),
        format!("Bearer {flipped}"),
        format!("Bearer {live}"),
        format!("Bearer {}", &key[..key.len() - 4]),
        format!("Bearer {}", "x".repeat(300)),
        "Bearer tg_test_'; drop table api_key; --".to_owned(),
    ] {
        let headers =
            [("authorization", authorization.as_str()), ("content-type", "application/json"), ("idempotency-key", "k")];
        let reply = nobody.send("POST", "/v1/charges", &headers, CHARGE.into()).await;
        assert_eq!(reply.problem(), (401, "unauthorized".to_owned(), None), "{authorization}");
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
        assert!(!reply.text().contains(&key[9..40]), "the key is not repeated");
    }
    let good = format!("Bearer {key}");
    let twice = [("authorization", good.as_str()), ("authorization", good.as_str())];
    assert_eq!(nobody.send("GET", "/v1/charges", &twice, Vec::new()).await.status, 401);
    let admin = house.admin();
    let (revoked, text) = admin.create_key(&house.program, "old", vec![Scope::Admin]).await.unwrap();
    let asker = Asker::with_key(&house, text.expose_secret());
    assert_eq!(asker.get("/v1/charges").await.status, 200);
    admin.revoke_key(revoked.id.as_str()).await.unwrap();
    admin.close().await;
    assert_eq!(asker.get("/v1/charges").await.status, 401);
    assert_eq!(house.line.money_requests(), 0);
}

/// What a key of one scope alone may do: everything else is forbidden, on every route of the API.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_needs_its_scope() {
    let house = House::open().await;
    let admin = house.admin();
    for scope in [Scope::Read, Scope::Charge, Scope::Payout, Scope::Admin] {
        let (_, key) = admin.create_key(&house.program, "one", vec![scope]).await.unwrap();
        let asker = Asker::with_key(&house, key.expose_secret());
        for (method, route) in gateway::ROUTES.iter().filter(|(_, route)| route.starts_with("/v1/")) {
            let needed = match (*method, *route) {
                (_, route)
                    if route.starts_with("/v1/audit")
                        || route.starts_with("/v1/api_keys")
                        || route.contains("/settle") =>
                {
                    Scope::Admin
                }
                (_, route) if route.starts_with("/v1/webhook_endpoints") => Scope::Admin,
                ("get", _) => Scope::Read,
                (_, route) if route.starts_with("/v1/payouts") => Scope::Payout,
                (_, route) if route.starts_with("/v1/callbacks") || route.starts_with("/v1/deliveries") => Scope::Admin,
                _ => Scope::Charge,
            };
            let path = route.replace("{id}", "x").replace("{payee_id}", "x");
            let reply = asker.send(&method.to_uppercase(), &path, &[], Vec::new()).await;
            let is_forbidden = reply.status == 403;
            assert_eq!(
                is_forbidden,
                scope != needed && scope != Scope::Admin,
                "{scope} {method} {route}: {}",
                reply.status
            );
            assert_ne!(reply.status, 401);
        }
    }
    admin.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_idempotency_key_is_required_where_money_can_move() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    for path in ["/v1/charges", "/v1/payouts", "/v1/charges/ch_00000000000000000000000000/refund"] {
        assert_eq!(merchant.post(path, "", CHARGE).await.problem().1, "idempotency_key_missing", "{path}");
    }
    let json = ("content-type", "application/json");
    let long = "k".repeat(256);
    for key in ["", "a b", "schlüssel", long.as_str()] {
        let reply = merchant.send("POST", "/v1/charges", &[json, ("idempotency-key", key)], CHARGE.into()).await;
        assert_eq!(reply.problem(), (400, "idempotency_key_invalid".to_owned(), None), "{key}");
    }
    let twice = [json, ("idempotency-key", "a"), ("idempotency-key", "b")];
    assert_eq!(
        merchant.send("POST", "/v1/charges", &twice, CHARGE.into()).await.problem().1,
        "idempotency_key_invalid"
    );
    assert_eq!(house.line.money_requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_without_a_mandate_is_refused_before_anything_is_sent() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let reply = merchant.post("/v1/charges", "k1", &CHARGE.replace("Test123", "stranger")).await;
    assert_eq!(reply.problem(), (409, "payee_not_authorized".to_owned(), Some("payee_id".to_owned())));
    let problem = reply.json();
    assert_eq!(problem["retry"], "after_payee_action");
    assert_eq!(problem["authorize"]["method"], "POST");
    assert_eq!(house.line.money_requests(), 0);
    assert_eq!(merchant.count("/v1/charges").await, 0);
    // The named way is a way.
    let path = problem["authorize"]["path"].as_str().unwrap();
    let session = merchant.post(path, "", &problem["authorize"]["body"].to_string()).await;
    assert_eq!(session.status, 201, "{}", session.text());
    assert!(session.json()["url"].as_str().unwrap().contains("/partners/lp.aspx?token="));
}

/// Raw bytes that no client library would send. None of them may hang, crash or be understood as a charge.
#[tokio::test(flavor = "multi_thread")]
async fn nonsense_on_the_wire_is_survived() {
    let house = House::open().await;
    let auth = format!("Host: x\r\nAuthorization: Bearer {}\r\n", house.key.expose_secret());
    let post = format!("POST /v1/charges HTTP/1.1\r\n{auth}Content-Type: application/json\r\nIdempotency-Key: k1\r\n");
    let length = CHARGE.len();
    let flood = "X: y\r\n".repeat(500);
    for (what, bytes) in [
        ("nothing", String::new()),
        ("no HTTP", "hello\r\n\r\n".to_owned()),
        ("two lengths", format!("{post}Content-Length: {length}\r\nContent-Length: 5\r\n\r\n{CHARGE}")),
        ("a negative length", format!("{post}Content-Length: -1\r\n\r\n{CHARGE}")),
        ("chunks that are none", format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{CHARGE}\r\n0\r\n\r\n")),
        ("an unknown framing", format!("{post}Transfer-Encoding: gzip\r\n\r\n{CHARGE}")),
        ("an early end", format!("{post}Content-Length: {length}\r\n\r\n{{\"payee_id\"")),
        ("a NUL in a header", format!("GET /v1/charges HTTP/1.1\r\n{auth}X: a\0b\r\n\r\n")),
        ("a header without a name", format!("GET /v1/charges HTTP/1.1\r\n{auth}: b\r\n\r\n")),
        ("a folded header", format!("GET /v1/charges HTTP/1.1\r\n{auth}X: a\r\n b\r\n\r\n")),
        ("500 headers", format!("GET /healthz HTTP/1.1\r\n{flood}\r\n")),
        ("a header of 100 KiB", format!("GET /healthz HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(100 * 1_024))),
        ("an address of 100 KiB", format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100 * 1_024))),
        ("another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned()),
    ] {
        let answer = raw(&house, bytes.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or("closed");
        assert!(status.starts_with('4') || status == "closed", "{what}: {answer}");
    }
    let both =
        format!("{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/charges HTTP/1.1\r\n");
    let answer = raw(&house, both.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "no second request was smuggled in: {answer}");
    let mut noise = 12_345_u64;
    for _ in 0..50 {
        let bytes: Vec<u8> = (0..200)
            .map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                noise.to_be_bytes()[0]
            })
            .collect();
        raw(&house, &bytes).await;
    }
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (0, 0));
    assert_eq!(Asker::merchant(&house).post("/v1/charges", "k1", CHARGE).await.status, 201);
}

/// A client must know whether it may send its next request on the same connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_something_left_in_it_is_said_to_close() {
    let house = House::open().await;
    let post = |more: &str| {
        format!("POST /v1/charges HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {}\r\n\r\n{CHARGE}", CHARGE.len())
    };
    let unread = raw_until_closed(&house, post("").as_bytes(), false).await;
    assert!(unread.starts_with("HTTP/1.1 401") && unread.contains("\r\nconnection: close\r\n"), "{unread}");
    let key = house.key.expose_secret();
    let head = format!("Authorization: Bearer {key}\r\nContent-Type: application/json\r\nIdempotency-Key: k1\r\n");
    let two = format!("{}{}", post(&head), post(&format!("{head}Connection: close\r\n")));
    let answers = raw_until_closed(&house, two.as_bytes(), false).await;
    let (first, second) = answers.split_once("HTTP/1.1 200 OK").expect("both are answered");
    assert!(first.starts_with("HTTP/1.1 201") && !first.contains("connection: close"), "{first}");
    assert!(second.contains("idempotent-replayed: true"), "{second}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_objects_without_end_are_refused_and_cost_nobody_else() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let notes: Vec<_> = (0..60_000).map(|n| format!("\"n{n}\":\"x\"")).collect();
    let many = CHARGE.replacen('{', &format!("{{\"metadata\":{{{}}},", notes.join(",")), 1);
    let reply = merchant.post("/v1/charges", "k1", &many).await;
    assert_eq!(reply.problem(), (422, "invalid_field".to_owned(), Some("metadata".to_owned())));
    let types = vec!["\"charge.succeeded\""; 40_000].join(",");
    let endpoint = format!("{{\"url\":\"https://shop.example/hooks\",\"types\":[{types}]}}");
    let reply = merchant.post("/v1/webhook_endpoints", "", &endpoint).await;
    assert_eq!(reply.problem(), (422, "invalid_field".to_owned(), Some("types".to_owned())));
    let names: Vec<_> = (0..2_000).map(|n| format!("p{n}=1")).collect();
    let reply = merchant.get(&format!("/v1/charges?{}", names.join("&"))).await;
    assert_eq!(reply.problem().1, "bad_request", "the query part is too long");
    assert_eq!(house.line.money_requests(), 0);
    assert_eq!(merchant.post("/v1/charges", "k1", CHARGE).await.status, 201);
}
