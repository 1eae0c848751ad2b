//! Webhook bodies: JSON with texts for values and blanks in its names, no envelope, the event known from the URL alone.
//! What arrives is never trusted here; signatures are in `hmacauth`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::event::Event;
use super::notice::{MAX_PAIRS, Notice, fold};

/// The body is not a JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not a JSON object")]
pub struct NotAnObject;

/// Reads a body; `event` is known from the URL that it was posted to.
///
/// Numbers and booleans count as texts; nested values are left out. Words and dates of some events arrive URL-encoded inside
/// the JSON and are then decoded; ids never are.
pub fn read_body(event: Event, body: &[u8]) -> Result<Notice, NotAnObject> {
    let fields: BTreeMap<String, Value> = serde_json::from_slice(body).map_err(|_| NotAnObject)?;
    let pairs = fields.into_iter().filter_map(|(name, value)| {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        let text = if may_be_encoded(&name) { decode_if_encoded(text) } else { text };
        Some((name, text))
    });
    Ok(Notice::from_pairs(event, pairs.take(MAX_PAIRS).collect()))
}

/// Words and dates only: an id with `%` or `+` in it must stay as it is.
fn may_be_encoded(name: &str) -> bool {
    let name = fold(name);
    name.ends_with("description") || name.ends_with("date")
}

/// A blank shows that the text is plain; a `+` or a complete escape without any blank shows that it is encoded.
fn decode_if_encoded(text: String) -> String {
    let escape =
        |at: usize| text.as_bytes().get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let escapes_whole = text.match_indices('%').all(|(at, _)| escape(at));
    if text.contains(' ') || !text.contains(['%', '+']) || !escapes_whole {
        return text;
    }
    // The `=` makes the whole text a value; a `&` or `=` of its own shows that it is not one.
    if text.contains(['&', '=']) {
        return text;
    }
    let pair = format!("={text}");
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    match decoded {
        Some(decoded) if !decoded.contains(char::REPLACEMENT_CHARACTER) && !decoded.contains(char::is_control) => {
            decoded
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(event: Event, body: &str) -> Notice {
        read_body(event, body.as_bytes()).unwrap()
    }

    #[test]
    fn an_approval() {
        let notice = read(Event::Approved, r#"{"Payee Id":"payee-42","Payoneer Id":"5510700","Session Id":""}"#);
        assert_eq!(notice.event, Event::Approved);
        assert_eq!((notice.payee_id.as_deref(), notice.payoneer_id.as_deref()), (Some("payee-42"), Some("5510700")));
        assert_eq!(notice.session_id, None);
    }

    #[test]
    fn a_cancellation_with_encoded_words() {
        let notice = read(
            Event::PaymentCancelled,
            r#"{"Payee Id":"payee-42","IntPaymentId":"pay+7%41","Reason Code":"10009","Reason Description":"Action+cannot+be+performed+because+payee+is+inactive","Payment Amount":"25.00","Canceled Payment Date":"2022-01-17T20%3a03%3a05Z"}"#,
        );
        assert_eq!(notice.client_reference_id.as_deref(), Some("pay+7%41"));
        assert_eq!(notice.reason_description.as_deref(), Some("Action cannot be performed because payee is inactive"));
        assert_eq!(notice.value("Canceled Payment Date"), Some("2022-01-17T20:03:05Z"));
        assert_eq!(notice.reason_code.as_deref(), Some("10009"));
        assert_eq!(notice.amount.map(|amount| amount.to_string()).as_deref(), Some("25.00"));
    }

    #[test]
    fn plain_words_stay_plain() {
        for plain in ["C++ is not 100% wrong", "100%", "50%zz", "a%ff", "a%0ab", "1+1=2", "2022-01-17T20:03:05Z", ""] {
            assert_eq!(decode_if_encoded(plain.to_owned()), plain);
        }
    }

    #[test]
    fn odd_values_are_no_error_but_odd_bodies_are() {
        let notice =
            read(Event::BankLoaded, r#"{"Amount":18.00,"PAYEE ID":7,"Flag":true,"List":[1],"Object":{},"Null":null}"#);
        assert_eq!(notice.payee_id.as_deref(), Some("7"));
        assert_eq!(notice.pairs.len(), 3);
        for body in ["", "[]", "null", "\"x\"", "{\"a\":", "a=b"] {
            assert_eq!(read_body(Event::Approved, body.as_bytes()), Err(NotAnObject), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200), word in "[a-z%+0-9é ]{0,30}") {
            prop_assert!(read_body(Event::Approved, &body).map_or(true, |notice| notice.event == Event::Approved));
            let read = serde_json::json!({"Reason Description": &word}).to_string();
            prop_assert!(read_body(Event::Declined, read.as_bytes()).is_ok());
        }
    }
}
