//! The virtual clock and what is due on it.
//! Time moves only when the world is told to; nothing here waits.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::World;
use super::references::Named;
use super::refusal::Refusal;
use super::time::Time;

/// What makes the clock move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockMode {
    /// It follows real time.
    Real,
    /// It stands until somebody advances it.
    Manual,
    /// It runs so many times as fast as real time.
    Times,
}

/// How many times as fast as real time a clock may run.
pub const MOST_TIMES: u32 = 100_000;

/// The virtual clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What time it is.
    pub now: Time,
    /// What makes it move.
    pub mode: ClockMode,
    /// How many times as fast as real time it runs while it runs.
    pub times: u32,
    /// What it showed, and what real time was, when it was last set going.
    pub(super) since: (Time, Time),
}

impl Clock {
    /// A clock of that mode at `now`, which is real time where it runs.
    pub(super) fn new(mode: ClockMode, times: u32, now: Time) -> Self {
        Self { now, mode, times, since: (now, now) }
    }

    /// How long it takes in real time until it shows `at`; nothing when it stands.
    #[must_use]
    pub fn wait_for(&self, at: Time) -> Option<Duration> {
        let micros = u64::try_from(at.micros().saturating_sub(self.now.micros())).unwrap_or(0);
        let running = self.mode != ClockMode::Manual;
        running.then(|| Duration::from_micros(micros.div_ceil(u64::from(self.times.max(1)))))
    }

    fn shows_at(&self, real: Time) -> Time {
        let (shown, then) = self.since;
        let passed = real.micros().saturating_sub(then.micros()).max(0);
        shown.plus_micros(passed.saturating_mul(i64::from(self.times.max(1))))
    }
}

/// Something that happens by itself when its time comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Transition {
    /// A pending payee is approved.
    ApprovePayee {
        /// Which.
        payee_id: String,
    },
    /// A pending payee is declined.
    DeclinePayee {
        /// Which.
        payee_id: String,
    },
    /// A pending charge is transferred to the program.
    SettleCharge(Named),
    /// A pending payout is paid to the payee.
    SettlePayout(Named),
    /// A fault lets a pending payment fail.
    FailPayment {
        /// Which.
        #[serde(flatten)]
        named: Named,
        /// Whether it is a charge and not a payout.
        is_charge: bool,
    },
    /// A fault lets a transferred payment be returned.
    ReturnPayment {
        /// Which.
        #[serde(flatten)]
        named: Named,
        /// Whether it is a charge and not a payout.
        is_charge: bool,
    },
}

/// A transition whose time came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fired {
    /// When it was due.
    pub at: Time,
    /// What it was.
    #[serde(flatten)]
    pub transition: Transition,
    /// Whether it had an effect; it has none when an operator was faster.
    pub effect: bool,
}

/// What is still to come, by time and then by order of planning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Schedule {
    planned: u64,
    due: Vec<Due>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Due {
    at: Time,
    order: u64,
    transition: Transition,
}

impl Schedule {
    fn insert(&mut self, at: Time, transition: Transition) {
        self.planned += 1;
        let due = Due { at, order: self.planned, transition };
        // Kept in reverse, so that the next one is last and cheap to take.
        let place = self.due.partition_point(|d| *d > due);
        self.due.insert(place, due);
    }

    /// Forgets that a payment would be settled by itself.
    fn remove_settling(&mut self, payment: &Named) {
        self.due.retain(|due| match &due.transition {
            Transition::SettleCharge(named) | Transition::SettlePayout(named) => named != payment,
            _ => true,
        });
    }

    fn next_at(&self) -> Option<Time> {
        self.due.last().map(|d| d.at)
    }
}

impl World {
    /// What time it is on the virtual clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now
    }

    /// The virtual clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn plan(&mut self, seconds: u64, transition: Transition) {
        self.schedule.insert(self.clock.now.plus_seconds(seconds), transition);
    }

    pub(super) fn unplan(&mut self, payment: &Named) {
        self.schedule.remove_settling(payment);
    }

    /// Everything that is still to come by itself, soonest first.
    pub fn planned(&self) -> impl Iterator<Item = (Time, &Transition)> {
        self.schedule.due.iter().rev().map(|d| (d.at, &d.transition))
    }

    /// When the next transition, callback try or put-off call is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Time> {
        [self.schedule.next_at(), self.outbox.next_due(), self.next_postponed()].into_iter().flatten().min()
    }

    /// Moves the clock to `to` (never backwards) and lets everything happen that is due by then, in order.
    pub fn advance_to(&mut self, to: Time) -> Vec<Fired> {
        let mut fired = Vec::new();
        while self.schedule.next_at().is_some_and(|at| at <= to) {
            let Some(due) = self.schedule.due.pop() else { break };
            self.clock.now = self.clock.now.max(due.at);
            let effect = self.perform(&due.transition);
            fired.push(Fired { at: due.at, transition: due.transition, effect });
        }
        self.clock.now = self.clock.now.max(to);
        fired
    }

    fn perform(&mut self, transition: &Transition) -> bool {
        match transition {
            Transition::ApprovePayee { payee_id } => self.is_pending(payee_id) && self.approve_payee(payee_id).is_ok(),
            Transition::DeclinePayee { payee_id } => self.decline_payee(payee_id, None).is_ok(),
            Transition::SettleCharge(named) => self.settle_named_charge(named).is_ok(),
            Transition::SettlePayout(named) => self.settle_payout(&named.client_reference_id).is_ok(),
            Transition::FailPayment { named, is_charge } => self.fail_payment(named, *is_charge),
            Transition::ReturnPayment { named, is_charge } => self.return_payment(named, *is_charge),
        }
    }

    fn is_pending(&self, payee_id: &str) -> bool {
        self.payee(payee_id).is_some_and(|p| p.status == super::PayeeStatus::Pending)
    }

    /// Brings the clock up to real time, when it follows it.
    pub fn follow(&mut self, real: Time) -> Vec<Fired> {
        match self.clock.mode {
            ClockMode::Real | ClockMode::Times => self.advance_to(self.clock.shows_at(real)),
            ClockMode::Manual => Vec::new(),
        }
    }

    /// Changes what makes the clock move. Following real time again keeps any lead, so that time never runs backwards.
    pub fn set_clock_mode(&mut self, mode: ClockMode, real: Time) {
        self.clock.mode = mode;
        if mode != ClockMode::Times {
            self.clock.times = 1;
        }
        self.keep_lead(real);
    }

    /// Lets the clock run `times` as fast as real time, from what it shows now.
    pub fn speed_clock(&mut self, times: u32, real: Time) -> Result<(), Refusal> {
        if !(1..=MOST_TIMES).contains(&times) {
            return Err(Refusal::invalid("times", format!("must be 1 to {MOST_TIMES}")));
        }
        (self.clock.mode, self.clock.times) = (ClockMode::Times, times);
        self.keep_lead(real);
        Ok(())
    }

    /// Lets a clock that runs go on from what it shows now, as far as it was advanced by hand.
    pub fn keep_lead(&mut self, real: Time) {
        let now = self.clock.now;
        if self.clock.mode == ClockMode::Manual {
            // It goes on from nowhere, and real time has no place in a world whose clock stands.
            return;
        }
        // One that follows real time is never behind it.
        let shown = if self.clock.mode == ClockMode::Real { now.max(real) } else { now };
        self.clock.since = (shown, real);
    }
}
