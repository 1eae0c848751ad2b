//! How a command ends: the exit codes, and errors that carry one. The codes
//! are a promise to scripts, documented in `docs/configuration.md`.

use std::fmt;
use std::process::ExitCode;

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Success = 0,
    /// It was tried and did not succeed.
    Failure = 1,
    /// Wrong usage or configuration; nothing was tried. (clap uses the same number.)
    Usage = 2,
    /// The address cannot be listened on.
    Listen = 3,
    /// The database or its key cannot be opened.
    Storage = 4,
    /// The sandbox's verdict on the client under test is not clean.
    Guilty = 5,
    /// Nobody can say yet whether money moved.
    Unknown = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error with the exit code it causes and, where there is one, what to do.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    message: String,
    pub(crate) advice: Option<String>,
}

impl Stop {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), advice: None }
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}

/// Prints an error with its causes and finds its exit code. A reader that went
/// away (`tollgate config | head`) is no error.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    let broken_pipe =
        error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
    if broken_pipe {
        return Exit::Success;
    }
    let stop = error.downcast_ref::<Stop>();
    eprintln!("tollgate: {error:#}");
    if let Some(advice) = stop.and_then(|stop| stop.advice.as_deref()) {
        eprintln!("{advice}");
    }
    if let Some(stop) = stop {
        stop.exit
    } else if error.is::<crate::config::ConfigError>() {
        Exit::Usage
    } else {
        Exit::Failure
    }
}
