//! What the doctor looks at, one file per place: this machine, and everything
//! outside of it. Here only what a finding is; how it is printed is the
//! command's business. The doctor changes nothing and moves no money.

pub(crate) mod machine;
pub(crate) mod outside;

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    /// Nothing to do.
    Ok,
    /// It works, but somebody should know or do something.
    Warning,
    /// It does not work.
    Failure,
    /// It could not be looked at, because of something above.
    Skipped,
}

impl Level {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "FAILURE",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Examined {
    /// What, in a word or two.
    pub(crate) check: &'static str,
    /// How it is.
    pub(crate) level: Level,
    /// One sentence.
    pub(crate) finding: String,
    /// What to do, the likeliest first.
    pub(crate) advice: Vec<String>,
}

impl Examined {
    pub(crate) fn new(check: &'static str, level: Level, finding: impl Into<String>) -> Self {
        Self { check, level, finding: finding.into(), advice: Vec::new() }
    }

    pub(crate) fn ok(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, finding)
    }

    pub(crate) fn warning(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, Level::Warning, finding)
    }

    pub(crate) fn failure(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, Level::Failure, finding)
    }

    pub(crate) fn skipped(check: &'static str, finding: impl Into<String>) -> Self {
        Self::new(check, Level::Skipped, finding)
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }
}
