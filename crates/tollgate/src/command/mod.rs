//! One file per command. Here only the choice of the file.

pub(crate) mod admin;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod charge;
pub(crate) mod checkout;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod diagnosis;
pub(crate) mod doctor;
pub(crate) mod event;
mod feed;
pub(crate) mod key;
pub(crate) mod listen;
pub(crate) mod migrate_store;
pub(crate) mod openapi;
pub(crate) mod payee;
pub(crate) mod payout;
mod probe;
pub(crate) mod program;
pub(crate) mod quarantine;
pub(crate) mod refund;
mod remote;
pub(crate) mod sandbox;
mod sandbox_at;
mod sandbox_clock;
mod sandbox_faults;
mod sandbox_shrink;
pub(crate) mod serve;
mod settle;
pub(crate) mod status;
pub(crate) mod webhook;
mod webhook_sent;

use std::future::Future;
use std::path::Path;

use crate::cli::{Cli, Command};
use crate::exit::Exit;

/// What holds for every command.
pub(crate) struct Context<'a> {
    /// `--config`.
    pub(crate) config_file: Option<&'a Path>,
    /// `--json`.
    pub(crate) json: bool,
}

/// Runs the command to its end.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Exit> {
    let context = Context { config_file: cli.config.as_deref(), json: cli.json };
    match cli.command {
        Command::Serve(command) => command.run(&context),
        Command::Sandbox(command) => command.run(&context),
        Command::Demo(command) => command.run(&context),
        Command::Charge(command) => command.run(&context),
        Command::Refund(command) => command.run(&context),
        Command::Payout(command) => command.run(&context),
        Command::Payee(command) => command.run(&context),
        Command::Checkout(command) => command.run(&context),
        Command::Event(command) => command.run(&context),
        Command::Webhook(command) => command.run(&context),
        Command::Listen(command) => command.run(&context),
        Command::Audit(command) => command.run(&context),
        Command::Program(command) => command.run(&context),
        Command::Key(command) => command.run(&context),
        Command::Quarantine(command) => command.run(&context),
        Command::Backup(command) => command.run(&context),
        Command::MigrateStore(command) => command.run(&context),
        Command::Doctor(command) => command.run(&context),
        Command::Status(command) => command.run(&context),
        Command::Openapi => openapi::run(),
        Command::Config(command) => command.run(&context),
        Command::Completions(command) => command.run(),
    }
}

/// Runs what must wait for the network or the disk.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work)
}
