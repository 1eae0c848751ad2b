//! One event on its way to one webhook endpoint: when it is tried, and what follows from each answer, for the delivery
//! and for the endpoint. Pure: the request itself, the clock and the dice are the caller's.

use crate::webhook_endpoint::{DISABLE_AFTER, Health, Reason};
use crate::{EventId, NotAWord, ProgramId, Span, Time, WebhookEndpointId};
use core::fmt;

/// Seconds from one try to the next, by the number of tries so far: ten tries over 75 hours; then daily.
const WAITS: &[i64] = &[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// After this long nobody tries any more.
pub const LIFETIME: Span = Span::from_secs(14 * 86_400);

/// Seconds for which an endpoint in trouble gets nothing, by the number of failures in a row; then five minutes.
const RESTS: &[i64] = &[5, 10, 30, 60, 120];

/// A receiver cannot ask for a longer wait than this.
pub const RETRY_AFTER_MAX: Span = Span::from_secs(86_400);

text_enum! {
    /// Where a delivery stands.
    pub enum State {
        /// It will be tried (again).
        Pending = "pending",
        /// The receiver has taken it.
        Delivered = "delivered",
        /// It will not be tried any more by itself.
        Failed = "failed",
        /// Its endpoint was deleted first.
        Canceled = "canceled",
    }
}

text_enum! {
    /// Why a try got no answer.
    pub enum Trouble {
        /// The address is none that may be asked.
        Refused = "address_refused",
        /// The name leads nowhere.
        Name = "name_not_found",
        /// Nobody took the connection.
        Connect = "not_connected",
        /// The receiver could not prove who it is.
        Tls = "tls_failed",
        /// No answer in time.
        Timeout = "timeout",
        /// The connection broke, or what came was no answer.
        Broken = "broken",
    }
}

/// The id of a delivery: of its event and its endpoint, so that there can be only one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(String);

impl DeliveryId {
    /// What every id of a delivery begins with.
    pub const PREFIX: &'static str = "dl_";

    /// The delivery of this event to this endpoint.
    pub fn of(event: &EventId, endpoint: &WebhookEndpointId) -> Self {
        let event = event.as_str().trim_start_matches(EventId::PREFIX);
        let endpoint = endpoint.as_str().trim_start_matches(WebhookEndpointId::PREFIX);
        Self(format!("{}{event}_{endpoint}", Self::PREFIX))
    }

    /// Takes a text that has the form of such an id; it need not name anything that exists.
    pub fn parse(text: &str) -> Option<Self> {
        let (event, endpoint) = text.strip_prefix(Self::PREFIX)?.split_once('_')?;
        let event = EventId::parse(&format!("{}{event}", EventId::PREFIX))?;
        let endpoint = WebhookEndpointId::parse(&format!("{}{endpoint}", WebhookEndpointId::PREFIX))?;
        Some(Self::of(&event, &endpoint))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for DeliveryId {
    type Err = NotAWord;

    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Self::parse(text).ok_or(NotAWord("DeliveryId"))
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The program it belongs to.
    pub program: ProgramId,
    /// Where it goes.
    pub endpoint: WebhookEndpointId,
    /// What goes there.
    pub event: EventId,
    /// The event's place in the order of all events.
    pub sequence: i64,
    /// Where it stands.
    pub state: State,
    /// How many tries there were in all.
    pub tries: i64,
    /// How many tries failed since it was last begun.
    pub failures: i64,
    /// When it was begun: by its event, or by whoever had it sent again.
    pub begun_at: Time,
    /// When it is due.
    pub due_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The receiver answered.
    Status {
        /// The HTTP status.
        code: u16,
        /// How long it asks us to wait.
        retry_after: Option<Span>,
    },
    /// It did not.
    None(Trouble),
}

/// One request that was made for a delivery, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// Which try of the delivery it was, from 1.
    pub number: i64,
    /// When it was begun.
    pub at: Time,
    /// How long it took.
    pub took: Span,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub trouble: Option<Trouble>,
    /// The beginning of the answer's body, or more about the trouble.
    pub said: String,
}

/// What follows from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learnt {
    /// The delivery as it is now.
    pub delivery: Delivery,
    /// How well the endpoint does now.
    pub health: Health,
    /// The endpoint is to be disabled, for this reason.
    pub disable: Option<Reason>,
}

impl Delivery {
    /// What follows from an answer that came now. `byte` is random: it moves the next try by up to a fifth.
    pub fn learn(&self, health: &Health, answer: &Answer, byte: u8, now: Time) -> Learnt {
        let tried = Self { tries: self.tries + 1, updated_at: now, ..self.clone() };
        if let Answer::Status { code: 200..=299, .. } = answer {
            let delivery = Self { state: State::Delivered, ..tried };
            return Learnt { delivery, health: Health::default(), disable: None };
        }
        let since = health.failing_since.unwrap_or(now);
        let failures = health.failures.saturating_add(1);
        let asked = match answer {
            Answer::Status { retry_after: Some(wait), .. } => (*wait).clamp(Span::ZERO, RETRY_AFTER_MAX),
            Answer::Status { retry_after: None, .. } | Answer::None(_) => Span::ZERO,
        };
        let rest = if wants_rest(answer) { asked.max(step(RESTS, failures - 1, 300)) } else { Span::ZERO };
        let health = Health { failures, failing_since: Some(since), rests_until: (now + rest).max(health.rests_until) };
        if matches!(answer, Answer::Status { code: 410, .. }) {
            return Learnt { delivery: tried.failed(), health, disable: Some(Reason::Gone) };
        }
        let disable = (now - since >= DISABLE_AFTER).then_some(Reason::Failing);
        let wait = step(WAITS, self.failures, 86_400);
        let wait = Span::from_micros(wait.micros() + crate::job::Jitter::Around.of(wait, byte).micros()).max(asked);
        let delivery = match now + wait {
            due_at if due_at - self.begun_at > LIFETIME => tried.failed(),
            due_at => Self { failures: self.failures + 1, due_at, ..tried },
        };
        Learnt { delivery, health, disable }
    }

    fn failed(self) -> Self {
        Self { state: State::Failed, failures: self.failures + 1, ..self }
    }
}

/// Whether an answer says that the receiver has too much to do, or none is there.
const fn wants_rest(answer: &Answer) -> bool {
    match answer {
        Answer::Status { code, .. } => matches!(*code, 429 | 502 | 503 | 504),
        Answer::None(trouble) => match trouble {
            Trouble::Connect | Trouble::Timeout | Trouble::Broken => true,
            Trouble::Refused | Trouble::Name | Trouble::Tls => false,
        },
    }
}

fn step(table: &[i64], index: i64, last: i64) -> Span {
    Span::from_secs(usize::try_from(index).ok().and_then(|i| table.get(i)).copied().unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A random byte by which a wait is hardly moved.
    const STILL: u8 = 127;

    /// When a delivery is due, in seconds, the hardly any movement left out.
    fn due(learnt: &Learnt) -> i64 {
        (learnt.delivery.due_at + Span::from_millis(500)).seconds()
    }

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    fn delivery() -> Delivery {
        let event = EventId::new(at(1), [1; 10]);
        let endpoint = WebhookEndpointId::new(at(1), [2; 10]);
        Delivery {
            id: DeliveryId::of(&event, &endpoint),
            program: ProgramId::new(at(1), [3; 10]),
            endpoint,
            event,
            sequence: 7,
            state: State::Pending,
            tries: 0,
            failures: 0,
            begun_at: at(0),
            due_at: at(0),
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn status(code: u16) -> Answer {
        Answer::Status { code, retry_after: None }
    }

    fn after(seconds: i64, code: u16) -> Answer {
        Answer::Status { code, retry_after: Some(Span::from_secs(seconds)) }
    }

    #[test]
    fn ten_tries_take_seventy_five_hours_and_the_last_comes_within_two_weeks() {
        for byte in [0, STILL, 255] {
            let (mut next, mut health) = (delivery(), Health::default());
            let mut times = Vec::new();
            while next.state == State::Pending {
                let now = next.due_at;
                times.push(now.seconds());
                let learnt = next.learn(&health, &status(500), byte, now);
                (next, health) = (learnt.delivery, learnt.health);
                assert!(times.len() < 40, "it ends");
            }
            assert_eq!((next.state, next.tries), (State::Failed, i64::try_from(times.len()).unwrap()));
            let tenth = times[9];
            assert!((60 * 3_600..=91 * 3_600).contains(&tenth), "{byte}: {tenth}");
            let last = *times.last().unwrap();
            assert!(last <= LIFETIME.seconds() && last > LIFETIME.seconds() - 2 * 86_400, "{byte}: {last}");
            for (n, pair) in times.windows(2).enumerate() {
                let wait = WAITS.get(n).copied().unwrap_or(86_400);
                assert!((pair[1] - pair[0] - wait).abs() <= wait / 5 + 1, "{byte}: {pair:?}");
            }
        }
        assert_eq!(WAITS.iter().sum::<i64>() / 3_600, 75);
    }

    #[test]
    fn any_2xx_is_taken_and_heals_the_endpoint() {
        let ill = Health { failures: 3, failing_since: Some(at(1)), rests_until: at(99) };
        for code in [200, 201, 202, 204, 299] {
            let learnt = delivery().learn(&ill, &status(code), STILL, at(10));
            assert_eq!((learnt.delivery.state, learnt.delivery.tries), (State::Delivered, 1));
            assert_eq!((learnt.health, learnt.disable), (Health::default(), None));
        }
        for code in [199, 300, 301, 307, 400, 401, 404, 500] {
            let learnt = delivery().learn(&Health::default(), &status(code), STILL, at(10));
            assert_eq!((learnt.delivery.state, due(&learnt)), (State::Pending, 15), "{code}");
            assert_eq!(learnt.health.rests_until, at(10), "{code} concerns one delivery alone");
            assert_eq!(learnt.health.failing_since, Some(at(10)));
        }
    }

    #[test]
    fn what_speaks_of_too_much_work_slows_the_endpoint() {
        for answer in [status(429), status(502), status(504), Answer::None(Trouble::Timeout)] {
            let learnt = delivery().learn(&Health::default(), &answer, STILL, at(10));
            assert_eq!(learnt.health.rests_until, at(15), "{answer:?}");
            let again = delivery().learn(&Health { failures: 40, ..learnt.health }, &answer, STILL, at(20));
            assert_eq!(again.health.rests_until, at(320), "{answer:?}");
        }
        let refused = delivery().learn(&Health::default(), &Answer::None(Trouble::Refused), STILL, at(10));
        assert_eq!(refused.health.rests_until, at(10));
    }

    #[test]
    fn retry_after_is_honoured_within_a_day() {
        let learn = |answer| delivery().learn(&Health::default(), &answer, STILL, at(10));
        assert_eq!(due(&learn(after(120, 503))), 130);
        assert_eq!(learn(after(120, 503)).health.rests_until, at(130));
        assert_eq!(due(&learn(after(120, 500))), 130);
        assert_eq!(due(&learn(after(1, 500))), 15, "never sooner than our own schedule");
        assert_eq!(due(&learn(after(i64::MAX / 1_000_000, 429))), 10 + 86_400);
        assert_eq!(due(&learn(after(-5, 429))), 15);
    }

    #[test]
    fn gone_is_gone_at_once_and_failing_takes_days() {
        for answer in [status(410), after(60, 410)] {
            let learnt = delivery().learn(&Health::default(), &answer, STILL, at(10));
            assert_eq!((learnt.delivery.state, learnt.disable), (State::Failed, Some(Reason::Gone)));
        }
        let ill = Health { failures: 9, failing_since: Some(at(10)), rests_until: at(0) };
        let disable = |now| delivery().learn(&ill, &status(500), STILL, now).disable;
        assert_eq!(disable(at(10) + DISABLE_AFTER - Span::from_secs(1)), None);
        assert_eq!(disable(at(10) + DISABLE_AFTER), Some(Reason::Failing));
    }

    #[test]
    fn an_id_names_its_event_and_its_endpoint() {
        let id = delivery().id;
        assert_eq!(DeliveryId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.as_str().len(), 3 + 26 + 1 + 26);
        for bad in ["", "dl_", "dl_a_b", "evt_x", &id.as_str()[..id.as_str().len() - 1], &format!("{id}a")] {
            assert_eq!(DeliveryId::parse(bad), None, "{bad}");
        }
    }
}
