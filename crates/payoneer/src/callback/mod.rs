//! What Payoneer sends of its own accord: IPCN queries, webhook bodies, and the `hmacauth` signature over either.
//! A callback is a hint to go and query, never a proof; nothing here decides about money.

pub mod event;
pub mod hmacauth;
pub mod ipcn;
pub mod notice;
pub mod webhook;

pub use event::Event;
pub use notice::Notice;
