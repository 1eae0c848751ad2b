//! What an API key may do. The secret itself is shown once and kept only as a hash, in the store.

use crate::id::ApiKeyId;
use crate::{ProgramId, Time};

text_enum! {
    /// One permission.
    pub enum Scope {
        /// See everything of the program.
        Read = "read",
        /// Authorise payees, charge, refund, open checkouts.
        Charge = "charge",
        /// Pay out.
        Payout = "payout",
        /// Administer.
        Admin = "admin",
    }
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, which is part of the key's text.
    pub id: ApiKeyId,
    /// The one program it opens.
    pub program: ProgramId,
    /// The merchant's name for it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// SHA-256 of the secret; 256 random bits need no slow hash.
    pub hash: Vec<u8>,
    /// The key that this one goes back to: itself if it was made on the machine, else the origin of the key that made
    /// it. So whoever holds a key cannot become two persons by making another.
    pub origin: ApiKeyId,
    /// When it was made.
    pub created_at: Time,
    /// From when on it opens nothing; `None` for one that does not expire.
    pub expires_at: Option<Time>,
    /// When it was last used, to a few minutes.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

impl ApiKey {
    /// Whether it opens anything.
    pub fn is_valid(&self, now: Time) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether it may do this; `admin` may do everything.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| *own == scope || *own == Scope::Admin)
    }
}
