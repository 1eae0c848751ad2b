//! The checked texts of requests: payee ids, references, currencies, descriptions, within Payoneer's published limits.
//! Replies are not checked by these; they are kept as they come.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A request's field is outside the limits that Payoneer published (for v1; those of v2 are not public).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct InvalidField {
    /// The field's name on the wire.
    pub field: &'static str,
    /// What is wrong, as the end of a sentence that begins with the field.
    pub reason: &'static str,
}

const fn invalid(field: &'static str, reason: &'static str) -> InvalidField {
    InvalidField { field, reason }
}

macro_rules! text_field {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and keeps the text.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidField> {
                let text = text.into();
                $check(&text)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidField;

            fn from_str(text: &str) -> Result<Self, InvalidField> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidField;

            fn try_from(text: String) -> Result<Self, InvalidField> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(field: $name) -> Self {
                field.0
            }
        }
    };
}

text_field! {
    /// Your id of a payee: 1 to 50 letters, digits and ``_-^@!?".``, all ASCII.
    PayeeId, check_payee_id
}

text_field! {
    /// Your reference of a charge or payout (`client_reference_id`): 1 to 50 ASCII letters, digits and `_-^()@/!#$.:`,
    /// blanks within. Unique per program for ever; Payoneer's v1 did not tell upper from lower case, so keep to one.
    Reference, check_reference
}

text_field! {
    /// An ISO 4217 code, three letters in upper case.
    Currency, check_currency
}

text_field! {
    /// What the payee reads about a payment: 1 to 150 characters, none of them a control character.
    Description, check_description
}

fn check_payee_id(text: &str) -> Result<(), InvalidField> {
    check_id("payee_id", text, "_-^@!?\".")
}

fn check_reference(text: &str) -> Result<(), InvalidField> {
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(invalid("client_reference_id", "begins or ends with a blank"));
    }
    check_id("client_reference_id", text, "_-^()@/!# $.:")
}

/// `.` and `..` mean something else in a URL's path, where these ids stand.
fn check_id(field: &'static str, text: &str, marks: &str) -> Result<(), InvalidField> {
    if text.is_empty() {
        return Err(invalid(field, "is empty"));
    }
    if text.len() > 50 {
        return Err(invalid(field, "is longer than 50 characters"));
    }
    if matches!(text, "." | "..") {
        return Err(invalid(field, "is a dot or two"));
    }
    if text.chars().all(|letter| letter.is_ascii_alphanumeric() || marks.contains(letter)) {
        Ok(())
    } else {
        Err(invalid(field, "has a character that Payoneer does not take"))
    }
}

fn check_currency(text: &str) -> Result<(), InvalidField> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(invalid("currency", "is not three letters in upper case"))
    }
}

fn check_description(text: &str) -> Result<(), InvalidField> {
    if text.trim().is_empty() {
        return Err(invalid("description", "is empty"));
    }
    check_text("description", text, 150)
}

/// At most so many characters, none of them a control character.
pub(crate) fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), InvalidField> {
    if text.chars().count() > most {
        return Err(invalid(field, "is too long"));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "has a control character"));
    }
    Ok(())
}

/// A calendar date in the form `YYYY-MM-DD`; that the month has that day is left to Payoneer.
pub(crate) fn check_date(field: &'static str, text: &str) -> Result<(), InvalidField> {
    let bytes = text.as_bytes();
    let form = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() });
    let within = |from: usize, to: usize, most: u8| {
        text.get(from..to).and_then(|part| part.parse::<u8>().ok()).is_some_and(|number| (1..=most).contains(&number))
    };
    if form && within(5, 7, 12) && within(8, 10, 31) { Ok(()) } else { Err(invalid(field, "is not a date YYYY-MM-DD")) }
}

/// More than zero.
pub(crate) fn check_positive(amount: crate::Amount) -> Result<(), InvalidField> {
    if amount.is_positive() { Ok(()) } else { Err(invalid("amount", "is not more than zero")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payee_ids() {
        for good in ["Test123", "a", "u_-^@!?\".", &"x".repeat(50)] {
            assert!(PayeeId::new(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "a%2e", "{payee_id}", "é", &"x".repeat(51), "a\n"] {
            assert!(PayeeId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn references() {
        for good in ["test_88", "a/b c#1", "$1.00:(x)!"] {
            assert!(Reference::new(good).is_ok(), "{good}");
        }
        for bad in ["", "..", " a", "a ", "a?", "a&b", "{client_reference_id}", &"x".repeat(51)] {
            assert!(Reference::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn currencies_descriptions_and_dates() {
        assert!(Currency::new("USD").is_ok());
        for bad in ["usd", "US", "USDX", "U$D", ""] {
            assert!(Currency::new(bad).is_err(), "{bad}");
        }
        assert!(Description::new("付款 é 1.2").is_ok());
        for bad in ["", "  ", "a\tb", &"x".repeat(151)] {
            assert!(Description::new(bad).is_err(), "{bad}");
        }
        assert!(check_date("payout_date", "2026-12-31").is_ok());
        for bad in ["2026-13-01", "2026-00-01", "2026-1-01", "2026/01/01", "2026-01-32", "+026-01-01", "2026-01-0é"] {
            assert!(check_date("payout_date", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn json_is_checked_too() {
        assert_eq!(serde_json::from_str::<Currency>("\"USD\"").ok().as_ref().map(Currency::as_str), Some("USD"));
        let refusal = serde_json::from_str::<PayeeId>("\"..\"").map_err(|error| error.to_string());
        assert_eq!(refusal, Err("payee_id is a dot or two".to_owned()));
    }
}
