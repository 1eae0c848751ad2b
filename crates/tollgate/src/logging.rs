//! Logs on standard error, as text for people or JSON for machines. What is
//! logged is decided where it happens; secrets never reach this point.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{Config, ConfigError, LogFormat, Origin, settings};
use crate::traces::Traces;

/// Starts logging as configured; once per process.
pub(crate) fn start(config: &Config) -> Result<(), ConfigError> {
    Registry::default().with(lines(config, &level(config)?)?).init();
    Ok(())
}

/// As [`start`], with traces beside it.
#[cfg(feature = "otel")]
pub(crate) fn start_with(config: &Config, traces: &Traces) -> Result<(), ConfigError> {
    Registry::default().with(lines(config, &level(config)?)?).with(traces.layer()).init();
    Ok(())
}

/// As [`start`]: there are no traces in this build.
#[cfg(not(feature = "otel"))]
pub(crate) fn start_with(config: &Config, _: &Traces) -> Result<(), ConfigError> {
    start(config)
}

/// Like [`start`], but with warnings only unless somebody asked for more.
pub(crate) fn start_quietly(config: &Config) -> Result<(), ConfigError> {
    let asked = config.find(&settings::LOG_LEVEL).filter(|found| found.origin != Origin::Default);
    Registry::default().with(lines(config, asked.as_ref().map_or("warn", |found| &found.text))?).init();
    Ok(())
}

fn level(config: &Config) -> Result<String, ConfigError> {
    config.value::<String>(&settings::LOG_LEVEL)
}

fn lines(config: &Config, level: &str) -> Result<impl Layer<Registry> + use<>, ConfigError> {
    let filter = EnvFilter::try_new(level)
        .map_err(|error| ConfigError::new(format!("log.level: `{level}` is not a filter: {error}")))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none());
    let lines = match config.value(&settings::LOG_FORMAT)? {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    Ok(lines.with_filter(filter))
}
