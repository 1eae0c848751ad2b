//! What must always be true, held against the bare store and Payoneer's own world. Nothing here asks the gateway.
//! The numbers are those of the reliability model.

use crate::answers;
use crate::plant::Plant;
use crate::run::now;
use crate::sabotage;
use crate::stage::{Parcel, Sender, Shared, Stage, sometimes};
use domain::attempt::{Attempt, Evidence, Kind, State};
use domain::charge::{self, Charge};
use domain::payout::{self, Payout};
use domain::program::Program;
use domain::refund::{self, Refund};
use domain::{Time, job};
use sandbox::world::{ChargeStatus, PayoutStatus, Purse, World};
use std::collections::{BTreeMap, BTreeSet};
use store::Store;
use store::cells::Page;

/// Remembers what must not change any more.
#[derive(Default)]
pub(crate) struct Watch {
    settled: BTreeMap<String, Attempt>,
}

/// Everything of the gateway's that money hangs on.
pub(crate) struct Books {
    pub(crate) charges: Vec<Charge>,
    refunds: Vec<Refund>,
    pub(crate) payouts: Vec<Payout>,
    attempts: Vec<Attempt>,
}

impl Books {
    fn read(store: &Store, program: &Program) -> Self {
        let page = || Page { before: None, limit: 10_000 };
        let all = store::charges::Filter::default();
        let charges = now(store.read(store::charges::page(&program.id, &all, &page()))).unwrap();
        let refunds = now(store.read(store::refunds::page(&program.id, &page()))).unwrap();
        let payouts = now(store.read(store::payouts::page(&program.id, &page()))).unwrap();
        let subjects = charges.iter().map(|c| c.id.as_str()).chain(refunds.iter().map(|r| r.id.as_str()));
        let subjects = subjects.chain(payouts.iter().map(|p| p.id.as_str()));
        let of = |subject| now(store.read(store::attempts::of_subject(subject))).unwrap();
        let attempts = subjects.flat_map(of).collect();
        Self { charges, refunds, payouts, attempts }
    }

    fn of<'a>(&'a self, subject: &'a str, kind: Kind) -> impl Iterator<Item = &'a Attempt> {
        self.attempts.iter().filter(move |a| a.subject == subject && a.kind == kind)
    }
}

impl Watch {
    /// What can be looked at at any time: settled attempts stay as they are (O8), at most one of a kind is undecided or
    /// done, and the answers so far agree (O9).
    pub(crate) fn glance(&mut self, store: &Store, program: &Program, shared: &Shared) {
        let books = Books::read(store, program);
        let mut live = BTreeSet::new();
        for attempt in sabotage::attempts(shared, books.attempts.clone()) {
            let over = matches!(attempt.state, State::Declined | State::NeverSent | State::Expired);
            if !over && !live.insert((attempt.subject.clone(), attempt.kind.as_str())) {
                shared.lock().break_promise("live", &format!("{} has two live attempts", attempt.subject));
            }
            match self.settled.get(attempt.id.as_str()) {
                Some(before) if *before != attempt => {
                    shared.lock().break_promise("O8", &format!("settled attempt {} has changed", attempt.id));
                }
                None if attempt.state.is_final() => {
                    if attempt.evidence == Some(Evidence::StatusQuery) {
                        let mut stage = shared.lock();
                        sometimes!(stage, "a status query settled an attempt");
                        stage.late.insert(attempt.id.to_string());
                    }
                    self.settled.insert(attempt.id.to_string(), attempt);
                }
                Some(_) | None => {}
            }
        }
        let mut stage = shared.lock();
        if let Some((oracle, what)) = answers::contradict(&books, &stage.told) {
            stage.break_promise(oracle, &what);
        }
    }
}

