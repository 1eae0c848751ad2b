//! What the hosted page remembers of a browser between two requests: drafts, sign-in tickets, failed log-ins.
//! Lives in memory alone, is bounded, and holds passwords only until the account is opened.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::answers::Answers;
use crate::world::Time;

/// Most visits and most failure counts that are remembered; the oldest is forgotten first.
const MOST: usize = 2_000;
/// Failed log-ins with one address on one link before a pause.
const TRIES: u32 = 5;
/// Length of that pause, on the sandbox's clock.
const PAUSE_MINUTES: i64 = 15;

/// One browser's way through one link.
#[derive(Clone, Debug, Default)]
pub(super) struct Visit {
    /// What was typed into the sign-up form.
    pub(super) answers: Answers,
    /// The chosen password, until the account is opened.
    pub(super) password: Option<SecretString>,
    /// The address last typed into the log-in form.
    pub(super) log_in_email: String,
    /// Proof for the world that this browser signed in.
    pub(super) ticket: Option<String>,
    /// Whether this browser completed the link.
    pub(super) finished: bool,
    /// Where the browser goes, and after how many seconds, once the person declined.
    pub(super) declined: Option<(Option<String>, u16)>,
}

/// Which browser, and which link.
type Key = (String, String);

#[derive(Debug, Default)]
struct Kept {
    visits: HashMap<Key, Visit>,
    order: VecDeque<Key>,
    failures: HashMap<Key, (u32, Time)>,
}

/// All visits.
#[derive(Debug, Default)]
pub(super) struct Visits(Mutex<Kept>);

impl Visits {
    fn with<R>(&self, act: impl FnOnce(&mut Kept) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The visit of a browser to a link, if it is remembered.
    pub(super) fn get(&self, browser: &str, token: &str) -> Option<Visit> {
        self.with(|kept| kept.visits.get(&(browser.to_owned(), token.to_owned())).cloned())
    }

    /// Remembers a visit.
    pub(super) fn put(&self, browser: &str, token: &str, visit: Visit) {
        let key = (browser.to_owned(), token.to_owned());
        self.with(|kept| {
            if kept.visits.insert(key.clone(), visit).is_none() {
                kept.order.push_back(key);
            }
            while kept.visits.len() > MOST {
                let Some(oldest) = kept.order.pop_front() else { break };
                kept.visits.remove(&oldest);
            }
        });
    }

    /// Minutes until another log-in with this address on this link is allowed; `None` if it is now.
    pub(super) fn pause(&self, token: &str, email: &str, now: Time) -> Option<i64> {
        let key = (email.to_lowercase(), token.to_owned());
        let (count, since) = self.with(|kept| kept.failures.get(&key).copied())?;
        let left = PAUSE_MINUTES * 60 - (now.unix_seconds() - since.unix_seconds());
        (count >= TRIES && left > 0).then(|| (left + 59) / 60)
    }

    /// Notes a failed log-in. The count begins anew when the last failure is long ago.
    pub(super) fn failed(&self, token: &str, email: &str, now: Time) {
        let key = (email.to_lowercase(), token.to_owned());
        self.with(|kept| {
            if kept.failures.len() >= MOST && !kept.failures.contains_key(&key) {
                kept.failures.clear();
            }
            let entry = kept.failures.entry(key).or_insert((0, now));
            let stale = now.unix_seconds() - entry.1.unix_seconds() >= PAUSE_MINUTES * 60;
            *entry = (if stale { 1 } else { entry.0 + 1 }, now);
        });
    }

    /// Forgets failures after a log-in that succeeded.
    pub(super) fn succeeded(&self, token: &str, email: &str) {
        let key = (email.to_lowercase(), token.to_owned());
        self.with(|kept| kept.failures.remove(&key));
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Time, Visit, Visits};

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn visits_belong_to_one_browser_and_one_link() {
        let visits = Visits::default();
        visits.put("one", "link", Visit { finished: true, ..Visit::default() });
        assert!(visits.get("one", "link").is_some_and(|v| v.finished));
        assert!(visits.get("two", "link").is_none());
        assert!(visits.get("one", "other").is_none());
    }

    #[test]
    fn only_so_many_visits_are_remembered() {
        let visits = Visits::default();
        for n in 0..=MOST {
            visits.put(&n.to_string(), "link", Visit::default());
            visits.put(&n.to_string(), "link", Visit::default());
        }
        assert!(visits.get("0", "link").is_none(), "the oldest went");
        assert!(visits.get("1", "link").is_some());
        assert!(visits.get(&MOST.to_string(), "link").is_some());
    }

    #[test]
    fn the_fifth_failure_brings_a_pause_that_ends() {
        let visits = Visits::default();
        for n in 0..4 {
            visits.failed("link", "A@b.co", at(n));
        }
        assert_eq!(visits.pause("link", "a@b.co", at(4)), None);
        visits.failed("link", "a@B.co", at(4));
        assert_eq!(visits.pause("link", "a@b.co", at(4)), Some(15));
        assert_eq!(visits.pause("other", "a@b.co", at(4)), None);
        assert_eq!(visits.pause("link", "a@b.co", at(4 + 14 * 60 + 1)), Some(1));
        assert_eq!(visits.pause("link", "a@b.co", at(4 + 15 * 60)), None);
        visits.failed("link", "a@b.co", at(4 + 15 * 60));
        assert_eq!(visits.pause("link", "a@b.co", at(4 + 15 * 60)), None, "the count began anew");
        visits.succeeded("link", "a@b.co");
        assert_eq!(visits.pause("link", "a@b.co", at(4 + 15 * 60)), None);
    }
}
