//! Where a merchant wants events: what an endpoint listens to, whether it is served, and how well it does.
//! What follows from a receiver's answer is decided in `delivery`; nothing is sent here.

use crate::event::EventType;
use crate::{NotAWord, ProgramId, Refusal, Span, Time, WebhookEndpointId};

/// The most kinds of events that one endpoint names.
pub const KINDS_MAX: usize = 64;

/// The longest time for which the old secret stays good after a rotation.
pub const OVERLAP_MAX: Span = Span::from_secs(7 * 86_400);

/// How long the old secret stays good where nothing else is said.
pub const OVERLAP: Span = Span::from_secs(86_400);

/// An endpoint that has answered nothing well for this long is disabled.
pub const DISABLE_AFTER: Span = Span::from_secs(7 * 86_400);

text_enum! {
    /// Whether an endpoint is served.
    pub enum State {
        /// Events are sent to it.
        Enabled = "enabled",
        /// Nothing is sent to it; what is due waits.
        Disabled = "disabled",
        /// It is gone for ever; its deliveries are still listed.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Why an endpoint is disabled.
    pub enum Reason {
        /// The merchant wanted it so.
        Merchant = "merchant",
        /// The receiver answered 410: it wants no more.
        Gone = "gone",
        /// It answered nothing well for days.
        Failing = "failing",
    }
}

/// Which events an endpoint listens to: kinds such as `charge.succeeded`, groups such as `charge.*`, or `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kinds(Vec<String>);

impl Kinds {
    /// Takes words in any order; the one that is none is in the error.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut kinds = Vec::new();
        for word in words {
            if !is_known(word) {
                return Err(word.to_owned());
            }
            kinds.push(word.to_owned());
        }
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Self(kinds))
    }

    /// The words, in order.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether an event of this kind is wanted.
    pub fn hold(&self, kind: EventType) -> bool {
        let group = group(kind);
        self.0.iter().any(|word| word == "*" || word == kind.as_str() || *word == group)
    }
}

impl core::str::FromStr for Kinds {
    type Err = NotAWord;

    /// Reads what [`core::fmt::Display`] wrote. A kind that a later version knew is kept, so that nothing is lost.
    fn from_str(text: &str) -> Result<Self, NotAWord> {
        Ok(Self(text.split_ascii_whitespace().map(str::to_owned).collect()))
    }
}

impl core::fmt::Display for Kinds {
    /// A space before and after each word, so that a word is found in the text by itself.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, " {} ", self.0.join(" "))
    }
}

/// The group of a kind: `charge.*` of `charge.succeeded`.
pub fn group(kind: EventType) -> String {
    let (group, _) = kind.as_str().split_once('.').unwrap_or((kind.as_str(), ""));
    format!("{group}.*")
}

fn is_known(word: &str) -> bool {
    word == "*" || EventType::ALL.iter().any(|kind| kind.as_str() == word || group(*kind) == word)
}

/// How well an endpoint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// How many tries in a row went wrong.
    pub failures: i64,
    /// Since when nothing has gone well.
    pub failing_since: Option<Time>,
    /// Nothing is sent to it before this.
    pub rests_until: Time,
}

impl Health {
    /// Whether the last try went well, as far as is known.
    pub const fn is_good(&self) -> bool {
        self.failing_since.is_none()
    }
}

