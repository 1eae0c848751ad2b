//! The virtual clock and what is due on it.
//! Time moves only when the world is told to; nothing here waits.

use serde::{Deserialize, Serialize};

use super::World;
use super::time::Time;

/// What makes the clock move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockMode {
    /// It follows real time.
    Real,
    /// It stands until somebody advances it.
    Manual,
}

/// The virtual clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What time it is.
    pub now: Time,
    /// What makes it move.
    pub mode: ClockMode,
    /// Microseconds by which it runs ahead of real time when it follows it.
    pub(super) ahead: i64,
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
    SettleCharge {
        /// Which.
        client_reference_id: String,
    },
    /// A pending payout is paid to the payee.
    SettlePayout {
        /// Which.
        client_reference_id: String,
    },
    /// A fault lets a pending payment fail.
    FailPayment {
        /// Which.
        client_reference_id: String,
        /// Whether it is a charge and not a payout.
        is_charge: bool,
    },
    /// A fault lets a transferred payment be returned.
    ReturnPayment {
        /// Which.
        client_reference_id: String,
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
    fn remove_settling(&mut self, reference: &str) {
        self.due.retain(|due| match &due.transition {
            Transition::SettleCharge { client_reference_id } | Transition::SettlePayout { client_reference_id } => {
                client_reference_id != reference
            }
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

    pub(super) fn unplan(&mut self, reference: &str) {
        self.schedule.remove_settling(reference);
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
            Transition::SettleCharge { client_reference_id } => self.settle_charge(client_reference_id).is_ok(),
            Transition::SettlePayout { client_reference_id } => self.settle_payout(client_reference_id).is_ok(),
            Transition::FailPayment { client_reference_id, is_charge } => {
                self.fail_payment(client_reference_id, *is_charge)
            }
            Transition::ReturnPayment { client_reference_id, is_charge } => {
                self.return_payment(client_reference_id, *is_charge)
            }
        }
    }

    fn is_pending(&self, payee_id: &str) -> bool {
        self.payee(payee_id).is_some_and(|p| p.status == super::PayeeStatus::Pending)
    }

    /// Brings the clock up to real time, when it follows it.
    pub fn follow(&mut self, real: Time) -> Vec<Fired> {
        match self.clock.mode {
            ClockMode::Real => self.advance_to(real.plus_micros(self.clock.ahead)),
            ClockMode::Manual => Vec::new(),
        }
    }

    /// Changes what makes the clock move. Following real time again keeps any lead, so that time never runs backwards.
    pub fn set_clock_mode(&mut self, mode: ClockMode, real: Time) {
        self.clock.ahead = self.clock.now.micros().saturating_sub(real.micros()).max(0);
        self.clock.mode = mode;
    }

    /// Moves a clock that follows real time ahead of it by as much as it was advanced by hand.
    pub fn keep_lead(&mut self, real: Time) {
        self.set_clock_mode(self.clock.mode, real);
    }
}
