//! Where a value came from, in words a person can act on.
//! Finding the value is `resolve`'s work.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// The source of a setting that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Origin {
    /// A flag on the command line.
    Flag {
        /// As typed, with its dashes.
        flag: String,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// The configuration file.
    File {
        /// Its path as given.
        path: PathBuf,
        /// The line of the key, counted from 1.
        line: usize,
    },
    /// Nothing was said about it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag { flag } => write!(formatter, "flag {flag}"),
            Self::Environment { variable } => write!(formatter, "environment {variable}"),
            Self::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Self::Default => formatter.write_str("default"),
        }
    }
}
