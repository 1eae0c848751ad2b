//! Payees: a merchant's user bound to a Payoneer account, and what a reviewer decides of them.
//! A payee that has not finished the hosted page does not exist here.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::fill::Values;
use super::refusal::Refusal;
use super::schedule::Transition;
use super::settings::Review;
use super::time::Time;
use super::{World, limits};

/// Where a payee stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PayeeStatus {
    /// Registered, not yet reviewed.
    Pending,
    /// May be charged and paid.
    Active,
    /// Declined or blocked.
    Inactive,
}

impl PayeeStatus {
    /// The word that `payees/{id}/status` uses.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// The word that reports use.
    #[must_use]
    pub fn report_word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// A payee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payee {
    /// The merchant's id of its user.
    pub id: String,
    /// The account it is bound to, seven digits.
    pub account: String,
    /// Where it stands.
    pub status: PayeeStatus,
    /// The `client_session_id` of the link that it came through.
    pub session_id: Option<String>,
    /// When the person consented.
    pub registered_at: Time,
    /// When the last decision was made.
    pub decided_at: Option<Time>,
    /// Why it was declined or blocked.
    pub reason: Option<String>,
}

/// What a decline says when nobody gives a reason.
pub const DECLINE_REASON: &str = "General account application decline (various reasons)";

impl World {
    /// Binds `id` to an account as a finished hosted page does; an inactive payee may try again.
    pub(super) fn register_payee(
        &mut self,
        id: &str,
        account: &str,
        session_id: Option<&str>,
        review: Option<Review>,
    ) -> Result<PayeeStatus, Refusal> {
        match self.payees.get(id).map(|p| p.status) {
            Some(PayeeStatus::Active | PayeeStatus::Pending) => {
                return Err(Refusal::conflict("payee_id", "is registered already"));
            }
            None if self.payees.len() >= limits::PAYEES => return Err(Refusal::Full("payees")),
            Some(PayeeStatus::Inactive) | None => {}
        }
        let payee = Payee {
            id: id.to_owned(),
            account: account.to_owned(),
            status: PayeeStatus::Pending,
            session_id: session_id.map(str::to_owned),
            registered_at: self.now(),
            decided_at: None,
            reason: None,
        };
        self.payees.insert(id.to_owned(), payee);
        self.tell_payee(Event::Registered, id);
        let delay = u64::from(self.settings.review_seconds);
        match review {
            // Said for this payee alone: decided at once.
            Some(Review::Approve) => self.approve_payee(id)?,
            Some(Review::Decline) => self.decline_payee(id, None)?,
            Some(Review::Pending) => {}
            None => match self.settings.review {
                Review::Pending => {}
                Review::Approve if delay == 0 => self.approve_payee(id)?,
                Review::Decline if delay == 0 => self.decline_payee(id, None)?,
                Review::Approve => self.plan(delay, Transition::ApprovePayee { payee_id: id.to_owned() }),
                Review::Decline => self.plan(delay, Transition::DeclinePayee { payee_id: id.to_owned() }),
            },
        }
        Ok(self.payees.get(id).map_or(PayeeStatus::Pending, |p| p.status))
    }

    /// All payees, by id.
    pub fn payees(&self) -> impl DoubleEndedIterator<Item = &Payee> {
        self.payees.values()
    }

    /// The payee of that id.
    #[must_use]
    pub fn payee(&self, id: &str) -> Option<&Payee> {
        self.payees.get(id)
    }

    fn decide_payee(
        &mut self,
        id: &str,
        from: &[PayeeStatus],
        to: PayeeStatus,
        reason: Option<String>,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let payee = self.payees.get_mut(id).ok_or(Refusal::NotFound("payee"))?;
        if !from.contains(&payee.status) {
            return Err(Refusal::conflict("payee", format!("is {}", payee.status.word())));
        }
        payee.status = to;
        payee.decided_at = Some(now);
        payee.reason = reason;
        Ok(())
    }

    /// Approves a pending (or inactive) payee and tells the merchant.
    pub fn approve_payee(&mut self, id: &str) -> Result<(), Refusal> {
        self.decide_payee(id, &[PayeeStatus::Pending, PayeeStatus::Inactive], PayeeStatus::Active, None)?;
        self.tell_payee(Event::Approved, id);
        Ok(())
    }

    /// Declines a pending payee and tells the merchant.
    pub fn decline_payee(&mut self, id: &str, reason: Option<&str>) -> Result<(), Refusal> {
        let reason = checked_reason(reason, DECLINE_REASON)?;
        self.decide_payee(id, &[PayeeStatus::Pending], PayeeStatus::Inactive, Some(reason))?;
        self.tell_payee(Event::Declined, id);
        Ok(())
    }

    /// Blocks an active payee. Payoneer publishes no callback for this, so none is sent.
    pub fn block_payee(&mut self, id: &str, reason: Option<&str>) -> Result<(), Refusal> {
        let reason = checked_reason(reason, "Blocked")?;
        self.decide_payee(id, &[PayeeStatus::Active], PayeeStatus::Inactive, Some(reason))
    }

    /// Forgets a payee, so that its id may register again, and tells the merchant.
    pub fn release_payee(&mut self, id: &str) -> Result<(), Refusal> {
        let payee = self.payees.remove(id).ok_or(Refusal::NotFound("payee"))?;
        self.tell(Event::PayeeReleased, &payee_values(&payee), Some(&payee.id), None);
        Ok(())
    }

    fn tell_payee(&mut self, event: Event, id: &str) {
        if let Some(payee) = self.payees.get(id) {
            let values = payee_values(payee);
            self.tell(event, &values, Some(id), None);
        }
    }
}

fn checked_reason(reason: Option<&str>, default: &str) -> Result<String, Refusal> {
    let reason = reason.unwrap_or(default);
    if reason.chars().count() > 200 {
        return Err(Refusal::invalid("reason", "must be at most 200 characters"));
    }
    Ok(reason.to_owned())
}

fn payee_values(payee: &Payee) -> Values {
    Values::from([
        ("apuid", payee.id.clone()),
        ("payoneerid", payee.account.clone()),
        ("sessionid", payee.session_id.clone().unwrap_or_default()),
        ("ReasonDescription", payee.reason.clone().unwrap_or_default()),
    ])
}
