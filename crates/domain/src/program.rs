//! The merchant's account with Payoneer: which one, where, and in which dialect.
//! The API password is not here: it is sealed in the store and opened only where requests are made.

use crate::{ProgramId, Time};

text_enum! {
    /// Which generation of Payoneer's API a program speaks.
    pub enum Dialect {
        /// The 2018 API with HTTP Basic.
        V2 = "v2",
        /// The OAuth2 API.
        V4 = "v4",
    }
}

/// Which Payoneer a program lives at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Environment {
    /// Payoneer's public sandbox.
    Sandbox,
    /// The real thing.
    Production,
    /// Any base address, such as `tollgate sandbox`.
    Url(String),
}

impl Environment {
    /// `sandbox`, `production` or the address.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
            Self::Url(url) => url,
        }
    }

    /// Reads what [`Self::as_str`] writes. Whether an address is well formed is checked where it is used.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "sandbox" => Some(Self::Sandbox),
            "production" => Some(Self::Production),
            url if url.starts_with("http://") || url.starts_with("https://") => Some(Self::Url(url.to_owned())),
            _ => None,
        }
    }

    /// Whether money here is real. Its API keys say so in their first letters.
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::Production)
    }
}

impl core::str::FromStr for Environment {
    type Err = crate::NotAWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(crate::NotAWord("Environment"))
    }
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Our id of it.
    pub id: ProgramId,
    /// The merchant's name for it, which a payee sees at checkout.
    pub name: String,
    /// Payoneer's number of it.
    pub program_id: String,
    /// Where it lives.
    pub environment: Environment,
    /// Which API it speaks.
    pub dialect: Dialect,
    /// The API user name.
    pub username: String,
    /// Where a payee goes after authorisation when a session names no other place.
    pub return_url: Option<String>,
    /// The unguessable part of the address that Payoneer's callbacks come to.
    pub callback_token: String,
    /// Counts the writes.
    pub version: i64,
    /// When it was added.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}