/// A money request reaches Payoneer: what it does there must have been written down before (O5), must be done once (O1),
/// and must not have been called impossible (O3).
pub(crate) fn arrive(store: &Store, shared: &Shared, parcel: Parcel) {
    let Parcel { id, target, body, sender, instead, acts } = parcel;
    if !acts {
        return;
    }
    let (again, (reply, effect)) = {
        let mut stage = shared.lock();
        (is_there(&stage, &sender), stage.ask("POST", &target, &body))
    };
    let stage = &mut *shared.lock();
    if again {
        let what =
            format!("{} came again, and only Payoneer's own care keeps it from being done twice", sender.subject);
        stage.break_promise("O1", &what);
    }
    stage.note(format_args!(
        "arrived: {} of {} as {}: {}",
        sender.kind, sender.subject, sender.reference, reply.http_status
    ));
    if instead.is_none() {
        stage.replies.insert(id, Ok(reply));
    }
    if !effect {
        return;
    }
    let attempt = now(store.read_one(store::attempts::by_id(&sender.attempt))).unwrap();
    match attempt {
        None if !sender.attempt.ends_with("-again") => {
            stage.break_promise("O5", &format!("{} was done, and its intent is not written", sender.subject));
        }
        Some(attempt) => {
            if attempt.body != body {
                stage.break_promise("O4", &format!("{} was done with other bytes than written", sender.subject));
            }
            let over = matches!(attempt.state, State::Declined | State::NeverSent | State::Expired);
            if over {
                let state = attempt.state;
                stage.break_promise("O3", &format!("attempt {} is {state} and was done after that", attempt.id));
            }
            if attempt.state == State::Unknown {
                sometimes!(stage, "a request took effect after it was called unknown");
            }
        }
        None => {}
    }
    if matches!(sender.kind, Kind::Charge | Kind::Payout) {
        let references = stage.moved.entry(sender.subject.clone()).or_default();
        references.insert(sender.reference.to_lowercase());
        if references.len() > 1 {
            let references = references.clone();
            stage.break_promise("O1", &format!("{} moved money under {references:?}", sender.subject));
        }
    }
}

/// The ends that things can come to.
fn ends(books: &Books, stage: &mut Stage) {
    for charge in &books.charges {
        match charge.state {
            charge::State::Succeeded => sometimes!(stage, "a charge succeeded in the end"),
            charge::State::Failed => sometimes!(stage, "a charge failed in the end"),
            charge::State::Canceled => sometimes!(stage, "a charge was withdrawn before it was sent"),
            charge::State::Refunded => sometimes!(stage, "a charge was refunded in the end"),
            _ => sometimes!(stage, "a charge was undecided in the end"),
        }
    }
    if books.refunds.iter().any(|refund| refund.state == refund::State::Failed) {
        sometimes!(stage, "a refund failed in the end");
    }
    for payout in &books.payouts {
        match payout.state {
            payout::State::Paid => sometimes!(stage, "a payout was paid in the end"),
            payout::State::Failed => sometimes!(stage, "a payout failed in the end"),
            payout::State::Canceled => sometimes!(stage, "a payout was canceled in the end"),
            _ => sometimes!(stage, "a payout was undecided in the end"),
        }
    }
}

/// Whether this reference has moved money already: then everything hangs on whether Payoneer compares references, for
/// which Tollgate does not ask.
fn is_there(stage: &Stage, sender: &Sender) -> bool {
    match sender.kind {
        Kind::Charge if stage.foreign.contains(&sender.reference.to_lowercase()) => false,
        Kind::Charge => stage.world.charge(&sender.reference).is_some(),
        Kind::Payout => stage.world.payout(&sender.reference).is_some(),
        Kind::Refund | Kind::PayoutCancel => false,
    }
}

