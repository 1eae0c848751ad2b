//! Typed async client for Payoneer's partner API (v2): requests, replies, codes, callbacks, `hmacauth`.
//! It knows the wire and nothing of its callers: no storage, no states of theirs, no clock, no randomness.
//!
//! # A small tour
//!
//! ```no_run
//! use payoneer::{Amount, Client, Config, CreateCharge, Currency, Description, Environment, LinkRequest, PayeeId, Proof, Reference};
//! use payoneer::secrecy::SecretString;
//!
//! # async fn tour() -> Result<(), Box<dyn std::error::Error>> {
//! let password = SecretString::from("the API password, not the console's");
//! let client = Client::new(&Config::new(Environment::Sandbox, "100012345", "demo", password))?;
//!
//! // Queries return a `Result`, and may be repeated freely.
//! let payee = PayeeId::new("user-42")?;
//! match client.payee_status(&payee).await {
//!     Ok(report) => println!("{}", report.status),
//!     Err(error) if error.code().is_some_and(|code| code.needs_authorization()) => {
//!         let link = client.registration_link(&LinkRequest::new(payee.clone())).await?;
//!         println!("send the browser to {}", link.url);
//!     }
//!     Err(error) => return Err(error.into()),
//! }
//!
//! // Money calls return a proof. Store the bytes first; send them once.
//! let amount: Amount = "1.20".parse()?;
//! let reference = Reference::new("order-1001")?;
//! let charge = CreateCharge::new(payee, amount, Currency::new("USD")?, reference.clone(), Description::new("Order 1001")?)?;
//! let answer = client.send_charge(&charge.to_bytes(), &charge.expected()).await;
//! match answer.proof {
//!     Proof::Done(receipt) => println!("taken, audit id {}", receipt.audit_id),
//!     Proof::Declined(problem) => println!("certainly not taken: {problem}"),
//!     Proof::NeverSent(cause) => println!("certainly not taken: {cause}"),
//!     Proof::Unknown(doubt) => println!("nobody knows yet ({doubt}): {:?}", client.charge_status(&reference).await),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What an answer proves
//!
//! A request that can move money may be taken although no answer comes. So `send_...` calls have no error: they return a
//! [`Proof`], which is [`Unknown`](Proof::Unknown) unless the answer proves otherwise. The table is in [`proof`].
//!
//! # Callbacks
//!
//! [`callback::ipcn`] reads the older GET queries, [`callback::webhook`] the newer JSON bodies, both into one
//! [`Notice`](callback::Notice); [`callback::hmacauth`] signs and verifies. A callback is a reason to query, never a proof.
//!
//! # Certainty
//!
//! Payoneer's v2 documentation is not public. What this crate expects was compiled from public recordings, samples and client
//! code; where that leaves doubt, the documentation of the item says so, and unknown words and codes are kept as they came.

pub mod amount;
pub mod callback;
pub mod code;
pub mod config;
pub mod envelope;
pub mod error;
pub mod exchange;
pub mod fields;
pub mod proof;
mod transport;
pub mod v2;

pub use bytes;
pub use secrecy;
pub use url;

pub use amount::{Amount, InvalidAmount, NumberAmount};
pub use code::Code;
pub use config::{Config, Environment, InvalidConfig, Timeouts};
pub use envelope::{Envelope, Reply};
pub use error::{Error, Oddity, Problem};
pub use exchange::{Cause, Exchange, Fault};
pub use fields::{Currency, Description, InvalidField, PayeeId, Reference};
pub use proof::{Answer, Call, Doubt, Expected, Proof, Receipt, classify};
pub use v2::charges::{ChargeReport, ChargeStatus, CreateCharge};
pub use v2::payees::{
    Address, Company, Contact, Language, Link, LinkRequest, PayeeDetails, PayeeReport, PayeeStatus, PayoutMethod,
    Prefill,
};
pub use v2::payouts::{CreatePayout, PayoutReport, PayoutStatus};
pub use v2::program::Balance;
pub use v2::{Client, Repeated};

/// The examples of README.md, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
