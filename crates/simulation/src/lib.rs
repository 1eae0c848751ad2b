//! The simulation: the real engine on the real store against the sandbox's real world, in one thread, in virtual time,
//! with one seed that decides every fault, crash and interleaving. See `docs/reliability.md`.
//! It is a test in a crate of its own; nothing of the product may use it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]

mod answers;
pub mod batch;
mod dice;
mod ear;
mod line;
mod merchant;
mod oracle;
mod outside;
mod plan;
mod plant;
mod run;
mod sabotage;
mod scene;
mod shrink;
mod stage;
pub mod sweep;
mod trip;

pub use plant::Plant;
pub use run::{Report, run, trace};
pub use shrink::tell;
pub use trip::{Failure, Query, Send};
