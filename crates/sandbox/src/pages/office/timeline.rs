//! The story of each payment or payee: every request with what went wrong, every effect, movement of money and callback,
//! in the order of the sandbox's clock. Reads the world; writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::format;
use super::super::texts::{InspectorText, OfficeText};
use crate::world::{
    ApiCall, Callback, CallbackStatus, ChargeStatus, Entry, Event, Exchange, Intent, IntentKind, PayoutStatus, Time,
    Transition, World,
};

/// What a story is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// A charge, by its reference.
    Charge,
    /// A payout, by its reference.
    Payout,
    /// A payee, by its id.
    Payee,
}

/// Which story: what about, and its name with references in lower case.
pub(super) type Key = (About, String);

/// A story, newest moments last.
pub(super) struct Story {
    pub(super) name: String,
    pub(super) about: &'static str,
    pub(super) status: Option<(&'static str, &'static str)>,
    pub(super) facts: String,
    pub(super) moments: Vec<Moment>,
}

/// One thing that happened.
pub(super) struct Moment {
    pub(super) at: String,
    /// Its colour: `good`, `bad`, `wait` or `off`.
    pub(super) tone: &'static str,
    pub(super) what: &'static str,
    pub(super) title: String,
    pub(super) notes: Vec<String>,
    /// What went wrong with it on purpose.
    pub(super) fault: Option<String>,
    pub(super) bodies: Option<(String, String)>,
    pub(super) curl: Option<String>,
    /// The callback that can be sent again.
    pub(super) replay: Option<u64>,
    /// The operation whose next call can be made to fail.
    pub(super) fail_next: Option<String>,
    /// When, and in which order among what happened at once: requests, effects, callbacks, words.
    place: (Time, u8, u64),
}

impl Moment {
    fn new(at: Time, order: (u8, u64), what: &'static str, title: String) -> Self {
        let place = (at, order.0, order.1);
        Self {
            at: format::moment(at),
            tone: "off",
            what,
            title,
            notes: Vec::new(),
            fault: None,
            bodies: None,
            curl: None,
            replay: None,
            fail_next: None,
            place,
        }
    }
}

/// The story that an exchange belongs to; none for calls about nobody.
fn of_exchange(e: &Exchange) -> Option<Key> {
    match (e.operation.as_str(), &e.reference, &e.payee_id) {
        (operation, Some(reference), _) if operation.contains("charge") => Some(key(About::Charge, reference)),
        (operation, Some(reference), _) if operation.contains("payout") => Some(key(About::Payout, reference)),
        (_, _, Some(payee)) => Some((About::Payee, payee.clone())),
        _ => None,
    }
}

fn of_callback(c: &Callback) -> Option<Key> {
    let charge = matches!(c.event, Event::ChargeTransferred | Event::ChargeRefunded);
    match (&c.client_reference_id, &c.payee_id) {
        (Some(reference), _) => Some(key(if charge { About::Charge } else { About::Payout }, reference)),
        (None, Some(payee)) => Some((About::Payee, payee.clone())),
        (None, None) => None,
    }
}

fn of_entry(entry: &Entry) -> Option<Key> {
    let subject = entry.subject.as_deref()?;
    if entry.memo.starts_with("charge") {
        Some(key(About::Charge, subject))
    } else {
        entry.memo.starts_with("payout").then(|| key(About::Payout, subject))
    }
}

fn of_transition(transition: &Transition) -> Key {
    match transition {
        Transition::ApprovePayee { payee_id } | Transition::DeclinePayee { payee_id } => {
            (About::Payee, payee_id.clone())
        }
        Transition::SettleCharge(named) => key(About::Charge, &named.client_reference_id),
        Transition::SettlePayout(named) => key(About::Payout, &named.client_reference_id),
        Transition::FailPayment { named, is_charge } | Transition::ReturnPayment { named, is_charge } => {
            key(if *is_charge { About::Charge } else { About::Payout }, &named.client_reference_id)
        }
    }
}

fn key(about: About, reference: &str) -> Key {
    (about, reference.to_ascii_lowercase())
}

