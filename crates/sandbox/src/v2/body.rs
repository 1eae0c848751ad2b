//! Request bodies as tolerantly as Payoneer's clients need: keys in any case, JSON under any label, forms, numbers as text.
//! Amounts are read from their digits; no float is ever made.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use url::form_urlencoded;

use super::reply::Bad;
use crate::provenance as p;
use crate::world::{Amount, NotAnAmount};

/// A body's fields by lower-case key.
#[derive(Clone, Debug, Default)]
pub(super) struct Body(BTreeMap<String, Box<RawValue>>);

/// A value as it stands in the body.
enum Value {
    Nothing,
    Text(String),
    Number(String),
    Other,
}

impl Body {
    /// Reads a JSON object, whatever the content type said, or else a form.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Bad> {
        let unreadable = |why: &str| Bad::field(why).under(&p::BODY_UNREADABLE);
        let text = std::str::from_utf8(bytes).map_err(|_| unreadable("The body is not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            return Self::object(text).map_err(|e| unreadable(&format!("The body is not a JSON object: {e}")));
        }
        if text.starts_with(['[', '"']) || !text.contains('=') {
            return Err(unreadable("The body is not a JSON object"));
        }
        let fields = form_urlencoded::parse(text.as_bytes());
        let fields = fields.filter_map(|(key, value)| {
            let raw = RawValue::from_string(serde_json::Value::from(value.as_ref()).to_string()).ok()?;
            Some((key.to_lowercase(), raw))
        });
        Ok(Self(fields.collect()))
    }

    fn object(text: &str) -> Result<Self, serde_json::Error> {
        let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text)?;
        Ok(Self(fields.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect()))
    }

    fn value(&self, key: &str) -> Value {
        let Some(raw) = self.0.get(key).map(|v| v.get()) else { return Value::Nothing };
        match raw.as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw).map_or(Value::Other, Value::Text),
            Some(b'n') => Value::Nothing,
            Some(b'-' | b'0'..=b'9') => Value::Number(raw.to_owned()),
            _ => Value::Other,
        }
    }

    /// A text, or a number as its digits; nothing when missing, null or empty.
    pub(super) fn text(&self, key: &'static str) -> Result<Option<String>, Bad> {
        match self.value(key) {
            Value::Nothing => Ok(None),
            Value::Text(text) | Value::Number(text) => Ok(Some(text).filter(|t| !t.is_empty())),
            Value::Other => Err(Bad::field(format!("{key} must be a text"))),
        }
    }

    /// A text that must be there and have at most `most` characters, none of them a control character.
    pub(super) fn required(&self, key: &'static str, most: usize) -> Result<String, Bad> {
        let text = self.text(key)?.ok_or_else(|| Bad::field(format!("{key} is required")))?;
        Self::bounded(key, text, most)
    }

    /// A text that may be missing, bounded as [`Body::required`]'s.
    pub(super) fn optional(&self, key: &'static str, most: usize) -> Result<Option<String>, Bad> {
        self.text(key)?.map(|text| Self::bounded(key, text, most)).transpose()
    }

    fn bounded(key: &'static str, text: String, most: usize) -> Result<String, Bad> {
        if text.chars().count() > most || text.chars().any(char::is_control) {
            return Err(Bad::field(format!("{key} must be at most {most} plain characters")));
        }
        Ok(text)
    }

    /// An amount above zero, from a text or from a number's digits; the outer error is a missing or mistyped field.
    pub(super) fn amount(&self, key: &'static str) -> Result<Result<Amount, NotAnAmount>, Bad> {
        match self.value(key) {
            Value::Nothing => Err(Bad::field(format!("{key} is required"))),
            Value::Other => Err(Bad::field(format!("{key} must be a text or a number"))),
            Value::Text(text) | Value::Number(text) => {
                Ok(Amount::parse(&text).and_then(|a| if a.is_zero() { Err(NotAnAmount) } else { Ok(a) }))
            }
        }
    }

    /// A yes or no in any of the forms that clients send.
    pub(super) fn flag(&self, key: &str) -> bool {
        let raw = self.0.get(key).map(|v| v.get().trim_matches('"').to_lowercase());
        matches!(raw.as_deref(), Some("true" | "1"))
    }

    /// A number in any of the forms that clients send, brought into the range; nothing when it is none.
    pub(super) fn small_number(&self, key: &str, most: u16) -> Option<u16> {
        let (Value::Text(text) | Value::Number(text)) = self.value(key) else { return None };
        let number: i64 = text.trim().parse().ok()?;
        Some(u16::try_from(number.max(0)).unwrap_or(u16::MAX).min(most))
    }

    /// A nested object; empty when missing or something else.
    pub(super) fn nested(&self, key: &str) -> Self {
        self.0.get(key).and_then(|v| Self::object(v.get()).ok()).unwrap_or_default()
    }

    /// A text cut to `most` characters, empty when missing: for what is only suggested to the person on the page.
    pub(super) fn suggestion(&self, key: &str, most: usize) -> String {
        let (Value::Text(text) | Value::Number(text)) = self.value(key) else { return String::new() };
        text.chars().filter(|c| !c.is_control()).take(most).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_any_case_and_numbers_by_their_digits() {
        let body = Body::parse(b" {\"Client_Reference_ID\":7,\"AMOUNT\":1.10,\"x\":null,\"e\":\"\"}").unwrap();
        assert_eq!(body.text("client_reference_id").unwrap().as_deref(), Some("7"));
        assert_eq!(body.amount("amount").unwrap().unwrap().to_string(), "1.10");
        assert_eq!((body.text("x").unwrap(), body.text("e").unwrap()), (None, None));
    }

    #[test]
    fn amounts_that_are_none() {
        for text in ["1e2", "-1", "0", "\"2.00 USD\"", "\"1.234\"", "0.001", "\"\"", "\"0.00\""] {
            let body = Body::parse(format!("{{\"amount\":{text}}}").as_bytes()).unwrap();
            assert_eq!(body.amount("amount").unwrap(), Err(NotAnAmount), "{text}");
        }
        for text in ["true", "[1]", "{}", "null"] {
            let body = Body::parse(format!("{{\"amount\":{text}}}").as_bytes()).unwrap();
            assert_eq!(body.amount("amount").unwrap_err().code, 10001, "{text}");
        }
    }

    #[test]
    fn forms_and_rubbish() {
        let body = Body::parse(b"payee_id=a%20b").unwrap();
        assert_eq!(body.required("payee_id", 50).unwrap(), "a b");
        for rubbish in [&b""[..], b"null", b"[]", b"\"payee_id=1\"", b"{", b"{\"a\":1}x", b"\xff\xfe", b"hello"] {
            assert_eq!(Body::parse(rubbish).unwrap_err().behaviour.key, "body-unreadable", "{rubbish:?}");
        }
    }

    #[test]
    fn coercions() {
        let body = Body::parse(br#"{"a":"true","b":1,"c":true,"d":"no","n":"12","m":5000,"k":-3,"z":"x"}"#).unwrap();
        assert!(body.flag("a") && body.flag("b") && body.flag("c") && !body.flag("d") && !body.flag("missing"));
        let numbers: Vec<_> = ["n", "m", "k", "z", "q"].iter().map(|k| body.small_number(k, 999)).collect();
        assert_eq!(numbers, [Some(12), Some(999), Some(0), None, None]);
    }
}
