//! The same bytes again under the same reference: only where probes have proven that a reference is taken once, only so
//! often, and never believed when refused. Over real sockets, on a clock that the test moves.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

use domain::attempt::{RESENDS_MAX, State};
use domain::{ChargeId, Outcome, attempt};
use gateway::engine::ChargeView;
use sandbox::faults::{Cut, Fault as Wrong, Kind, NewRule};
use sandbox::verdict::{Kind as Found, Verdict};
use sandbox::world::Settings;
use std::sync::Arc;
use support::line::Fault;
use support::{FIRST, House, StillClock, charge, eventually};

/// Longer than the longest time between two looks.
const LONG: i64 = 2 * 24 * 3_600;

async fn house(proven: bool) -> (House, Arc<StillClock>) {
    let clock = StillClock::now_on();
    let house = House::open_by(Arc::<StillClock>::clone(&clock)).await;
    house.sandbox.with_world(|world| {
        let settings = world.settings().clone().kind_to_references();
        world.set_settings(settings).unwrap();
    });
    if proven {
        let admin = house.admin();
        admin.probe(&house.program, FIRST).await.unwrap();
        admin.close().await;
    }
    (house, clock)
}

/// A charge of which the request was lost on the way, so that nobody knows.
async fn lost(house: &House, amount: &str) -> ChargeId {
    house.line.hit(&[Fault::LoseRequest]);
    let made = house.engine().create_charge(&house.program, charge(amount, "lost")).await.unwrap();
    assert_eq!(made.resource.charge.outcome(), Outcome::Unknown);
    made.resource.charge.id
}

async fn view(house: &House, id: &ChargeId) -> ChargeView {
    house.engine().charge(&house.program, id).await.unwrap()
}

/// Puts the clock forward and waits until the resolver has looked once more.
async fn look(house: &House, clock: &StillClock, id: &ChargeId, seconds: i64) -> attempt::Attempt {
    let before = view(house, id).await.attempts[0].looks;
    clock.forward(seconds);
    eventually("the resolver looks", || async {
        let attempt = view(house, id).await.attempts[0].clone();
        (attempt.looks > before || attempt.state.is_final()).then_some(attempt)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_lost_is_sent_again_once_it_is_proven_that_this_cannot_charge_twice() {
    let (house, clock) = house(true).await;
    let (sent, charged) = (house.line.money_requests(), house.charges_at_payoneer());
    let id = lost(&house, "5").await;
    let attempt = look(&house, &clock, &id, 30).await;
    assert_eq!((attempt.resends, house.line.money_requests()), (0, sent + 1), "not within a minute");

    let attempt = look(&house, &clock, &id, LONG).await;
    assert_eq!((attempt.state, attempt.resends), (State::Succeeded, 1));
    assert_eq!(view(&house, &id).await.charge.outcome(), Outcome::Done);
    assert_eq!((house.line.money_requests(), house.charges_at_payoneer()), (sent + 2, charged + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_proof_nothing_is_ever_sent_again() {
    let (house, clock) = house(false).await;
    let id = lost(&house, "5").await;
    for _ in 0..4 {
        let attempt = look(&house, &clock, &id, LONG).await;
        assert_eq!((attempt.state, attempt.resends), (State::Unknown, 0));
    }
    assert_eq!((house.line.money_requests(), house.charges_at_payoneer()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_again_so_often_and_no_more() {
    let (house, clock) = house(true).await;
    let sent = house.line.money_requests();
    let id = lost(&house, "5").await;
    house.line.hit(&[Fault::LoseRequest; 3]);
    for _ in 0..6 {
        look(&house, &clock, &id, LONG).await;
    }
    let attempt = view(&house, &id).await.attempts[0].clone();
    assert_eq!((attempt.state, attempt.resends), (State::Unknown, RESENDS_MAX));
    assert_eq!(house.line.money_requests(), sent + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_second_request_says_nothing_about_the_first() {
    let (house, clock) = house(true).await;
    let id = lost(&house, "90").await;
    house.engine().create_charge(&house.program, charge("50", "other")).await.unwrap();
    let attempt = look(&house, &clock, &id, LONG).await;
    assert_eq!((attempt.state, attempt.resends), (State::Unknown, 1));
    let seen = attempt.seen.unwrap();
    assert!(seen.contains("sent again: refused with 10301"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_exists_although_no_query_finds_it_stays_unknown_until_one_does() {
    let (house, clock) = house(true).await;
    house.sandbox.with_world(|world| {
        let settings = Settings { status_lag_seconds: 3_600, ..world.settings().clone() };
        world.set_settings(settings).unwrap();
    });
    let charged = house.charges_at_payoneer();
    house.line.hit(&[Fault::LoseReply]);
    let made = house.engine().create_charge(&house.program, charge("5", "lost")).await.unwrap();
    let id = made.resource.charge.id;

    let attempt = look(&house, &clock, &id, LONG).await;
    assert_eq!((attempt.state, attempt.resends), (State::Unknown, 1), "10704 is no success and no failure");
    let seen = attempt.seen.unwrap();
    assert_eq!(seen, "Payoneer shows no such charge, which proves nothing");
    assert_eq!(house.charges_at_payoneer(), charged + 1);

    let later = house.sandbox.with_world(|world| world.now().plus_seconds(3_600));
    house.sandbox.advance_to(later).await;
    let attempt = look(&house, &clock, &id, LONG).await;
    assert_eq!((attempt.state, attempt.resends), (State::Succeeded, 1));
    assert_eq!(house.charges_at_payoneer(), charged + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_judge_takes_a_proven_and_bounded_repetition_for_what_it_is() {
    let (house, clock) = house(true).await;
    // The status query fails, so that nothing but sending again can tell.
    for (operation, cut, kind) in [
        ("create_charge", Cut::AfterApplyBeforeReply, Kind::Reset),
        ("charge_status", Cut::BeforeRead, Kind::ServerError),
    ] {
        house.sandbox.add_fault(NewRule::once(operation, Wrong::new(cut, kind))).unwrap();
    }
    let made = house.engine().create_charge(&house.program, charge("5", "lost")).await.unwrap();
    let id = made.resource.charge.id;
    let later = house.sandbox.with_world(|world| world.now().plus_seconds(120));
    house.sandbox.advance_to(later).await;
    let attempt = look(&house, &clock, &id, LONG).await;
    assert_eq!((attempt.state, attempt.resends), (State::Succeeded, 1));
    let verdict = house.sandbox.verdict();
    let blind = |verdict: &Verdict| verdict.kinds().contains(&Found::ResentBlindly);
    assert!(!blind(&verdict), "{verdict}");
    // Where a reference may be taken twice, the very same calls are a sin.
    house.sandbox.with_world(|world| {
        let settings = Settings { reference_memory_seconds: Some(60), ..world.settings().clone() };
        world.set_settings(settings).unwrap();
    });
    assert!(blind(&house.sandbox.verdict()));
}
