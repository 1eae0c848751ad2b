//! A clock that is set back by a day between two lives, and comes right again.

use super::shop::{Shop, charge};
use super::support::line::Fault;
use serde_json::json;
use std::path::Path;

/// What puts another time between a process and the system.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_by_a_day_doubles_nothing_and_loses_nothing() {
    if !Path::new(FAKETIME).exists() {
        assert!(std::env::var_os("CI").is_none(), "CI has faketime");
        println!("SKIPPED: {FAKETIME} is missing; see `cargo xtask install`");
        return;
    }
    let mut shop = Shop::open();
    let gateway = shop.serve();
    let (_, first) = shop.charge(&gateway, "first").await;
    assert_eq!(first["status"], "succeeded");
    shop.line.hit(&[Fault::LoseReply]);
    let (status, lost) = shop.charge(&gateway, "lost").await;
    assert_eq!((status, &lost["outcome"]), (202, &json!("unknown")));
    gateway.kill();

    let yesterday = [("LD_PRELOAD", FAKETIME), ("FAKETIME", "-1d"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
    let gateway = shop.serve_under(&[], &yesterday).expect("it starts");
    // The clock is really wrong: what is made now is older than what was there before.
    let (status, second) = shop.charge(&gateway, "second").await;
    assert_eq!((status, &second["status"]), (201, &json!("succeeded")));
    assert!(second["created_at"].as_str() < first["created_at"].as_str(), "{second}");
    for (key, known) in [("first", &first), ("lost", &lost)] {
        let (status, again) = shop.charge(&gateway, key).await;
        assert!([200, 202].contains(&status), "{status} {again}");
        assert_eq!(again["id"], known["id"], "a key is known whatever the clock says");
    }
    assert_eq!(shop.taken().await, 3);
    gateway.kill();

    let gateway = shop.serve();
    let asked = ["first", "lost", "second"].map(charge).to_vec();
    println!("{}", shop.compare(&gateway, asked, "clock").await);
    assert_eq!((shop.taken().await, shop.line.money_requests()), (3, 3));
}
