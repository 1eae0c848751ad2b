//! Why the world did not do what it was asked to; nothing has changed when one of these comes back.
//! Which HTTP status and code it becomes is decided where requests are answered.

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such thing; the noun is named.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A value cannot be taken.
    #[error("{field} {why}")]
    Invalid {
        /// The field's name.
        field: &'static str,
        /// What is wrong with it, as the end of a sentence that begins with the name.
        why: String,
    },
    /// The value is taken by something else, or the thing's state does not allow it.
    #[error("{field} {why}")]
    Conflict {
        /// The field or noun concerned.
        field: &'static str,
        /// What stands against it, as the end of a sentence that begins with the name.
        why: String,
    },
    /// E-mail address or password are wrong.
    #[error("the e-mail address or the password is wrong")]
    WrongPassword,
    /// A balance is too small.
    #[error("the balance is too small")]
    Short,
    /// The payee has not authorised this program (unknown, or still pending).
    #[error("the payee has not authorised this program")]
    NotAuthorised,
    /// The payee exists but is inactive.
    #[error("the payee is inactive")]
    Inactive,
    /// The payee exists but is still pending.
    #[error("the payee is pending")]
    Pending,
    /// The reference was used before, in whatever case.
    #[error("the reference was used before")]
    Duplicate,
    /// The currency is not the program's.
    #[error("the currency is not the program's")]
    Currency,
    /// The sandbox holds as many of these as it may.
    #[error("the sandbox is full: too many {0}")]
    Full(&'static str),
}

impl Refusal {
    /// A value that cannot be taken.
    pub fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { field, why: why.into() }
    }

    /// A value or state that stands against it.
    pub fn conflict(field: &'static str, why: impl Into<String>) -> Self {
        Self::Conflict { field, why: why.into() }
    }
}
