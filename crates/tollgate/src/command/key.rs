//! `tollgate key`.

use super::Context;
use crate::exit::Exit;

/// key
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Key {
    /// List.
    List,
}

impl Key {
    pub(crate) fn run(self, _context: &Context<'_>) -> anyhow::Result<Exit> {
        Ok(Exit::Success)
    }
}
