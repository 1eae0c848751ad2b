//! Double entry: every movement of money is one transfer from one account to another, so that it balances by being
//! written at all. Written in the same commit as the change that moved the money.

use crate::{Money, PayeeId};
use core::fmt;

/// Whose money.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// The merchant's balance in its Payoneer program.
    Program,
    /// A payee's Payoneer balance, as far as this program touched it.
    Payee(PayeeId),
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("program"),
            Self::Payee(payee_id) => write!(f, "payee:{payee_id}"),
        }
    }
}

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// The charge or payout that moved it.
    pub subject: String,
    /// Whose balance fell.
    pub debit: Account,
    /// Whose balance rose.
    pub credit: Account,
    /// By how much.
    pub money: Money,
}
