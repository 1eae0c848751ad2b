//! A process that serves from the merchant's database: one of several, or the only one.

use crate::Time;
use serde::{Deserialize, Serialize};

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Node {
    /// Its name, a new one at each start.
    pub id: String,
    /// Always `node`.
    pub object: String,
    /// Which version of Tollgate it runs.
    pub version: String,
    /// When it started.
    pub started_at: Time,
    /// When it was heard of last. One that is silent for a minute is lost, and the others take over what it did.
    pub last_seen: Time,
}
