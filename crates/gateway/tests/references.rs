//! Nobody knows what Payoneer does with a used reference, with a status query right after a charge, with a connection
//! that is closed. So the gateway is driven through every combination of the answers, and must be clean under each:
//! what it does by default rests on none of them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

use domain::attempt::{Attempt, State};
use domain::{ChargeId, Outcome};
use gateway::engine::Error;
use sandbox::faults::{Cut, Fault, Kind, NewRule};
use sandbox::world::{Amount, Currency, NewPayment, SameReference, Settings, StatusAbsent};
use std::sync::Arc;
use std::time::Duration;
use support::{FIRST, House, StillClock, charge};

/// Longer than the longest time between two looks, shorter than what makes an answer late for the judge.
const LONG: i64 = 3 * 3_600;
/// How long a status lags behind, where it does.
const LAG: u32 = 3_600;

/// Every combination of the switches.
fn combinations() -> Vec<Settings> {
    let mut all = Vec::new();
    for same_reference in SameReference::ALL {
        for status_absent in StatusAbsent::ALL {
            for bits in 0..64_u32 {
                let is = |bit: u32| bits & (1 << bit) != 0;
                all.push(Settings {
                    same_reference,
                    status_absent,
                    reference_memory_seconds: is(0).then_some(1),
                    reference_case_matters: is(1),
                    reference_free_after_cancel: is(2),
                    same_reference_races: is(3),
                    status_lag_seconds: if is(4) { LAG } else { 0 },
                    survives_close: is(5),
                    ..Settings::default()
                });
            }
        }
    }
    all
}

fn put(house: &House, switches: &Settings) {
    house.sandbox.with_world(|w| {
        let callbacks = w.settings().callbacks.clone();
        w.set_settings(Settings { callbacks, ..switches.clone() }).unwrap();
    });
}

fn next_charge(house: &House, cut: Cut, kind: Kind) {
    house.sandbox.add_fault(NewRule::once("create_charge", Fault::new(cut, kind))).unwrap();
}

/// Where trouble has made the gateway turn charges away for a while, the merchant waits and asks again.
async fn make(house: &House, clock: &StillClock, amount: &str, key: &str) -> ChargeId {
    for _ in 0..5 {
        match house.engine().create_charge(&house.program, charge(amount, key)).await {
            Err(Error::TurnedAway(_)) => clock.forward(600),
            made => return made.unwrap().resource.charge.id,
        }
    }
    panic!("turned away for ever");
}

/// Puts both clocks forward and waits until the resolver has looked at each of these charges that is still open.
async fn look(house: &House, clock: &StillClock, ids: &[&ChargeId]) -> Vec<Attempt> {
    let view = async |id: &ChargeId| house.engine().charge(&house.program, id).await.unwrap().attempts[0].clone();
    let mut before = Vec::new();
    for id in ids {
        before.push(view(id).await);
    }
    let later = house.sandbox.with_world(|w| w.now().plus_seconds(LONG.unsigned_abs()));
    house.sandbox.advance_to(later).await;
    // A look that is put off for a moment is due again only when the clock goes on.
    for _ in 0..20 {
        clock.forward(LONG);
        for _ in 0..150 {
            let mut seen = Vec::new();
            for (id, before) in ids.iter().zip(&before) {
                let attempt = view(id).await;
                if attempt.state.is_final() || attempt.looks > before.looks {
                    seen.push(attempt);
                }
            }
            if seen.len() == ids.len() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    panic!("the resolver does not look")
}

/// One charge whose reply is lost, one whose request is, one that arrives late: each is sent once, whatever is asked.
async fn drive(house: &House, clock: &StillClock, switches: &Settings, number: usize) {
    put(house, switches);
    // Equal payments in doubt would be one payment for the judge, who does not hear what is meant.
    let cents = |n: usize| format!("0.{:02}", 3 * number + n);
    let (for_reply, for_request, for_late) = (cents(1), cents(2), cents(3));
    let sent = house.line.money_requests();
    let made = house.charges_at_payoneer();

    next_charge(house, Cut::AfterApplyBeforeReply, Kind::Reset);
    let lost_reply = make(house, clock, &for_reply, &format!("reply-{number}")).await;
    next_charge(house, Cut::BeforeRead, Kind::Close);
    let lost_request = make(house, clock, &for_request, &format!("request-{number}")).await;
    next_charge(house, Cut::ApplyAfterTimeout, Kind::Reset);
    let late = make(house, clock, &for_late, &format!("late-{number}")).await;

    // What Payoneer has is found, at the latest when the status lags no more.
    let ids = [&lost_reply, &late, &lost_request];
    let mut seen = look(house, clock, &ids).await;
    if seen[..2].iter().any(|attempt| !attempt.state.is_final()) {
        seen = look(house, clock, &ids).await;
    }
    assert!(seen[..2].iter().all(|attempt| attempt.state == State::Succeeded), "{switches:?}: {seen:?}");
    assert_eq!((seen[2].state, seen[2].resends), (State::Unknown, 0), "{switches:?}");

    // The merchant's own repetitions change nothing.
    let repeated =
        [(&lost_reply, &for_reply, "reply"), (&lost_request, &for_request, "request"), (&late, &for_late, "late")];
    for (id, amount, key) in repeated {
        assert_eq!(make(house, clock, amount, &format!("{key}-{number}")).await, *id);
    }
    let outcome = house.engine().charge(&house.program, &lost_request).await.unwrap().charge.outcome();
    assert_eq!(outcome, Outcome::Unknown, "{switches:?}");
    assert_eq!(house.line.money_requests(), sent + 3, "sent at most once: {switches:?}");
    assert_eq!(house.charges_at_payoneer(), made + 2, "{switches:?}");

    // Nobody could know: it was on its way all the time.
    let reference = seen[2].reference.to_string();
    let (payee_id, description) = (FIRST.to_owned(), "late".to_owned());
    let (amount, currency) = (Amount::parse(&for_request).unwrap(), Currency::USD);
    let arrived = NewPayment { client_reference_id: reference, payee_id, amount, currency, description };
    house.sandbox.with_world(|w| w.create_charge(arrived)).unwrap();
    let mut seen = look(house, clock, &[&lost_request]).await;
    if !seen[0].state.is_final() {
        seen = look(house, clock, &[&lost_request]).await;
    }
    assert_eq!(seen[0].state, State::Succeeded, "{switches:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_once_is_safe_under_every_combination_of_answers() {
    let all = combinations();
    assert_eq!(all.len(), 576);
    let mut houses = tokio::task::JoinSet::new();
    for part in all.chunks(24) {
        let part = part.to_vec();
        houses.spawn(async move {
            let clock = StillClock::now_on();
            let house = House::open_by(Arc::<StillClock>::clone(&clock)).await;
            for (number, switches) in part.iter().enumerate() {
                drive(&house, &clock, switches, number).await;
            }
            let verdict = house.sandbox.verdict();
            assert!(verdict.clean && verdict.findings.is_empty(), "{verdict}");
        });
    }
    while let Some(driven) = houses.join_next().await {
        driven.unwrap();
    }
}
