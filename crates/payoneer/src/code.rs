//! [`Code`]: the number in every v2 envelope that says what became of a request.
//! What a code proves about money is not decided here but in [`crate::proof`].

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Payoneer's v2 result code.
///
/// Only few codes are public, with different certainty: *live* was recorded from a real Payoneer host, *client* is relied on
/// by public client code, *analogy* is carried over from a neighbouring call or API generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// 0: success, with HTTP 200 (live).
    Success,
    /// 10005: the payee was not found; 404 on payee calls, 400 on payouts (live). Also before a payee finished the hosted page.
    PayeeNotFound,
    /// 10009: the payee is inactive (official sample text, seen as a cancel reason; for v2 replies an analogy).
    PayeeInactive,
    /// 10101: the details of the payout method are invalid (client, as a cancel reason; for v2 replies an analogy).
    PayoutMethodInvalid,
    /// 10301: the balance is insufficient (client, as a cancel reason; for v2 replies an analogy).
    InsufficientBalance,
    /// 10302: the currency is invalid (client, as a cancel reason; for v2 replies an analogy).
    CurrencyInvalid,
    /// 10303: the currency is not available for this payee (client, as a cancel reason; for v2 replies an analogy).
    CurrencyUnavailable,
    /// 10304: a payout with this reference exists already; HTTP 400 (live).
    PayoutExists,
    /// 10311: there is no payout with this reference; HTTP 400 or 404 (live).
    PayoutNotFound,
    /// 10403: seen live for a foreign currency and for a malformed amount; its precise meaning is not public.
    AmountRefused,
    /// 10700: the payee has not authorised charges, or is not registered with the program (client; HTTP status not public).
    PayeeNotAuthorized,
    /// 10704: a charge with this reference exists already (client; HTTP status not public).
    ChargeExists,
    /// Any other number. Its description and hint are all that is known of it.
    Unknown(i64),
}

impl Code {
    /// Every code this crate knows by name.
    pub const KNOWN: [Self; 12] = [
        Self::Success,
        Self::PayeeNotFound,
        Self::PayeeInactive,
        Self::PayoutMethodInvalid,
        Self::InsufficientBalance,
        Self::CurrencyInvalid,
        Self::CurrencyUnavailable,
        Self::PayoutExists,
        Self::PayoutNotFound,
        Self::AmountRefused,
        Self::PayeeNotAuthorized,
        Self::ChargeExists,
    ];

    /// The number on the wire.
    pub const fn number(self) -> i64 {
        match self {
            Self::Success => 0,
            Self::PayeeNotFound => 10005,
            Self::PayeeInactive => 10009,
            Self::PayoutMethodInvalid => 10101,
            Self::InsufficientBalance => 10301,
            Self::CurrencyInvalid => 10302,
            Self::CurrencyUnavailable => 10303,
            Self::PayoutExists => 10304,
            Self::PayoutNotFound => 10311,
            Self::AmountRefused => 10403,
            Self::PayeeNotAuthorized => 10700,
            Self::ChargeExists => 10704,
            Self::Unknown(number) => number,
        }
    }

    /// Whether it says that the reference was used before, which proves that an earlier request *did* arrive.
    pub const fn is_duplicate_reference(self) -> bool {
        matches!(self, Self::PayoutExists | Self::ChargeExists)
    }

    /// Whether it says that the payee must (again) authorise the merchant; 10005 and 10700 both do.
    pub const fn needs_authorization(self) -> bool {
        matches!(self, Self::PayeeNotFound | Self::PayeeNotAuthorized)
    }
}

impl From<i64> for Code {
    fn from(number: i64) -> Self {
        Self::KNOWN.into_iter().find(|known| known.number() == number).unwrap_or(Self::Unknown(number))
    }
}

impl From<Code> for i64 {
    fn from(code: Code) -> Self {
        code.number()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.number())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CodeVisitor)
    }
}

struct CodeVisitor;

impl Visitor<'_> for CodeVisitor {
    type Value = Code;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, or text of digits")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Code, E> {
        Ok(Code::from(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Code, E> {
        i64::try_from(number).map(Code::from).map_err(|_| E::custom("the code is not a 64-bit integer"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Code, E> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse::<i64>() {
            Ok(number) if digits => Ok(Code::from(number)),
            _ => Err(E::custom("the code is not a number")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_agree_both_ways() {
        for code in Code::KNOWN {
            assert_eq!(Code::from(code.number()), code);
            assert_eq!(serde_json::to_string(&code).unwrap(), code.number().to_string());
            assert!(!matches!(code, Code::Unknown(_)));
        }
        assert_eq!(Code::from(10999), Code::Unknown(10999));
        assert_eq!(Code::Unknown(10999).to_string(), "10999");
    }

    #[test]
    fn json_integer_or_digits_only() {
        let read = |text: &str| serde_json::from_str::<Code>(text).ok();
        assert_eq!(read("0"), Some(Code::Success));
        assert_eq!(read("\"10704\""), Some(Code::ChargeExists));
        assert_eq!(read("-5"), Some(Code::Unknown(-5)));
        for text in [
            "0.0",
            "\"\"",
            "\"+0\"",
            "\"-0\"",
            "\" 0\"",
            "\"0.0\"",
            "null",
            "false",
            "18446744073709551615",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
