//! The service: HTTP in, jobs out, callbacks, hosted checkout.
//!
//! `http` and `pages` ask the `engine`, `work` runs what the engine left to do; only the engine meets the store and
//! Payoneer. There is no SQL here and no arithmetic on money.

mod admin;
mod app;
mod base32;
pub mod deliver;
pub mod engine;
mod gateway;
mod http;
mod master_key;
pub mod metrics;
mod pages;
pub mod port;
mod probe;
mod programs;
pub mod source;
mod trace;
mod view;
mod work;

pub use admin::{Admin, AdminError, NewProgram, Rotation};
pub use gateway::{Gateway, Options, StartError};
pub use http::{ROUTES, openapi, read_create_charge, read_list_query};
pub use master_key::MasterKey;
pub use programs::{Connect, PayoneerTimeouts};
pub use store::quarantines::Quarantine;
pub use store::{Address, Backup, BackupError, Examination, HeadFile, Location, OnIoError, OpenError, Trust, backup};
pub use store::{Copied, CopyError, copy_store};
pub use work::run_due;

/// Looks at a database without changing it.
pub fn examine(database: &std::path::Path) -> Result<Examination, OpenError> {
    store::Store::examine(&store::Options::sqlite(database))
}
