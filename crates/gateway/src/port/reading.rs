//! The pure half of the line in dialect v2: what our requests say, and what Payoneer's answers mean in the gateway's
//! words. What a reply proves is the crate `payoneer`'s judgement. No I/O, so that a simulation reads as the line does.

use super::{Balance, ChargeSeen, PayoutSeen, PayoutStage, Sent};
use domain::attempt::{Attempt, DUPLICATE_REFERENCE, Evidence, Failure, Finding, MISMATCH};
use domain::charge::Charge;
use domain::mandate::Observed;
use domain::payout::Payout;
use domain::{Currency, Money, Reference};
use payoneer::proof::{Doubt, Expected, Proof};
use payoneer::v2::charges::{ChargeReport, ChargeStatus, CreateCharge};
use payoneer::v2::payees::{PayeeReport, PayeeStatus};
use payoneer::v2::payouts::{CreatePayout, PayoutReport, PayoutStatus};
use payoneer::{Amount, Code, Error};
use serde::Deserialize;

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

fn amount(money: Money) -> Result<Amount, String> {
    Amount::from_hundredths(money.hundredths().map_err(text)?).map_err(text)
}

pub(super) fn reference(reference: &Reference) -> Result<payoneer::Reference, String> {
    payoneer::Reference::new(reference.as_str()).map_err(text)
}

/// The body of a charge request; an error says what the wire cannot carry.
pub fn charge_body(charge: &Charge) -> Result<Vec<u8>, String> {
    let request = CreateCharge::new(
        payoneer::PayeeId::new(charge.payee_id.as_str()).map_err(text)?,
        amount(charge.money)?,
        payoneer::Currency::new(charge.money.currency().code()).map_err(text)?,
        reference(&charge.reference)?,
        payoneer::Description::new(charge.description.as_str()).map_err(text)?,
    );
    Ok(request.map_err(text)?.to_bytes().to_vec())
}

/// The body of a payout request; an error says what the wire cannot carry.
pub fn payout_body(payout: &Payout) -> Result<Vec<u8>, String> {
    let request = CreatePayout::new(
        payoneer::PayeeId::new(payout.payee_id.as_str()).map_err(text)?,
        amount(payout.money)?,
        Some(payoneer::Currency::new(payout.money.currency().code()).map_err(text)?),
        reference(&payout.reference)?,
        payoneer::Description::new(payout.description.as_str()).map_err(text)?,
    );
    Ok(request.map_err(text)?.to_bytes().to_vec())
}

/// What our own stored body says; what comes back is held against it.
#[derive(Deserialize)]
struct Body {
    payee_id: Option<String>,
    amount: Option<Amount>,
    currency: Option<String>,
}

/// What an answer to an attempt has to agree with.
pub fn expected(attempt: &Attempt) -> Expected {
    let mut expected = Expected::reference(attempt.reference.as_str());
    if let Ok(Body { payee_id, amount, currency }) = serde_json::from_slice(&attempt.body) {
        expected.payee_id = payee_id;
        expected.amount = amount;
        expected.currency = currency;
    }
    expected
}

fn failure(problem: &payoneer::Problem) -> Failure {
    Failure {
        code: problem.code.to_string(),
        description: problem.description.clone(),
        hint: problem.hint.clone(),
        audit_id: problem.audit_id,
    }
}

/// The domain's word for a doubt: ours first, so that code can tell, then a sentence for people.
fn doubt(doubt: &Doubt) -> String {
    let word = match doubt {
        Doubt::DuplicateReference(_) => DUPLICATE_REFERENCE,
        Doubt::Mismatch(_) => MISMATCH,
        other => other.name(),
    };
    format!("{word}: {doubt}")
}

