//! [`Envelope`]: the flat JSON object of every v2 reply, whatever its HTTP status.
//! It only reads; what a reply proves is decided in [`crate::proof`] and in the typed replies of [`crate::v2`].

use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::amount::Amount;
use crate::code::Code;

/// A reply as it came over the wire, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub http_status: u16,
    /// The header `Content-Type`, if it is readable text.
    pub content_type: Option<String>,
    /// The header `Retry-After`, if it is a number of seconds.
    pub retry_after_seconds: Option<u64>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A JSON reply; for tests and simulations.
    pub fn json(http_status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            http_status,
            content_type: Some("application/json".to_owned()),
            retry_after_seconds: None,
            body: body.into(),
        }
    }
}

/// Payoneer's envelope: `audit_id`, `code`, `description`, sometimes `hint`, and the call's own fields beside them.
///
/// Names are found in any case; an object that has one name twice, in any case, is no envelope, because readers would
/// disagree about it. `code` and `description` must be there.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// What became of the request.
    pub code: Code,
    /// The code in words; `Success` with code 0. At most 1,024 characters are kept.
    pub description: String,
    /// Advice, with some errors. At most 1,024 characters are kept.
    pub hint: Option<String>,
    /// Payoneer's number of this request, if it could be read as one; 64 bit, integer or text on the wire.
    pub audit_id: Option<i64>,
    fields: Vec<(String, Box<RawValue>)>,
}

/// The bytes are not an [`Envelope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAnEnvelope {
    /// Not one whole JSON object with distinct names.
    #[error("not one JSON object with distinct names")]
    NotAnObject,
    /// No `code` that is an integer or text of digits.
    #[error("no code")]
    NoCode,
    /// No `description` that is text.
    #[error("no description")]
    NoDescription,
}

