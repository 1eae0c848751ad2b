//! The record of exchanges: every call of the imitated API as seen from outside, kept through a snapshot, bounded.

use sandbox::World;
use sandbox::v2::{Context, Request, answer};
use sandbox::world::{Answered, Exchange, FaultMark, limits};

use crate::support::{payment, start, v2};

fn last(world: &World) -> Exchange {
    world.exchanges().next_back().unwrap().clone()
}

#[tokio::test]
async fn what_was_asked_and_what_came_of_it() {
    let sandbox = start().await;
    v2(&sandbox, "POST", "charges", &payment("Test123", "1.50", "Ref 1")).await;
    let one = sandbox.with_world(|w| last(w));
    assert_eq!((one.number, one.operation.as_str()), (1, "create_charge"));
    assert_eq!((one.reference.as_deref(), one.payee_id.as_deref()), (Some("Ref 1"), Some("Test123")));
    assert_eq!((one.amount.as_deref(), one.currency.as_deref()), (Some("1.50"), Some("USD")));
    assert_eq!((one.code, one.http_status, one.effect, one.applied), (0, 200, true, true));
    assert_eq!((one.answered, one.fault), (Answered::Whole, None));
    assert_eq!(one.body_sha256.len(), 64);

    v2(&sandbox, "POST", "charges", &payment("Test123", "1.50", "Ref 1")).await;
    let two = sandbox.with_world(|w| last(w));
    assert_eq!((two.number, two.code, two.effect, two.applied), (2, 10704, false, true));
    assert_eq!(two.body_sha256, one.body_sha256);

    v2(&sandbox, "POST", "charges", "{").await;
    let three = sandbox.with_world(|w| last(w));
    assert_eq!((three.operation.as_str(), three.code, three.applied), ("other", 10001, false));
    for (method, path, operation) in [
        ("GET", "charges/x/status", "charge_status"),
        ("POST", "charges/x/cancel", "cancel_charge"),
        ("GET", "payouts/x", "payout_status"),
        ("POST", "payouts/x/cancel", "cancel_payout"),
        ("GET", "payees/x/status", "payee_status"),
        ("GET", "payees/x/details", "payee_details"),
        ("DELETE", "payees/x", "release_payee"),
        ("GET", "balance", "other"),
    ] {
        v2(&sandbox, method, path, "").await;
        assert_eq!(sandbox.with_world(|w| last(w)).operation, operation);
    }
}

#[tokio::test]
async fn marks_and_exchanges_outlive_a_snapshot() {
    let sandbox = start().await;
    v2(&sandbox, "GET", "balance", "").await;
    v2(&sandbox, "GET", "charges/x/status", "").await;
    let mark = FaultMark { id: "f1".into(), cut: "mid_reply".into(), kind: "reset".into(), retry_after_seconds: None };
    sandbox.with_world(|w| w.mark_exchange(2, mark.clone(), Answered::Broken));
    let again = sandbox.with_world(|w| World::from_snapshot(&w.snapshot().unwrap()).unwrap());
    let kept: Vec<_> = again.exchanges().map(|e| (e.number, e.fault.clone(), e.answered)).collect();
    assert_eq!(kept, [(1, None, Answered::Whole), (2, Some(mark), Answered::Broken)]);
}

#[tokio::test]
async fn the_record_is_bounded() {
    let sandbox = start().await;
    let request = Request { method: "GET", target: "/v2/programs/100012345/echo", authorized: true, body: Some(b"") };
    sandbox.with_world(|w| {
        for _ in 0..limits::EXCHANGES + 2 {
            answer(w, Context { public_url: "http://s" }, &request);
        }
        assert_eq!(w.exchanges().count(), limits::EXCHANGES);
        assert_eq!(w.exchanges().next().unwrap().number, 3);
    });
}
