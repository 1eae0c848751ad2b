//! The merchant's account with Payoneer, as its own keys may see it: without any secret of Payoneer's.

use crate::Time;
use serde::{Deserialize, Serialize};

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Program {
    /// `prg_...`
    pub id: String,
    /// Always `program`.
    pub object: String,
    /// The merchant's name for it, which payees see.
    pub name: String,
    /// Payoneer's number of it.
    pub program_id: String,
    /// `sandbox`, `production` or a base address.
    pub environment: String,
    /// Whether money here is real.
    pub live: bool,
    /// `v2` or `v4`.
    pub dialect: String,
    /// Where a payee goes after authorisation when a session names no other place.
    pub return_url: Option<String>,
    /// The address for Payoneer's callbacks. Its last part is unguessable: keep it between you and Payoneer.
    pub callback_url: String,
    /// One address per event, to paste into the developer options of Payoneer's back office.
    pub callback_templates: Vec<CallbackTemplate>,
    /// Whether Payoneer is being asked now: `open`; `paused`, because it asked for a pause; or `down`, because it does not
    /// answer, and new charges, refunds and payouts are refused before anything is written down. `null` where no gateway
    /// runs.
    pub payoneer: Option<String>,
    /// What was proven about Payoneer's behaviour for it, by `tollgate program probe`.
    pub capabilities: Vec<Capability>,
    /// When it was added.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// Something that Payoneer may or may not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capability {
    /// Its name, such as `ref_unique_forever`.
    pub name: String,
    /// Whether it was proven. `false` while nobody has asked, too.
    pub proven: bool,
    /// When it was proven or refuted.
    pub found_at: Option<Time>,
}

/// What to paste into Payoneer's back office for one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallbackTemplate {
    /// The event, such as `approved`.
    pub event: String,
    /// The address; Payoneer fills in the placeholders in double braces.
    pub url: String,
}
