//! The sweep: each ordinary scenario again and again, with one failure at its first, second, third .. call until it has
//! none left to fail; after each, all that must be true when the faults are over. Nothing is left to chance here.

use crate::plan::{Act, Faults, Item, MINUTE, Order, Plan, SECOND};
use crate::plant::Plant;
use crate::run::{Start, go};
use crate::trip::{Failure, Trip};
use sandbox::world::SuccessWord;

/// The seed that draws names and small waits. Which it is does not matter.
const SEED: u64 = 1;
/// When the failure, if it has not come by then, is the only thing left that can go wrong.
const CALM: i64 = 30 * MINUTE;
/// A scenario makes fewer calls of any kind than this.
const CALLS_MAX: u32 = 2_000;
/// With a probability in a thousand: always.
const ALWAYS: i64 = 1_000;

/// What is done while the one failure happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// A charge, asked for twice under its key.
    Charge,
    /// A charge that is given back.
    Refund,
    /// A payout until it is executed.
    Payout,
    /// A payout that is taken back.
    PayoutCancel,
    /// A charge that nobody heard the answer to, found by asking.
    Resolve,
    /// A payee who consents, told by a callback that comes twice; a stranger tells lies.
    Callback,
    /// A payee who is released.
    Revoke,
}

/// What came of one failure at every call that can have it.
#[derive(Debug)]
pub struct Swept {
    /// How many calls there were.
    pub calls: u32,
    /// At which call a promise was broken, and which promise.
    pub broken: Option<(u32, String)>,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Charge, Self::Refund, Self::Payout, Self::PayoutCancel, Self::Resolve, Self::Callback, Self::Revoke];

    /// What the scenario comes to when nothing fails.
    pub fn goal(self) -> &'static str {
        match self {
            Self::Charge | Self::Revoke => "a charge succeeded in the end",
            Self::Refund => "a charge was refunded in the end",
            Self::Payout => "a payout was paid in the end",
            Self::PayoutCancel => "a payout was canceled in the end",
            Self::Resolve => "a status query settled an attempt",
            Self::Callback => "a payee consented",
        }
    }

    fn plan(self) -> Plan {
        let charge = |at| (at, Act::Charge { order: 0, more_cents: 0 });
        let (faults, settles, acts) = match self {
            Self::Charge => (Faults::default(), 2, vec![charge(0), charge(MINUTE), (MINUTE, Act::Read { order: 0 })]),
            Self::Refund => {
                let refund = |at| (at, Act::Refund { order: 0, key: 0 });
                (Faults::default(), 2, vec![charge(0), refund(2 * MINUTE), refund(4 * MINUTE)])
            }
            Self::Payout => (Faults::default(), 30, vec![(0, Act::Payout { order: 0 })]),
            Self::PayoutCancel => {
                let cancel = (2 * MINUTE, Act::CancelPayout { order: 0 });
                (Faults::default(), 90_000, vec![(0, Act::Payout { order: 0 }), cancel])
            }
            Self::Resolve => (Faults { lost_reply: ALWAYS, ..Faults::default() }, 2, vec![charge(0)]),
            Self::Callback => {
                let consent = Act::Authorize { payee: 1, consents_in: Some(20 * SECOND) };
                let lies = Act::Forge { order: 0, event: 0 };
                (Faults::default(), 2, vec![(0, consent), charge(MINUTE), (2 * MINUTE, lies)])
            }
            Self::Revoke => (Faults::default(), 2, vec![charge(0), (2 * MINUTE, Act::Revoke { payee: 0 })]),
        };
        let order = |reference: Option<&str>| {
            let reference = reference.map(str::to_owned);
            Order { number: 0, payee: 0, cents: 1_234, reference, purpose: Some("one".to_owned()) }
        };
        Plan {
            nodes: 1,
            skews: vec![0],
            faults,
            payees: 2,
            charges: vec![order(None)],
            payouts: vec![order(Some("pay-0-Ref"))],
            items: acts.into_iter().map(|(at, act)| Item { at, act }).collect(),
            calm_at: CALM,
            charge_settles: 2,
            payout_settles: settles,
            review_seconds: 0,
            word: SuccessWord::Transferred,
            errors_as_200: false,
            posts: true,
        }
    }
}

/// Fails one call after the other of the scenario in that way, each in a run of its own.
pub fn sweep(scenario: Scenario, failure: Failure, plant: Option<Plant>) -> Swept {
    let mut calls = 0;
    for nth in 1..=CALLS_MAX {
        let trip = Some(Trip::new(failure, nth));
        let (report, hit) = go(Start { plant, trip, ..Start::of(SEED, scenario.plan()) });
        if let Some(broken) = report.broken {
            return Swept { calls: nth, broken: Some((nth, broken)) };
        }
        if !hit {
            let reached = report.met.contains_key(scenario.goal());
            let missed = || (nth, format!("{scenario:?} without a failure never met: {}", scenario.goal()));
            return Swept { calls, broken: (!reached).then(missed) };
        }
        calls = nth;
    }
    Swept { calls, broken: Some((calls, format!("{scenario:?} makes more than {CALLS_MAX} calls"))) }
}

/// What happened in one of the runs, line by line.
pub fn retell(scenario: Scenario, failure: Failure, plant: Option<Plant>, nth: u32) -> String {
    let trip = Some(Trip::new(failure, nth));
    let (report, _) = go(Start { plant, trip, traced: true, ..Start::of(SEED, scenario.plan()) });
    report.lines.join("\n")
}
