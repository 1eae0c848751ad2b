//! The merchant's own balance in its program, as Payoneer states it.

use crate::Amount;
use serde::{Deserialize, Serialize};

/// A balance, asked of Payoneer at the moment of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Balance {
    /// Always `balance`.
    pub object: String,
    /// What is there; may be negative.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,3})?$"))]
    pub amount: Amount,
    /// Its currency.
    pub currency: String,
    /// Fees that Payoneer has yet to take, where it names them.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,3})?$"))]
    pub fees_due: Option<Amount>,
}
