//! Tests of the binary as its users meet it: real processes, real files, free
//! ports. One test program, so that it is linked once.

#![expect(clippy::expect_used, reason = "a test that cannot go on may panic")]

mod commands;
mod configuration;
mod demo;
mod doctor;
mod migrate_store;
mod remote;
mod sandbox;
mod seed;
#[path = "../support/mod.rs"]
mod support;
mod verdict;
mod webhooks;

use std::process::{Command, Output};

/// A command that ended, as texts.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}
