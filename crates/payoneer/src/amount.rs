//! [`Amount`]: an exact number of hundredths, as Payoneer writes money in JSON text or numbers.
//! No currency, no float and no arithmetic beyond checked addition belongs here.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{self, Serialize, Serializer};
use serde_json::value::RawValue;

/// The largest absolute value: fifteen nines, the two decimals included.
const MAX_HUNDREDTHS: i64 = 999_999_999_999_999;

/// An exact amount in hundredths of the currency's unit, at most fifteen digits, possibly negative (balances).
///
/// * `FromStr` is for what **we** are given: plain decimal text with at most two decimals.
/// * `Deserialize` is for what arrives as JSON, text or number: `25`, `25.2`, `"25.20"`; further decimals only if zero.
/// * `Display` and `Serialize` write two decimals: `1.20`, `"1.20"`. [`NumberAmount`] writes a JSON number.
///
/// The JSON text is read as it stands, so no float is ever involved. This needs `serde_json`'s own (de)serializer, and does
/// not work behind `#[serde(flatten)]` or `#[serde(untagged)]`, which pass numbers through floats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    hundredths: i64,
}

/// Why a text is not an [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAmount {
    /// Not plain decimal text such as `12.50`: a sign `+`, an exponent, a blank, a missing digit, another character.
    #[error("the amount is not plain decimal text such as 12.50")]
    Form,
    /// More decimals than two (that are not all zero, in a reply).
    #[error("the amount has more than two decimals")]
    Decimals,
    /// More than fifteen digits.
    #[error("the amount has more than fifteen digits")]
    Digits,
}

impl Amount {
    /// No money.
    pub const ZERO: Self = Self { hundredths: 0 };

    /// An amount of so many hundredths.
    pub const fn from_hundredths(hundredths: i64) -> Result<Self, InvalidAmount> {
        if hundredths > MAX_HUNDREDTHS || hundredths < -MAX_HUNDREDTHS {
            return Err(InvalidAmount::Digits);
        }
        Ok(Self { hundredths })
    }

    /// The amount in hundredths.
    pub const fn hundredths(self) -> i64 {
        self.hundredths
    }

    /// Whether it is more than zero.
    pub const fn is_positive(self) -> bool {
        self.hundredths > 0
    }

    /// The sum, unless it has more than fifteen digits.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match Self::from_hundredths(self.hundredths + other.hundredths) {
            Ok(sum) => Some(sum),
            Err(_) => None,
        }
    }

    /// The difference, unless it has more than fifteen digits.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match Self::from_hundredths(self.hundredths - other.hundredths) {
            Ok(difference) => Some(difference),
            Err(_) => None,
        }
    }

    /// Reads a decimal as a **reply** may carry it: like [`str::parse`], but with further zeros allowed after two decimals.
    pub fn parse_reply(text: &str) -> Result<Self, InvalidAmount> {
        match text.split_once('.') {
            Some((_, fraction)) if fraction.len() > 2 && fraction.bytes().skip(2).all(|digit| digit == b'0') => {
                // The surplus is all zeros, hence ASCII, so the cut falls on a character's border.
                text[..text.len() - (fraction.len() - 2)].parse()
            }
            _ => text.parse(),
        }
    }

    fn from_json(raw: &RawValue) -> Result<Self, InvalidAmount> {
        let raw = raw.get();
        if raw.starts_with('"') {
            let text: String = serde_json::from_str(raw).map_err(|_| InvalidAmount::Form)?;
            Self::parse_reply(&text)
        } else {
            Self::parse_reply(raw)
        }
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let padded = whole.len() > 1 && whole.starts_with('0');
        if !digits(whole) || padded || fraction.is_some_and(|fraction| !digits(fraction)) {
            return Err(InvalidAmount::Form);
        }
        let fraction = fraction.unwrap_or_default();
        if fraction.len() > 2 {
            return Err(InvalidAmount::Decimals);
        }
        let magnitude: i64 = format!("{whole}{fraction:0<2}").parse().map_err(|_| InvalidAmount::Digits)?;
        Self::from_hundredths(if negative { -magnitude } else { magnitude })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.hundredths < 0 { "-" } else { "" };
        let magnitude = self.hundredths.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100))
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::from_json(&raw).map_err(de::Error::custom)
    }
}

/// An [`Amount`] that is written as a JSON **number** with two decimals (`25.20`), as Payoneer's v2 replies do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberAmount(pub Amount);

