//! What faults do to a payment after its call was answered: to its callbacks, and to what becomes of it.
//! Which payment meets what is decided by the faults.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::fill::Values;
use super::references::{Named, key};
use super::refusal::Refusal;
use super::schedule::Transition;
use super::{World, limits};
use crate::faults::{Cut, Fault, Kind, Subject};

/// What happens to the callbacks that speak of one payment or payee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Habit {
    /// None is made.
    Never,
    /// Each is due so many seconds late.
    Late(u32),
    /// Each comes so many times.
    Copies(u8),
    /// Each is due at once.
    AtOnce,
}

impl World {
    /// Lets the fault do what it does to callbacks, before the call takes effect.
    pub(crate) fn foreshadow(&mut self, subject: &Subject, fault: &Fault) {
        let habit = match (fault.cut, fault.kind) {
            (Cut::CallbackNever, _) => Habit::Never,
            (Cut::CallbackBeforeReply, _) => Habit::AtOnce,
            (_, Kind::Late) => Habit::Late(fault.wait_seconds()),
            (_, Kind::Duplicate) => Habit::Copies(fault.copies.unwrap_or(2)),
            _ => return,
        };
        if self.habits.len() < limits::PAYMENTS {
            self.habits.insert(key(&subject.key()), habit);
        }
    }

    /// Lets the fault do what it does to the payment, after the call took effect.
    pub(crate) fn seal_fate(&mut self, subject: &Subject, fault: &Fault) {
        let Some(reference) = subject.reference.clone() else {
            if fault.kind == Kind::Forged {
                self.forge(Event::Approved, subject);
            }
            return;
        };
        let is_charge = subject.operation.ends_with("charge");
        // The call has just taken effect, so the newest payment of its reference is its own.
        let named = if is_charge {
            self.charge(&reference).map(super::Charge::named)
        } else {
            self.payout(&reference).map(super::Payout::named)
        };
        let Some(named) = named else { return };
        if fault.cut == Cut::CallbackBeforeReply {
            // Settled at once, so that there is something to tell of; one that cannot be is told of later.
            let _ = if is_charge { self.settle_charge(&reference) } else { self.settle_payout(&reference) };
        }
        match fault.kind {
            Kind::Forged => {
                let event = if is_charge { Event::ChargeTransferred } else { Event::PaymentLoaded };
                self.forge(event, subject);
            }
            Kind::Stuck => self.unplan(&named),
            Kind::Fails => {
                self.unplan(&named);
                let transition = Transition::FailPayment { named, is_charge };
                self.plan(u64::from(fault.seconds.unwrap_or(1)), transition);
            }
            Kind::Returned => {
                let transition = Transition::ReturnPayment { named, is_charge };
                self.plan(u64::from(fault.wait_seconds()), transition);
            }
            _ => {}
        }
    }

    /// Plays a forger: a callback about something that did not happen, to the address of its event's template, due at
    /// once. Where callbacks are signed its signature is wrong. Gives its number.
    pub fn forge_callback(&mut self, event: Event, payee_id: &str, reference: &str) -> Result<u64, Refusal> {
        if self.template(event, true).is_none() {
            return Err(Refusal::NotFound("callback template"));
        }
        let subject = Subject {
            payee_id: Some(payee_id.to_owned()),
            reference: Some(reference.to_owned()),
            ..Subject::default()
        };
        self.forge(event, &subject);
        self.callbacks().next_back().map(|callback| callback.id).ok_or(Refusal::NotFound("callback"))
    }

    /// Makes a callback that Payoneer never made: it says that all is done, and its signature is wrong.
    fn forge(&mut self, event: Event, subject: &Subject) {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let values = Values::from([
            ("apuid", text(&subject.payee_id)),
            ("payoneerid", "9999999".to_owned()),
            ("PaymentId", "4999999999".to_owned()),
            ("PayoneerPaymentId", "4999999999".to_owned()),
            ("IntPaymentId", text(&subject.reference)),
            ("Amount", text(&subject.amount)),
            ("Currency", text(&subject.currency)),
        ]);
        self.tell_falsely(event, &values, subject.payee_id.as_deref(), subject.reference.as_deref());
    }

    pub(super) fn fail_payment(&mut self, named: &Named, is_charge: bool) -> bool {
        if is_charge {
            self.fail_named_charge(named).is_ok()
        } else {
            self.fail_payout(&named.client_reference_id, super::CANCEL_CODE, super::CANCEL_REASON).is_ok()
        }
    }

    pub(super) fn return_payment(&mut self, named: &Named, is_charge: bool) -> bool {
        // What is returned was transferred before, whatever the settings say.
        if is_charge {
            let _ = self.settle_named_charge(named);
            self.cancel_named_charge(named).is_ok()
        } else {
            let reference = &named.client_reference_id;
            let _ = self.settle_payout(reference);
            self.fail_payout(reference, RETURN_CODE, RETURN_REASON).is_ok()
        }
    }
}

/// The code of a payout that a bank returned.
const RETURN_CODE: u32 = 10_012;
/// What such a return says.
const RETURN_REASON: &str = "The payment was returned by the bank";
