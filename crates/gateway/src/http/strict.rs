//! What a JSON body must be before it is read into a type: UTF-8, one object, no key twice, not too deep.
//! Pure. (The JSON library takes the last of two equal keys; two readers could then see two different amounts.)

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// How deep objects and lists may be nested.
const DEPTH_MAX: usize = 32;

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    /// Some bytes are not UTF-8.
    #[error("the body is not UTF-8 text")]
    Encoding,
    /// Not JSON.
    #[error("the body is not well-formed JSON: {0}")]
    Malformed(String),
    /// JSON, but no object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// The same key twice in one object.
    #[error("the field is given twice")]
    Twice(String),
    /// Nested too deep.
    #[error("objects and lists are nested more than {DEPTH_MAX} deep")]
    TooDeep,
}

/// The text of the body, if it is one JSON object without flaws.
pub(super) fn check(bytes: &[u8]) -> Result<&str, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| Flaw::Encoding)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    if !raw.get().starts_with('{') {
        return Err(Flaw::NotAnObject);
    }
    walk(raw.get(), "", 1)?;
    Ok(text)
}

fn walk(text: &str, path: &str, depth: usize) -> Result<(), Flaw> {
    if depth > DEPTH_MAX {
        return Err(Flaw::TooDeep);
    }
    if text.starts_with('{') {
        let Entries(entries) = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        let mut seen = BTreeSet::new();
        for (key, value) in entries {
            let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if !seen.insert(key) {
                return Err(Flaw::Twice(inner));
            }
            walk(value.get(), &inner, depth + 1)?;
        }
    } else if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        for (index, item) in items.into_iter().enumerate() {
            walk(item.get(), &format!("{path}[{index}]"), depth + 1)?;
        }
    }
    Ok(())
}

fn malformed(error: &serde_json::Error) -> Flaw {
    Flaw::Malformed(error.to_string())
}

/// An object's entries in their order, with repetitions.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_object_passes() {
        for text in ["{}", " {\"a\":1} \n", r#"{"a":{"b":[1,{"c":null}]},"b":1e999}"#] {
            assert_eq!(check(text.as_bytes()), Ok(text));
        }
    }

    #[test]
    fn a_key_given_twice_is_named_where_it_stands() {
        let twice = |text: &str| check(text.as_bytes()).unwrap_err();
        assert_eq!(twice(r#"{"amount":"1","amount":"2"}"#), Flaw::Twice("amount".to_owned()));
        assert_eq!(twice(r#"{"amount":"1","\u0061mount":"2"}"#), Flaw::Twice("amount".to_owned()));
        assert_eq!(twice(r#"{"a":{"b":1,"b":1}}"#), Flaw::Twice("a.b".to_owned()));
        assert_eq!(twice(r#"{"a":[0,{"b":1,"b":1}]}"#), Flaw::Twice("a[1].b".to_owned()));
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for text in ["[]", "1", "\"x\"", "null"] {
            assert_eq!(check(text.as_bytes()), Err(Flaw::NotAnObject), "{text}");
        }
        for text in
            ["", " ", "{", "{}{}", "{\"a\":}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "\u{feff}{}", "{\"a\":1,}"]
        {
            assert!(matches!(check(text.as_bytes()), Err(Flaw::Malformed(_))), "{text:?}");
        }
        assert_eq!(check(b"{\"a\":\"\xff\"}"), Err(Flaw::Encoding));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(nested(30).as_bytes()).is_ok());
        assert_eq!(check(nested(32).as_bytes()), Err(Flaw::TooDeep));
        assert_eq!(check(nested(100_000).as_bytes()), Err(Flaw::TooDeep));
    }
}