impl Serialize for NumberAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NumberAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Amount::deserialize(deserializer).map(Self)
    }
}

impl From<Amount> for NumberAmount {
    fn from(amount: Amount) -> Self {
        Self(amount)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strict(text: &str) -> Result<i64, InvalidAmount> {
        text.parse::<Amount>().map(Amount::hundredths)
    }

    fn json(text: &str) -> Option<i64> {
        serde_json::from_str::<Amount>(text).ok().map(Amount::hundredths)
    }

    #[test]
    fn strict_text_is_plain_decimal_with_at_most_two_decimals() {
        for (text, hundredths) in
            [("0", 0), ("1.2", 120), ("1.20", 120), ("25", 2500), ("-3.07", -307), ("9999999999999.99", MAX_HUNDREDTHS)]
        {
            assert_eq!(strict(text), Ok(hundredths), "{text}");
        }
        for text in [
            "", "-", ".5", "5.", "+1", "1e2", "1E2", " 1", "1 ", "1,0", "01", "--1", "1.2.3", "2.00 USD", "\u{661}",
            "NaN",
        ] {
            assert_eq!(strict(text), Err(InvalidAmount::Form), "{text:?}");
        }
        assert_eq!(strict("1.234"), Err(InvalidAmount::Decimals));
        assert_eq!(strict("1.000"), Err(InvalidAmount::Decimals));
        assert_eq!(strict("10000000000000"), Err(InvalidAmount::Digits));
        assert_eq!(strict("99999999999999999999999999"), Err(InvalidAmount::Digits));
    }

    #[test]
    fn json_may_be_text_or_number_with_zeros_behind() {
        for (text, hundredths) in [
            ("25", 2500),
            ("25.2", 2520),
            ("100.00", 10_000),
            ("0.00", 0),
            ("\"1.20\"", 120),
            ("\"1.2000\"", 120),
            ("25.22000", 2522),
            ("\"\\u0031.5\"", 150),
            (" 7 ", 700),
            ("-0.5", -50),
        ] {
            assert_eq!(json(text), Some(hundredths), "{text}");
        }
        for text in [
            "1e2",
            "1.5e1",
            "\"1e2\"",
            "25.221",
            "25.2201",
            "null",
            "true",
            "[1]",
            "{}",
            "\"\"",
            "10000000000000",
            "1.é",
        ] {
            assert_eq!(json(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_written_with_two_decimals_as_text_or_as_number() {
        let amount = Amount::from_hundredths(120).unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), "\"1.20\"");
        assert_eq!(serde_json::to_string(&NumberAmount(amount)).unwrap(), "1.20");
        assert_eq!(serde_json::to_string(&NumberAmount(Amount::ZERO)).unwrap(), "0.00");
        assert_eq!(Amount::from_hundredths(-7).unwrap().to_string(), "-0.07");
        assert_eq!(format!("{amount:>6}"), "  1.20");
    }

    #[test]
    fn sums_stay_within_fifteen_digits() {
        let largest = Amount::from_hundredths(MAX_HUNDREDTHS).unwrap();
        let cent = Amount::from_hundredths(1).unwrap();
        assert_eq!(largest.checked_add(cent), None);
        assert_eq!(Amount::ZERO.checked_sub(largest).and_then(|least| least.checked_sub(cent)), None);
        assert_eq!(largest.checked_sub(cent).and_then(|less| less.checked_add(cent)), Some(largest));
        assert_eq!(Amount::from_hundredths(i64::MIN), Err(InvalidAmount::Digits));
    }

    proptest! {
        #[test]
        fn text_and_json_round_trip(hundredths in -MAX_HUNDREDTHS..=MAX_HUNDREDTHS) {
            let amount = Amount::from_hundredths(hundredths).unwrap();
            prop_assert_eq!(strict(&amount.to_string()), Ok(hundredths));
            prop_assert_eq!(json(&serde_json::to_string(&amount).unwrap()), Some(hundredths));
            prop_assert_eq!(json(&serde_json::to_string(&NumberAmount(amount)).unwrap()), Some(hundredths));
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_written_alike(text in "\\PC{0,20}|-?[0-9]{0,16}(\\.[0-9]{0,5})?") {
            if let Ok(amount) = Amount::parse_reply(&text) {
                prop_assert_eq!(strict(&amount.to_string()), Ok(amount.hundredths()));
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-'));
            }
        }
    }
}
