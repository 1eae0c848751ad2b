//! How the client behaved between its requests, judged from the exchanges alone.
//! Knows nothing of what it meant, except whose two references are.

use std::collections::{BTreeMap, BTreeSet};

use url::form_urlencoded;

use super::case::{Act, Case, Fate, Key, Rail, Thread, key, sent_for};
use super::finding::{Finding, Notes};
use super::kind::Kind;
use super::reading::{Part, Standing};
use crate::world::{Amount, Currency, Exchange};

/// The most status queries of one reference within a second.
const QUERIES_PER_SECOND: usize = 10;

/// Judges every thread and the record as a whole.
pub(super) fn judge(case: &Case<'_>, notes: &mut Notes) {
    for (at, thread) in &case.threads {
        for act in [Act::Create, Act::Cancel] {
            follow(case, at, thread, act, notes);
        }
        inexact(case, at, thread, notes);
        taken_twice(case, at, thread, notes);
        if !case.clock_stands {
            hammering(case, at, thread, notes);
        }
    }
    new_references(case, notes);
    retry_after(case, notes);
    credentials(case, notes);
}

fn follow(case: &Case<'_>, at: &Key, thread: &Thread<'_>, act: Act, notes: &mut Notes) {
    let mut standing = Standing::under(case.references_once);
    let mut named = BTreeSet::new();
    for (part, exchange) in thread.parts(at.0, act) {
        if let Some((kind, earlier)) = standing.step(part, exchange) {
            // Once per kind and reference: a client that does it a hundred times did one thing wrong.
            if named.insert(kind) {
                notes.add_all(case, Finding::new(kind, std::slice::from_ref(at)), &[earlier, exchange]);
            }
        }
    }
    if let Some((kind, open)) = standing.left() {
        notes.add(case, Finding::new(kind, std::slice::from_ref(at)), Some(open));
    }
}

/// More than one payment under one reference, for the client sent it more than once.
fn taken_twice(case: &Case<'_>, at: &Key, thread: &Thread<'_>, notes: &mut Notes) {
    if case.payments_of(at).iter().filter(|payment| payment.fate == Fate::Kept).count() > 1 {
        let kind = if at.0 == Rail::Charge { Kind::PaidTwice } else { Kind::PaidOutTwice };
        let sends = thread.parts(at.0, Act::Create).filter(|(part, _)| *part == Part::Send);
        let sends: Vec<&Exchange> = sends.map(|(_, e)| e).take(2).collect();
        notes.add_all(case, Finding::new(kind, std::slice::from_ref(at)), &sends);
    }
}

/// When the outcome of a thread's create was unknown: from which exchange to which.
fn doubt(thread: &Thread<'_>, rail: Rail) -> Option<(u64, u64)> {
    let mut standing = Standing::default();
    let mut since = None;
    for (part, exchange) in thread.parts(rail, Act::Create) {
        standing.step(part, exchange);
        match (since, standing.open) {
            (None, Some(open)) => since = Some(open.number),
            (Some(since), None) => return Some((since, exchange.number)),
            _ => {}
        }
    }
    since.map(|since| (since, u64::MAX))
}

/// A thread whose outcome is in doubt between two exchanges.
type Doubted<'k> = (u64, u64, &'k Key);

