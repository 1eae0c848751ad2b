//! The gateway's side of Payoneer: what may be asked, in the gateway's own words. One implementation per dialect;
//! a simulation brings its own. No decision is made here, and nothing about HTTP is known.

pub(crate) mod measured;
pub mod reading;
pub mod throttle;
pub mod traffic;
pub(crate) mod v2;

pub use throttle::{Room, Throttle};
pub use traffic::Turned;
pub use v2::V2;

use domain::attempt::{Attempt, Finding};
use domain::charge::Charge;
use domain::payout::Payout;
use domain::{Money, PayeeId, Reference, mandate};
use std::pin::Pin;
use store::SendPermit;

/// An answer that is on its way.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What came of a request that can move money.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What it proves.
    pub finding: Finding,
    /// What went over the wire, as JSON text without credentials.
    pub exchange: Option<String>,
    /// Payoneer's number of a payout it accepted.
    pub provider_payout_id: Option<String>,
}

/// What Payoneer shows of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChargeSeen {
    /// The money was taken.
    Transferred,
    /// The money was taken and given back.
    Refunded,
    /// It was called off; no money was taken.
    Cancelled,
    /// Anything else, in Payoneer's word.
    Other(String),
    /// Payoneer knows no such charge (now).
    NotFound,
}

/// What Payoneer shows of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutSeen {
    /// It exists.
    Found {
        /// How far it has come.
        stage: PayoutStage,
        /// Payoneer's number of it.
        provider_payout_id: Option<String>,
        /// Who is paid, where Payoneer says so.
        payee_id: Option<String>,
        /// How much, where Payoneer says so and it can be read.
        money: Option<Money>,
    },
    /// Payoneer knows no such payout (now).
    NotFound,
}

/// How far a payout has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutStage {
    /// Executed.
    Paid,
    /// Taken back.
    Cancelled,
    /// Anything else, in Payoneer's word.
    Waiting(String),
}

/// What the payee is asked to do on Payoneer's page.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// Who.
    pub payee_id: PayeeId,
    /// Comes back in callbacks.
    pub session: String,
    /// Where the browser is sent afterwards.
    pub redirect_url: String,
    /// `en` or `zh`, where known.
    pub language: Option<String>,
    /// Whether the page should begin with log-in.
    pub existing_account: bool,
    /// What is known of the payee already.
    pub contact: Contact,
}

/// What may be filled in for a payee.
#[derive(Debug, Clone, Default)]
pub struct Contact {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// What a program has at Payoneer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// What is there.
    pub money: Money,
    /// What Payoneer will take in fees, in the same currency.
    pub fees_due: Option<Money>,
}

/// How much of one kind is under way on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Which kind: `money`, `status` or `other`.
    pub lane: &'static str,
    /// How many may be under way at once.
    pub places: usize,
    /// How many are.
    pub taken: usize,
    /// How many wait.
    pub waiting: usize,
}

/// Payoneer, as one program reaches it.
pub trait Payoneer: Send + Sync {
    /// Room for one request that can move money. Asked for before the intent to send it is written down, so that whoever
    /// is turned away has changed nothing; held until the request is answered. A line without limits has always room.
    fn admit(&self) -> Answer<'_, Result<Room, Turned>> {
        Box::pin(std::future::ready(Ok(Room::unlimited())))
    }

    /// Why a new request that can move money would be turned away now, if so.
    fn closed(&self) -> Option<Turned> {
        None
    }

    /// How much is under way just now; nothing on a line without limits.
    fn loads(&self) -> Vec<Load> {
        Vec::new()
    }

    /// The body of a charge request: exactly these bytes are stored, and exactly these are sent. An error says what
    /// the wire cannot carry.
    fn charge_body(&self, charge: &Charge) -> Result<Vec<u8>, String>;

    /// The body of a payout request.
    fn payout_body(&self, payout: &Payout) -> Result<Vec<u8>, String>;

    /// The body of a refund or payout cancel.
    fn cancel_body(&self) -> Vec<u8>;

    /// Sends the one request that the permit allows, over a connection of its own, once.
    fn send<'a>(&'a self, attempt: &'a Attempt, permit: SendPermit) -> Answer<'a, Sent>;

    /// What Payoneer shows of a charge.
    fn charge<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<ChargeSeen, payoneer::Error>>;

    /// What Payoneer shows of a payout.
    fn payout<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<PayoutSeen, payoneer::Error>>;

    /// What Payoneer shows of a payee.
    fn payee<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<mandate::Observed, payoneer::Error>>;

    /// The address of Payoneer's page for a payee.
    fn link<'a>(&'a self, request: &'a LinkRequest) -> Answer<'a, Result<String, payoneer::Error>>;

    /// Releases a payee: the mandate ends at Payoneer.
    fn release<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<(), payoneer::Error>>;

    /// What the program has.
    fn balance(&self) -> Answer<'_, Result<Balance, payoneer::Error>>;

    /// Whether Payoneer answers these credentials at all.
    fn echo(&self) -> Answer<'_, Result<(), payoneer::Error>>;
}
