//! `tollgate openapi`: the document of the API, for generators of clients and for whoever compares two releases.

use std::io::Write;

use crate::exit::Exit;

/// What its help ends with.
pub(crate) const EXAMPLES: &str = "\
Examples:
  tollgate openapi > openapi.json
  openapi-python-client generate --path openapi.json";

/// Prints the document.
pub(crate) fn run() -> anyhow::Result<Exit> {
    std::io::stdout().lock().write_all(gateway::openapi().as_bytes())?;
    Ok(Exit::Success)
}
