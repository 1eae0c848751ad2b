//! Configuration: every setting is defined once, in `settings`, and found in
//! one order: flag, environment variable, configuration file, default. What a
//! setting means to a service is decided where the service is started.

mod file;
mod flags;
mod origin;
mod resolve;
pub(crate) mod settings;
mod value;

pub(crate) use flags::{Flags, Scope};
pub(crate) use origin::Origin;
pub(crate) use resolve::Config;
pub(crate) use value::{LogFormat, PerSecond, Span};

/// Why the configuration cannot be used; the text is for the person who wrote it.
#[derive(Debug)]
pub(crate) struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}
