//! Payouts: money sent from the program to a payee, and the program's own balance.
//! The money leaves the program when the payout is accepted and reaches the account when it is paid.

use serde::{Deserialize, Serialize};

use super::charges::NewPayment;
use super::event::Event;
use super::fill::Values;
use super::journal::Purse;
use super::money::{Amount, Currency};
use super::payees::PayeeStatus;
use super::references::{Named, key};
use super::refusal::Refusal;
use super::schedule::Transition;
use super::time::Time;
use super::{World, limits};

/// Where a payout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PayoutStatus {
    /// Taken from the program, on its way.
    Pending,
    /// With the payee.
    Funded,
    /// Given back to the program.
    Cancelled,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// The merchant's reference, as written in the request.
    pub client_reference_id: String,
    /// Payoneer's number of the payout, digits.
    pub payout_id: String,
    /// Who is paid.
    pub payee_id: String,
    /// To which account, seven digits.
    pub account: String,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
    /// The merchant's text.
    pub description: String,
    /// The merchant's group, when given.
    pub group_id: Option<String>,
    /// The date for which it was asked, `YYYY-MM-DD`, when given.
    pub payout_date: Option<String>,
    /// Where it stands.
    pub status: PayoutStatus,
    /// When it was accepted.
    pub created_at: Time,
    /// When it was paid.
    pub funded_at: Option<Time>,
    /// When it was cancelled.
    pub cancelled_at: Option<Time>,
    /// Payoneer's number of the reason, when Payoneer and not the merchant cancelled it.
    pub reason_code: Option<u32>,
    /// The reason in words.
    pub reason: Option<String>,
}

/// The code of a cancellation that an operator gives no code for: the payee is inactive.
pub const CANCEL_CODE: u32 = 10009;
/// What such a cancellation says.
pub const CANCEL_REASON: &str = "Action cannot be performed because payee is inactive";

impl Payout {
    pub(super) fn named(&self) -> Named {
        Named { client_reference_id: self.client_reference_id.clone(), payment_id: self.payout_id.clone() }
    }
}

impl World {
    /// Sends money to a payee. Nothing has changed when it is refused.
    pub fn create_payout(
        &mut self,
        new: NewPayment,
        group_id: Option<String>,
        payout_date: Option<String>,
    ) -> Result<Payout, Refusal> {
        if self.payouts.contains_key(&key(&new.client_reference_id)) {
            return Err(Refusal::Duplicate);
        }
        if self.payouts.len() >= limits::PAYMENTS {
            return Err(Refusal::Full("payouts"));
        }
        let payee = self.payees.get(&new.payee_id).ok_or(Refusal::NotFound("payee"))?;
        match payee.status {
            PayeeStatus::Active => {}
            PayeeStatus::Pending => return Err(Refusal::Pending),
            PayeeStatus::Inactive => return Err(Refusal::Inactive),
        }
        let account = payee.account.clone();
        if new.currency != self.program.currency {
            return Err(Refusal::Currency);
        }
        let reference = new.client_reference_id.clone();
        self.carry("payout accepted", &reference, Purse::Program, Purse::PayoutsInTransit, new.amount, new.currency)?;
        let payout = Payout {
            client_reference_id: new.client_reference_id,
            payout_id: self.payment_id(),
            payee_id: new.payee_id,
            account,
            amount: new.amount,
            currency: new.currency,
            description: new.description,
            group_id,
            payout_date,
            status: PayoutStatus::Pending,
            created_at: self.now(),
            funded_at: None,
            cancelled_at: None,
            reason_code: None,
            reason: None,
        };
        self.put_payout(payout.clone(), Event::PaymentAccepted);
        match self.settings.payout_settle_seconds {
            Some(0) => self.settle_payout(&reference)?,
            Some(seconds) => self.plan(u64::from(seconds), Transition::SettlePayout(payout.named())),
            None => {}
        }
        Ok(self.payout(&reference).cloned().unwrap_or(payout))
    }

    /// All payouts, by reference.
    pub fn payouts(&self) -> impl DoubleEndedIterator<Item = &Payout> {
        self.payouts.values()
    }

    /// The payout of that reference, whatever its case.
    #[must_use]
    pub fn payout(&self, reference: &str) -> Option<&Payout> {
        self.payouts.get(&key(reference))
    }

    fn put_payout(&mut self, payout: Payout, event: Event) {
        self.tell(event, &payout_values(&payout), Some(&payout.payee_id), Some(&payout.client_reference_id));
        self.payouts.insert(key(&payout.client_reference_id), payout);
    }

