//! A stateful, deterministic imitation of Payoneer, to develop and test against offline.
//!
//! [`world`] is pure; everything else carries it over the network. No code is shared with the gateway.

mod app;
pub mod pages;
pub mod provenance;
mod save;
mod source;
pub mod v2;
pub mod world;

pub use app::App;
