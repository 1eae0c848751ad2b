//! How often one API key may ask: so many requests in a second, and no more than that at once. A key's whole history is
//! one instant (the generic cell rate algorithm), so what is remembered is small and bounded. Says nothing about money:
//! what is turned away here was not looked at.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use domain::id::ApiKeyId;
use domain::{Span, Time};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// How many keys are remembered. A key that has been quiet for a second needs no memory at all, so this is the number of
/// keys that ask within one second; beyond it a key is not limited.
const KEYS_MAX: usize = 10_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What is known of every key that asked within the last second.
pub(crate) struct Rates {
    per_second: u32,
    /// When the last request of a key would have been due, had it asked evenly.
    due: Mutex<HashMap<ApiKeyId, Time>>,
}

/// How a key stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    per_second: u32,
    /// How many requests would be taken now.
    left: i64,
    /// Until all of them would be.
    full_after: Span,
    /// Until this one would be, if it was not.
    wait: Option<Span>,
}

impl Rates {
    /// So many requests in a second for each key; 0 for no limit.
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second, due: Mutex::default() }
    }

    /// Counts a request of this key; `None` where nothing is limited.
    pub(super) fn take(&self, key: &ApiKeyId, now: Time) -> Option<Standing> {
        let per_second = self.per_second;
        let (step, window) = (1_000_000_i64.checked_div(i64::from(per_second))?.max(1), 1_000_000);
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = due.get(key).map_or(0, |due| (*due - now).micros().clamp(0, window));
        let standing = |ahead: i64, wait| {
            let left = (window - ahead) / step;
            Standing { per_second, left, full_after: Span::from_micros(ahead), wait }
        };
        if ahead + step > window {
            // Written anew, so that a clock that jumped back holds nobody for longer than a second.
            due.insert(key.clone(), Time::from_micros(now.micros() + ahead));
            return Some(standing(ahead, Some(Span::from_micros(ahead + step - window))));
        }
        if due.len() >= KEYS_MAX && !due.contains_key(key) {
            due.retain(|_, due| *due > now);
            if due.len() >= KEYS_MAX {
                return None;
            }
        }
        due.insert(key.clone(), Time::from_micros(now.micros() + ahead + step));
        Some(standing(ahead + step, None))
    }
}

impl Standing {
    /// How many seconds to wait, if the request is not taken.
    pub(super) fn retry_after(self) -> Option<u32> {
        self.wait.map(|wait| u32::try_from(whole_seconds(wait)).unwrap_or(1).max(1))
    }

    /// The headers of the IETF's draft: what the policy is, and what is left of it.
    pub(super) fn dress(self, headers: &mut HeaderMap) {
        let Self { per_second, left, full_after, .. } = self;
        let texts = [
            (POLICY, format!("\"key\";q={per_second};w=1")),
            (LIMIT, format!("\"key\";r={left};t={}", whole_seconds(full_after))),
        ];
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(name, value);
            }
        }
    }
}

/// Rounded up.
fn whole_seconds(span: Span) -> i64 {
    (span.micros() + 999_999) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u16) -> ApiKeyId {
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        ApiKeyId::new(Time::from_micros(1), bytes)
    }

    fn at(millis: i64) -> Time {
        Time::from_micros(1_700_000_000_000_000 + millis * 1_000)
    }

    #[test]
    fn a_second_holds_so_many_and_they_come_back_one_by_one() {
        let rates = Rates::new(4);
        let take = |millis| rates.take(&key(1), at(millis)).map(|standing| (standing.left, standing.retry_after()));
        let all: Vec<_> = (0..5).map(|_| take(0)).collect();
        assert_eq!(all, [Some((3, None)), Some((2, None)), Some((1, None)), Some((0, None)), Some((0, Some(1)))]);
        assert_eq!(take(249), Some((0, Some(1))));
        assert_eq!(take(250), Some((0, None)));
        assert_eq!(take(251), Some((0, Some(1))));
        assert_eq!(take(10_000), Some((3, None)));
        assert_eq!(take(-90_000), Some((0, Some(1))), "the clock jumped back");
        assert_eq!(take(-89_000), Some((3, None)));
        assert_eq!(rates.take(&key(2), at(0)).map(|standing| standing.left), Some(3), "another key is another matter");
    }

    #[test]
    fn nothing_is_limited_unless_it_is_asked_for() {
        let rates = Rates::new(0);
        assert!((0..1_000).all(|_| rates.take(&key(1), at(0)).is_none()));
    }

    #[test]
    fn keys_that_are_quiet_are_forgotten() {
        let rates = Rates::new(1);
        for n in 0..=10_000 {
            rates.take(&key(n), at(0));
        }
        assert_eq!(rates.due.lock().unwrap().len(), KEYS_MAX);
        assert!(rates.take(&key(10_001), at(999)).is_none(), "better not limited than not remembered");
        assert!(rates.take(&key(10_001), at(1_001)).is_some());
        assert_eq!(rates.due.lock().unwrap().len(), 1);
    }

    #[test]
    fn the_headers_are_those_of_the_draft() {
        let mut headers = HeaderMap::new();
        let rates = Rates::new(10);
        rates.take(&key(1), at(0)).unwrap().dress(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"key\";q=10;w=1");
        assert_eq!(headers["ratelimit"], "\"key\";r=9;t=1");
    }
}
