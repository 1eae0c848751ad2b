//! What the gateway's API and the sandbox say after a journey. Pages are not believed.

use api::charge::Evidence;
use api::{AttemptStatus, ChargeStatus, CheckoutSession, CheckoutSessionStatus, MandateStatus, Outcome};
use serde_json::Value;

use crate::house::{AMOUNT, eventually};
use crate::stage::Stage;

/// The payee may be charged, Payoneer says so too, and told us by a callback.
pub(super) async fn authorised(stage: &Stage, payee_id: &str, email: &str) {
    let house = &stage.house;
    assert_eq!(house.mandate(payee_id).await, MandateStatus::Active);
    let payees = house.payoneer.payees(payee_id).await;
    assert_eq!(payees.len(), 1);
    assert_eq!(payees[0]["status"], "ACTIVE", "{}", payees[0]);
    house.callback(&["APPROVED=true", &format!("payeeid={payee_id}")]).await;
    assert_eq!(house.payoneer.dollars(email).await, balance(email), "authorising costs nothing");
}

/// What the account holds before it pays.
fn balance(email: &str) -> &'static str {
    if email == "existing@sandbox.example" { "250.00" } else { "100.00" }
}

/// Taken exactly once, and everybody agrees.
pub(super) async fn paid_once(stage: &Stage, checkout: &CheckoutSession, email: &str, evidence: Evidence) {
    let house = &stage.house;
    let payee_id = checkout.payee_id.as_str();
    let charges = house.charges(payee_id).await;
    assert_eq!(charges.len(), 1, "{charges:?}");
    let charge = house.gateway.charge(&charges[0].id).await.unwrap();
    assert_eq!((charge.status, charge.outcome), (ChargeStatus::Succeeded, Outcome::Done), "{charge:?}");
    assert_eq!((charge.amount.as_str(), charge.currency.as_str()), (AMOUNT, "USD"));
    assert_eq!(charge.description, stage.words.goods);
    assert_eq!(charge.client_reference_id, checkout.client_reference_id);
    let attempts: Vec<_> = charge.attempts.iter().map(|attempt| (attempt.status, attempt.evidence)).collect();
    assert_eq!(attempts, [(AttemptStatus::Succeeded, Some(evidence))]);

    let session = house.gateway.checkout_session(&checkout.id).await.unwrap();
    assert_eq!((session.status, session.charge), (CheckoutSessionStatus::Complete, Some(charge.id.clone())));

    assert_eq!(house.line.charges(), 1, "requests for a charge that were sent to Payoneer");
    let transferred = eventually("the charge is transferred", async || {
        let charges = house.payoneer.charges(payee_id).await;
        assert_eq!(charges.len(), 1, "{charges:?}");
        charges.into_iter().find(|charge| charge["status"] == "Transferred")
    });
    let theirs = transferred.await;
    assert_eq!(theirs["client_reference_id"], Value::from(charge.reference.as_str()));
    assert_eq!((&theirs["amount"], &theirs["currency"]), (&Value::from(AMOUNT), &Value::from("USD")));
    let account = format!("account/{}", theirs["account"].as_str().unwrap());
    let mut legs = house.payoneer.taken(&charge.reference).await;
    legs.sort();
    assert_eq!(legs, [(account, -1_250), ("transit/charges".to_owned(), 1_250)]);
    let left = if balance(email) == "250.00" { "237.50" } else { "87.50" };
    assert_eq!(house.payoneer.dollars(email).await, left);
    assert!(house.payoneer.balanced().await);
}

/// Nothing was charged, nothing was sent, and nothing can be.
pub(super) async fn nothing_charged(stage: &Stage, checkout: &CheckoutSession) {
    let house = &stage.house;
    let refused = house
        .gateway
        .create_charge(
            "in-spite-of-it",
            &api::CreateCharge {
                payee_id: checkout.payee_id.clone(),
                amount: checkout.amount.clone(),
                currency: checkout.currency.clone(),
                description: checkout.description.clone(),
                client_reference_id: None,
                purpose: None,
                metadata: None,
            },
        )
        .await;
    let refused = refused.expect_err("a charge without permission");
    let problem = refused.problem().expect("a problem");
    assert_eq!((problem.code, problem.outcome), (api::Code::PayeeNotAuthorized, Outcome::None), "{problem:?}");

    assert_eq!(house.charges(&checkout.payee_id).await, []);
    let session = house.gateway.checkout_session(&checkout.id).await.unwrap();
    assert_eq!((session.status, session.charge), (CheckoutSessionStatus::Open, None));
    assert_eq!(house.line.charges(), 0, "requests for a charge that were sent to Payoneer");
    assert!(house.payoneer.charges(&checkout.payee_id).await.is_empty());
    assert!(house.payoneer.balanced().await);
    assert_eq!(house.shop.visits(&house.shop.success_url()), 0, "the shop was not told of a success");
}
