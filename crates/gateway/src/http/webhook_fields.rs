//! From the fields of webhook endpoints to the engine's types, as `fields` does for the others.

use super::problem::Refused;
use crate::deliver::guard::Rules;
use crate::engine::Replay;
use axum::http::{HeaderName, HeaderValue};
use domain::webhook_endpoint::{KINDS_MAX, Kinds, OVERLAP, OVERLAP_MAX};
use domain::{Span, Time};
use std::collections::BTreeMap;
use store::events::{LAST, Range};
use url::Url;

/// The longest address taken.
const URL_MAX: usize = 2_048;
/// The longest name of an endpoint, in characters.
const DESCRIPTION_MAX: usize = 200;
/// How many headers, how long a name, how long a value.
const HEADERS_MAX: (usize, usize, usize) = (16, 64, 1_024);
/// Headers that are ours, or that would change what a request is.
const RESERVED: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];
/// What reserved names begin with.
const RESERVED_PREFIXES: &[&str] = &["webhook-", "proxy-", "sec-"];

pub(super) fn url(text: &str, rules: Rules) -> Result<String, Refused> {
    let refused = |reason: &str| Refused::field("url", reason);
    if text.len() > URL_MAX {
        return Err(Refused::field("url", format!("has at most {URL_MAX} characters")));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(refused("must not hold spaces, control characters or backslashes"));
    }
    let mut url =
        Url::parse(text).map_err(|_| refused("must be an absolute address such as https://shop.example/hooks"))?;
    rules.check(&url).map_err(|reason| Refused::field("url", reason))?;
    url.set_fragment(None);
    Ok(url.into())
}

pub(super) fn description(text: String) -> Result<String, Refused> {
    if text.chars().count() > DESCRIPTION_MAX || text.chars().any(char::is_control) {
        return Err(Refused::field("description", format!("has at most {DESCRIPTION_MAX} printable characters")));
    }
    Ok(text)
}

pub(super) fn kinds(words: &[String]) -> Result<Kinds, Refused> {
    if words.is_empty() || words.len() > KINDS_MAX {
        return Err(Refused::field("types", format!("has 1 to {KINDS_MAX} entries")));
    }
    Kinds::new(words.iter().map(String::as_str)).map_err(|word| {
        Refused::field("types", format!("{word:?} is no type of event; `charge.succeeded`, `charge.*` or `*` would be"))
    })
}