    /// Pays a pending payout to the payee.
    pub fn settle_payout(&mut self, reference: &str) -> Result<(), Refusal> {
        let mut payout = self.payout(reference).ok_or(Refusal::NotFound("payout"))?.clone();
        if payout.status != PayoutStatus::Pending {
            return Err(Refusal::conflict("payout", format!("is {:?}", payout.status)));
        }
        let payee = Purse::Account(payout.account.clone());
        let (amount, currency) = (payout.amount, payout.currency);
        self.carry("payout paid", &payout.client_reference_id, Purse::PayoutsInTransit, payee, amount, currency)?;
        payout.status = PayoutStatus::Funded;
        payout.funded_at = Some(self.now());
        self.put_payout(payout, Event::PaymentLoaded);
        Ok(())
    }

    /// Cancels a pending payout for the merchant. One that is cancelled already is left as it is; one that is paid cannot be.
    pub fn cancel_payout(&mut self, reference: &str) -> Result<Payout, Refusal> {
        let payout = self.payout(reference).ok_or(Refusal::NotFound("payout"))?.clone();
        match payout.status {
            PayoutStatus::Pending => self.take_back(payout, None),
            PayoutStatus::Cancelled => Ok(payout),
            PayoutStatus::Funded => Err(Refusal::conflict("payout", "is Funded")),
        }
    }

    /// Cancels a payout as Payoneer or a bank does, even after it was paid: the money goes back to the program.
    pub fn fail_payout(&mut self, reference: &str, code: u32, reason: &str) -> Result<Payout, Refusal> {
        if reason.chars().count() > 200 {
            return Err(Refusal::invalid("reason", "must be at most 200 characters"));
        }
        let payout = self.payout(reference).ok_or(Refusal::NotFound("payout"))?.clone();
        if payout.status == PayoutStatus::Cancelled {
            return Err(Refusal::conflict("payout", "is Cancelled"));
        }
        self.take_back(payout, Some((code, reason.to_owned())))
    }

    fn take_back(&mut self, mut payout: Payout, why: Option<(u32, String)>) -> Result<Payout, Refusal> {
        let from = match payout.status {
            PayoutStatus::Funded => Purse::Account(payout.account.clone()),
            PayoutStatus::Pending | PayoutStatus::Cancelled => Purse::PayoutsInTransit,
        };
        let (amount, currency) = (payout.amount, payout.currency);
        self.carry("payout cancelled", &payout.client_reference_id, from, Purse::Program, amount, currency)?;
        payout.status = PayoutStatus::Cancelled;
        payout.cancelled_at = Some(self.now());
        (payout.reason_code, payout.reason) = why.unzip();
        self.put_payout(payout.clone(), Event::PaymentCancelled);
        Ok(payout)
    }

    /// What the program holds in its currency.
    #[must_use]
    pub fn program_balance(&self) -> Amount {
        self.journal.balance(&Purse::Program, self.program.currency)
    }

    /// Brings money from outside to the program's balance and tells the merchant.
    pub fn fund_program(&mut self, amount: Amount) -> Result<(), Refusal> {
        if amount.is_zero() {
            return Err(Refusal::invalid("amount", "must be above zero"));
        }
        let (id, currency) = (self.program.id.clone(), self.program.currency);
        self.fund(Purse::Program, "program funded", &id, amount, currency)?;
        let values = Values::from([
            ("Amount", amount.to_string()),
            ("Balance", self.program_balance().to_string()),
            ("FundingId", self.payment_id()),
            ("FundingTime", self.now().eastern_naive()),
        ]);
        self.tell(Event::BalanceUpdated, &values, None, None);
        Ok(())
    }
}

fn payout_values(payout: &Payout) -> Values {
    let moment = payout.cancelled_at.or(payout.funded_at).unwrap_or(payout.created_at);
    Values::from([
        ("apuid", payout.payee_id.clone()),
        ("payoneerid", payout.account.clone()),
        ("PaymentId", payout.payout_id.clone()),
        ("PayoneerPaymentId", payout.payout_id.clone()),
        ("IntPaymentId", payout.client_reference_id.clone()),
        ("Amount", payout.amount.to_string()),
        ("Currency", payout.currency.to_string()),
        ("ReasonCode", payout.reason_code.map(|c| c.to_string()).unwrap_or_default()),
        ("ReasonDescription", payout.reason.clone().unwrap_or_default()),
        ("TransactionDate", moment.to_string()),
    ])
}