/// What must be true when the faults are long over.
pub(crate) fn judge(store: &Store, program: &Program, shared: &Shared) {
    let books = Books::read(store, program);
    let mut wrong = Vec::new();
    {
        let stage = shared.lock();
        let foreign = |reference: &str| stage.foreign.contains(&reference.to_lowercase());
        for charge in &books.charges {
            let own = !foreign(charge.reference.as_str());
            wrong.extend(charge_is_wrong(charge, &books, &stage.world, own));
            // Assumption 1: a bare "code 0" is never the last word.
            if charge.state == charge::State::Succeeded && !stage.confirmed.contains(charge.reference.as_str()) {
                wrong
                    .push(("confirm", format!("charge {} succeeded and no status query ever confirmed it", charge.id)));
            }
        }
        for refund in &books.refunds {
            wrong.extend(refund_is_wrong(refund, &books, &stage.world));
        }
        for payout in &books.payouts {
            wrong.extend(payout_is_wrong(payout, &books, &stage.world));
        }
        wrong.extend(world_is_known(&books, &stage.world, &stage.foreign));
        wrong.extend(answers::are_broken(&books, &stage.world, &stage.told));
        wrong.extend(answers::bodies_differ(&books, &stage.told));
        wrong.extend(mandates_agree(store, program, &stage.world));
        wrong.extend(money_differs(store, &books, &stage));
    }
    let plant = shared.lock().plant;
    wrong.extend(events_are_wrong(store, program, &books, plant));
    wrong.extend(jobs_are_left(store, &books));
    let mut stage = shared.lock();
    ends(&books, &mut stage);
    for attempt in books.attempts.iter().filter(|a| a.state == State::Unknown) {
        sometimes!(
            stage,
            if attempt.is_contested() { "parked because contested" } else { "parked because it never arrived" }
        );
    }
    for (oracle, what) in wrong {
        stage.break_promise(oracle, &what);
    }
}

pub(crate) type Wrong = (&'static str, String);

pub(crate) fn at_payoneer<'a>(world: &'a World, charge: &Charge) -> Option<&'a sandbox::world::Charge> {
    world.charge(charge.reference.as_str())
}

/// O2, O3, O4 for charges.
fn charge_is_wrong(charge: &Charge, books: &Books, world: &World, own: bool) -> Option<Wrong> {
    use charge::State as S;
    let seen = at_payoneer(world, charge).filter(|_| own);
    let contested = books.of(charge.id.as_str(), Kind::Charge).any(Attempt::is_contested);
    let say = |oracle, what: &str| Some((oracle, format!("charge {} is {} and {what}", charge.id, charge.status())));
    match (charge.state, seen) {
        (S::Succeeded | S::RefundPending | S::Refunded, None) => say("O2", "was never taken"),
        (S::Created | S::Failed | S::Canceled, Some(_)) => say("O3", "was taken"),
        (S::Processing | S::RequiresAction, Some(_)) if !contested => say("O2", "was taken"),
        (S::Processing | S::RequiresAction, _) if !charge.unknown => say("O2", "nobody cares"),
        (S::Succeeded, Some(seen)) if seen.status != ChargeStatus::Transferred => say("O2", "was given back"),
        (S::Refunded, Some(seen)) if seen.status != ChargeStatus::Refunded => say("O2", "was not given back"),
        (S::RefundPending, Some(seen)) if seen.status == ChargeStatus::Refunded => say("O2", "was given back"),
        (_, Some(seen)) if differs(charge, seen) => say("O4", "was taken from another payee or with another amount"),
        _ => None,
    }
}

fn differs(charge: &Charge, seen: &sandbox::world::Charge) -> bool {
    seen.amount.hundredths() != charge.money.minor()
        || seen.currency.as_str() != charge.money.currency().code()
        || seen.payee_id != charge.payee_id.as_str()
}

fn refund_is_wrong(refund: &Refund, books: &Books, world: &World) -> Option<Wrong> {
    let charge = books.charges.iter().find(|c| c.id == refund.charge)?;
    let given_back = at_payoneer(world, charge).is_some_and(|seen| seen.status == ChargeStatus::Refunded);
    let live = charge.refund.as_ref() == Some(&refund.id);
    let say = |oracle, what: &str| Some((oracle, format!("refund {} is {} and {what}", refund.id, refund.status())));
    match refund.state {
        refund::State::Succeeded if !given_back => say("O2", "was not done"),
        refund::State::Failed if live && given_back => say("O3", "was done"),
        refund::State::Processing if given_back => say("O2", "was done"),
        refund::State::Processing if !refund.unknown => say("O2", "nobody cares"),
        _ => None,
    }
}