/// Every story that there is, the one with the newest moment first, with all that it can be found by.
pub(super) fn all(w: &World) -> Vec<(Key, String)> {
    let mut found = BTreeMap::<Key, (Time, BTreeSet<String>)>::new();
    let mut note = |key: Option<Key>, at: Time, words: [Option<&str>; 2]| {
        if let Some(key) = key {
            let (newest, texts) = found.entry(key).or_insert((at, BTreeSet::new()));
            *newest = at.max(*newest);
            texts.extend(words.into_iter().flatten().map(str::to_lowercase));
        }
    };
    for e in w.exchanges() {
        note(of_exchange(e), e.at, [e.reference.as_deref(), e.payee_id.as_deref()]);
    }
    for c in w.callbacks() {
        note(of_callback(c), c.created_at, [c.client_reference_id.as_deref(), c.payee_id.as_deref()]);
    }
    for c in w.charges() {
        let words = [Some(c.payee_id.as_str()), Some(c.payment_id.as_str())];
        note(Some(key(About::Charge, &c.client_reference_id)), c.created_at, words);
    }
    for p in w.payouts() {
        let words = [Some(p.payee_id.as_str()), Some(p.payout_id.as_str())];
        note(Some(key(About::Payout, &p.client_reference_id)), p.created_at, words);
    }
    let mut stories: Vec<_> = found.into_iter().collect();
    stories.sort_by(|(one, (a, _)), (other, (b, _))| b.cmp(a).then_with(|| one.cmp(other)));
    stories
        .into_iter()
        .map(|(key, (_, mut texts))| {
            texts.insert(key.1.to_lowercase());
            (key, texts.into_iter().collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

/// Tells these stories.
pub(super) fn tell(w: &World, keys: &[Key], url: &str, t: &OfficeText) -> Vec<Story> {
    let mut moments: BTreeMap<Key, Vec<Moment>> = keys.iter().map(|key| (key.clone(), Vec::new())).collect();
    let mut add = |key: Option<Key>, make: &dyn Fn() -> Moment| {
        if let Some(list) = key.and_then(|key| moments.get_mut(&key)) {
            list.push(make());
        }
    };
    let words = &t.inspector;
    let calls: BTreeMap<u64, &ApiCall> = w.api_calls().map(|call| (call.exchange, call)).collect();
    for e in w.exchanges() {
        add(of_exchange(e), &|| request(e, calls.get(&e.number).copied(), url, words));
    }
    for entry in w.journal().entries() {
        add(of_entry(entry), &|| movement(entry, words));
    }
    for c in w.callbacks() {
        add(of_callback(c), &|| callback(c, t));
    }
    for intent in w.intents() {
        let about = if intent.kind == IntentKind::Payout { About::Payout } else { About::Charge };
        for reference in &intent.references {
            add(Some(key(about, reference)), &|| word(intent, words));
        }
    }
    for (at, transition) in w.planned() {
        let title = (words.planned_what)(transition).to_owned();
        add(Some(of_transition(transition)), &|| Moment {
            tone: "wait",
            ..Moment::new(at, (4, 0), words.planned, title.clone())
        });
    }
    let told = keys.iter().map(|key| {
        let mut moments = moments.remove(key).unwrap_or_default();
        moments.sort_by_key(|moment| moment.place);
        story(w, key, moments, t)
    });
    told.collect()
}

fn story(w: &World, (about, name): &Key, moments: Vec<Moment>, t: &OfficeText) -> Story {
    let words = &t.inspector;
    match about {
        About::Charge => {
            let charge = w.charges_of(name).next();
            let tone = charge.map(|c| match c.status {
                ChargeStatus::Pending => "wait",
                ChargeStatus::Transferred => "good",
                ChargeStatus::Refunded => "off",
                ChargeStatus::Failed => "bad",
            });
            Story {
                name: charge.map_or_else(|| name.clone(), |c| c.client_reference_id.clone()),
                about: words.charge,
                status: charge.zip(tone).map(|(c, tone)| ((t.charge_status)(c.status), tone)),
                facts: charge.map(|c| format!("{} {} · {}", c.amount, c.currency, c.payee_id)).unwrap_or_default(),
                moments,
            }
        }
        About::Payout => {
            let payout = w.payout(name);
            let tone = payout.map(|p| match p.status {
                PayoutStatus::Pending => "wait",
                PayoutStatus::Funded => "good",
                PayoutStatus::Cancelled => "off",
            });
            Story {
                name: payout.map_or_else(|| name.clone(), |p| p.client_reference_id.clone()),
                about: words.payout,
                status: payout.zip(tone).map(|(p, tone)| ((t.payout_status)(p.status), tone)),
                facts: payout.map(|p| format!("{} {} · {}", p.amount, p.currency, p.payee_id)).unwrap_or_default(),
                moments,
            }
        }
        About::Payee => {
            let status = w.payee(name).map(|p| ((t.payee_status)(p.status), "off"));
            Story { name: name.clone(), about: words.payee, status, facts: String::new(), moments }
        }
    }
}

fn request(e: &Exchange, call: Option<&ApiCall>, url: &str, t: &InspectorText) -> Moment {
    let title = (t.operation)(&e.operation).to_owned();
    let mut moment = Moment::new(e.at, (0, e.number), t.request, title);
    moment.tone = match (e.http_status, e.code) {
        (200, 0) => "good",
        (0, _) => "wait",
        _ => "bad",
    };
    if let (Some(amount), Some(currency)) = (&e.amount, &e.currency) {
        moment.notes.push(format!("{amount} {currency}"));
    }
    moment.notes.push(match e.http_status {
        0 => t.no_answer.to_owned(),
        status => format!("HTTP {status}, {} {}", t.code, e.code),
    });
    moment.notes.push((if e.effect { t.effect } else { t.no_effect }).to_owned());
    moment.notes.push((t.answered)(e.answered).to_owned());
    moment.fault = e.fault.as_ref().map(|f| format!("{} · {} · {}", f.cut, f.kind, f.id));
    moment.fail_next = Some(e.operation.clone());
    if let Some(call) = call {
        moment.curl = Some(curl(call, url));
        moment.bodies = Some((call.request.clone(), call.reply.clone()));
    }
    moment
}

/// The call as a line for a shell, with the credentials left to be filled in.
fn curl(call: &ApiCall, url: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let method = if call.method == "GET" { String::new() } else { format!(" -X {}", call.method) };
    let body = if call.request.is_empty() { String::new() } else { format!(" -d {}", quoted(&call.request)) };
    format!("curl -u \"$USER\"{method} {}{body}", quoted(&format!("{url}{}", call.path)))
}

fn movement(entry: &Entry, t: &InspectorText) -> Moment {
    let mut moment = Moment::new(entry.at, (1, entry.number), t.journal, (t.memo)(&entry.memo).to_owned());
    moment.tone = "good";
    moment.notes = entry
        .legs
        .iter()
        .map(|leg| {
            let (sign, hundredths) = (if leg.change < 0 { "-" } else { "+" }, leg.change.unsigned_abs());
            format!("{} {sign}{}.{:02} {}", leg.purse, hundredths / 100, hundredths % 100, leg.currency)
        })
        .collect();
    moment
}

fn callback(c: &Callback, t: &OfficeText) -> Moment {
    let words = &t.inspector;
    let mut moment = Moment::new(c.created_at, (2, c.id), words.callback, (t.event)(c.event).to_owned());
    moment.tone = match c.status {
        CallbackStatus::Delivered => "good",
        CallbackStatus::Waiting | CallbackStatus::Sending => "wait",
        CallbackStatus::GivenUp => "bad",
    };
    moment.notes.push((t.callback_status)(c.status).to_owned());
    if c.status == CallbackStatus::Waiting {
        moment.notes.push(format!("{} {}", t.callbacks.next_try, format::moment(c.due_at)));
    }
    moment.notes.extend(c.replay_of.map(t.callbacks.replay_of));
    moment.notes.extend(c.forged.then(|| words.forged.to_owned()));
    moment.notes.extend(c.presumed.then(|| words.presumed.to_owned()));
    moment.notes.extend(c.tries.iter().map(|tried| {
        let answer = match (tried.status, &tried.error) {
            (Some(status), _) => format!("HTTP {status}"),
            (None, error) => error.clone().unwrap_or_default(),
        };
        format!("{} {}: {answer}", words.tried, format::moment(tried.at))
    }));
    moment.bodies = Some((c.url.clone(), c.body.clone().unwrap_or_default()));
    moment.replay = Some(c.id);
    moment
}

fn word(intent: &Intent, t: &InspectorText) -> Moment {
    let title = format!("{}: {}", intent.intent, (t.says)(intent.says));
    Moment::new(intent.said_at, (3, intent.said_after), t.client, title)
}
