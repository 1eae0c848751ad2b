//! `tollgate program`.

use super::Context;
use crate::exit::Exit;

/// program
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Program {
    /// List.
    List,
}

impl Program {
    pub(crate) fn run(self, _context: &Context<'_>) -> anyhow::Result<Exit> {
        Ok(Exit::Success)
    }
}
