//! Where Payoneer's callbacks arrive: stored as they come, believed never, and no bytes crash anybody.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use data_encoding::BASE64;
use edge::{Asker, raw};
use support::{House, eventually};

/// The path of the program's callback address.
fn address(house: &House) -> String {
    let url = house.engine().callback_url(&house.program);
    url.strip_prefix(house.gateway.url()).expect("an address of the gateway").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_are_kept_as_they_came() {
    let house = House::open().await;
    let (payoneer, merchant) = (Asker::nobody(&house), Asker::merchant(&house));
    let address = address(&house);
    let mut noise = 99_u64;
    let mut bytes = |length: usize| -> Vec<u8> {
        (0..length)
            .map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                noise.to_be_bytes()[0]
            })
            .collect()
    };
    let bodies =
        [Vec::new(), bytes(1), bytes(1_000), bytes(64 * 1_024), b"{\"Payee Id\":".to_vec(), b"\0\0\xff".to_vec()];
    for (n, body) in bodies.iter().enumerate() {
        let method = ["GET", "POST", "PUT", "DELETE", "PATCH", "PURGE"][n];
        let reply = payoneer.send(method, &format!("{address}/approved?n={n}&x=%FF%00"), &[], body.clone()).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "ok"), "{n}");
    }
    let list = merchant.get("/v1/callbacks").await.json();
    let kept = list["data"].as_array().unwrap();
    assert_eq!(kept.len(), bodies.len());
    for (n, body) in bodies.iter().enumerate() {
        let callback = &kept[bodies.len() - 1 - n];
        assert_eq!(callback["body"], BASE64.encode(body));
        assert_eq!(callback["target"], format!("/approved?n={n}&x=%FF%00"));
        assert!(!callback.to_string().contains(&house.program.callback_token), "the secret part of the address");
    }
    let done = eventually("every callback is looked at", || async {
        let list = merchant.get("/v1/callbacks").await.json();
        let all = list["data"].as_array().unwrap().clone();
        all.iter().all(|callback| callback["status"] != "received").then_some(all)
    });
    assert_eq!(done.await.len(), bodies.len());
    assert_eq!(payoneer.get("/healthz").await.json()["status"], "alive");
    assert_eq!(merchant.count("/v1/payees").await, 0, "a callback makes no payee active");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_callback_again_is_counted_and_acknowledged() {
    let house = House::open().await;
    let (payoneer, merchant) = (Asker::nobody(&house), Asker::merchant(&house));
    let path = format!("{}?APPROVED=true&payeeid=Test123&sessionid=&Payoneerid=5510700", address(&house));
    for _ in 0..3 {
        let reply = payoneer.get(&path).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "ok"));
    }
    let list = merchant.get("/v1/callbacks").await.json();
    assert_eq!((list["data"].as_array().unwrap().len(), list["data"][0]["times"].clone()), (1, 3.into()));
    let id = list["data"][0]["id"].as_str().unwrap();
    assert_eq!(merchant.get(&format!("/v1/callbacks/{id}")).await.json()["id"], id);
    assert_eq!(merchant.post(&format!("/v1/callbacks/{id}/reprocess"), "", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_is_like_no_address_at_all() {
    let house = House::open().await;
    let payoneer = Asker::nobody(&house);
    let good = address(&house);
    let (program, token) = good.strip_prefix("/callbacks/payoneer/").unwrap().split_once('/').unwrap();
    let none = payoneer.get("/callbacks/nobody").await;
    for path in [
        format!("/callbacks/payoneer/{program}/{}", "a".repeat(26)),
        format!("/callbacks/payoneer/{program}/{}", token.to_uppercase()),
        format!("/callbacks/payoneer/{program}/{token}a"),
        format!("/callbacks/payoneer/prg_00000000000000000000000000/{token}"),
        format!("/callbacks/payoneer/x/{token}"),
        format!("/callbacks/payoneer/{program}/%FF"),
        format!("{good}/approved/more"),
        format!("{good}/{}", "e".repeat(65)),
        format!("{good}/a%00b"),
    ] {
        let reply = payoneer.send("POST", &path, &[], b"{}".to_vec()).await;
        assert_eq!(reply.problem(), none.problem(), "{path}");
        assert_eq!(reply.json()["detail"], none.json()["detail"], "{path}");
    }
    assert_eq!(Asker::merchant(&house).count("/v1/callbacks").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_whole() {
    let house = House::open().await;
    let payoneer = Asker::nobody(&house);
    let path = address(&house);
    let reply = payoneer.send("POST", &path, &[], vec![b'x'; 64 * 1_024 + 1]).await;
    assert_eq!(reply.problem(), (413, "body_too_large".to_owned(), None));
    let chunks = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n{}\r\n0\r\n\r\n",
        "x".repeat(65_537)
    );
    assert!(raw(&house, chunks.as_bytes()).await.starts_with("HTTP/1.1 413"));
    let query = payoneer.get(&format!("{path}?x={}", "y".repeat(9_000))).await;
    assert_eq!(query.problem(), (400, "bad_request".to_owned(), None));
    assert_eq!(Asker::merchant(&house).count("/v1/callbacks").await, 0);
}
