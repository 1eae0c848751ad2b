//! From domain to wire: events, and what changed since the event before about the same thing.

use super::time;
use domain::attempt::Evidence;
use serde_json::{Map, Value};
use store::events::StoredEvent;

/// An event with its place in the order, as lists show it and webhooks carry it.
pub(crate) fn event(stored: &StoredEvent) -> api::Event {
    let event = &stored.event;
    let data = serde_json::from_str(&event.data).unwrap_or_default();
    let before: Option<Value> = stored.before.as_deref().and_then(|text| serde_json::from_str(text).ok());
    api::Event {
        id: event.id.to_string(),
        object: "event".to_owned(),
        kind: event.kind.to_string(),
        version: event.version,
        sequence: stored.sequence,
        subject: event.subject.clone(),
        previous: before.and_then(|before| previous(&data, &before)),
        data,
        evidence: event.proof.as_ref().map(|proof| api::event::Evidence {
            kind: evidence(proof.evidence),
            attempt: proof.attempt.as_ref().map(ToString::to_string),
        }),
        created_at: time(event.created_at),
    }
}

const fn evidence(evidence: Evidence) -> api::event::EvidenceKind {
    match evidence {
        Evidence::Reply => api::event::EvidenceKind::Reply,
        Evidence::StatusQuery => api::event::EvidenceKind::StatusQuery,
        Evidence::Transport => api::event::EvidenceKind::Transport,
        Evidence::Operator => api::event::EvidenceKind::Operator,
    }
}

/// The fields of `now` that were different before, as they were; nothing where the two are alike. Objects are compared
/// field by field, lists as a whole.
fn previous(now: &Value, before: &Value) -> Option<Value> {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => {
            let names: std::collections::BTreeSet<&String> = now.keys().chain(before.keys()).collect();
            let (is, was) =
                (|name| now.get(name).unwrap_or(&Value::Null), |name| before.get(name).unwrap_or(&Value::Null));
            let changed: Map<String, Value> =
                names.into_iter().filter_map(|name| Some((name.clone(), previous(is(name), was(name))?))).collect();
            (!changed.is_empty()).then_some(Value::Object(changed))
        }
        _ => (now != before).then(|| before.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_changed_is_told_as_it_was() {
        let now = json!({"status": "succeeded", "amount": "1.20", "failure": null, "list": [1, 2], "mandate": {"a": 1, "b": 2}});
        let before =
            json!({"status": "processing", "amount": "1.20", "list": [1], "mandate": {"a": 1, "b": 3}, "gone": 7});
        let told = json!({"status": "processing", "list": [1], "mandate": {"b": 3}, "gone": 7});
        assert_eq!(previous(&now, &before), Some(told));
        assert_eq!(previous(&now, &now), None);
        assert_eq!(previous(&json!({"a": 1}), &json!({})), Some(json!({"a": null})));
    }
}
