//! Why a charge, refund or payout failed, in Payoneer's words where it spoke.

use crate::Retry;
use serde::{Deserialize, Serialize};

/// A definite refusal: no money moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Failure {
    /// Payoneer's number as text (`"10301"`), or our word where Payoneer did not speak (`"payoneer_unreachable"`).
    pub code: String,
    /// What Payoneer said, or what happened.
    pub description: String,
    /// Payoneer's hint.
    pub hint: Option<String>,
    /// Payoneer's number for the exchange, by which its support finds it.
    pub audit_id: Option<i64>,
    /// Whether and how to try again.
    pub retry: Retry,
}
