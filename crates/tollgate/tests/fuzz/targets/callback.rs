//! What anybody may post to a callback URL: it is kept as claimed, bounded, and never bent into another id.

use super::first_line;
use payoneer::callback::event::Event;
use payoneer::callback::ipcn::{Template, read_query};
use payoneer::callback::notice::{MAX_PAIRS, Notice};
use payoneer::callback::webhook::read_body;
use serde_json::Value;
use std::collections::BTreeMap;

/// A template, a line feed, a received query.
pub(super) fn ipcn(data: &[u8]) {
    let (template, query) = first_line(data);
    let query = String::from_utf8_lossy(query);
    let notice = read_query(&query);
    claims_what_was_sent(&notice);
    assert_eq!(notice, read_query(&query));
    let Ok(template) = Template::parse(&template) else { return };
    let names = template.placeholders().count();
    if let Ok(found) = template.read(&query) {
        assert!(found.len() <= names, "more values than places for them");
    }
    // What Payoneer would send for plain values is read without an error, and no value becomes another one.
    let sent = template.render(|_| Some("value-1".to_owned()));
    let sent = sent.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
    for (name, value) in template.read(sent).unwrap_or_default() {
        assert_eq!(value, "value-1", "{name}");
    }
}

/// The number of an event, a line feed, a body.
pub(super) fn webhook_body(data: &[u8]) {
    let (number, body) = first_line(data);
    let events: Vec<Event> = Event::all().collect();
    let event = events[number.parse::<usize>().unwrap_or_default() % events.len()];
    let object = serde_json::from_slice::<BTreeMap<String, Value>>(body);
    let Ok(notice) = read_body(event, body) else {
        assert!(object.is_err(), "an object was not read");
        return;
    };
    assert_eq!(notice.event, event, "the URL decides the event, not the body");
    claims_what_was_sent(&notice);
    let sent = object.expect("what was read is an object");
    for id in [&notice.payee_id, &notice.client_reference_id, &notice.payment_id].into_iter().flatten() {
        let same = |value: &Value| match value {
            Value::String(text) => text == id,
            other => *id == format!("{other}"),
        };
        assert!(sent.values().any(same), "nobody sent the id {id:?}");
    }
}

/// Each field is the value of one of the pairs.
fn claims_what_was_sent(notice: &Notice) {
    assert!(notice.pairs.len() <= MAX_PAIRS);
    let fields = [
        &notice.payee_id,
        &notice.payoneer_id,
        &notice.session_id,
        &notice.payment_id,
        &notice.client_reference_id,
        &notice.currency,
        &notice.reason_code,
        &notice.reason_description,
    ];
    for field in fields.into_iter().flatten() {
        assert!(!field.is_empty() && notice.pairs.iter().any(|(_, value)| value == field), "{field:?} was not sent");
    }
    for (name, _) in &notice.pairs {
        assert!(notice.value(name).is_some(), "{name:?} is not found");
    }
}
