//! Charges: money taken from a payee's account for the program.
//! The money leaves the account when the charge is accepted and reaches the program when it is transferred.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::fill::Values;
use super::journal::{Purse, Transfer};
use super::money::{Amount, Currency};
use super::payees::PayeeStatus;
use super::references::{Arrival, Named};
use super::refusal::Refusal;
use super::schedule::Transition;
use super::time::Time;
use super::{World, limits};

/// Where a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChargeStatus {
    /// Taken from the payee, on its way to the program.
    Pending,
    /// With the program.
    Transferred,
    /// Given back to the payee after a cancel.
    Refunded,
    /// Given back to the payee because an operator let it fail.
    Failed,
}

/// A charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The merchant's reference, as written in the request.
    pub client_reference_id: String,
    /// Payoneer's number of the payment, digits.
    pub payment_id: String,
    /// Who pays.
    pub payee_id: String,
    /// From which account, seven digits.
    pub account: String,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
    /// The merchant's text.
    pub description: String,
    /// Where it stands.
    pub status: ChargeStatus,
    /// When it was accepted.
    pub created_at: Time,
    /// When it was transferred or failed.
    pub settled_at: Option<Time>,
    /// When it was given back after a cancel.
    pub refunded_at: Option<Time>,
}

/// What a charge or a payout asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    /// The merchant's reference. How often it may be used is a setting of charges; of payouts, once, whatever its case.
    pub client_reference_id: String,
    /// Who pays or is paid.
    pub payee_id: String,
    /// How much; above zero.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
    /// The merchant's text.
    pub description: String,
}

impl Charge {
    pub(super) fn named(&self) -> Named {
        Named { client_reference_id: self.client_reference_id.clone(), payment_id: self.payment_id.clone() }
    }
}

impl World {
    /// Takes money from a payee. Nothing has changed when it is refused.
    pub fn create_charge(&mut self, new: NewPayment) -> Result<Charge, Refusal> {
        self.create_charge_arrived(new, None)
    }

    /// The same for a call that arrived when this was the number of payments: where calls race, it does not see what
    /// others made since.
    pub(crate) fn create_charge_arrived(
        &mut self,
        new: NewPayment,
        arrived: Option<Arrival>,
    ) -> Result<Charge, Refusal> {
        if self.is_used(&new.client_reference_id, arrived) {
            return Err(Refusal::Duplicate);
        }
        if self.charges.len() >= limits::PAYMENTS {
            return Err(Refusal::Full("charges"));
        }
        let account = match self.payees.get(&new.payee_id) {
            None => return Err(Refusal::NotAuthorised),
            Some(payee) => match payee.status {
                PayeeStatus::Pending => return Err(Refusal::NotAuthorised),
                PayeeStatus::Inactive => return Err(Refusal::Inactive),
                PayeeStatus::Active => payee.account.clone(),
            },
        };
        if new.currency != self.program.currency {
            return Err(Refusal::Currency);
        }
        let payer = Purse::Account(account.clone());
        let reference = new.client_reference_id.clone();
        self.carry("charge taken", &reference, payer, Purse::ChargesInTransit, new.amount, new.currency)?;
        let charge = Charge {
            client_reference_id: new.client_reference_id,
            payment_id: self.payment_id(),
            payee_id: new.payee_id,
            account,
            amount: new.amount,
            currency: new.currency,
            description: new.description,
            status: ChargeStatus::Pending,
            created_at: self.now(),
            settled_at: None,
            refunded_at: None,
        };
        let named = Named { client_reference_id: reference, payment_id: charge.payment_id.clone() };
        self.charges.insert(named.place(), charge.clone());
        match self.settings.charge_settle_seconds {
            Some(0) => self.settle_named_charge(&named)?,
            Some(seconds) => self.plan(u64::from(seconds), Transition::SettleCharge(named.clone())),
            None => {}
        }
        Ok(self.charges.get(&named.place()).cloned().unwrap_or(charge))
    }

    pub(super) fn carry(
        &mut self,
        memo: &str,
        reference: &str,
        from: Purse,
        to: Purse,
        amount: Amount,
        currency: Currency,
    ) -> Result<(), Refusal> {
        let transfer = Transfer { memo, subject: Some(reference), from, to, amount, currency };
        Ok(self.journal.transfer(self.clock.now, transfer)?)
    }

