//! Several gateways on one PostgreSQL database: they know each other, share the work, and take over from one that is lost.
//! Whole processes that are killed are in `tollgate/tests/nodes.rs`.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::Time;
use domain::charge::State;
use gateway::engine::Engine;
use std::sync::Arc;
use store::Batch;
use store::nodes::Node;
use support::line::Fault;
use support::{House, charge, eventually};

async fn ids(engine: &Engine) -> Vec<String> {
    engine.nodes().await.unwrap().into_iter().map(|node| node.id).collect()
}

#[tokio::test]
async fn nodes_know_each_other_and_say_good_bye() {
    let house = House::open_on_postgres().await;
    let first = ids(house.engine()).await;
    assert_eq!(first.len(), 1);
    let second = house.another().await;
    let both = ids(house.engine()).await;
    assert_eq!((both.len(), &both), (2, &ids(second.engine()).await));
    second.shutdown().await;
    assert_eq!(ids(house.engine()).await, first);
}

#[tokio::test]
async fn one_charge_asked_for_at_two_nodes_at_once_is_one_charge() {
    let house = House::open_on_postgres().await;
    let second = house.another().await;
    for n in 0..10 {
        let key = format!("both-{n}");
        let (here, there) = tokio::join!(
            house.engine().create_charge(&house.program, charge("1", &key)),
            second.engine().create_charge(&house.program, charge("1", &key)),
        );
        let ids: Vec<_> = [&here, &there].into_iter().flatten().map(|made| made.resource.charge.id.clone()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{here:?} {there:?}");
        assert!(!ids.is_empty(), "{here:?} {there:?}");
    }
    eventually("every charge is settled", async || (house.charges_at_payoneer() == 10).then_some(())).await;
    assert_eq!(house.line.money_requests(), 10);
    second.shutdown().await;
}

/// Makes the others believe that a node was not heard of for long.
async fn silence(house: &House, node: &str) {
    let long_ago = Time::from_micros(1);
    let node = Node { id: node.to_owned(), version: "0".to_owned(), started_at: long_ago, last_seen: long_ago };
    house.store().commit(Batch::new().with(store::nodes::beat(&node))).await.unwrap();
}

#[tokio::test]
async fn what_a_lost_node_was_sending_becomes_unknown_is_asked_about_and_never_sent_again() {
    let house = House::open_on_postgres().await;
    let lost = ids(house.engine()).await.remove(0);
    let second = house.another().await;
    house.line.hit(&[Fault::Hang]);
    let (engine, program) = (Arc::clone(house.engine()), house.program.clone());
    let hanging = tokio::spawn(async move { engine.create_charge(&program, charge("10", "k1")).await });
    eventually("Payoneer takes the charge", async || (house.charges_at_payoneer() == 1).then_some(())).await;

    assert_eq!(second.engine().beat().await.unwrap(), 0, "who was heard of lately keeps what is his");
    silence(&house, &lost).await;
    assert_eq!(second.engine().beat().await.unwrap(), 1);
    assert_eq!(second.engine().beat().await.unwrap(), 0, "once is enough");
    let answer = hanging.await.unwrap();
    let settled = eventually("the other node finds out", async || {
        let made = second.engine().create_charge(&house.program, charge("10", "k1")).await.unwrap();
        (made.resource.charge.state == State::Succeeded).then_some(made)
    })
    .await;
    assert!(settled.replayed);
    if let Ok(made) = answer {
        assert_eq!(made.resource.charge.id, settled.resource.charge.id);
    }
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1));
    second.shutdown().await;
}

#[tokio::test]
async fn what_a_lost_node_had_leased_is_free_at_once() {
    let house = House::open_on_postgres().await;
    let store = house.store();
    let now = house.engine().now();
    let hour = domain::Span::from_secs(3600);
    let job = domain::job::Job::at(domain::job::Kind::Verify, "x", now + hour);
    store.commit(Batch::new().with(store::jobs::put(&job, now))).await.unwrap();
    let later = now + hour + hour;
    let taken = store.take(store::jobs::lease("gone", later, later + hour, 100)).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert!(store.take(store::jobs::lease("next", later, later + hour, 100)).await.unwrap().is_empty());
    house.engine().beat().await.unwrap();
    assert_eq!(store.take(store::jobs::lease("next", later, later + hour, 100)).await.unwrap().len(), 1);
}
