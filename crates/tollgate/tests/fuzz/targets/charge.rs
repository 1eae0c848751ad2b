//! The body of `POST /v1/charges`: what is accepted means the same to every reader, what is refused did nothing.

use api::{CreateCharge, Outcome};
use domain::{Currency, Money};
use gateway::read_create_charge;
use serde_json::Value;

/// A body.
pub(super) fn create_charge(data: &[u8]) {
    let fingerprint = match read_create_charge(data) {
        Ok(fingerprint) => fingerprint,
        Err(problem) => {
            assert_eq!(problem.outcome, Outcome::None, "{problem:?}");
            assert!((400..500).contains(&problem.status), "a body is the caller's mistake: {problem:?}");
            assert!(!problem.detail.is_empty(), "{problem:?}");
            return;
        }
    };
    let value: Value = serde_json::from_slice(data).expect("what was accepted is JSON");
    let amount = value["amount"].as_str().expect("an amount is text, never a number");
    let body: CreateCharge = serde_json::from_value(value.clone()).expect("every reader reads it");
    assert_eq!(body.amount.as_str(), amount);
    let currency = Currency::parse(&body.currency).expect("a currency");
    let money = Money::parse(amount, currency).expect("an amount of it");
    assert!(money.minor() > 0);
    // Written again it is the same request; with another amount it is another one.
    let again = serde_json::to_vec(&body).expect("JSON");
    assert_eq!(read_create_charge(&again).expect("accepted before"), fingerprint);
    let other = CreateCharge { amount: api::Amount::new(if amount == "1" { "2" } else { "1" }), ..body };
    if let Ok(changed) = read_create_charge(&serde_json::to_vec(&other).expect("JSON")) {
        let one = Money::parse(other.amount.as_str(), currency).expect("an amount");
        assert_eq!(changed == fingerprint, one == money, "{amount}");
    }
}
