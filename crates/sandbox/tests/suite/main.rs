//! The sandbox tested from outside: a real server on a free port, real sockets, a real receiver of callbacks.
//! One binary, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod aftermath;
mod callbacks;
mod chaos;
mod clock;
mod control;
mod determinism;
mod document;
mod exchanges;
mod faults;
mod guard;
mod namespaces;
mod quirks;
mod references;
mod scenarios;
mod seed;
mod shrink;
mod start;
mod state;
mod strict;
mod support;
mod v2_calls;
