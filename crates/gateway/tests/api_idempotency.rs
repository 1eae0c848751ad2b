//! The same request twice is one charge, however it is written and whoever hangs up meanwhile.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use edge::{Asker, CHARGE};
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use support::line::Fault;
use support::{House, eventually};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn the_same_meaning_is_the_same_request_and_another_one_is_not() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let first = merchant.post("/v1/charges", "k1", CHARGE).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
    let charge = first.json();
    assert_eq!(first.header("location"), format!("/v1/charges/{}", charge["id"].as_str().unwrap()));
    assert_eq!(
        (&charge["status"], &charge["outcome"], &charge["amount"]),
        (&"succeeded".into(), &"done".into(), &"1.20".into())
    );
    for same in [
        CHARGE.to_owned(),
        CHARGE.replace(',', " ,\n\t"),
        r#"{"description":"Charge test","currency":"USD","amount":"1.20","payee_id":"Test123"}"#.to_owned(),
        CHARGE.replace("Charge", r"\u0043harge"),
        CHARGE.replace('}', r#","purpose":null}"#),
    ] {
        let again = merchant.post("/v1/charges", "k1", &same).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, "true"), "{same}: {}", again.text());
        assert_eq!(again.json()["id"], charge["id"]);
    }
    for other in [
        CHARGE.replace("1.2", "1.3"),
        CHARGE.replace("USD", "EUR"),
        CHARGE.replace("Charge test", "charge test"),
        CHARGE.replace('}', r#","client_reference_id":"r"}"#),
        CHARGE.replace('}', r#","purpose":"rent"}"#),
        CHARGE.replace('}', r#","metadata":{}}"#),
    ] {
        let reply = merchant.post("/v1/charges", "k1", &other).await;
        assert_eq!(reply.problem(), (422, "idempotency_key_reused".to_owned(), None), "{other}");
    }
    // The same key for another operation is another request too.
    assert_eq!(merchant.post("/v1/payouts", "k1", CHARGE).await.problem().1, "idempotency_key_reused");
    let refund = format!("/v1/charges/{}/refund", charge["id"].as_str().unwrap());
    assert_eq!(merchant.post(&refund, "k1", "{}").await.problem().1, "idempotency_key_reused");
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_names_one_charge_for_ever() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    let body = CHARGE.replace('}', r#","client_reference_id":"test_88","metadata":{"order":"88"}}"#);
    let charge = merchant.post("/v1/charges", "k1", &body).await.json();
    assert_eq!((&charge["reference"], &charge["metadata"]["order"]), (&"test_88".into(), &"88".into()));
    let reply = merchant.post("/v1/charges", "k2", &body).await;
    assert_eq!(reply.problem(), (409, "client_reference_id_taken".to_owned(), Some("client_reference_id".to_owned())));
    assert_eq!(reply.json()["resource"]["id"], charge["id"]);
    for found in ["client_reference_id=TEST_88", "idempotency_key=k1", "status=succeeded&payee_id=Test123"] {
        let list = merchant.get(&format!("/v1/charges?{found}")).await.json();
        assert_eq!(list["data"][0]["id"], charge["id"], "{found}");
    }
    assert_eq!(merchant.count("/v1/charges?status=failed").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_one() {
    let house = Arc::new(House::open().await);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { Asker::merchant(&house).post("/v1/charges", "same", CHARGE).await })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        let reply = task.await.unwrap();
        match reply.status {
            201 => made += 1,
            200 => assert_eq!(reply.header("idempotent-replayed"), "true"),
            409 => {
                assert_eq!(reply.problem().1, "idempotency_key_in_use");
                assert!(reply.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds >= 1));
            }
            other => panic!("{other}: {}", reply.text()),
        }
    }
    assert_eq!((made, house.charges_at_payoneer(), house.line.money_requests()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_202_until_it_is_known() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    house.line.hit(&[Fault::LoseReply]);
    let reply = merchant.post("/v1/charges", "k1", CHARGE).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    let charge = reply.json();
    assert_eq!((&charge["status"], &charge["outcome"]), (&"unknown".into(), &"unknown".into()));
    let known = eventually("the charge is settled", || async {
        let again = merchant.post("/v1/charges", "k1", CHARGE).await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        (again.status == 200).then(|| again.json())
    });
    let known = known.await;
    assert_eq!((&known["id"], &known["status"]), (&charge["id"], &"succeeded".into()));
    assert_eq!(known["attempts"][0]["evidence"], "status_query");
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_sent_may_be_sent_with_the_same_key() {
    let mut house = House::open().await;
    let merchant = Asker::merchant(&house);
    // The payee is known to be active before the line goes dead.
    assert_eq!(merchant.post("/v1/payees/Test123/refresh", "", "").await.status, 200);
    house.line.cut().await;
    let reply = merchant.post("/v1/charges", "k1", CHARGE).await;
    assert_eq!(reply.problem(), (503, "payoneer_unreachable".to_owned(), None));
    let problem = reply.json();
    assert_eq!((&problem["outcome"], &problem["retry"]), (&"none".into(), &"same_key".into()));
    assert_eq!(problem["resource"]["object"], "charge");
    house.line.mend(house.sandbox.address()).await;
    let again = merchant.post("/v1/charges", "k1", CHARGE).await;
    assert_eq!(again.json()["id"], problem["resource"]["id"]);
    assert_eq!((house.charges_at_payoneer(), house.purse()), (1, "98.80".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_does_not_stop_a_charge() {
    let house = House::open().await;
    let merchant = Asker::merchant(&house);
    // The answer is slow to come, so the caller is certainly gone before it does.
    house.line.hit(&[Fault::Hang]);
    let head = format!(
        "POST /v1/charges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: k1\r\nContent-Length: {}\r\n\r\n",
        house.key.expose_secret(),
        CHARGE.len()
    );
    let mut stream = TcpStream::connect(house.gateway.addr()).await.unwrap();
    stream.write_all(format!("{head}{CHARGE}").as_bytes()).await.unwrap();
    eventually("the request goes to Payoneer", || async { (house.line.money_requests() == 1).then_some(()) }).await;
    drop(stream);
    let charge = eventually("the charge is settled without its caller", || async {
        let list = merchant.get("/v1/charges").await.json();
        (list["data"][0]["status"] == "succeeded").then(|| list["data"][0].clone())
    });
    let charge = charge.await;
    assert_eq!(charge["idempotency_key"], "k1");
    let charge = merchant.get(&format!("/v1/charges/{}", charge["id"].as_str().unwrap())).await.json();
    let doubt = charge["attempts"][0]["doubt"].as_str().unwrap();
    assert!(!doubt.contains("owner_lost"), "the request went on until Payoneer's answer was given up: {doubt}");
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_in_flight_is_finished_before_the_end() {
    let house = House::open().await;
    let (merchant, nobody) = (Asker::merchant(&house), Asker::nobody(&house));
    assert_eq!(nobody.get("/readyz").await.json()["status"], "ready");
    house.line.hit(&[Fault::Hang]);
    let House { gateway, line, .. } = house;
    let charge = tokio::spawn(async move { merchant.post("/v1/charges", "k1", CHARGE).await });
    eventually("the request goes to Payoneer", || async { (line.money_requests() == 1).then_some(()) }).await;
    let addr = gateway.addr();
    gateway.shutdown().await;
    let reply = charge.await.unwrap();
    assert_eq!((reply.status, reply.json()["status"].clone()), (202, "unknown".into()), "{}", reply.text());
    assert!(TcpStream::connect(addr).await.is_err(), "nobody listens any more");
}
