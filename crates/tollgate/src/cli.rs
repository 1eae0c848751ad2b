//! The command line: which commands there are, what they take and what their
//! help says. What they do is under `command/`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::command;

/// Take money through Payoneer, safely: gateway, sandbox and demo in one binary.
#[derive(Debug, Parser)]
#[command(
    name = "tollgate",
    version,
    propagate_version = true,
    disable_help_subcommand = true,
    after_help = "First time here? Run `tollgate demo`.",
    after_long_help = EXAMPLES
)]
pub(crate) struct Cli {
    /// The configuration file; without it, `tollgate.toml` here if there is one.
    #[arg(long, global = true, value_name = "FILE", env = "TOLLGATE_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,

    /// Print JSON instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gateway: the HTTP API, the callback inbox, the hosted checkout.
    Serve(command::serve::Serve),
    /// Run the sandbox: an imitation of Payoneer that works offline.
    Sandbox(command::sandbox::Sandbox),
    /// Run both and walk a whole payment through them, step by step.
    Demo(command::demo::Demo),
    /// Take money from payees, look at it, give it back.
    #[command(subcommand)]
    Charge(command::charge::Charge),
    /// Look at refunds; `tollgate charge refund` makes one.
    #[command(subcommand)]
    Refund(command::refund::Refund),
    /// Send money to payees.
    #[command(subcommand)]
    Payout(command::payout::Payout),
    /// See who can be charged; ask for authorisation, or give it up.
    #[command(subcommand)]
    Payee(command::payee::Payee),
    /// Open hosted checkouts.
    #[command(subcommand)]
    Checkout(command::checkout::Checkout),
    /// See what happened, in order.
    #[command(subcommand)]
    Event(command::event::Event),
    /// Have events sent to your servers, see what was sent, have it sent again.
    #[command(subcommand)]
    Webhook(command::webhook::Webhook),
    /// Post the events of a gateway elsewhere to a server on this machine.
    Listen(command::listen::Listen),
    /// See who changed what about the gateway, and why.
    #[command(subcommand)]
    Audit(command::audit::Audit),
    /// Manage programs: the accounts with Payoneer that the gateway acts for.
    #[command(subcommand)]
    Program(command::program::Program),
    /// Manage the API keys that the merchant's own software uses.
    #[command(subcommand)]
    Key(command::key::Key),
    /// What to do when the database went back in time, as after a restored backup.
    #[command(subcommand)]
    Quarantine(command::quarantine::Quarantine),
    /// Copy the database into a file, beside a running gateway.
    Backup(command::backup::Backup),
    /// Move everything from an SQLite file into an empty PostgreSQL database.
    #[command(name = "migrate-store")]
    MigrateStore(command::migrate_store::MigrateStore),
    /// Look at everything that the gateway needs, and say what to do.
    Doctor(command::doctor::Doctor),
    /// Show a running gateway as it is seen from outside.
    Status(command::status::Status),
    /// Print the OpenAPI 3.1 document of the gateway's API.
    #[command(after_help = command::openapi::EXAMPLES)]
    Openapi,
    /// Show every setting in force and where it came from.
    Config(command::config::Show),
    /// Print a completion script for a shell.
    Completions(command::completions::Completions),
}

const EXAMPLES: &str = "\
Examples:
  tollgate demo                     see a whole payment, offline, in a minute
  tollgate sandbox                  an imitation of Payoneer on 127.0.0.1:8090
  tollgate serve                    the gateway on 127.0.0.1:8080
  tollgate program add --name Shop --program-id 100012345 --username demo \\
      --environment http://127.0.0.1:8090 --api-password-stdin < password
  tollgate key create --program prg_... --name backend
  tollgate charge create --payee user-42 --amount 12.50 --currency USD --description 'Order 88'
  tollgate charge list --needs-attention

Exit codes:
  0  done            1  tried without success    2  wrong usage or configuration
  3  cannot listen   4  cannot open the database or its key
  5  the sandbox's verdict is not clean
  6  nobody can say yet whether money moved";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
