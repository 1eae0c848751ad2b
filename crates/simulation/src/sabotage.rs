//! Planted bugs that a gateway would have in its own books: what it would have written is written into the real store
//! from outside, or, where the store refuses that, is what the oracles are shown. The product has no switch for them.

use crate::plant::Plant;
use crate::run::now;
use crate::stage::Shared;
use domain::attempt::{self, Attempt, Evidence, Failure, Finding};
use domain::charge::{Charge, Command};
use domain::event::Event;
use domain::program::Program;
use domain::{EventId, Time, job};
use store::events::StoredEvent;
use store::journal::Entry;
use store::{Batch, Store};

const DAY: i64 = 24 * 3_600 * 1_000_000;

fn event_id(stage: &Shared, at: Time) -> EventId {
    let number = stage.lock().next_parcel();
    let mut random = [0; 10];
    random[..8].copy_from_slice(&number.to_be_bytes());
    EventId::new(at, random)
}

fn charges(store: &Store, program: &Program) -> Vec<(Charge, Vec<Attempt>)> {
    let filter = store::charges::Filter::default();
    let page = store::cells::Page { before: None, limit: 1_000 };
    let charges = now(store.read(store::charges::page(&program.id, &filter, &page))).unwrap();
    let of = |charge: Charge| {
        let attempts = now(store.read(store::attempts::of_subject(charge.id.as_str()))).unwrap();
        (charge, attempts)
    };
    charges.into_iter().map(of).collect()
}

/// Records for a charge's attempt what nobody has told, with the charge and the event that belong to it.
fn settle(store: &Store, program: &Program, stage: &Shared, charge: &Charge, before: &Attempt, finding: Finding) {
    let at = Time::from_micros(stage.lock().now);
    let (Ok(after), Ok(decision)) = (before.learn(&finding, at), {
        let after = before.learn(&finding, at);
        charge.decide(&Command::Learn(finding), after.as_ref().ok(), at)
    }) else {
        return;
    };
    let Some(kind) = decision.event else { return };
    let event = Event {
        id: event_id(stage, at),
        program: program.id.clone(),
        kind,
        subject: charge.id.to_string(),
        version: domain::event::VERSION,
        data: "{}".to_owned(),
        proof: None,
        created_at: at,
    };
    let batch = Batch::new()
        .with(store::attempts::update(&after, before))
        .with(store::charges::update(&decision.next))
        .with(store::events::insert(&event))
        .with(store::jobs::withdraw(job::Kind::Resolve, after.id.as_str()));
    now(store.commit(batch)).unwrap();
}

/// What a wrong restart would do: whatever was being sent counts as never sent.
pub(crate) fn restart(store: &Store, program: &Program, stage: &Shared) {
    if stage.lock().plant != Some(Plant::BackToPlanned) {
        return;
    }
    for (charge, attempts) in charges(store, program) {
        if let Some(before) = attempts.iter().find(|a| a.state == attempt::State::Sending) {
            settle(store, program, stage, &charge, before, Finding::NeverSent("planted".to_owned()));
        }
    }
}

/// What a wrong gateway would do to its own books, every now and then.
pub(crate) fn sabotage(store: &Store, program: &Program, stage: &Shared) {
    let (plant, at) = {
        let stage = stage.lock();
        (stage.plant, stage.now)
    };
    let Some(plant) = plant else { return };
    let drop_jobs = |kind: job::Kind, subjects: Vec<String>| {
        for subject in subjects {
            now(store.commit(Batch::new().with(store::jobs::withdraw(kind, &subject)))).unwrap();
        }
    };
    match plant {
        Plant::ConfirmIsForgotten => {
            let ids = charges(store, program).into_iter().map(|(charge, _)| charge.id.to_string());
            drop_jobs(job::Kind::Confirm, ids.collect());
        }
        Plant::ResolveIsForgotten => {
            let attempts = charges(store, program).into_iter().flat_map(|(_, attempts)| attempts);
            drop_jobs(job::Kind::Resolve, attempts.map(|a| a.id.to_string()).collect());
        }
        Plant::PayoutIsNotWatched => {
            let page = store::cells::Page { before: None, limit: 1_000 };
            let payouts = now(store.read(store::payouts::page(&program.id, &page))).unwrap();
            drop_jobs(job::Kind::WatchPayout, payouts.iter().map(|payout| payout.id.to_string()).collect());
        }
        Plant::UnknownFailsInTime | Plant::LeaseEndIsNeverSent => {
            let declined =
                Finding::Declined(Evidence::Reply, Failure { code: "planted".to_owned(), ..Failure::default() });
            for (charge, attempts) in charges(store, program) {
                let Some(before) = attempts.iter().find(|a| a.kind == attempt::Kind::Charge) else { continue };
                let old = |state, age| before.state == state && before.sent_at.micros() + age <= at;
                if plant == Plant::UnknownFailsInTime && old(attempt::State::Unknown, DAY) {
                    settle(store, program, stage, &charge, before, declined.clone());
                } else if plant == Plant::LeaseEndIsNeverSent && old(attempt::State::Sending, 45 * 1_000_000) {
                    settle(store, program, stage, &charge, before, Finding::NeverSent("planted".to_owned()));
                }
            }
        }
        Plant::EventComesTwice => {
            let all =
                now(store.read(store::events::after(&program.id, 0, &store::events::Filter::All, 10_000))).unwrap();
            let Some(last) = all.last().map(|stored| stored.event.clone()) else { return };
            if !all.iter().any(|stored| stored.event.data == "twice") {
                let at = Time::from_micros(at);
                let again = Event { id: event_id(stage, at), data: "twice".to_owned(), ..last };
                now(store.commit(Batch::new().with(store::events::insert(&again)))).unwrap();
            }
        }
        _ => {}
    }
}

/// The events of one subject, as the gateway with that bug would have left them.
pub(crate) fn events(plant: Option<Plant>, mut events: Vec<StoredEvent>) -> Vec<StoredEvent> {
    if plant == Some(Plant::EventIsForgotten) && events.len() > 1 {
        events.pop();
    }
    events
}

/// The journal of one subject, as the gateway with that bug would have left it.
pub(crate) fn journal(plant: Option<Plant>, mut entries: Vec<Entry>) -> Vec<Entry> {
    match plant {
        Some(Plant::JournalIsForgotten) => drop(entries.pop()),
        Some(Plant::JournalComesTwice) => entries.extend(entries.last().cloned()),
        Some(Plant::JournalIsWrong) => {
            for entry in entries.iter_mut().take(1) {
                let money = entry.money;
                entry.money = domain::Money::from_minor(money.minor() + 1, money.currency());
            }
        }
        Some(Plant::JournalIsBackwards) => {
            for entry in &mut entries {
                std::mem::swap(&mut entry.debit, &mut entry.credit);
            }
        }
        _ => {}
    }
    entries
}

/// The attempts, as the gateway with that bug would have left them.
pub(crate) fn attempts(shared: &Shared, mut attempts: Vec<Attempt>) -> Vec<Attempt> {
    let stage = shared.lock();
    if stage.plant == Some(Plant::LateReplyOverFinal) {
        // An answer that comes when the attempt is settled overwrites what settled it.
        for attempt in attempts.iter_mut().filter(|a| stage.late.contains(a.id.as_str())) {
            attempt.state = attempt::State::Unknown;
        }
    }
    if stage.plant == Some(Plant::SecondLiveAttempt) {
        let open = attempts.iter().find(|a| a.state == attempt::State::Unknown).cloned();
        attempts.extend(open.map(|a| Attempt { number: a.number + 1, ..a }));
    }
    attempts
}
