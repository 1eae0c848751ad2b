//! What is judged: the record of a world, sorted into one thread per reference.
//! Sorting only; nothing is held against anybody here.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::{Part, Standing};
use crate::world::{
    Amount, ApiCall, Charge, ChargeStatus, ClockMode, Currency, Exchange, Intent, IntentKind, Payout, PayoutStatus,
    Time, World,
};

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rail {
    /// From a payee.
    Charge,
    /// To a payee.
    Payout,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// That money moves.
    Create,
    /// That it comes back.
    Cancel,
}

impl Rail {
    /// What `operation` is in the life of an act on this rail.
    fn part(self, act: Act, operation: &str) -> Option<Part> {
        match (self, act, operation) {
            (Self::Charge, Act::Create, "create_charge")
            | (Self::Charge, Act::Cancel, "cancel_charge")
            | (Self::Payout, Act::Create, "create_payout")
            | (Self::Payout, Act::Cancel, "cancel_payout") => Some(Part::Send),
            (Self::Charge, _, "charge_status") | (Self::Payout, _, "payout_status") => Some(Part::Look),
            _ => None,
        }
    }

    fn of(operation: &str) -> Option<Self> {
        match operation {
            "create_charge" | "charge_status" | "cancel_charge" => Some(Self::Charge),
            "create_payout" | "payout_status" | "cancel_payout" => Some(Self::Payout),
            _ => None,
        }
    }
}

/// A reference on its rail, in the form in which references are compared.
pub(super) type Key = (Rail, String);

/// The key of a reference.
pub(super) fn key(rail: Rail, reference: &str) -> Key {
    (rail, reference.to_ascii_lowercase())
}

/// Every exchange about one reference.
#[derive(Debug, Default)]
pub(super) struct Thread<'a> {
    pub(super) exchanges: Vec<&'a Exchange>,
}

impl<'a> Thread<'a> {
    /// The exchanges that matter to an act, with what each of them is.
    pub(super) fn parts(&self, rail: Rail, act: Act) -> impl Iterator<Item = (Part, &'a Exchange)> {
        self.exchanges.iter().filter_map(move |e| rail.part(act, &e.operation).map(|part| (part, *e)))
    }

    /// Where an act stood after the exchange numbered `last`.
    pub(super) fn standing(&self, rail: Rail, act: Act, last: u64) -> Standing<'a> {
        let mut standing = Standing::default();
        for (part, exchange) in self.parts(rail, act).filter(|(_, e)| e.number <= last) {
            standing.step(part, exchange);
        }
        standing
    }

    /// The first request that money may move.
    pub(super) fn first_send(&self, rail: Rail) -> Option<&'a Exchange> {
        self.parts(rail, Act::Create).find(|(part, _)| *part == Part::Send).map(|(_, e)| e)
    }
}

/// What became of a payment in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The money moved, or is moving.
    Kept,
    /// The client had it brought back.
    Returned,
    /// It came back by itself, at that time.
    Failed(Time),
}

/// A payment of the world.
#[derive(Clone, Debug)]
pub(super) struct Payment<'a> {
    pub(super) payee_id: &'a str,
    pub(super) amount: Amount,
    pub(super) currency: Currency,
    pub(super) fate: Fate,
}

/// Everything that is judged.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) exchanges: Vec<&'a Exchange>,
    pub(super) threads: BTreeMap<Key, Thread<'a>>,
    /// By reference; more than one where the sandbox takes a reference more than once.
    pub(super) payments: BTreeMap<Key, Vec<Payment<'a>>>,
    pub(super) intents: Vec<Claim<'a>>,
    /// The references that forged callbacks spoke of, and when the first of each was made.
    pub(super) forged: BTreeMap<String, Time>,
    pub(super) calls: Vec<&'a ApiCall>,
    pub(super) seed: u64,
    /// Whether time moves only when somebody moves it, so that it says nothing of speed.
    pub(super) clock_stands: bool,
    /// Whether the sandbox refuses a used reference for ever, so that sending the same charge again can do no harm.
    pub(super) references_once: bool,
    /// The number of the last exchange.
    pub(super) last: u64,
}

/// An intent and the references that are its own.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) intent: &'a Intent,
    pub(super) keys: Vec<Key>,
}