fn payout_is_wrong(payout: &Payout, books: &Books, world: &World) -> Option<Wrong> {
    use payout::State as S;
    let seen = world.payout(payout.reference.as_str());
    let status = seen.map(|seen| seen.status);
    let say = |oracle, what: &str| Some((oracle, format!("payout {} is {} and {what}", payout.id, payout.status())));
    let cancel = books.of(payout.id.as_str(), Kind::PayoutCancel).find(|a| !a.state.is_final());
    match (payout.state, status) {
        (S::Created | S::Failed, Some(_)) => say("O3", "was taken"),
        (S::Processing, Some(_)) => say("O2", "was taken"),
        (S::Processing, None) if !payout.unknown => say("O2", "nobody cares"),
        (S::Paid, status) if status != Some(PayoutStatus::Funded) => say("O2", "was not executed"),
        (S::Pending, _) => say("O2", "is still waited for"),
        (S::Canceled, Some(status)) if status != PayoutStatus::Cancelled => say("O3", "was not taken back"),
        (_, Some(_)) if cancel.is_some() => say("O2", "its cancel is undecided"),
        _ => None,
    }
}

/// O5, the other way round: everything that Payoneer did for us is in our books.
fn world_is_known(books: &Books, world: &World, foreign: &BTreeSet<String>) -> Vec<Wrong> {
    let same = |ours: &str, theirs: &str| ours.eq_ignore_ascii_case(theirs);
    let charges = world.charges().map(|c| c.client_reference_id.as_str()).filter(|reference| {
        !foreign.contains(&reference.to_lowercase())
            && !books.charges.iter().any(|c| same(c.reference.as_str(), reference))
    });
    let payouts = world.payouts().map(|p| p.client_reference_id.as_str());
    let payouts = payouts.filter(|r| !books.payouts.iter().any(|p| same(p.reference.as_str(), r)));
    charges
        .chain(payouts)
        .map(|reference| ("O5", format!("Payoneer did {reference}, of which we know nothing")))
        .collect()
}

/// A mandate that is shown as active although Payoneer has long released or blocked the payee, with nobody to notice.
fn mandates_agree(store: &Store, program: &Program, world: &World) -> Vec<Wrong> {
    let page = Page { before: None, limit: 100 };
    let mandates = now(store.read(store::mandates::page(&program.id, &page))).unwrap();
    let released = |m: &&domain::mandate::Mandate| {
        m.state == domain::mandate::State::Active && world.payee(m.payee_id.as_str()).is_none()
    };
    let wrong = mandates.iter().filter(released);
    wrong.map(|m| ("mandates", format!("payee {} is active here and released at Payoneer", m.payee_id))).collect()
}

