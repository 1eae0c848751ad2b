//! Who changed what about the installation, and why: entries of the append-only audit log.
//! What an entry tells is put together by whoever makes the change; no secret may be in it.

use crate::api_key::ApiKey;
use crate::id::AuditEntryId;
use crate::{ProgramId, Time};
use core::fmt;

text_enum! {
    /// What was done.
    pub enum Action {
        /// A program was added.
        ProgramAdded = "program.added",
        /// A program's credentials or addresses were changed.
        ProgramChanged = "program.changed",
        /// An API key was made.
        KeyCreated = "api_key.created",
        /// An API key was closed for ever.
        KeyRevoked = "api_key.revoked",
        /// A webhook endpoint was made.
        EndpointCreated = "webhook_endpoint.created",
        /// Another address, choice of events, name or set of headers.
        EndpointChanged = "webhook_endpoint.changed",
        /// A webhook endpoint got a new secret.
        SecretRotated = "webhook_endpoint.secret_rotated",
        /// A webhook endpoint was to be served again.
        EndpointEnabled = "webhook_endpoint.enabled",
        /// A webhook endpoint was to be served no more.
        EndpointDisabled = "webhook_endpoint.disabled",
        /// A webhook endpoint was ended for ever.
        EndpointDeleted = "webhook_endpoint.deleted",
        /// A capability was proven or refuted by probes.
        CapabilityChanged = "capability.changed",
        /// The database was let go on after it had gone back in time.
        QuarantineLeft = "quarantine.left",
        /// An operator said what became of something unknown, and another must agree.
        SettlementProposed = "settlement.proposed",
        /// Operators settled something unknown.
        SettlementMade = "settlement.made",
        /// A proposal was taken back.
        SettlementWithdrawn = "settlement.withdrawn",
    }
}

/// Who did it, as text: the id of an API key, or `console:` and the user of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor(String);

/// The longest name of a user of the machine that is kept, in characters.
const CONSOLE_MAX: usize = 100;

impl Actor {
    /// Somebody with this API key.
    pub fn key(key: &ApiKey) -> Self {
        Self(key.id.to_string())
    }

    /// Somebody on the machine itself, by the name that the machine knows.
    pub fn console(user: &str) -> Self {
        let user: String = user.chars().filter(|c| !c.is_control()).take(CONSOLE_MAX).collect();
        Self(format!("console:{user}"))
    }

    /// The text as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id. The order of entries is that of their commits, which the store knows.
    pub id: AuditEntryId,
    /// The program it is about; `None` where it is about the whole installation.
    pub program: Option<ProgramId>,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: Action,
    /// The id of the thing it was done to.
    pub subject: String,
    /// Why, in the actor's words, where they were asked.
    pub reason: Option<String>,
    /// What matters of the thing before, as a JSON object.
    pub before: Option<String>,
    /// What matters of the thing afterwards, as a JSON object.
    pub after: Option<String>,
    /// When.
    pub at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_name_cannot_break_a_line_or_fill_a_page() {
        assert_eq!(Actor::console("ada\n[31m").as_str(), "console:ada[31m");
        assert_eq!(Actor::console(&"x".repeat(500)).as_str().len(), "console:".len() + CONSOLE_MAX);
    }
}
