//! A merchant's user as Payoneer knows it under the program, and the standing permission to charge it.

use crate::Time;
use serde::{Deserialize, Serialize};

/// A payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payee {
    /// The same as `payee_id`.
    pub id: String,
    /// Always `payee`.
    pub object: String,
    /// The merchant's own id of it.
    pub payee_id: String,
    /// Its standing permission.
    pub mandate: Mandate,
    /// When the payee was first seen.
    pub created_at: Time,
    /// When its mandate's status last changed.
    pub updated_at: Time,
}

words! {
    /// Where a mandate stands. Only an `active` one can be charged.
    pub enum MandateStatus {
        /// The payee has been sent to Payoneer and has not finished there.
        Pending = "pending",
        /// The payee has finished and Payoneer has not decided.
        InReview = "in_review",
        /// The payee can be charged.
        Active = "active",
        /// It was active; Payoneer has blocked the payee.
        Suspended = "suspended",
        /// Payoneer, or the payee, said no.
        Declined = "declined",
        /// It was withdrawn: see `revoked_by`.
        Revoked = "revoked",
        /// The payee never finished.
        Expired = "expired",
    }
}

words! {
    /// Who withdrew a mandate.
    pub enum RevokedBy {
        /// The merchant released the payee.
        Merchant = "merchant",
        /// Payoneer no longer knows the payee under this program.
        Payoneer = "payoneer",
    }
}

words! {
    /// Where the gateway has a mandate's status from.
    pub enum Source {
        /// Payoneer said so when asked, at `last_verified_at`.
        StatusQuery = "status_query",
        /// Nobody has asked Payoneer yet: the gateway knows only that the payee was sent there.
        Gateway = "gateway",
    }
}

/// The standing permission to charge a payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mandate {
    /// `mdt_...`
    pub id: String,
    /// Always `mandate`.
    pub object: String,
    /// Where it stands.
    pub status: MandateStatus,
    /// Who withdrew it, when it is revoked.
    pub revoked_by: Option<RevokedBy>,
    /// When it became active in its present life.
    pub activated_at: Option<Time>,
    /// When Payoneer last answered about this payee.
    pub last_verified_at: Option<Time>,
    /// Seconds since then, at the time of this answer.
    pub age_seconds: Option<i64>,
    /// Where the status is from.
    pub source: Source,
}