/// O7: each change has one event, and the events alone lead to the stored state.
fn events_are_wrong(store: &Store, program: &Program, books: &Books, plant: Option<Plant>) -> Vec<Wrong> {
    let of = |subject: &str| {
        let filter = store::events::Filter::Subject(subject.to_owned());
        let events = now(store.read(store::events::after(&program.id, 0, &filter, 10_000))).unwrap();
        sabotage::events(plant, events)
    };
    let mut wrong = Vec::new();
    for charge in &books.charges {
        let events = of(charge.id.as_str());
        let states: Vec<_> = events.iter().filter_map(|stored| charge::apply(stored.event.kind)).collect();
        if states.last() != Some(&(charge.state, charge.unknown)) {
            wrong.push(("O7", format!("the events of {} lead to {:?}", charge.id, states.last())));
        }
        if states.windows(2).any(|pair| pair[0] == pair[1]) {
            wrong.push(("O7", format!("a change of {} has two events", charge.id)));
        }
    }
    let latest = |subject: &str| {
        let events = of(subject);
        let kinds: Vec<String> = events.iter().map(|stored| stored.event.kind.to_string()).collect();
        let doubled = kinds.windows(2).any(|pair| pair[0] == pair[1]);
        // That a person must look changes no state.
        let last = kinds.iter().rfind(|kind| !kind.ends_with(".needs_attention"));
        (last.cloned().unwrap_or_default(), doubled)
    };
    let refunds = books.refunds.iter().map(|r| (r.id.to_string(), format!("refund.{}", r.status())));
    let payouts = books.payouts.iter().map(|p| (p.id.to_string(), format!("payout.{}", p.status())));
    for (id, expected) in refunds.chain(payouts) {
        let (last, doubled) = latest(&id);
        if last != expected || doubled {
            wrong.push(("O7", format!("the last event of {id} is {last}, not {expected}, or one came twice")));
        }
    }
    wrong
}

/// O6: for every reference the program's balance moved by as much in both journals.
fn money_differs(store: &Store, books: &Books, stage: &Stage) -> Vec<Wrong> {
    let Stage { world, foreign, .. } = stage;
    let mut wrong: Vec<Wrong> = world.journal().audit().faults.into_iter().map(|fault| ("O6", fault)).collect();
    let theirs = |reference: &str| -> i64 {
        let entries = world.journal().entries().iter();
        let of = entries.filter(|e| e.subject.as_deref().is_some_and(|s| s.eq_ignore_ascii_case(reference)));
        of.flat_map(|entry| &entry.legs).filter(|leg| leg.purse == Purse::Program).map(|leg| leg.change).sum()
    };
    let ours = |subject: &str| -> i64 {
        let entries = sabotage::journal(stage.plant, now(store.read(store::journal::of_subject(subject))).unwrap());
        entries.iter().map(|e| if e.credit == "program" { e.money.minor() } else { -e.money.minor() }).sum()
    };
    let contested = |c: &Charge| books.of(c.id.as_str(), Kind::Charge).any(Attempt::is_contested);
    let charges =
        books.charges.iter().filter(|c| !contested(c) && !foreign.contains(&c.reference.as_str().to_lowercase()));
    let charges = charges.map(|c| (c.id.as_str(), c.reference.as_str()));
    let payouts = books.payouts.iter().map(|p| (p.id.as_str(), p.reference.as_str()));
    for (subject, reference) in charges.chain(payouts) {
        let (ours, theirs) = (ours(subject), theirs(reference));
        if ours != theirs {
            wrong.push(("O6", format!("{subject}: our journal says {ours}, Payoneer's {theirs}")));
        }
    }
    wrong
}

/// No job is left but the question about each attempt that is still unknown, and each of those has one.
fn jobs_are_left(store: &Store, books: &Books) -> Vec<Wrong> {
    let far = Time::from_micros(i64::MAX / 4);
    let leases = now(store.take(store::jobs::lease("oracle", far, far, 10_000))).unwrap();
    let unknown = |id: &str| books.attempts.iter().any(|a| a.id.as_str() == id && a.state == State::Unknown);
    let wanted = |lease: &job::Lease| lease.kind == job::Kind::Resolve && unknown(&lease.subject);
    let left = leases.iter().filter(|lease| !wanted(lease));
    let mut wrong: Vec<Wrong> =
        left.map(|lease| ("jobs", format!("left over: {} of {}", lease.kind, lease.subject))).collect();
    let asked = |a: &&Attempt| leases.iter().any(|lease| lease.subject == a.id.as_str());
    let open = books.attempts.iter().filter(|a| !a.state.is_final());
    wrong.extend(open.filter(|a| !asked(a)).map(|a| ("jobs", format!("nobody asks about attempt {}", a.id))));
    wrong
}
