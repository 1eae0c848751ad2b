//! Callbacks as data: what to send, when, and how each try ended.
//! Sending them is somebody else's work.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::fate::Habit;
use super::fill::{self, Values};
use super::references::key;
use super::refusal::Refusal;
use super::secret::Secret;
use super::settings::{Style, Template};
use super::time::Time;
use super::webhook;
use super::{World, limits};

/// Where a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackStatus {
    /// Its next try is due at `due_at`.
    Waiting,
    /// A try is under way.
    Sending,
    /// The merchant answered with a 2xx status.
    Delivered,
    /// No try succeeded.
    GivenUp,
}

/// One request made for a callback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When it was begun.
    pub at: Time,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

/// A callback to the merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// 1, 2, 3, ...
    pub id: u64,
    /// What happened.
    pub event: Event,
    /// GET or POST.
    pub method: Style,
    /// The address, placeholders filled in.
    pub url: String,
    /// The JSON body of a POST.
    pub body: Option<String>,
    /// The payee it speaks of.
    pub payee_id: Option<String>,
    /// The charge's or payout's reference it speaks of.
    pub client_reference_id: Option<String>,
    /// When it happened.
    pub created_at: Time,
    /// When the next try is due.
    pub due_at: Time,
    /// Where it stands.
    pub status: CallbackStatus,
    /// The tries so far, oldest first.
    pub tries: Vec<Try>,
    /// The callback of which this is a replay.
    pub replay_of: Option<u64>,
    /// Whether a fault made it up: it is not true, and its signature is wrong.
    #[serde(default)]
    pub forged: bool,
    /// Whether its address was presumed, for nobody set one: Payoneer publishes no such callback.
    #[serde(default)]
    pub presumed: bool,
}

/// A try to make now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// Which world it belongs to, should another take its place meanwhile.
    pub epoch: u64,
    /// Which callback.
    pub id: u64,
    /// GET or POST.
    pub method: Style,
    /// Where to.
    pub url: String,
    /// The JSON body of a POST.
    pub body: Option<String>,
    /// The whole value of the `Authorization` header, when signed.
    pub authorization: Option<String>,
    /// How long the merchant may take, in milliseconds.
    pub timeout_ms: u32,
    /// Which try this is, from 1.
    pub number: usize,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this HTTP status.
    Answered(u16),
    /// No answer, and why.
    Failed(String),
}

/// All callbacks that are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outbox {
    last: u64,
    callbacks: BTreeMap<u64, Callback>,
    #[serde(skip)]
    waiting: BTreeSet<(Time, u64)>,
    #[serde(skip)]
    sending: usize,
}

impl Outbox {
    pub(super) fn next_due(&self) -> Option<Time> {
        self.waiting.first().map(|(at, _)| *at)
    }

    fn add(&mut self, mut callback: Callback) -> u64 {
        self.last += 1;
        callback.id = self.last;
        self.waiting.insert((callback.due_at, callback.id));
        self.callbacks.insert(callback.id, callback);
        // The oldest goes, whatever became of it: the outbox has a bound.
        while self.callbacks.len() > limits::CALLBACKS {
            if let Some((id, dropped)) = self.callbacks.pop_first() {
                self.waiting.remove(&(dropped.due_at, id));
            }
        }
        self.last
    }

    /// Makes the indexes anew after loading; what was being sent is tried again.
    pub(super) fn reindex(&mut self) {
        self.sending = 0;
        self.waiting.clear();
        for callback in self.callbacks.values_mut() {
            if callback.status == CallbackStatus::Sending {
                callback.status = CallbackStatus::Waiting;
            }
            if callback.status == CallbackStatus::Waiting {
                self.waiting.insert((callback.due_at, callback.id));
            }
        }
    }
}

impl World {
    pub(super) fn tell(&mut self, event: Event, values: &Values, payee_id: Option<&str>, reference: Option<&str>) {
        let habit = reference.or(payee_id).and_then(|subject| self.habits.get(&key(subject)).copied());
        let Some(mut callback) = self.compose(event, values, payee_id, reference, habit.is_some()) else { return };
        let mut copies = 1;
        match habit {
            None => {}
            Some(Habit::Never) => return,
            Some(Habit::Late(seconds)) => callback.due_at = callback.due_at.plus_seconds(u64::from(seconds)),
            Some(Habit::AtOnce) => callback.due_at = self.clock.now,
            Some(Habit::Copies(number)) => copies = number,
        }
        for _ in 0..copies {
            self.outbox.add(callback.clone());
        }
    }

    /// Tells what is not true: a callback that is due at once and whose signature will be wrong.
    pub(super) fn tell_falsely(
        &mut self,
        event: Event,
        values: &Values,
        payee_id: Option<&str>,
        reference: Option<&str>,
    ) {
        if let Some(callback) = self.compose(event, values, payee_id, reference, true) {
            self.outbox.add(Callback { forged: true, due_at: self.clock.now, ..callback });
        }
    }

    /// Where to tell of an event, and whether that is presumed. A strict sandbox tells of no charge, for nobody knows how
    /// Payoneer would; another one does so where a fault about callbacks asks for it, at the place of the other callbacks.
    pub(super) fn template(&self, event: Event, asked_for: bool) -> Option<(Template, bool)> {
        if self.settings.strict && event.is_invented() {
            return None;
        }
        let set = self.settings.callbacks.get(&event).cloned().map(|template| (template, false));
        set.or_else(|| {
            let presumed = if asked_for { self.settings.presumed_template(event) } else { None };
            presumed.map(|template| (template, true))
        })
    }

