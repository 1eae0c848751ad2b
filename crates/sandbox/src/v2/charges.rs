//! Calls about charges: create, status, cancel.
//! Decides codes and words; the money moves in the world.

use super::body::Body;
use super::refused;
use super::reply::{Bad, Good, Node};
use crate::provenance::{self as p, Behaviour};
use crate::world::{
    Arrival, ChargeStatus, Currency, NewPayment, Refusal, SameReference, StatusAbsent, SuccessWord, World,
};

/// The rows that a create call's errors name.
pub(super) struct Rows {
    pub(super) amount: &'static Behaviour,
    pub(super) currency: &'static Behaviour,
}

/// Reads what charges and payouts have in common. `currency` is taken when the body names none.
pub(super) fn read(body: &Body, rows: &Rows, currency: Option<Currency>) -> Result<NewPayment, Bad> {
    let payee_id = body.required("payee_id", 50)?;
    let client_reference_id = reference(body)?;
    let description = body.required("description", 150)?;
    let amount = body.amount("amount")?.map_err(|e| {
        Bad::business(rows.amount, 400, 10403, "Invalid amount or currency").hint(format!("amount is {e}"))
    })?;
    let currency = match (body.text("currency")?, currency) {
        (Some(text), _) => Currency::parse(&text)
            .ok_or_else(|| Bad::business(rows.currency, 400, 10302, "Invalid currency").hint("Use three letters"))?,
        (None, Some(currency)) => currency,
        (None, None) => return Err(Bad::field("currency is required")),
    };
    Ok(NewPayment { client_reference_id, payee_id, amount, currency, description })
}

fn reference(body: &Body) -> Result<String, Bad> {
    let reference = body.required("client_reference_id", 50)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-^()@/!# $.:".contains(&b);
    if !reference.bytes().all(allowed) {
        return Err(Bad::field("client_reference_id must be letters, digits, spaces or _-^()@/!#$.:"));
    }
    Ok(reference)
}

/// The error for a currency that is not the program's.
pub(super) fn foreign(row: &'static Behaviour, world: &World) -> Bad {
    let hint = format!("The program's currency is {}", world.program().currency);
    Bad::business(row, 400, 10403, "Invalid amount or currency").hint(hint)
}

/// The error for an inactive payee.
pub(super) fn inactive(row: &'static Behaviour) -> Bad {
    Bad::business(row, 400, 10009, "Action cannot be performed because payee is inactive")
}

/// The error for too little money.
pub(super) fn short(row: &'static Behaviour) -> Bad {
    Bad::business(row, 400, 10301, "Insufficient funds")
}

pub(super) fn create(world: &mut World, body: &Body, arrived: Option<Arrival>) -> Result<Good, Bad> {
    let rows = Rows { amount: &p::CHARGE_AMOUNT, currency: &p::CHARGE_CURRENCY };
    let new = read(body, &rows, None)?;
    let is_again = world.charge(&new.client_reference_id).is_some();
    match world.create_charge_arrived(new, arrived) {
        Ok(_) => Ok(Good::new(if is_again { &p::CHARGE_REFERENCE_FREE } else { &p::CHARGE }).effect()),
        Err(Refusal::Duplicate) if world.settings().same_reference == SameReference::Replayed => {
            Ok(Good::new(&p::CHARGE_REPLAYED))
        }
        Err(Refusal::Duplicate) => Err(Bad::business(&p::CHARGE_DUPLICATE, 400, 10704, "Charge already exists")
            .hint("client_reference_id was used before")),
        Err(Refusal::NotAuthorised) => {
            Err(Bad::business(&p::CHARGE_NOT_AUTHORISED, 400, 10700, "Payee has not authorized charges")
                .hint("Please ensure that the payee has registered with Payoneer"))
        }
        Err(Refusal::Inactive) => Err(inactive(&p::CHARGE_INACTIVE)),
        Err(Refusal::Short) => Err(short(&p::CHARGE_SHORT)),
        Err(Refusal::Currency) => Err(foreign(&p::CHARGE_AMOUNT, world)),
        Err(other) => Err(refused(&other)),
    }
}

const UNKNOWN: &str = "Cannot find charge with the specified Client Reference ID";

/// The error for a status query of a reference that nothing is known of.
fn absent(world: &World) -> Bad {
    match world.settings().status_absent {
        StatusAbsent::Empty => Bad { empty: true, ..Bad::business(&p::CHARGE_ABSENT, 404, 404, UNKNOWN) },
        StatusAbsent::NotFound => Bad::business(&p::CHARGE_UNKNOWN, 404, 10311, UNKNOWN),
        StatusAbsent::BadRequest => Bad::business(&p::CHARGE_ABSENT, 400, 10311, UNKNOWN),
    }
}

pub(super) fn status(world: &World, reference: &str) -> Result<Good, Bad> {
    let charge = world.visible_charge(reference).ok_or_else(|| absent(world))?;
    let word = match (charge.status, world.settings().charge_success_word) {
        (ChargeStatus::Pending, _) => "Pending",
        (ChargeStatus::Transferred, SuccessWord::Transferred) => "Transferred",
        (ChargeStatus::Transferred, SuccessWord::Done) => "DONE",
        (ChargeStatus::Refunded, _) => "Refunded",
        (ChargeStatus::Failed, _) => "Failed",
    };
    Ok(Good::new(&p::CHARGE_STATUS).with("status", Node::text(word)))
}

pub(super) fn cancel(world: &mut World, reference: &str) -> Result<Good, Bad> {
    match world.cancel_charge(reference) {
        Err(Refusal::NotFound(_)) => Err(Bad::business(&p::CHARGE_UNKNOWN, 404, 10311, UNKNOWN)),
        Ok(()) => Ok(Good::new(&p::CHARGE_CANCEL).effect()),
        Err(Refusal::Short) => Err(short(&p::CHARGE_CANCEL_REFUSED)),
        Err(Refusal::Conflict { .. }) => {
            Err(Bad::business(&p::CHARGE_CANCEL_REFUSED, 400, 10705, "Charge cannot be cancelled"))
        }
        Err(other) => Err(refused(&other)),
    }
}
