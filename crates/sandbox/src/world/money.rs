//! Amounts and currencies inside the sandbox: whole hundredths, exact text both ways.
//! No float may appear here, and no arithmetic that can overflow unnoticed.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in hundredths of a currency's unit. Not negative, at most 9,999,999,999,999.99.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i64);

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an amount: digits, then at most two decimals after a point, at most 9999999999999.99")]
pub struct NotAnAmount;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    const LARGEST: i64 = 999_999_999_999_999;

    /// From hundredths; `None` when negative or too large.
    #[must_use]
    pub fn from_hundredths(hundredths: i64) -> Option<Self> {
        (0..=Self::LARGEST).contains(&hundredths).then_some(Self(hundredths))
    }

    /// A number of whole units, such as dollars.
    #[must_use]
    pub const fn whole(units: u16) -> Self {
        Self(units as i64 * 100)
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        self.0
    }

    /// Whether this is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; the largest amount when it would be larger.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(Self::LARGEST))
    }

    /// Reads `12`, `1.2` or `12.50`: plain digits and at most two decimals, no sign, space, exponent or currency.
    pub fn parse(text: &str) -> Result<Self, NotAnAmount> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
        let fraction = match fraction {
            None => "00".to_owned(),
            Some(f) if (1..=2).contains(&f.len()) => format!("{f:0<2}"),
            Some(_) => return Err(NotAnAmount),
        };
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || whole.len() > 13 || !digits(&fraction) {
            return Err(NotAnAmount);
        }
        format!("{whole}{fraction}").parse().ok().and_then(Self::from_hundredths).ok_or(NotAnAmount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

/// A currency code: three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollars, the currency of the program on start.
    pub const USD: Self = Self(*b"USD");

    /// Reads three letters in any case; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Self(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(d)?)
            .ok_or_else(|| serde::de::Error::custom("not a currency code of three letters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_and_strict() {
        for (text, hundredths) in [("1.2", 120), ("5", 500), ("25.22", 2522), ("0.01", 1), ("010.00", 1000)] {
            assert_eq!(Amount::parse(text).unwrap().hundredths(), hundredths, "{text}");
        }
        for bad in ["", ".5", "5.", "1.234", "-1", "+1", "1e2", "2.00 USD", " 1", "1,5", "99999999999999", "١"] {
            assert_eq!(Amount::parse(bad), Err(NotAnAmount), "{bad}");
        }
        assert_eq!(Amount::parse("10200").unwrap().to_string(), "10200.00");
    }

    #[test]
    fn currencies() {
        assert_eq!(Currency::parse("usd"), Some(Currency::USD));
        assert_eq!(Currency::parse("US"), None);
        assert_eq!(Currency::parse("U\u{20ac}"), None);
    }
}