/// A field of a reply is missing or not of its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the field {0} is missing or not of its type")]
pub struct BadField(pub &'static str);

const KEPT_CHARS: usize = 1024;

impl Envelope {
    /// Reads a whole body.
    pub fn parse(body: &[u8]) -> Result<Self, NotAnEnvelope> {
        let mut json = serde_json::Deserializer::from_slice(body);
        let fields = json.deserialize_map(FieldsVisitor).map_err(|_| NotAnEnvelope::NotAnObject)?;
        json.end().map_err(|_| NotAnEnvelope::NotAnObject)?;
        let mut envelope = Self { code: Code::Success, description: String::new(), hint: None, audit_id: None, fields };
        envelope.code = envelope.read("code").ok().flatten().ok_or(NotAnEnvelope::NoCode)?;
        let description: Option<String> = envelope.read("description").ok().flatten();
        envelope.description = cut(description.ok_or(NotAnEnvelope::NoDescription)?);
        envelope.hint = envelope.text("hint").filter(|hint| !hint.is_empty()).map(cut);
        envelope.audit_id = envelope.text("audit_id").and_then(|text| digits(&text));
        Ok(envelope)
    }

    /// The JSON text of a field; `None` if it is missing or null.
    pub fn raw(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.get()).filter(|value| *value != "null")
    }

    /// A field that is text or a number, as text.
    pub fn text(&self, name: &str) -> Option<String> {
        let raw = self.raw(name)?;
        match raw.as_bytes().first()? {
            b'"' => serde_json::from_str(raw).ok(),
            b'-' | b'0'..=b'9' => Some(raw.to_owned()),
            _ => None,
        }
    }

    /// A field of some type; `Ok(None)` if it is missing or null.
    pub fn read<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, BadField> {
        self.raw(name).map(serde_json::from_str).transpose().map_err(|_| BadField(name))
    }

    /// An amount; `Ok(None)` if it is missing or null.
    pub fn amount(&self, name: &'static str) -> Result<Option<Amount>, BadField> {
        self.read(name)
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(KEPT_CHARS) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with distinct names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut seen = HashSet::new();
        let mut fields = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if !seen.insert(name.to_ascii_lowercase()) {
                return Err(serde::de::Error::custom("a name stands twice"));
            }
            fields.push((name, value));
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Envelope, NotAnEnvelope> {
        Envelope::parse(text.as_bytes())
    }

    #[test]
    fn the_recorded_shapes() {
        let good = parse(r#"{"audit_id":38935280,"code":0,"description":"Success","status":"ACTIVE"}"#).unwrap();
        assert_eq!((good.code, good.audit_id, good.hint.as_deref()), (Code::Success, Some(38_935_280), None));
        assert_eq!(good.text("STATUS").as_deref(), Some("ACTIVE"));
        let bad = parse(
            r#"{"audit_id":38935299,"code":10005,"hint":"Please ensure that the payee has registered with Payoneer","description":"Payee was not found"}"#,
        )
        .unwrap();
        assert_eq!((bad.code, bad.description.as_str()), (Code::PayeeNotFound, "Payee was not found"));
        assert_eq!(bad.hint.as_deref(), Some("Please ensure that the payee has registered with Payoneer"));
    }

    #[test]
    fn tolerated_variants() {
        let envelope =
            parse(" {\"Code\":\"10704\",\"DESCRIPTION\":\"x\",\"Audit_Id\":\"9166201939000\",\"hint\":null}\n")
                .unwrap();
        assert_eq!((envelope.code, envelope.audit_id), (Code::ChargeExists, Some(9_166_201_939_000)));
        for audit_id in ["null", "-1", "1.5", "\"\"", "\"x\"", "true", "[1]", "99999999999999999999"] {
            let text = format!(r#"{{"code":0,"description":"Success","audit_id":{audit_id}}}"#);
            assert_eq!(parse(&text).unwrap().audit_id, None, "{audit_id}");
        }
    }

    #[test]
    fn what_is_no_envelope() {
        for text in [
            "",
            "{",
            "null",
            "[]",
            "0",
            "\"x\"",
            "<html></html>",
            r#"{"code":0,"description":"Success"}x"#,
            r#"{"code":0,"description":"Success"}{}"#,
            r#"{"code":0,"description":"Success""#,
            r#"{"code":0,"code":10700,"description":"Success"}"#,
            r#"{"code":0,"Code":10700,"description":"Success"}"#,
            r#"{"code":0,"c\u006fde":10700,"description":"Success"}"#,
        ] {
            assert_eq!(parse(text).err(), Some(NotAnEnvelope::NotAnObject), "{text}");
        }
        for code in ["null", "0.0", "\"\"", "true", "{}", "\"zero\""] {
            let text = format!(r#"{{"code":{code},"description":"Success"}}"#);
            assert_eq!(parse(&text).err(), Some(NotAnEnvelope::NoCode), "{text}");
        }
        assert_eq!(parse("{}").err(), Some(NotAnEnvelope::NoCode));
        for description in ["null", "1", "[]"] {
            let text = format!(r#"{{"code":0,"description":{description}}}"#);
            assert_eq!(parse(&text).err(), Some(NotAnEnvelope::NoDescription), "{text}");
        }
        assert_eq!(Envelope::parse(b"{\"code\":0,\"description\":\"\xff\"}").err(), Some(NotAnEnvelope::NotAnObject));
    }

    #[test]
    fn long_words_are_cut() {
        let envelope = parse(&format!(r#"{{"code":1,"description":"{0}","hint":"{0}"}}"#, "é".repeat(5000))).unwrap();
        assert_eq!(envelope.description.chars().count(), KEPT_CHARS);
        assert_eq!(envelope.hint.map(|hint| hint.chars().count()), Some(KEPT_CHARS));
    }

    #[test]
    fn fields_by_type() {
        let envelope = parse(r#"{"code":0,"description":"Success","amount":25.2,"text":"a","list":[1]}"#).unwrap();
        assert_eq!(envelope.amount("amount").unwrap().map(Amount::hundredths), Some(2520));
        assert_eq!(envelope.amount("text"), Err(BadField("text")));
        assert_eq!(envelope.amount("nothing"), Ok(None));
        assert_eq!(envelope.text("amount").as_deref(), Some("25.2"));
        assert_eq!(envelope.text("list"), None);
    }
}