    fn compose(
        &self,
        event: Event,
        values: &Values,
        payee_id: Option<&str>,
        reference: Option<&str>,
        asked_for: bool,
    ) -> Option<Callback> {
        let (template, presumed) = self.template(event, asked_for)?;
        let body = match template.method {
            Style::Get => None,
            Style::Post => Some(webhook::body(event, values)),
        };
        let now = self.clock.now;
        Some(Callback {
            id: 0,
            event,
            method: template.method,
            url: fill::address(&template.url, values),
            body,
            payee_id: payee_id.map(str::to_owned),
            client_reference_id: reference.map(str::to_owned),
            created_at: now,
            due_at: now.plus_seconds(u64::from(self.settings.callback_delay_seconds)),
            status: CallbackStatus::Waiting,
            tries: Vec::new(),
            replay_of: None,
            forged: false,
            presumed,
        })
    }

    /// All callbacks that are kept, oldest first.
    pub fn callbacks(&self) -> impl DoubleEndedIterator<Item = &Callback> {
        self.outbox.callbacks.values()
    }

    /// The callback of that number.
    #[must_use]
    pub fn callback(&self, id: u64) -> Option<&Callback> {
        self.outbox.callbacks.get(&id)
    }

    /// Whether the time of a callback's try has come.
    #[must_use]
    pub fn has_due_callback(&self) -> bool {
        self.outbox.next_due().is_some_and(|at| at <= self.clock.now)
    }

    /// Whether a try is under way.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.outbox.sending > 0
    }

    /// Sends a callback again, the same bytes, as a new one that is due now.
    pub fn replay_callback(&mut self, id: u64) -> Result<u64, Refusal> {
        let old = self.outbox.callbacks.get(&id).ok_or(Refusal::NotFound("callback"))?;
        let now = self.clock.now;
        let replay = Callback {
            created_at: now,
            due_at: now,
            status: CallbackStatus::Waiting,
            tries: Vec::new(),
            replay_of: Some(id),
            ..old.clone()
        };
        Ok(self.outbox.add(replay))
    }

    /// Takes up to `most` callbacks whose time has come; each must be answered with [`World::record_try`].
    pub fn take_due_callbacks(&mut self, most: usize) -> Vec<Dispatch> {
        let mut taken = Vec::new();
        while taken.len() < most && self.outbox.next_due().is_some_and(|at| at <= self.clock.now) {
            let Some((_, id)) = self.outbox.waiting.pop_first() else { break };
            let Some(callback) = self.outbox.callbacks.get_mut(&id) else { continue };
            callback.status = CallbackStatus::Sending;
            let tried = Try { at: self.clock.now, status: None, error: Some("no answer yet".to_owned()) };
            callback.tries.push(tried);
            self.outbox.sending += 1;
            let (method, url, body) = (callback.method, callback.url.clone(), callback.body.clone());
            let (number, forged) = (callback.tries.len(), callback.forged);
            let authorization = self.sign(forged, method, &url, body.as_deref());
            let timeout_ms = self.settings.callback_timeout_ms;
            taken.push(Dispatch { epoch: self.epoch, id, method, url, body, authorization, timeout_ms, number });
        }
        taken
    }

    fn sign(&mut self, forged: bool, method: Style, url: &str, body: Option<&str>) -> Option<String> {
        let hmac = &self.settings.hmac;
        let secret = hmac.secret.as_ref().filter(|_| hmac.enabled)?;
        let wrong = Secret::new("not the secret");
        let secret = if forged { &wrong } else { secret };
        let nonce = self.draw.nonce(self.clock.now.unix_seconds());
        let signing = webhook::Signing {
            app_name: &hmac.app_name,
            secret,
            nonce: &nonce,
            timestamp: self.clock.now.unix_seconds(),
        };
        Some(signing.header(method, url, body))
    }

    /// Notes how a try ended and plans the next one when it failed and one is left.
    pub fn record_try(&mut self, epoch: u64, id: u64, outcome: Outcome) {
        if epoch != self.epoch {
            return;
        }
        self.outbox.sending = self.outbox.sending.saturating_sub(1);
        let now = self.clock.now;
        let Some(callback) = self.outbox.callbacks.get_mut(&id) else { return };
        if callback.status != CallbackStatus::Sending {
            return;
        }
        let (status, error) = match outcome {
            Outcome::Answered(status) => (Some(status), None),
            Outcome::Failed(why) => (None, Some(why)),
        };
        if let Some(last) = callback.tries.last_mut() {
            (last.status, last.error) = (status, error);
        }
        let pause = self.settings.callback_retry_seconds.get(callback.tries.len().saturating_sub(1));
        match (status, pause) {
            (Some(200..=299), _) => callback.status = CallbackStatus::Delivered,
            (_, None) => callback.status = CallbackStatus::GivenUp,
            (_, Some(pause)) => {
                callback.status = CallbackStatus::Waiting;
                callback.due_at = now.plus_seconds(u64::from(*pause));
                self.outbox.waiting.insert((callback.due_at, id));
            }
        }
    }
}
