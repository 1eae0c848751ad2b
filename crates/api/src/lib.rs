//! The words a merchant and a Tollgate gateway exchange: bodies, events, problems, and the signature of webhooks.
//! Nothing of the gateway's own workings is known here: plain data, and one signature over bytes.

#[macro_use]
mod word;

pub mod amount;
pub mod api_key;
pub mod audit;
pub mod authorization_session;
pub mod balance;
pub mod callback;
pub mod charge;
pub mod checkout_session;
pub mod delivery;
pub mod event;
pub mod failure;
pub mod list;
pub mod node;
pub mod payee;
pub mod payout;
pub mod problem;
pub mod program;
pub mod refund;
pub mod settlement;
pub mod time;
pub mod webhook;
pub mod webhook_endpoint;

pub use amount::Amount;
pub use api_key::{ApiKey, CreateApiKey, MadeApiKey, Scope};
pub use audit::AuditEntry;
pub use authorization_session::{AuthorizationSession, AuthorizationSessionStatus, CreateAuthorizationSession};
pub use balance::Balance;
pub use callback::{Callback, CallbackStatus};
pub use charge::{Attempt, AttemptStatus, Charge, ChargeStatus, CreateCharge};
pub use checkout_session::{CheckoutSession, CheckoutSessionStatus, CreateCheckoutSession};
pub use delivery::{Delivery, DeliveryStatus, Replay, Replayed, Trouble, Try};
pub use event::Event;
pub use failure::Failure;
pub use list::List;
pub use node::Node;
pub use payee::{Mandate, MandateStatus, Payee};
pub use payout::{CreatePayout, Payout, PayoutStatus};
pub use problem::{Code, Outcome, Problem, Retry};
pub use program::Program;
pub use refund::{CreateRefund, Refund, RefundStatus};
pub use settlement::{Settle, SettleAbout, SettlePayout, Settlement, SettlementStatus, Verdict, WithdrawSettlement};
pub use time::Time;
pub use webhook_endpoint::{
    CreateWebhookEndpoint, RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint, WebhookEndpointStatus,
};
