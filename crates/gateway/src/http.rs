//! The HTTP side: routes, who may call them, reading requests, writing answers.
//! Handlers parse, call the engine and answer; they decide nothing.

mod answer;
mod audit;
mod authorization_sessions;
mod balance;
mod body;
mod callbacks;
mod caller;
mod charges;
mod checkout_sessions;
mod document;
mod events;
mod fields;
mod health;
mod idempotency;
mod inbox;
mod json;
mod made;
mod metrics;
mod one;
mod page;
mod payees;
mod payouts;
mod problem;
mod program;
mod query;
mod refunds;
mod request_id;
mod router;
mod server;
mod settlements;
mod stream;
mod strict;
mod version;

pub use charges::read_create_charge;
pub(crate) use document::document;
pub use document::openapi;
pub(crate) use made::to_the_end;
pub(crate) use problem::Refused;
pub(crate) use query::Segment;
pub(crate) use request_id::RequestId;
pub use router::ROUTES;
pub(crate) use router::router;
pub(crate) use server::Server;