/// What came of a request that can move money.
pub fn sent(answer: payoneer::proof::Answer) -> Sent {
    let mut provider_payout_id = None;
    let finding = match answer.proof {
        Proof::Done(receipt) => {
            provider_payout_id = receipt.payout_id;
            Finding::Succeeded(Evidence::Reply)
        }
        Proof::Declined(problem) => Finding::Declined(Evidence::Reply, failure(&problem)),
        Proof::NeverSent(cause) => Finding::NeverSent(cause.to_string()),
        Proof::Unknown(why) => Finding::Unknown(doubt(&why)),
    };
    Sent { finding, exchange: serde_json::to_string(&answer.exchange).ok(), provider_payout_id }
}

fn is_not_found(error: &Error, code: Code) -> bool {
    matches!(error, Error::Refused(problem) if problem.code == code)
}

/// What a status query shows of a charge.
pub fn charge(of: &Reference, answer: Result<ChargeReport, Error>) -> Result<ChargeSeen, Error> {
    match answer {
        Ok(report) => Ok(match report.status {
            _ if report.repeated.contradiction(&Expected::reference(of.as_str())).is_some() => {
                ChargeSeen::Other(format!("{} of another reference", report.raw))
            }
            ChargeStatus::Transferred => ChargeSeen::Transferred,
            ChargeStatus::Refunded => ChargeSeen::Refunded,
            ChargeStatus::Cancelled => ChargeSeen::Cancelled,
            ChargeStatus::Pending | ChargeStatus::Other(_) => ChargeSeen::Other(report.raw),
        }),
        // Which code says "no such charge" is not public; payouts use this one.
        Err(error) if is_not_found(&error, Code::PayoutNotFound) => Ok(ChargeSeen::NotFound),
        Err(error) => Err(error),
    }
}

/// What a status query shows of a payout.
pub fn payout(answer: Result<PayoutReport, Error>) -> Result<PayoutSeen, Error> {
    match answer {
        Ok(report) => {
            let currency = report.repeated.currency.as_deref().and_then(|code| Currency::parse(code).ok());
            let money = report.repeated.amount.zip(currency);
            Ok(PayoutSeen::Found {
                stage: match report.status {
                    PayoutStatus::Funded => PayoutStage::Paid,
                    PayoutStatus::Cancelled => PayoutStage::Cancelled,
                    PayoutStatus::Pending | PayoutStatus::Other(_) => PayoutStage::Waiting(report.raw),
                },
                provider_payout_id: report.payout_id,
                payee_id: report.repeated.payee_id,
                money: money.and_then(|(a, c)| Money::from_hundredths(a.hundredths(), c).ok()),
            })
        }
        Err(error) if is_not_found(&error, Code::PayoutNotFound) => Ok(PayoutSeen::NotFound),
        Err(error) => Err(error),
    }
}

/// What a status query shows of a payee.
pub fn payee(answer: Result<PayeeReport, Error>) -> Result<Observed, Error> {
    match answer {
        Ok(report) => Ok(match report.status {
            PayeeStatus::Active => Observed::Active,
            PayeeStatus::Inactive => Observed::Inactive,
            // A word nobody has seen is no permission.
            PayeeStatus::Pending | PayeeStatus::Other(_) => Observed::Pending,
        }),
        Err(error) if is_not_found(&error, Code::PayeeNotFound) => Ok(Observed::NotFound),
        Err(error) => Err(error),
    }
}

/// What the program has. A program has one currency; where a reply names none it is taken to be US dollars, as in
/// every public sample.
pub fn balance(report: &payoneer::Balance) -> Result<Balance, Error> {
    let currency = Currency::parse(report.currency.as_deref().unwrap_or("USD")).map_err(|_| unlikely())?;
    let money = |amount: Amount| Money::from_hundredths(amount.hundredths(), currency).ok();
    let fees_due = report.fees_due.and_then(money);
    Ok(Balance { money: money(report.balance).ok_or_else(unlikely)?, fees_due })
}

/// Our own limits are at most Payoneer's, so this needs a bug or an answer that makes no sense.
pub(super) fn unlikely() -> Error {
    Error::Unexpected {
        http_status: 0,
        oddity: payoneer::error::Oddity::Contradiction,
        retry_after_seconds: None,
        excerpt: String::new(),
    }
}
