//! One hosted checkout: a page on which a payee authorises where needed, confirms, and pays once.
//! Its charge is an ordinary charge; this only remembers which one.

use crate::event::EventType;
use crate::{ChargeId, CheckoutSessionId, Description, Money, PayeeId, ProgramId, Reference, Refusal, Time};

text_enum! {
    /// Where a checkout session stands.
    pub enum State {
        /// It can still be paid.
        Open = "open",
        /// It has been paid.
        Complete = "complete",
        /// It can no longer be paid.
        Expired = "expired",
    }
}

/// A checkout session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// Its id.
    pub id: CheckoutSessionId,
    /// The program that is paid.
    pub program: ProgramId,
    /// Who pays.
    pub payee_id: PayeeId,
    /// The unguessable last part of the page's address.
    pub token: String,
    /// How much.
    pub money: Money,
    /// What for.
    pub description: Description,
    /// The merchant's own reference for the charge, where given.
    pub client_reference_id: Option<Reference>,
    /// Where the browser goes after payment.
    pub success_url: String,
    /// Where the browser goes when the payee gives up.
    pub cancel_url: Option<String>,
    /// The page's language, where the merchant chose one: `en` or `zh`.
    pub language: Option<String>,
    /// How many charges were begun: a failed one may be followed by another, an undecided one never.
    pub tries: i64,
    /// The latest charge begun.
    pub charge: Option<ChargeId>,
    /// Where it stands.
    pub state: State,
    /// Counts the writes.
    pub version: i64,
    /// When it can no longer be paid.
    pub expires_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl CheckoutSession {
    /// A charge of it is begun.
    pub fn begin(&self, charge: ChargeId, now: Time) -> Result<Self, Refusal> {
        self.must_be_open("be paid")?;
        Ok(Self { charge: Some(charge), tries: self.tries + 1, ..self.moved(State::Open, now) })
    }

    /// Its charge succeeded.
    pub fn complete(&self, now: Time) -> Result<(Self, EventType), Refusal> {
        match self.state {
            // A charge that settles late has been paid all the same.
            State::Open | State::Expired => Ok((self.moved(State::Complete, now), EventType::CheckoutSessionCompleted)),
            State::Complete => {
                self.must_be_open("complete").map(|()| (self.clone(), EventType::CheckoutSessionCompleted))
            }
        }
    }

    /// It can no longer be paid.
    pub fn expire(&self, now: Time) -> Result<(Self, EventType), Refusal> {
        self.must_be_open("expire")?;
        Ok((self.moved(State::Expired, now), EventType::CheckoutSessionExpired))
    }

    fn must_be_open(&self, step: &'static str) -> Result<(), Refusal> {
        match self.state {
            State::Open => Ok(()),
            State::Complete | State::Expired => {
                Err(Refusal::Impossible { noun: "checkout session", state: self.state.as_str(), step })
            }
        }
    }

    fn moved(&self, state: State, now: Time) -> Self {
        Self { state, version: self.version + 1, updated_at: now, ..self.clone() }
    }
}