pub(super) fn headers(given: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refused> {
    let (count, name_max, value_max) = HEADERS_MAX;
    if given.len() > count {
        return Err(Refused::field("headers", format!("has at most {count} entries")));
    }
    let mut headers = BTreeMap::new();
    for (name, value) in given {
        let lower = name.to_ascii_lowercase();
        let refused = |reason: &str| Refused::field("headers", format!("{name:?} {reason}"));
        if name.len() > name_max || HeaderName::try_from(&lower).is_err() {
            return Err(refused("is no name of a header"));
        }
        if RESERVED.contains(&lower.as_str()) || RESERVED_PREFIXES.iter().any(|prefix| lower.starts_with(prefix)) {
            return Err(refused("is the gateway's own"));
        }
        // The value is not quoted: it may be a secret.
        if value.len() > value_max || !value.is_ascii() || HeaderValue::try_from(value).is_err() {
            return Err(refused("has a value that cannot be sent"));
        }
        if headers.insert(lower, value.clone()).is_some() {
            return Err(refused("is given twice"));
        }
    }
    Ok(headers)
}

pub(super) fn overlap(seconds: Option<i64>) -> Result<Span, Refused> {
    match seconds {
        None => Ok(OVERLAP),
        Some(seconds) if (0..=OVERLAP_MAX.seconds()).contains(&seconds) => Ok(Span::from_secs(seconds)),
        Some(_) => Err(Refused::field("overlap_seconds", format!("must be between 0 and {}", OVERLAP_MAX.seconds()))),
    }
}

/// A range, or failures since an instant, but something.
pub(super) fn replay(body: &api::Replay) -> Result<Replay, Refused> {
    let time = |field: &'static str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Time::parse(text)
            .map(Some)
            .ok_or_else(|| Refused::field(field, "must be an instant such as 2026-01-31T09:30:00Z")),
    };
    let (from, to) = (time("from", &body.from)?, time("to", &body.to)?);
    let has_range = from.is_some() || to.is_some() || body.after_sequence.is_some() || body.until_sequence.is_some();
    match (time("failed_since", &body.failed_since)?, has_range) {
        (Some(_), true) => Err(Refused::field("failed_since", "cannot be combined with a range")),
        (Some(since), false) => Ok(Replay::FailedSince(since)),
        (None, false) => Err(Refused::field("after_sequence", "give a range, or failed_since")),
        (None, true) => Ok(Replay::Events(Range {
            after: body.after_sequence.unwrap_or(0),
            until: body.until_sequence.unwrap_or(i64::MAX),
            from: from.unwrap_or(Time::from_micros(0)),
            to: to.unwrap_or(LAST),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_fault<T>(result: Result<T, Refused>) -> Option<String> {
        result.err().and_then(|refused| refused.problem.field)
    }

    #[test]
    fn headers_that_would_change_the_request_are_refused() {
        let one = |name: &str, value: &str| headers(&[(name.to_owned(), value.to_owned())].into());
        assert_eq!(one("X-Token", "a b").unwrap(), [("x-token".to_owned(), "a b".to_owned())].into());
        assert!(one("Authorization", "Bearer x").is_ok());
        for name in
            ["Host", "content-length", "Webhook-Id", "WEBHOOK-SIGNATURE", "Proxy-Authorization", "", "a b", "a:b"]
        {
            assert_eq!(at_fault(one(name, "x")).as_deref(), Some("headers"), "{name:?}");
        }
        for value in ["a\r\nb: c", "a\0", "é", &"x".repeat(1_025)] {
            let refused = one("x-a", value).unwrap_err();
            assert!(!refused.problem.detail.contains(value), "{value:?}");
        }
        let twice = [("X-A".to_owned(), "1".to_owned()), ("x-a".to_owned(), "2".to_owned())];
        assert!(headers(&twice.into()).is_err());
        let many: BTreeMap<_, _> = (0..17).map(|n| (format!("x-{n}"), String::new())).collect();
        assert!(headers(&many).is_err());
    }

    #[test]
    fn addresses_are_checked_by_the_rules_and_lose_their_fragment() {
        let strict = Rules::default();
        assert_eq!(url("https://shop.example/hooks?a=b#c", strict).unwrap(), "https://shop.example/hooks?a=b");
        for bad in
            ["", "/hooks", "http://shop.example/", "https://10.0.0.1/", "https://a:b@shop.example/", "https://x y/"]
        {
            assert_eq!(at_fault(url(bad, strict)).as_deref(), Some("url"), "{bad:?}");
        }
        assert!(url("http://127.0.0.1:9/", Rules { allow_private: true }).is_ok());
    }

    #[test]
    fn a_replay_says_what() {
        let ask = |body: &str| replay(&serde_json::from_str(body).unwrap());
        assert!(matches!(ask(r#"{"failed_since":"2026-01-31T09:30:00Z"}"#), Ok(Replay::FailedSince(_))));
        assert!(matches!(ask(r#"{"after_sequence":5}"#), Ok(Replay::Events(Range { after: 5, until: i64::MAX, .. }))));
        assert_eq!(at_fault(ask("{}")).as_deref(), Some("after_sequence"));
        assert_eq!(at_fault(ask(r#"{"from":"yesterday"}"#)).as_deref(), Some("from"));
        let both = r#"{"failed_since":"2026-01-31T09:30:00Z","after_sequence":1}"#;
        assert_eq!(at_fault(ask(both)).as_deref(), Some("failed_since"));
        assert_eq!(at_fault(overlap(Some(-1))).as_deref(), Some("overlap_seconds"));
        assert_eq!(at_fault(overlap(Some(604_801))).as_deref(), Some("overlap_seconds"));
    }
}