impl<'a> Case<'a> {
    /// The case of a world.
    pub(super) fn of(world: &'a World) -> Self {
        let exchanges: Vec<&Exchange> = world.exchanges().collect();
        let mut threads = BTreeMap::<Key, Thread<'_>>::new();
        for exchange in &exchanges {
            if let (Some(rail), Some(reference)) = (Rail::of(&exchange.operation), &exchange.reference) {
                threads.entry(key(rail, reference)).or_default().exchanges.push(exchange);
            }
        }
        let charges = world.charges().map(|c| (key(Rail::Charge, &c.client_reference_id), charge(c)));
        let payouts = world.payouts().map(|p| (key(Rail::Payout, &p.client_reference_id), payout(p)));
        let mut payments = BTreeMap::<Key, Vec<Payment<'_>>>::new();
        for (at, payment) in charges.chain(payouts) {
            payments.entry(at).or_default().push(payment);
        }
        let mut forged = BTreeMap::new();
        for callback in world.callbacks().filter(|c| c.forged) {
            if let Some(reference) = &callback.client_reference_id {
                forged.entry(reference.to_ascii_lowercase()).or_insert(callback.created_at);
            }
        }
        let last = exchanges.last().map_or(0, |e| e.number);
        let intents = claims(world, &threads);
        let clock_stands = world.clock().mode == ClockMode::Manual;
        let calls = world.api_calls().collect();
        let (seed, references_once) = (world.seed(), world.settings().takes_references_once());
        Self { exchanges, threads, payments, intents, forged, calls, seed, clock_stands, references_once, last }
    }

    /// What was paid under a reference.
    pub(super) fn payments_of(&self, at: &Key) -> &[Payment<'a>] {
        self.payments.get(at).map_or(&[], Vec::as_slice)
    }

    /// Whether money stands or stood in the way that is asked for under a reference.
    pub(super) fn has(&self, at: &Key, fate: impl Fn(Fate) -> bool) -> bool {
        self.payments_of(at).iter().any(|payment| fate(payment.fate))
    }
}

/// Gives each intent its references: the named ones, else those of an unclaimed send with its payee, amount and currency.
fn claims<'a>(world: &'a World, threads: &BTreeMap<Key, Thread<'a>>) -> Vec<Claim<'a>> {
    let rails = |kind| match kind {
        IntentKind::Charge => &[Rail::Charge][..],
        IntentKind::Payout => &[Rail::Payout],
        IntentKind::Refund => &[Rail::Charge, Rail::Payout],
    };
    let named = |intent: &Intent| -> Vec<Key> {
        let all = rails(intent.kind).iter().flat_map(|rail| intent.references.iter().map(|r| key(*rail, r)));
        all.collect()
    };
    let claimed: BTreeSet<Key> = world.intents().flat_map(&named).collect();
    // By what they send, in the order of sending, so that equal intents get one each.
    let mut free = BTreeMap::<(Rail, &str, Option<Amount>, Option<Currency>), Vec<(u64, &Key)>>::new();
    for (at, thread) in threads.iter().filter(|(at, _)| !claimed.contains(*at)) {
        if let Some(sent) = thread.first_send(at.0) {
            let (payee, amount, currency) = sent_for(sent);
            free.entry((at.0, payee, amount, currency)).or_default().push((sent.number, at));
        }
    }
    for list in free.values_mut() {
        list.sort_unstable_by(|a, b| b.cmp(a));
    }
    let mut claims = Vec::new();
    for intent in world.intents() {
        let mut keys = named(intent);
        let rail = match intent.kind {
            IntentKind::Charge => Some(Rail::Charge),
            IntentKind::Payout => Some(Rail::Payout),
            IntentKind::Refund => None,
        };
        if let Some(rail) = rail.filter(|_| keys.is_empty()) {
            let wanted = (rail, intent.payee_id.as_str(), Some(intent.amount), Some(intent.currency));
            if let Some((_, found)) = free.get_mut(&wanted).and_then(Vec::pop) {
                keys.push(found.clone());
            }
        }
        claims.push(Claim { intent, keys });
    }
    claims
}

/// What a create call asks for, as far as it can be read.
pub(super) fn sent_for(sent: &Exchange) -> (&str, Option<Amount>, Option<Currency>) {
    let amount = sent.amount.as_deref().and_then(|text| Amount::parse(text).ok());
    (sent.payee_id.as_deref().unwrap_or_default(), amount, sent.currency.as_deref().and_then(Currency::parse))
}

fn charge(charge: &Charge) -> Payment<'_> {
    let fate = match charge.status {
        ChargeStatus::Pending | ChargeStatus::Transferred => Fate::Kept,
        ChargeStatus::Refunded => Fate::Returned,
        ChargeStatus::Failed => Fate::Failed(charge.settled_at.unwrap_or(charge.created_at)),
    };
    Payment { payee_id: &charge.payee_id, amount: charge.amount, currency: charge.currency, fate }
}

fn payout(payout: &Payout) -> Payment<'_> {
    let fate = match (payout.status, payout.reason_code) {
        (PayoutStatus::Pending | PayoutStatus::Funded, _) => Fate::Kept,
        (PayoutStatus::Cancelled, None) => Fate::Returned,
        (PayoutStatus::Cancelled, Some(_)) => Fate::Failed(payout.cancelled_at.unwrap_or(payout.created_at)),
    };
    Payment { payee_id: &payout.payee_id, amount: payout.amount, currency: payout.currency, fate }
}
