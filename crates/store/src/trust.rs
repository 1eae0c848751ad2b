//! The head, by which a database that went back in time is recognised, and what follows from it.
//! Only the words; the engine does the work.

use std::fmt;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::Value;

/// How far a database has come: the number of its latest durable commit, and a hash over that commit and all before it.
///
/// Two databases with an equal head have written the same things in the same order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// Counts durable commits; 0 before the first.
    pub(crate) sequence: i64,
    /// SHA-256 over the hash before it and all that the commit wrote; zeros before the first.
    pub(crate) hash: [u8; 32],
}

impl Head {
    /// The head after one more commit, which has written this.
    pub(crate) fn after(&self, written: Sha256) -> Self {
        let sequence = self.sequence + 1;
        let hash = Sha256::new().chain_update(self.hash).chain_update(sequence.to_be_bytes());
        Self { sequence, hash: hash.chain_update(written.finalize()).finalize().into() }
    }
}

/// Every part with its length before it, so that no two statements look alike.
pub(crate) fn add_statement(hash: &mut Sha256, sql: &str, args: &[Value]) {
    let mut add = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update(bytes.len().to_be_bytes());
        hash.update(bytes);
    };
    add(0, sql.as_bytes());
    for arg in args {
        match arg {
            Value::Null => add(1, &[]),
            Value::Int(number) => add(2, &number.to_be_bytes()),
            Value::Text(text) => add(3, text.as_bytes()),
            Value::Blob(bytes) => add(4, bytes),
        }
    }
}

/// Whether the database can be trusted to know of everything that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// It never went back in time, as far as anybody has seen.
    Sound,
    /// It went back in time, and no operator has looked yet: no permit to send is given out.
    Quarantined,
    /// It went back in time once, and an operator has let it go on: a permit is given out only for a reference that
    /// Payoneer was asked about first.
    Restored,
}

/// Where the head that was seen last is kept, outside the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum HeadFile {
    /// In a file beside the database, with `.head` added to its name. PostgreSQL has no such place: there no head is
    /// kept, and only a quarantine that another node has declared is heeded.
    #[default]
    Beside,
    /// In this file, best on another disk than the database. Its folder must exist.
    At(PathBuf),
    /// Nowhere: no head is kept, and a database that went back in time is not noticed. For schemas without heads.
    Off,
}

/// Why a database is taken for one that went back in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Its head is lower than one that was seen.
    Lower,
    /// It has another hash where a head was seen.
    OtherHistory,
    /// What was seen is so long ago that the database no longer has the hash to compare.
    TooLongAgo,
    /// There is no head file, though the database is not new.
    NoHeadFile,
    /// The head file cannot be read.
    UnreadableHeadFile,
}

impl Cause {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::OtherHistory => "other_history",
            Self::TooLongAgo => "too_long_ago",
            Self::NoHeadFile => "no_head_file",
            Self::UnreadableHeadFile => "unreadable_head_file",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lower => "the database stands before a commit that was seen: it is an older copy",
            Self::OtherHistory => "the database has another history than the one that was seen: it is another database",
            Self::TooLongAgo => "the head file is too old to be compared with the database",
            Self::NoHeadFile => "the head file is missing beside a database that is not new",
            Self::UnreadableHeadFile => "the head file cannot be read",
        })
    }
}
