//! The merchant's own balance in its program, as Payoneer states it.

use crate::Amount;
use serde::{Deserialize, Serialize};

/// A balance, asked of Payoneer at the moment of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Always `balance`.
    pub object: String,
    /// What is there; may be negative.
    pub amount: Amount,
    /// Its currency.
    pub currency: String,
    /// Fees that Payoneer has yet to take, where it names them.
    pub fees_due: Option<Amount>,
}
