//! Calls about payouts and the program's balance.
//! Decides codes and words; the money moves in the world.

use super::body::Body;
use super::charges::{Rows, foreign, inactive, read, short};
use super::payees;
use super::refused;
use super::reply::{Bad, Good, Node};
use crate::provenance as p;
use crate::world::{Amount, PayoutStatus, Refusal, World};

pub(super) fn balance(world: &World) -> Good {
    Good::new(&p::BALANCE)
        .with("balance", Node::Money(world.program_balance()))
        .with("currency", Node::text(world.program().currency.as_str()))
        .with("fees_due", Node::Money(Amount::ZERO))
}

pub(super) fn create(world: &mut World, body: &Body) -> Result<Good, Bad> {
    let rows = Rows { amount: &p::PAYOUT_AMOUNT, currency: &p::PAYOUT_CURRENCY };
    let new = read(body, &rows, Some(world.program().currency))?;
    let group_id = body.optional("group_id", 250)?;
    let payout_date = body.optional("payout_date", 30)?;
    match world.create_payout(new, group_id, payout_date) {
        Ok(payout) => Ok(Good::new(&p::PAYOUT)
            .with("payout_id", Node::Text(payout.payout_id))
            .with("amount", Node::Money(payout.amount))
            .with("currency", Node::text(payout.currency.as_str()))
            .effect()),
        Err(Refusal::Duplicate) => Err(Bad::business(&p::PAYOUT_DUPLICATE, 400, 10304, "Payout already exists")),
        Err(Refusal::NotFound(_)) => Err(payees::unknown(400).under(&p::PAYOUT_PAYEE_UNKNOWN)),
        Err(Refusal::Inactive | Refusal::Pending) => Err(inactive(&p::PAYOUT_INACTIVE)),
        Err(Refusal::Short) => Err(short(&p::PAYOUT_SHORT)),
        Err(Refusal::Currency) => Err(foreign(&p::PAYOUT_AMOUNT, world)),
        Err(other) => Err(refused(&other)),
    }
}

const UNKNOWN: &str = "Cannot find payout with the specified Client Reference ID";

pub(super) fn status(world: &World, reference: &str) -> Result<Good, Bad> {
    let payout = world.visible_payout(reference);
    let payout = payout.ok_or_else(|| Bad::business(&p::PAYOUT_UNKNOWN, 404, 10311, UNKNOWN))?;
    let (status, category) = match payout.status {
        PayoutStatus::Pending => ("Pending", "Pending"),
        PayoutStatus::Funded => ("Funded", "Transferred"),
        PayoutStatus::Cancelled => ("Cancelled", "Cancelled"),
    };
    let good = Good::new(&p::PAYOUT_STATUS)
        .with("payout_id", Node::text(&payout.payout_id))
        .with("status", Node::text(status))
        .with("status_category", Node::text(category))
        .with("payee_id", Node::text(&payout.payee_id))
        .with("payout_date", Node::Text(payout.created_at.eastern_naive()))
        .with("amount", Node::Money(payout.amount))
        .with("currency", Node::text(payout.currency.as_str()));
    Ok(match payout.funded_at {
        Some(at) => good.with("load_date", Node::Text(at.eastern_naive())),
        None => good,
    })
}

pub(super) fn cancel(world: &mut World, reference: &str) -> Result<Good, Bad> {
    match world.cancel_payout(reference) {
        Err(Refusal::NotFound(_)) => Err(Bad::business(&p::PAYOUT_UNKNOWN, 404, 10311, UNKNOWN)),
        Ok(payout) => Ok(Good::new(&p::PAYOUT_CANCEL).with("payout_id", Node::Text(payout.payout_id)).effect()),
        Err(Refusal::Conflict { .. }) => {
            Err(Bad::business(&p::PAYOUT_CANCEL_REFUSED, 400, 10312, "Payout cannot be cancelled"))
        }
        Err(other) => Err(refused(&other)),
    }
}