/// A webhook endpoint. Its secrets and headers are in the store, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// The program whose events it gets.
    pub program: ProgramId,
    /// Where it is.
    pub url: String,
    /// The merchant's name for it; may be empty.
    pub description: String,
    /// Which events it gets.
    pub kinds: Kinds,
    /// The names of the headers that the merchant wants on each request.
    pub header_names: Vec<String>,
    /// Whether it is served.
    pub state: State,
    /// Why not.
    pub reason: Option<Reason>,
    /// How well it does.
    pub health: Health,
    /// Until when the secret before this one is good, too.
    pub old_secret_until: Option<Time>,
    /// Counts the merchant's and our own changes of it, not the tries.
    pub version: i64,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl WebhookEndpoint {
    /// It is to be served again; nothing changes if it is.
    pub fn enable(&self, now: Time) -> Result<(Self, Option<EventType>), Refusal> {
        match self.state {
            State::Enabled => Ok((self.clone(), None)),
            State::Disabled => {
                let next = Self { reason: None, health: Health::default(), ..self.moved(State::Enabled, now) };
                Ok((next, Some(EventType::WebhookEndpointEnabled)))
            }
            State::Deleted => Err(self.refusal("be enabled")),
        }
    }

    /// It is not to be served any more, for this reason; nothing changes if it is not.
    pub fn disable(&self, reason: Reason, now: Time) -> Result<(Self, Option<EventType>), Refusal> {
        match self.state {
            State::Enabled => {
                let next = Self { reason: Some(reason), ..self.moved(State::Disabled, now) };
                Ok((next, Some(EventType::WebhookEndpointDisabled)))
            }
            State::Disabled => Ok((self.clone(), None)),
            State::Deleted => Err(self.refusal("be disabled")),
        }
    }

    /// It goes for ever; nothing changes if it is gone.
    pub fn delete(&self, now: Time) -> (Self, Option<EventType>) {
        match self.state {
            State::Enabled | State::Disabled => {
                (Self { reason: None, ..self.moved(State::Deleted, now) }, Some(EventType::WebhookEndpointDeleted))
            }
            State::Deleted => (self.clone(), None),
        }
    }

    /// Refuses this step unless it is served.
    pub fn must_be_enabled(&self, step: &'static str) -> Result<(), Refusal> {
        match self.state {
            State::Enabled => Ok(()),
            State::Disabled | State::Deleted => Err(self.refusal(step)),
        }
    }

    /// Another address, name, choice of events or set of headers.
    #[must_use]
    pub fn changed(&self, now: Time) -> Self {
        self.moved(self.state, now)
    }

    /// A new secret; the one before it is good for so long yet.
    pub fn rotate(&self, overlap: Span, now: Time) -> Result<Self, Refusal> {
        self.must_not_be_deleted("get a new secret")?;
        let until = (overlap > Span::ZERO).then(|| now + overlap);
        Ok(Self { old_secret_until: until, ..self.moved(self.state, now) })
    }

    fn must_not_be_deleted(&self, step: &'static str) -> Result<(), Refusal> {
        match self.state {
            State::Enabled | State::Disabled => Ok(()),
            State::Deleted => Err(self.refusal(step)),
        }
    }

    fn refusal(&self, step: &'static str) -> Refusal {
        Refusal::Impossible { noun: "webhook endpoint", state: self.state.as_str(), step }
    }

    fn moved(&self, state: State, now: Time) -> Self {
        Self { state, version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    fn endpoint(state: State) -> WebhookEndpoint {
        WebhookEndpoint {
            id: WebhookEndpointId::new(at(1), [1; 10]),
            program: ProgramId::new(at(1), [1; 10]),
            url: "https://shop.example/hooks".to_owned(),
            description: String::new(),
            kinds: Kinds::new(["*"]).unwrap(),
            header_names: Vec::new(),
            state,
            reason: (state == State::Disabled).then_some(Reason::Failing),
            health: Health { failures: 9, failing_since: Some(at(1)), rests_until: at(900) },
            old_secret_until: None,
            version: 3,
            created_at: at(1),
            updated_at: at(1),
        }
    }

    #[test]
    fn kinds_groups_and_everything_are_told_apart() {
        let kinds = Kinds::new(["payout.paid", "charge.*", "charge.*"]).unwrap();
        assert_eq!(kinds.to_string(), " charge.* payout.paid ");
        assert_eq!(kinds.to_string().parse::<Kinds>().unwrap(), kinds);
        assert!(kinds.hold(EventType::ChargeSucceeded) && kinds.hold(EventType::PayoutPaid));
        assert!(!kinds.hold(EventType::PayoutFailed) && !kinds.hold(EventType::MandateActivated));
        for kind in EventType::ALL {
            assert!(Kinds::new(["*"]).unwrap().hold(*kind), "{kind}");
            assert!(Kinds::new([group(*kind).as_str()]).unwrap().hold(*kind), "{kind}");
        }
    }

    #[test]
    fn a_word_that_names_no_event_is_refused() {
        for bad in
            ["", "charge", "charge.", "charges.*", "*.succeeded", "charge.succeed", "**", " charge.*", "CHARGE.*"]
        {
            assert_eq!(Kinds::new(["charge.*", bad]).unwrap_err(), bad);
        }
    }

    #[test]
    fn the_steps_of_an_endpoint() {
        use State::{Deleted, Disabled, Enabled};
        let step = |from, f: &dyn Fn(&WebhookEndpoint) -> Option<State>| f(&endpoint(from));
        let enable = |e: &WebhookEndpoint| e.enable(at(5)).ok().map(|(next, _)| next.state);
        let disable = |e: &WebhookEndpoint| e.disable(Reason::Merchant, at(5)).ok().map(|(next, _)| next.state);
        let delete = |e: &WebhookEndpoint| Some(e.delete(at(5)).0.state);
        for (from, enabled, disabled) in
            [(Enabled, Some(Enabled), Some(Disabled)), (Disabled, Some(Enabled), Some(Disabled)), (Deleted, None, None)]
        {
            assert_eq!(step(from, &enable), enabled, "{from}");
            assert_eq!(step(from, &disable), disabled, "{from}");
            assert_eq!(step(from, &delete), Some(Deleted), "{from}");
            assert_eq!(endpoint(from).must_be_enabled("get anything").is_ok(), from == Enabled);
            assert_eq!(endpoint(from).rotate(OVERLAP, at(5)).is_ok(), from != Deleted);
        }
    }

    #[test]
    fn who_is_enabled_again_begins_anew() {
        let (next, event) = endpoint(State::Disabled).enable(at(5)).unwrap();
        assert_eq!(
            (next.health, next.reason, event),
            (Health::default(), None, Some(EventType::WebhookEndpointEnabled))
        );
        assert_eq!((next.version, next.updated_at), (4, at(5)));
        let (same, none) = endpoint(State::Enabled).enable(at(5)).unwrap();
        assert_eq!((same, none), (endpoint(State::Enabled), None));
        let (next, _) = endpoint(State::Enabled).disable(Reason::Gone, at(5)).unwrap();
        assert_eq!(next.reason, Some(Reason::Gone));
        // The first reason stays.
        assert_eq!(next.disable(Reason::Merchant, at(6)).unwrap().0.reason, Some(Reason::Gone));
    }

    #[test]
    fn the_old_secret_has_an_end() {
        let until = |overlap| endpoint(State::Enabled).rotate(overlap, at(5)).unwrap().old_secret_until;
        assert_eq!((until(Span::from_secs(60)), until(Span::ZERO)), (Some(at(65)), None));
    }
}
