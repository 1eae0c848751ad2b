//! `tollgate demo`.

use super::Context;
use crate::exit::Exit;

/// demo
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {}

impl Demo {
    pub(crate) fn run(self, _context: &Context<'_>) -> anyhow::Result<Exit> {
        Ok(Exit::Success)
    }
}