/// The same payment under another reference while the first one's outcome was unknown.
fn new_references(case: &Case<'_>, notes: &mut Notes) {
    let mut owners = BTreeMap::<&Key, BTreeSet<&str>>::new();
    for claim in &case.intents {
        for at in &claim.keys {
            owners.entry(at).or_default().insert(&claim.intent.intent);
        }
    }
    let mut sends: Vec<(&Exchange, &Key, &Thread<'_>)> =
        case.threads.iter().filter_map(|(at, t)| t.first_send(at.0).map(|sent| (sent, at, t))).collect();
    sends.sort_unstable_by_key(|(sent, ..)| sent.number);
    let mut doubted = BTreeMap::<(Rail, &str, Option<Amount>, Option<Currency>), Vec<Doubted<'_>>>::new();
    for (sent, at, thread) in sends {
        let (payee, amount, currency) = sent_for(sent);
        let alike = doubted.entry((at.0, payee, amount, currency)).or_default();
        alike.retain(|(_, until, _)| *until > sent.number);
        let earlier = alike.iter().find(|(since, _, old)| *since < sent.number && !are_two(&owners, old, at));
        if let Some((since, _, old)) = earlier {
            let kept = |at: &Key| case.has(at, |fate| fate == Fate::Kept);
            let kind = match (kept(old) && kept(at), at.0) {
                (true, Rail::Charge) => Kind::PaidTwice,
                (true, Rail::Payout) => Kind::PaidOutTwice,
                (false, _) => Kind::NewReferenceAfterAmbiguous,
            };
            let first = case.exchanges.iter().find(|e| e.number == *since).copied();
            let both: Vec<&Exchange> = first.into_iter().chain([sent]).collect();
            notes.add_all(case, Finding::new(kind, &[(*old).clone(), at.clone()]), &both);
        }
        if let Some((since, until)) = doubt(thread, at.0) {
            alike.push((since, until, at));
        }
    }
}

/// Whether the client said that two references are of two intents.
fn are_two(owners: &BTreeMap<&Key, BTreeSet<&str>>, one: &Key, other: &Key) -> bool {
    match (owners.get(one), owners.get(other)) {
        (Some(one), Some(other)) => one.is_disjoint(other),
        _ => false,
    }
}

/// The next call of the same kind came before the wait that an answer asked for was over.
fn retry_after(case: &Case<'_>, notes: &mut Notes) {
    let mut asked = BTreeMap::<&str, &Exchange>::new();
    for exchange in &case.exchanges {
        if let Some(earlier) = asked.remove(exchange.operation.as_str()) {
            let seconds = earlier.fault.as_ref().and_then(|f| f.retry_after_seconds).unwrap_or(0);
            if exchange.at < earlier.at.plus_seconds(seconds) {
                let rail = if exchange.operation.contains("payout") { Rail::Payout } else { Rail::Charge };
                let keys: Vec<Key> = exchange.reference.iter().map(|r| key(rail, r)).collect();
                notes.add_all(case, Finding::new(Kind::IgnoredRetryAfter, &keys), &[earlier, exchange]);
            }
        }
        if exchange.fault.as_ref().is_some_and(|f| f.retry_after_seconds.is_some()) {
            asked.insert(&exchange.operation, exchange);
        }
    }
}

fn hammering(case: &Case<'_>, at: &Key, thread: &Thread<'_>, notes: &mut Notes) {
    let looks: Vec<&Exchange> =
        thread.parts(at.0, Act::Create).filter(|(part, _)| *part == Part::Look).map(|(_, e)| e).collect();
    let crowd = looks
        .windows(QUERIES_PER_SECOND + 1)
        .find(|crowd| matches!(crowd, [first, .., last] if last.at < first.at.plus_seconds(1)));
    if let Some([first, .., last]) = crowd {
        notes.add_all(case, Finding::new(Kind::Hammering, std::slice::from_ref(at)), &[*first, *last]);
    }
}

/// An amount that no decimal arithmetic would have made.
fn inexact(case: &Case<'_>, at: &Key, thread: &Thread<'_>, notes: &mut Notes) {
    let odd = |text: &str| {
        let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
        let number = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        number && (decimals.trim_end_matches('0').len() > 2 || text.contains(['e', 'E']))
    };
    let sends = thread.parts(at.0, Act::Create).filter(|(part, _)| *part == Part::Send).map(|(_, e)| e);
    let found = sends.into_iter().find(|e| e.amount.as_deref().is_some_and(odd));
    if let Some(exchange) = found {
        notes.add(case, Finding::new(Kind::InexactAmount, std::slice::from_ref(at)), Some(exchange));
    }
}

/// The names of query parameters that carry credentials.
const TELLING: [&str; 9] =
    ["password", "passwd", "pwd", "secret", "token", "access_token", "api_key", "apikey", "authorization"];

fn credentials(case: &Case<'_>, notes: &mut Notes) {
    let telling = |path: &str| {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).any(|(name, _)| TELLING.contains(&name.to_ascii_lowercase().as_str()))
    };
    if case.calls.iter().any(|call| telling(&call.path)) {
        // The address itself is not repeated: it holds the secret.
        notes.add(case, Finding::new(Kind::CredentialsInUrl, &[]), None);
    }
}
