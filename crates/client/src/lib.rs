//! A Rust merchant's hand on a Tollgate gateway: one method per route, typed bodies, typed problems.
//! Nothing is retried here: whether a repeat is safe is said by the answer, and is the caller's to decide.
//!
//! ```no_run
//! use tollgate_client::{Client, api, SecretString};
//!
//! # async fn example() -> Result<(), tollgate_client::Error> {
//! let gateway = Client::new("http://127.0.0.1:8080", SecretString::from("tg_test_..."))?;
//! let request = api::CreateCharge {
//!     payee_id: "ID123".to_owned(),
//!     amount: api::Amount::from("1.20"),
//!     currency: "USD".to_owned(),
//!     description: "Order 88".to_owned(),
//!     client_reference_id: Some("order-88".to_owned()),
//!     purpose: None,
//!     metadata: None,
//! };
//! // The same key for the same request, however often it has to be repeated.
//! let made = gateway.create_charge("order-88", &request).await?;
//! if made.resource.outcome == api::Outcome::Unknown {
//!     // Neither paid nor failed yet: look again, never charge under a new key.
//!     let now = gateway.charge(&made.resource.id).await?;
//!     println!("{}", now.status);
//! }
//! # Ok(())
//! # }
//! ```

mod api_keys;
mod audit;
mod authorization_sessions;
mod callbacks;
mod charges;
mod checkout_sessions;
mod deliveries;
mod error;
mod events;
mod nodes;
mod payees;
mod payouts;
mod program;
mod refunds;
mod request;
mod settlements;
mod webhook_endpoints;

pub use api;
pub use charges::ChargeFilter;
pub use deliveries::DeliveryFilter;
pub use error::Error;
pub use events::EventFilter;
pub use payouts::PayoutFilter;
pub use request::{Client, Made, Page};
pub use secrecy::SecretString;
