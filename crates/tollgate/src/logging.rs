//! Logs on standard error, as text for people or JSON for machines. What is
//! logged is decided where it happens; secrets never reach this point.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, ConfigError, LogFormat, Origin, settings};

/// Starts logging as configured; once per process.
pub(crate) fn start(config: &Config) -> Result<(), ConfigError> {
    start_at(config, &config.value::<String>(&settings::LOG_LEVEL)?)
}

/// Like [`start`], but with warnings only unless somebody asked for more.
pub(crate) fn start_quietly(config: &Config) -> Result<(), ConfigError> {
    let asked = config.find(&settings::LOG_LEVEL).filter(|found| found.origin != Origin::Default);
    start_at(config, asked.as_ref().map_or("warn", |found| &found.text))
}

fn start_at(config: &Config, level: &str) -> Result<(), ConfigError> {
    let filter = EnvFilter::try_new(level)
        .map_err(|error| ConfigError::new(format!("log.level: `{level}` is not a filter: {error}")))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    match config.value(&settings::LOG_FORMAT)? {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}
