//! Every way in which a call can end without what was asked for.

use api::{Outcome, Problem};

/// Why a call did not return what was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The gateway said no, and why.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No whole answer came. The request may have been received all the same.
    #[error("no whole answer came from the gateway: {0}")]
    Transport(#[source] reqwest::Error),
    /// An answer came that no gateway gives; perhaps from something in between.
    #[error("an answer with HTTP status {status} was not understood: {reason}")]
    Unexpected {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        reason: String,
    },
    /// The address of the gateway, the API key or an argument cannot be used in a request.
    #[error("{0}")]
    Argument(String),
}

impl Error {
    /// The problem, if the gateway sent one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            Self::Transport(_) | Self::Unexpected { .. } | Self::Argument(_) => None,
        }
    }

    /// What is known about money after this error, if the call could have moved some.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Problem(problem) => problem.outcome,
            Self::Transport(error) if error.is_connect() || error.is_builder() => Outcome::None,
            Self::Transport(_) | Self::Unexpected { .. } => Outcome::Unknown,
            Self::Argument(_) => Outcome::None,
        }
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        // The address is the caller's own knowledge, and may hold ids that are nobody else's.
        Self::Transport(error.without_url())
    }
}
