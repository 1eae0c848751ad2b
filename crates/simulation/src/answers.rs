//! The oracles about what merchants are told: one key, one reference, one purpose; the body that was asked for; nothing
//! done behind somebody who was told that nothing was.

use crate::oracle::{Books, Wrong, at_payoneer};
use crate::stage::{Said, Told};
use domain::charge::State;
use sandbox::world::World;
use std::collections::{BTreeMap, BTreeSet};

/// One key has one answer (O9), and so has one reference; one purpose has one undecided charge. Holds at any time.
pub(crate) fn contradict(books: &Books, told: &[Told]) -> Option<Wrong> {
    let mut keys: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut references: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut purposes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for told in told {
        let Said::Is(id) = &told.said else { continue };
        keys.entry(&told.key).or_default().insert(id);
        if let Some(reference) = &told.reference {
            references.entry(reference).or_default().insert(id);
        }
        if let Some(purpose) = &told.purpose {
            purposes.entry(purpose).or_default().insert(id);
        }
    }
    let undecided = |ids: &BTreeSet<&str>| {
        let charges = books.charges.iter().filter(|charge| ids.contains(charge.id.as_str()));
        charges.filter(|charge| matches!(charge.state, State::Processing | State::RequiresAction)).count()
    };
    let key = keys.iter().find(|(_, ids)| ids.len() > 1);
    let reference = references.iter().find(|(_, ids)| ids.len() > 1);
    let purpose = purposes.iter().find(|(_, ids)| undecided(ids) > 1);
    key.map(|(key, ids)| ("O9", format!("key {key} was answered with {ids:?}")))
        .or_else(|| reference.map(|(name, ids)| ("O9", format!("reference {name} belongs to {ids:?}"))))
        .or_else(|| purpose.map(|(name, ids)| ("purpose", format!("{name} has two undecided charges of {ids:?}"))))
}

/// Who was answered with a charge had asked for just that.
pub(crate) fn bodies_differ(books: &Books, told: &[Told]) -> Vec<Wrong> {
    let differs = |told: &&Told| {
        let Said::Is(id) = &told.said else { return false };
        let charge = books.charges.iter().find(|charge| charge.id.as_str() == id.as_str());
        charge.is_some_and(|charge| told.cents.is_some_and(|cents| cents != charge.money.minor()))
    };
    let wrong = told.iter().filter(differs);
    wrong
        .map(|told| ("answers", format!("{:?} was the answer to another body under {}", told.said, told.key)))
        .collect()
}

/// Who was told each time that nothing was done must not be charged, nor paid.
pub(crate) fn are_broken(books: &Books, world: &World, told: &[Told]) -> Vec<Wrong> {
    let charged = books.charges.iter().filter(|charge| at_payoneer(world, charge).is_some());
    let charged = charged.map(|charge| (charge.id.to_string(), charge.idempotency_key.as_str()));
    let paid = books.payouts.iter().filter(|payout| world.payout(payout.reference.as_str()).is_some());
    let paid = paid.map(|payout| (payout.id.to_string(), payout.idempotency_key.as_str()));
    let denied = |key: &str| {
        let mut answers = told.iter().filter(|told| told.key == key).peekable();
        answers.peek().is_some() && answers.all(|told| matches!(told.said, Said::NotDone(_)))
    };
    let denied = charged.chain(paid).filter(|(_, key)| denied(key));
    denied.map(|(id, _)| ("answers", format!("{id} was done, and the merchant was told it was not"))).collect()
}
