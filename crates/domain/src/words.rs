//! Texts that a merchant chooses, each with its limits checked once, at the border. Where Payoneer sees them, the
//! limits are those of Payoneer's v1 guide, the only published ones, used as a conservative maximum.

use core::fmt;

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// Nothing in it.
    #[error("must not be empty")]
    Empty,
    /// Too long.
    #[error("has at most {0} characters")]
    TooLong(usize),
    /// A character outside the allowed set.
    #[error("may hold only {0}")]
    Forbidden(&'static str),
}

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident, $max:literal, $allowed:literal, $fits:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The longest text taken, in characters.
            pub const LEN_MAX: usize = $max;

            /// Takes the text if it is within the limits.
            pub fn parse(text: &str) -> Result<Self, WordError> {
                let fits: fn(char) -> bool = $fits;
                match text {
                    "" => Err(WordError::Empty),
                    text if text.chars().count() > $max => Err(WordError::TooLong($max)),
                    text if !text.chars().all(fits) => Err(WordError::Forbidden($allowed)),
                    text => Ok(Self(text.to_owned())),
                }
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::str::FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

words! {
    /// The merchant's own id of a payee.
    PayeeId, 50, "letters, digits and _ - ^ @ ! ? \" .", |c| c.is_ascii_alphanumeric() || "_-^@!?\".".contains(c);
    /// A merchant's unique reference of a charge or payout (`client_reference_id`). Compared without regard to case.
    Reference, 50, "letters, digits, space and _ - ^ ( ) @ / ! # $ : .",
        |c| c.is_ascii_alphanumeric() || "_-^()@/!# $:.".contains(c);
    /// What the payee reads on the statement.
    Description, 150, "printable characters", |c| !c.is_control();
    /// What makes a repeat of a request recognisable.
    IdempotencyKey, 255, "printable ASCII without spaces", |c| c.is_ascii_graphic();
    /// What a charge is for, in the merchant's words; one undecided charge per purpose.
    Purpose, 100, "printable characters", |c| !c.is_control();
    /// A sentence of an operator's, kept for ever: why something is right, or what shows it.
    Note, 500, "printable characters", |c| !c.is_control();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_the_edge() {
        assert!(PayeeId::parse(&"p".repeat(50)).is_ok());
        assert_eq!(PayeeId::parse(&"p".repeat(51)), Err(WordError::TooLong(50)));
        assert_eq!(PayeeId::parse(""), Err(WordError::Empty));
        assert!(matches!(PayeeId::parse("a/b"), Err(WordError::Forbidden(_))));
        assert!(matches!(PayeeId::parse("用户"), Err(WordError::Forbidden(_))));
        assert!(Reference::parse("Order #12/3 (a):$.").is_ok());
        assert!(matches!(Reference::parse("a?b"), Err(WordError::Forbidden(_))));
        assert!(Description::parse("Rent, März 三月").is_ok());
        assert!(matches!(Description::parse("a\nb"), Err(WordError::Forbidden(_))));
        assert_eq!(Description::parse(&"三".repeat(151)), Err(WordError::TooLong(150)));
        assert!(matches!(IdempotencyKey::parse("a b"), Err(WordError::Forbidden(_))));
    }
}
