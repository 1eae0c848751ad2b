//! The binary: reads the command line, runs one command, exits with its code.
//! Nothing here decides about money.

mod cli;
mod command;
mod config;
mod demo;
mod doctor;
#[cfg(test)]
mod documented;
mod exit;
mod logging;
mod master_key;
mod print;
mod ready;
mod signal;
mod traces;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match command::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error).into(),
    }
}
