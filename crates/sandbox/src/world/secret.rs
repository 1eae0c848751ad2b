//! Texts that must not be shown: the HMAC secret and account passwords.
//! Neither type may gain a `Display`, and `Debug` says nothing.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A secret that the operator set. Written in clear only into snapshots and the state file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// What stands in for a secret where settings are shown.
    pub const MASK: &'static str = "********";

    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for signing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A salted hash of a sandbox account's password. Good enough for invented people, not for real ones.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Password {
    salt: String,
    hash: String,
}

impl Password {
    /// Hashes `text` with a salt that the world drew.
    #[must_use]
    pub(crate) fn new(salt: String, text: &str) -> Self {
        let hash = digest(&salt, text);
        Self { salt, hash }
    }

    /// Whether `text` is the password.
    #[must_use]
    pub(crate) fn matches(&self, text: &str) -> bool {
        digest(&self.salt, text).as_bytes().ct_eq(self.hash.as_bytes()).into()
    }
}

fn digest(salt: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update([0]);
    hash.update(text.as_bytes());
    HEXLOWER.encode(&hash.finalize())
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown() {
        let password = Password::new("salt".into(), "correct horse");
        assert!(password.matches("correct horse") && !password.matches("correct horse "));
        assert_eq!(format!("{password:?} {:?}", Secret::new("hush")), "Password Secret");
    }
}
