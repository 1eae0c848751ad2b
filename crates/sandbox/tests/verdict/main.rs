//! The judge, judged: deliberately wrong clients over real sockets are convicted of their own sin and of nothing else,
//! a correct one is acquitted. One binary, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod client;
mod correct;
mod document;
mod forms;
mod intents;
mod sins;
