//! Real disks that fail under a real gateway: full, read-only, damaged, with errors at any write or sync; and a clock that
//! is wrong. Each time the cause goes away in the end, and both sides are compared: nothing is lost, nothing is doubled.

#![expect(clippy::expect_used, reason = "a test ends where something is missing")]

#[path = "../cycles/check.rs"]
mod check;
mod clock;
mod damage;
mod errors;
#[path = "../cycles/load.rs"]
mod load;
mod room;
mod shop;
#[path = "../support/mod.rs"]
mod support;
