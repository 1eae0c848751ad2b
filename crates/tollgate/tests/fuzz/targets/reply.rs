//! Payoneer's replies: no bytes but a whole, matching envelope may settle anything.
//! The envelope is read here a second time, by other code than the product's.

use super::first_line;
use payoneer::bytes::Bytes;
use payoneer::{Call, Expected, Proof, Reply, classify};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const REFERENCE: &str = "tg0123456789";
const PAYEE: &str = "payee-42";
const AMOUNT: &str = "12.50";

/// `CALL STATUS CONTENT-TYPE`, a line feed, the body.
pub(super) fn reply(data: &[u8]) {
    let (line, body) = first_line(data);
    let mut words = line.splitn(3, ' ');
    let number = |word: Option<&str>| word.and_then(|word| word.parse::<u16>().ok()).unwrap_or_default();
    let call = Call::ALL[usize::from(number(words.next())) % Call::ALL.len()];
    let http_status = number(words.next());
    let content_type = words.next().map(str::to_owned);
    let expected = Expected {
        reference: REFERENCE.to_owned(),
        payee_id: Some(PAYEE.to_owned()),
        amount: AMOUNT.parse().ok(),
        currency: Some("USD".to_owned()),
    };
    assert!(expected.amount.is_some());
    let body = Bytes::copy_from_slice(body);
    let reply = Reply { http_status, content_type, retry_after_seconds: None, body };
    let proof = classify(call, Ok(&reply), &expected);
    assert_eq!(proof, classify(call, Ok(&reply), &expected), "the same reply proves the same");
    match &proof {
        Proof::Done(receipt) => {
            let fields = envelope(&reply);
            assert_eq!((http_status, integer(&fields, "code")), (200, Some(0)));
            assert_eq!(integer(&fields, "audit_id"), Some(receipt.audit_id));
            for (name, expected) in [("client_reference_id", REFERENCE), ("payee_id", PAYEE), ("currency", "USD")] {
                assert!(text(&fields, name).is_none_or(|said| said == expected), "{name} is another one");
            }
            let said = text(&fields, "amount").map(|said| said.trim_end_matches('0').to_owned());
            assert!(said.is_none_or(|said| said == AMOUNT.trim_end_matches('0')), "amount is another one");
        }
        Proof::Declined(_) => {
            assert!((400..500).contains(&http_status) || http_status == 200);
            assert!(![408, 425, 429].contains(&http_status));
            let fields = envelope(&reply);
            let code = integer(&fields, "code").expect("a code");
            assert!(![0, 10304, 10704].contains(&code), "{code} proves no refusal");
            let known = call.refusals().iter().any(|refusal| refusal.number() == code);
            assert!(known || http_status == 401, "{code} is no known refusal of {call:?}");
            assert!(integer(&fields, "audit_id").is_some());
        }
        Proof::NeverSent(_) => panic!("there was a reply, so it was sent"),
        Proof::Unknown(doubt) => assert!(!doubt.name().is_empty() && !doubt.to_string().is_empty()),
    }
}

/// The fields by their names in lower case; the reply must be JSON in every respect.
fn envelope(reply: &Reply) -> BTreeMap<String, Box<RawValue>> {
    let content_type = reply.content_type.as_deref().expect("a content type").to_ascii_lowercase();
    assert!(content_type.contains("json"), "{content_type}");
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&reply.body).expect("one JSON object");
    let count = fields.len();
    let lower: BTreeMap<_, _> = fields.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    assert_eq!(lower.len(), count, "a name stands twice");
    assert!(lower.get("description").is_some_and(|value| value.get().starts_with('"')), "no description");
    lower
}

/// A field that is there, as text: a JSON text, or whatever else stands there as it is.
fn text(fields: &BTreeMap<String, Box<RawValue>>, name: &str) -> Option<String> {
    let raw = fields.get(name)?.get();
    if raw == "null" {
        return None;
    }
    Some(serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned()))
}

fn integer(fields: &BTreeMap<String, Box<RawValue>>, name: &str) -> Option<i64> {
    text(fields, name)?.parse().ok()
}
