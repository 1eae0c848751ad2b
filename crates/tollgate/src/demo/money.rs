//! The last check: what the gateway says of money and what the sandbox's
//! journal holds are laid side by side, in both directions.

use std::collections::BTreeMap;

use anyhow::ensure;
use client::api::{Charge, ChargeStatus, Payout, PayoutStatus};
use sandbox::world::{self, Amount};

use super::Stage;

/// One movement of money: who, how much, which currency, how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Movement {
    payee_id: String,
    amount: Amount,
    currency: String,
    state: &'static str,
}

/// Movements by kind and reference.
type Book = BTreeMap<(&'static str, String), Movement>;

/// Whether both sides agree, and the journal with itself.
pub(super) async fn agrees(stage: &Stage) -> anyhow::Result<String> {
    let mut ours = Book::new();
    for merchant in stage.books() {
        ours.extend(book(&merchant.charges().await?, &merchant.payouts().await?)?);
    }
    let (theirs, audit) = stage.sandbox().with_world(|world| (theirs(world), world.journal().audit()));
    ensure!(audit.balanced, "the sandbox's journal does not balance: {}", audit.faults.join("; "));
    compare(&ours, &theirs)?;
    Ok(format!(
        "{} movements of money, the same on both sides; {} journal entries sum to nothing",
        ours.len(),
        audit.entries
    ))
}

fn book(charges: &[Charge], payouts: &[Payout]) -> anyhow::Result<Book> {
    let mut book = Book::new();
    for charge in charges {
        let state = match charge.status {
            ChargeStatus::Succeeded => "taken",
            ChargeStatus::Refunded => "given back",
            ChargeStatus::Failed | ChargeStatus::Canceled | ChargeStatus::Created => continue,
            status => anyhow::bail!("charge {} is still {status}", charge.id),
        };
        let movement = movement(&charge.payee_id, charge.amount.as_str(), &charge.currency, state)?;
        book.insert(("charge", charge.reference.clone()), movement);
    }
    for payout in payouts {
        let state = match payout.status {
            PayoutStatus::Paid => "paid",
            PayoutStatus::Pending => "pending",
            PayoutStatus::Canceled => "taken back",
            PayoutStatus::Failed | PayoutStatus::Created => continue,
            status => anyhow::bail!("payout {} is still {status}", payout.id),
        };
        let movement = movement(&payout.payee_id, payout.amount.as_str(), &payout.currency, state)?;
        book.insert(("payout", payout.reference.clone()), movement);
    }
    Ok(book)
}

fn theirs(world: &world::World) -> Book {
    let charges = world.charges().filter_map(|charge| {
        let state = match charge.status {
            world::ChargeStatus::Pending | world::ChargeStatus::Transferred => "taken",
            world::ChargeStatus::Refunded => "given back",
            world::ChargeStatus::Failed => return None,
        };
        let movement = Movement {
            payee_id: charge.payee_id.clone(),
            amount: charge.amount,
            currency: charge.currency.to_string(),
            state,
        };
        Some((("charge", charge.client_reference_id.clone()), movement))
    });
    let payouts = world.payouts().map(|payout| {
        let state = match payout.status {
            world::PayoutStatus::Pending => "pending",
            world::PayoutStatus::Funded => "paid",
            world::PayoutStatus::Cancelled => "taken back",
        };
        let movement = Movement {
            payee_id: payout.payee_id.clone(),
            amount: payout.amount,
            currency: payout.currency.to_string(),
            state,
        };
        (("payout", payout.client_reference_id.clone()), movement)
    });
    charges.chain(payouts).collect()
}

fn movement(payee_id: &str, amount: &str, currency: &str, state: &'static str) -> anyhow::Result<Movement> {
    let amount = Amount::parse(amount).map_err(|_| anyhow::anyhow!("`{amount}` is no amount at Payoneer"))?;
    Ok(Movement { payee_id: payee_id.to_owned(), amount, currency: currency.to_owned(), state })
}

fn compare(ours: &Book, theirs: &Book) -> anyhow::Result<()> {
    for ((kind, reference), movement) in ours {
        match theirs.get(&(*kind, reference.clone())) {
            None => anyhow::bail!("the gateway has a {kind} {reference} that Payoneer does not know: {movement:?}"),
            Some(other) => {
                ensure!(movement == other, "the {kind} {reference} differs: {movement:?} here, {other:?} at Payoneer");
            }
        }
    }
    for ((kind, reference), movement) in theirs {
        ensure!(
            ours.contains_key(&(*kind, reference.clone())),
            "Payoneer has a {kind} {reference} that the gateway does not know: {movement:?}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Book, compare, movement};

    fn a_book(entries: &[(&'static str, &str, &str, &'static str)]) -> Book {
        let entries = entries.iter().map(|(kind, reference, amount, state)| {
            ((*kind, (*reference).to_owned()), movement("user-1", amount, "USD", state).unwrap())
        });
        entries.collect()
    }

    #[test]
    fn equal_books_agree_whatever_way_amounts_are_written() {
        let ours = a_book(&[("charge", "a", "12.5", "taken"), ("payout", "a", "5", "paid")]);
        let theirs = a_book(&[("charge", "a", "12.50", "taken"), ("payout", "a", "5.00", "paid")]);
        assert!(compare(&ours, &theirs).is_ok());
    }

    #[test]
    fn every_difference_is_found() {
        let ours = a_book(&[("charge", "a", "12.50", "taken")]);
        for theirs in [
            a_book(&[]),
            a_book(&[("charge", "a", "12.51", "taken")]),
            a_book(&[("charge", "a", "12.50", "given back")]),
            a_book(&[("charge", "a", "12.50", "taken"), ("charge", "b", "1.00", "taken")]),
            a_book(&[("payout", "a", "12.50", "taken")]),
        ] {
            assert!(compare(&ours, &theirs).is_err(), "{theirs:?}");
        }
    }
}