    /// All charges, by reference, those of one reference in the order of their making.
    pub fn charges(&self) -> impl DoubleEndedIterator<Item = &Charge> {
        self.charges.values()
    }

    fn pending_charge(&self, named: &Named) -> Result<Charge, Refusal> {
        let charge = self.charges.get(&named.place()).ok_or(Refusal::NotFound("charge"))?;
        if charge.status != ChargeStatus::Pending {
            return Err(Refusal::conflict("charge", format!("is {:?}", charge.status)));
        }
        Ok(charge.clone())
    }

    fn put_charge(&mut self, charge: Charge, event: Option<Event>) {
        if let Some(event) = event {
            self.tell(event, &charge_values(&charge), Some(&charge.payee_id), Some(&charge.client_reference_id));
        }
        self.charges.insert(charge.named().place(), charge);
    }

    /// Transfers the newest charge of a reference, a pending one, to the program.
    pub fn settle_charge(&mut self, reference: &str) -> Result<(), Refusal> {
        let named = self.newest_charge(reference)?;
        self.settle_named_charge(&named)
    }

    pub(super) fn settle_named_charge(&mut self, named: &Named) -> Result<(), Refusal> {
        let mut charge = self.pending_charge(named)?;
        let (amount, currency) = (charge.amount, charge.currency);
        self.carry(
            "charge transferred",
            &charge.client_reference_id,
            Purse::ChargesInTransit,
            Purse::Program,
            amount,
            currency,
        )?;
        charge.status = ChargeStatus::Transferred;
        charge.settled_at = Some(self.now());
        self.put_charge(charge, Some(Event::ChargeTransferred));
        Ok(())
    }

    /// Lets the newest charge of a reference, a pending one, fail: the money goes back to the payee.
    pub fn fail_charge(&mut self, reference: &str) -> Result<(), Refusal> {
        let named = self.newest_charge(reference)?;
        self.fail_named_charge(&named)
    }

    pub(super) fn fail_named_charge(&mut self, named: &Named) -> Result<(), Refusal> {
        let mut charge = self.pending_charge(named)?;
        let payer = Purse::Account(charge.account.clone());
        let (amount, currency) = (charge.amount, charge.currency);
        self.carry("charge failed", &charge.client_reference_id, Purse::ChargesInTransit, payer, amount, currency)?;
        charge.status = ChargeStatus::Failed;
        charge.settled_at = Some(self.now());
        self.put_charge(charge, None);
        Ok(())
    }

    /// Gives the newest charge of a reference, pending or transferred, back, whole. One that was given back before is left
    /// as it is.
    pub fn cancel_charge(&mut self, reference: &str) -> Result<(), Refusal> {
        let named = self.newest_charge(reference)?;
        self.cancel_named_charge(&named)
    }

    pub(super) fn cancel_named_charge(&mut self, named: &Named) -> Result<(), Refusal> {
        let mut charge = self.charges.get(&named.place()).ok_or(Refusal::NotFound("charge"))?.clone();
        let from = match charge.status {
            ChargeStatus::Pending => Purse::ChargesInTransit,
            ChargeStatus::Transferred => Purse::Program,
            ChargeStatus::Refunded => return Ok(()),
            ChargeStatus::Failed => return Err(Refusal::conflict("charge", "has failed")),
        };
        let payer = Purse::Account(charge.account.clone());
        let (amount, currency) = (charge.amount, charge.currency);
        self.carry("charge refunded", &charge.client_reference_id, from, payer, amount, currency)?;
        charge.status = ChargeStatus::Refunded;
        charge.refunded_at = Some(self.now());
        self.put_charge(charge, Some(Event::ChargeRefunded));
        Ok(())
    }
}

fn charge_values(charge: &Charge) -> Values {
    Values::from([
        ("apuid", charge.payee_id.clone()),
        ("payoneerid", charge.account.clone()),
        ("PaymentId", charge.payment_id.clone()),
        ("PayoneerPaymentId", charge.payment_id.clone()),
        ("IntPaymentId", charge.client_reference_id.clone()),
        ("Amount", charge.amount.to_string()),
        ("Currency", charge.currency.to_string()),
    ])
}
