//! A stateful, deterministic imitation of Payoneer, to develop and test against offline.
//!
//! [`world`] is pure; everything else carries it over the network. No code is shared with the gateway.

mod app;
mod control;
mod deliver;
pub mod faults;
mod http;
mod line;
mod namespace;
mod options;
pub mod pages;
pub mod provenance;
mod running;
mod save;
mod server;
pub mod shrink;
mod source;
pub mod v2;
pub mod verdict;
pub mod world;

pub use app::App;
pub use deliver::Advanced;
pub use namespace::{LONGEST_NAME, MOST_NAMESPACES, Namespace};
pub use options::{Options, StartClock, StartError};
pub use running::Sandbox;
pub use world::World;
