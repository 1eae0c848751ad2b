//! What a charge's reference means: under which name a charge is filed, which one a reference finds, and whether a
//! reference counts as used. Payoneer documents little of it, so most of it is a setting.

use serde::{Deserialize, Serialize};

use super::World;
use super::charges::{Charge, ChargeStatus};
use super::payouts::Payout;
use super::refusal::Refusal;
use super::settings::SameReference;
use super::time::Time;

/// How many payments there were when a call arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival(u64);

/// One payment among those of its reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// The merchant's reference.
    pub client_reference_id: String,
    /// Payoneer's number of the payment.
    pub payment_id: String,
}

impl Named {
    /// The name under which it is filed: the charges of a reference stand together, oldest first.
    pub(super) fn place(&self) -> String {
        format!("{}\n{}", key(&self.client_reference_id), self.payment_id)
    }
}

/// The form in which references are filed: without regard to case.
pub(super) fn key(reference: &str) -> String {
    reference.to_ascii_lowercase()
}

/// The first number of payments and the room between two of them.
const FIRST_PAYMENT: u64 = 4_000_000_000;
const PAYMENT_STEP: u64 = 1_000;

impl World {
    /// The number of the next payment: ten digits, growing.
    pub(super) fn payment_id(&mut self) -> String {
        let n = self.draw.count("payment id");
        let step = self.draw.between("payment id", 0, 900);
        (FIRST_PAYMENT + n * PAYMENT_STEP + step).to_string()
    }

    /// What a call that arrives now has seen of others.
    #[must_use]
    pub fn arrival(&self) -> Arrival {
        Arrival(self.draw.count("payment id"))
    }

    /// The newest charge of that reference; whether case matters is a setting.
    #[must_use]
    pub fn charge(&self, reference: &str) -> Option<&Charge> {
        self.charges_of(reference).next()
    }

    /// Every charge of that reference, newest first; more than one where references may be used again.
    pub fn charges_of(&self, reference: &str) -> impl Iterator<Item = &Charge> {
        let matters = self.settings.reference_case_matters;
        let first = format!("{}\n", key(reference));
        let last = format!("{first}:");
        // Behind the line break stand digits, all of which come before a colon.
        let filed = self.charges.range(first..last).rev().map(|(_, charge)| charge);
        filed.filter(move |charge| !matters || charge.client_reference_id == reference)
    }

    pub(super) fn newest_charge(&self, reference: &str) -> Result<Named, Refusal> {
        self.charge(reference).map(Charge::named).ok_or(Refusal::NotFound("charge"))
    }

    /// The charge that a status query of this reference shows: the newest that is old enough to be seen.
    #[must_use]
    pub fn visible_charge(&self, reference: &str) -> Option<&Charge> {
        self.charges_of(reference).find(|charge| self.is_visible(charge.created_at))
    }

    /// The payout that a status query of this reference shows, if it is old enough to be seen.
    #[must_use]
    pub fn visible_payout(&self, reference: &str) -> Option<&Payout> {
        self.payout(reference).filter(|payout| self.is_visible(payout.created_at))
    }

    fn is_visible(&self, created_at: Time) -> bool {
        created_at.plus_seconds(u64::from(self.settings.status_lag_seconds)) <= self.clock.now
    }

    /// Whether a charge may no longer be made under this reference.
    pub(super) fn is_used(&self, reference: &str, arrived: Option<Arrival>) -> bool {
        let settings = &self.settings;
        let Some(Arrival(seen)) = arrived.filter(|_| settings.same_reference_races) else {
            return self.remembered(reference).next().is_some();
        };
        let unseen = (FIRST_PAYMENT + seen * PAYMENT_STEP).to_string();
        self.remembered(reference).any(|charge| charge.payment_id < unseen)
    }

    /// The charges of a reference on whose account it counts as used.
    fn remembered(&self, reference: &str) -> impl Iterator<Item = &Charge> {
        let settings = &self.settings;
        let now = self.clock.now;
        let none = settings.same_reference == SameReference::Taken;
        self.charges_of(reference).filter(move |charge| {
            let freed = settings.reference_free_after_cancel && charge.status == ChargeStatus::Refunded;
            let lapses_at = settings.reference_memory_seconds.map(|s| charge.created_at.plus_seconds(u64::from(s)));
            !none && !freed && lapses_at.is_none_or(|at| now < at)
        })
    }
}
