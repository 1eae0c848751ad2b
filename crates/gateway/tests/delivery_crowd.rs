//! A thousand endpoints of which ten hang: the others do not wait for them. What is asserted is what bounds the harm -
//! how many requests a receiver that hangs can hold open, and that nobody's delivery needs its end. How fast it went is
//! printed, not asserted.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use domain::audit::Actor;
use domain::delivery::{Delivery, State};
use domain::webhook_endpoint::Kinds;
use gateway::engine::{NewEndpoint, Page};
use std::collections::{BTreeMap, BTreeSet};
use store::deliveries::Filter;
use support::receiver::{Act, Receiver};
use support::{House, charge, eventually};

const ENDPOINTS: usize = 1_000;
const HANGING: usize = 10;

fn new(url: String) -> NewEndpoint {
    let kinds = Kinds::new(["charge.*"]).unwrap();
    NewEndpoint { url, description: String::new(), kinds, headers: BTreeMap::new() }
}

/// Every delivery there is, page by page.
async fn all(house: &House, state: State) -> Vec<Delivery> {
    let filter = Filter { state: Some(state), ..Filter::default() };
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let page = Page { before, limit: 500 };
        let deliveries = house.engine().deliveries(&house.program, &filter, &page).await.unwrap();
        let Some(last) = deliveries.last() else { return found };
        before = Some(last.id.to_string());
        found.extend(deliveries);
    }
}

/// Waits until so many deliveries have arrived.
async fn delivered(house: &House, count: usize) -> Vec<Delivery> {
    eventually("every delivery to a good endpoint", || async {
        let done = all(house, State::Delivered).await;
        (done.len() >= count).then_some(done)
    })
    .await
}

fn tell(what: &str, deliveries: &[Delivery]) {
    let mut delays: Vec<i64> = deliveries.iter().map(|d| (d.updated_at - d.created_at).micros() / 1_000).collect();
    delays.sort_unstable();
    let at = |percent: usize| delays[(delays.len() - 1) * percent / 100];
    println!("{what}: {} delivered, delay p50 {} ms, p99 {} ms, most {} ms", delays.len(), at(50), at(99), at(100));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_receivers_that_hang_delay_none_of_the_others() {
    let house = House::open().await;
    let good = Receiver::always(Act::Answer(200, "")).await;
    let mut hanging = Vec::new();
    let mut bad = BTreeSet::new();
    for n in 0..ENDPOINTS {
        let url = if n % (ENDPOINTS / HANGING) == 0 {
            hanging.push(Receiver::always(Act::Hang).await);
            hanging.last().unwrap().url("/")
        } else {
            good.url(&format!("/{n}"))
        };
        let is_bad = url.ends_with(&format!("{}/", good.address.port())) || !url.contains(&good.address.to_string());
        let (endpoint, _) =
            house.engine().create_endpoint(&house.program, &Actor::console("tests"), new(url)).await.unwrap();
        if is_bad {
            bad.insert(endpoint.id);
        }
    }
    assert_eq!((hanging.len(), bad.len()), (HANGING, HANGING));

    // Nobody knows yet who hangs. Each charge tells two events.
    house.engine().create_charge(&house.program, charge("1.20", "k1")).await.unwrap();
    let per_charge = 2 * (ENDPOINTS - HANGING);
    let first = delivered(&house, per_charge).await;
    tell("while nobody knows who hangs", &first);
    assert!(first.iter().all(|delivery| delivery.tries == 1 && !bad.contains(&delivery.endpoint)));
    assert!(hanging.iter().all(|receiver| receiver.most_at_once() <= 4), "a receiver holds no more than its share");

    // Now it is known: who hangs is in the lane of those that do.
    eventually("each that hangs has failed", || async {
        let pending = all(&house, State::Pending).await;
        (pending.iter().map(|delivery| &delivery.endpoint).collect::<BTreeSet<_>>().len() == HANGING
            && hanging.iter().all(|receiver| receiver.open_now() <= 1 && !receiver.got().is_empty()))
        .then_some(())
    })
    .await;
    for n in 2..5 {
        house.engine().create_charge(&house.program, charge("1.20", &format!("k{n}"))).await.unwrap();
    }
    let later = delivered(&house, 4 * per_charge).await;
    let later: Vec<Delivery> = later.into_iter().filter(|d| !first.iter().any(|early| early.id == d.id)).collect();
    tell("once it is known who hangs", &later);
    assert_eq!(later.len(), 3 * per_charge);
    assert!(later.iter().all(|delivery| delivery.tries == 1 && !bad.contains(&delivery.endpoint)));
    assert_eq!(good.got().len(), 4 * per_charge, "each once");
    // What is owed to those that hang is not lost.
    assert_eq!(all(&house, State::Pending).await.len(), 4 * 2 * HANGING);
}
