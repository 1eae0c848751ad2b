//! What became of the money, held against what the client meant and says.
//! Judges intents; the behaviour between is judged in `manners.rs`.

use super::case::{Act, Case, Claim, Fate, Key, Payment, Rail};
use super::finding::{Finding, Notes};
use super::kind::Kind;
use super::reading::Standing;
use crate::world::{Exchange, IntentKind, Says};

/// Judges every intent.
pub(super) fn judge(case: &Case<'_>, notes: &mut Notes) {
    for claim in &case.intents {
        moved_wrongly(case, claim, notes);
        if let Some((kind, at)) = said_wrongly(case, claim) {
            notes.add(case, told(kind, claim), at);
        }
    }
}

fn told(kind: Kind, claim: &Claim<'_>) -> Finding {
    let mut finding = Finding::new(kind, &claim.keys);
    finding.intent = Some(claim.intent.intent.clone());
    finding
}

/// The payments that carry out a claim: those with money where the intent wanted it.
fn done<'c>(case: &'c Case<'_>, claim: &'c Claim<'_>) -> impl Iterator<Item = (&'c Key, &'c Payment<'c>)> {
    let refund = claim.intent.kind == IntentKind::Refund;
    let payments = claim.keys.iter().flat_map(move |at| case.payments_of(at).iter().map(move |p| (at, p)));
    payments.filter(move |(at, payment)| {
        let wanted = if refund && at.0 == Rail::Charge { Fate::Returned } else { Fate::Kept };
        payment.fate == wanted
    })
}

/// Whether the money is where a claim wanted it.
pub(super) fn happened(case: &Case<'_>, claim: &Claim<'_>) -> bool {
    done(case, claim).next().is_some()
}

fn moved_wrongly(case: &Case<'_>, claim: &Claim<'_>, notes: &mut Notes) {
    let intent = claim.intent;
    let done: Vec<(&Key, &Payment<'_>)> = done(case, claim).collect();
    let sends = |keys: &[&Key]| -> Vec<Exchange> {
        let threads = keys.iter().filter_map(|at| case.threads.get(*at).map(|t| (at.0, t)));
        threads.filter_map(|(rail, thread)| thread.first_send(rail).cloned()).collect()
    };
    if done.len() > 1 {
        let kind = match intent.kind {
            IntentKind::Charge => Kind::PaidTwice,
            IntentKind::Payout => Kind::PaidOutTwice,
            IntentKind::Refund => Kind::ReturnedTwice,
        };
        let keys: Vec<&Key> = done.iter().map(|(at, _)| *at).collect();
        notes.add_all(case, told(kind, claim), &sends(&keys).iter().collect::<Vec<_>>());
    }
    for (at, payment) in done {
        let meant = (intent.payee_id.as_str(), intent.amount, intent.currency);
        if (payment.payee_id, payment.amount, payment.currency) != meant {
            notes.add_all(case, told(Kind::PaidWrong, claim), &sends(&[at]).iter().collect::<Vec<_>>());
        }
    }
}

/// Where the requests of a claim stood after the exchange numbered `last`, those that were sent by then.
fn standings_at<'c>(case: &'c Case<'_>, claim: &Claim<'_>, act: Act, last: u64) -> Vec<Standing<'c>> {
    let threads = claim.keys.iter().filter_map(|at| case.threads.get(at).map(|thread| (at.0, thread)));
    let standings = threads.map(|(rail, thread)| thread.standing(rail, act, last));
    standings.filter(|standing| standing.sent.is_some()).collect()
}

/// What is wrong with the client's word, and the exchange that it misread.
fn said_wrongly<'c>(case: &'c Case<'_>, claim: &'c Claim<'_>) -> Option<(Kind, Option<&'c Exchange>)> {
    let intent = claim.intent;
    let act = if intent.kind == IntentKind::Refund { Act::Cancel } else { Act::Create };
    let standings = standings_at(case, claim, act, intent.said_after);
    let happened = done(case, claim).next().is_some() || (act == Act::Create && returned(case, claim));
    let open = standings.iter().find(|s| s.open.is_some() && !s.accepted);
    let last = standings.iter().rev().find_map(|s| s.sent);
    let misread = standings.iter().find(|s| s.open.is_some() && s.duplicate && !s.looked);
    let forged = claim.keys.iter().any(|at| case.forged.get(&at.1).is_some_and(|when| *when <= intent.said_at));
    match intent.says {
        Says::Failed => {
            // A payment that was given back on purpose may well be called failed.
            let happened = done(case, claim).next().is_some();
            match (misread, open) {
                (Some(standing), _) => Some((Kind::MisreadDuplicate, standing.open)),
                _ if happened => Some((Kind::ClientSaysFailedButPaid, open.and_then(|s| s.open).or(last))),
                (None, Some(standing)) => Some((Kind::FailureWithoutEvidence, standing.open)),
                (None, None) => None,
            }
        }
        Says::Succeeded => match (misread, open) {
            (Some(standing), _) => Some((Kind::MisreadDuplicate, standing.open)),
            (None, Some(standing)) if forged => Some((Kind::ActedOnForgedCallback, standing.open)),
            (None, None) if forged && !happened => Some((Kind::ActedOnForgedCallback, last)),
            _ if !happened && came_back_later(case, claim) => Some((Kind::MissedReturn, last)),
            _ if !happened => Some((Kind::ClientSaysPaidButNot, open.and_then(|s| s.open).or(last))),
            (None, Some(standing)) => Some((Kind::SuccessWithoutEvidence, standing.open)),
            (None, None) => None,
        },
        Says::Pending | Says::Unknown => {
            // By now, not by when it said so: what it read since should have changed its word.
            let now = standings_at(case, claim, act, case.last);
            let known = !now.is_empty() && now.iter().all(|s| s.open.is_none());
            known.then(|| (Kind::Unresolved, now.iter().rev().find_map(|s| s.sent)))
        }
    }
}

/// Whether the client had a payment brought back, which it once was.
fn returned(case: &Case<'_>, claim: &Claim<'_>) -> bool {
    claim.keys.iter().any(|at| case.has(at, |fate| fate == Fate::Returned))
}

/// Whether a payment came back by itself after the client had last changed its word.
fn came_back_later(case: &Case<'_>, claim: &Claim<'_>) -> bool {
    let later = |fate| matches!(fate, Fate::Failed(at) if at > claim.intent.said_at);
    claim.keys.iter().any(|at| case.has(at, later))
}
