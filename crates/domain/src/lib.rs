//! What is true about money, mandates, charges, attempts, refunds, payouts and the delivery of events.
//!
//! Plain values in, plain values out. Nothing here waits, reads a clock, draws a random number or knows of SQL or
//! HTTP: the state machines are pure functions, so that tests need no mocks and a simulation can replay any run.

#[macro_use]
mod text_enum;

pub mod api_key;
pub mod attempt;
pub mod audit;
pub mod authorization;
pub mod callback;
pub mod capability;
pub mod charge;
pub mod checkout;
pub mod delivery;
pub mod event;
pub mod id;
pub mod idempotency;
pub mod job;
pub mod journal;
pub mod mandate;
pub mod money;
pub mod outcome;
pub mod payout;
pub mod program;
pub mod refund;
pub mod refusal;
pub mod schedule;
pub mod settlement;
pub mod states;
pub mod time;
pub mod webhook_endpoint;
pub mod words;

pub use delivery::DeliveryId;
pub use id::{
    AttemptId, AuthorizationSessionId, CallbackId, ChargeId, CheckoutSessionId, EventId, JournalEntryId, MandateId,
    PayoutId, ProgramId, RefundId, WebhookEndpointId,
};
pub use money::{Currency, Money};
pub use outcome::{Outcome, Retry};
pub use refusal::Refusal;
pub use time::{Span, Time};
pub use words::{Description, IdempotencyKey, PayeeId, Reference};

/// A text that is none of the words of a closed set, or has not the form of an id. The text itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct NotAWord(pub &'static str);
