//! The sandbox's pages, driven as a browser drives them: a real server, real sockets, cookies and redirects.
//! One binary, one file per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod browser;
mod consent;
mod forms;
mod login;
mod office;
mod office_settings;
mod signup;
mod start;
mod tokens;
mod workbench;
