//! Typed async client for Payoneer's partner API: requests, replies, codes, callbacks, hmacauth.

pub mod amount;
pub mod callback;
pub mod code;

pub use amount::{Amount, NumberAmount};
pub use code::Code;
