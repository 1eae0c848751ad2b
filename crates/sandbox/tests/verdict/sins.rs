//! Deliberately wrong clients, each convicted of its own sin and of nothing else.

use std::collections::BTreeSet;

use axum::http::Method;
use sandbox::Options;
use sandbox::verdict::{Kind, Level};
use sandbox::world::{Amount, Currency, NewPayment};
use serde_json::json;

use super::client::{Client, Receiver};

/// What is found: exactly this kind, once. Every finding has its lines, and the verdict is clean only without violations.
fn convicted(client: &Client, kind: Kind) {
    let verdict = client.sandbox.verdict();
    let found: Vec<Kind> = verdict.findings.iter().map(|f| f.kind).collect();
    assert_eq!(found, [kind], "{verdict}");
    assert_eq!(verdict.clean, kind.level() != Level::Violation);
    let [finding] = verdict.findings.as_slice() else { panic!("one finding") };
    assert_eq!(finding.explanation, kind.english());
    assert!(finding.reproduction.starts_with("tollgate sandbox --seed 1"), "{}", finding.reproduction);
    assert!(!finding.reproduction.contains('\n'));
}

#[tokio::test]
async fn sends_under_a_new_reference() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    assert_eq!(client.charge("1.20", "a-2").await, (200, 0));
    convicted(&client, Kind::PaidTwice);
    let verdict = client.sandbox.verdict();
    assert!(verdict.payments.iter().all(|p| p.outcome == Kind::PaidTwice), "{:?}", verdict.payments);
    let fault = r#"{"fault":{"cut":"after_apply_before_reply","kind":"reset"},"operation":"create_charge"}"#;
    let line = &verdict.findings[0].reproduction;
    assert!(line.contains(&format!("curl $S/faults -d '{fault}'; curl -u $USER -X POST $API/charges")), "{line}");
}

#[tokio::test]
async fn sends_under_a_new_reference_and_is_lucky() {
    let client = Client::start().await;
    client.charge_in_vain("1.20", "a-1").await;
    assert_eq!(client.look("a-1").await, (404, 10311));
    assert_eq!(client.charge("1.20", "a-2").await, (200, 0));
    convicted(&client, Kind::NewReferenceAfterAmbiguous);
}

#[tokio::test]
async fn charges_twice_for_one_intent() {
    let client = Client::start().await;
    for reference in ["a-1", "a-2"] {
        assert_eq!(client.charge("1.20", reference).await, (200, 0));
        client.says("order-1", "charge", "1.20", reference, "succeeded").await;
    }
    convicted(&client, Kind::PaidTwice);
}

#[tokio::test]
async fn pays_out_twice() {
    let client = Client::start().await;
    client.pay_out_unheard("3", "p-1").await;
    assert_eq!(client.pay_out("3", "p-2").await, (200, 0));
    convicted(&client, Kind::PaidOutTwice);
}

#[tokio::test]
async fn refunds_by_cancel_and_by_payout() {
    let client = Client::start().await;
    assert_eq!(client.charge("1.20", "a-1").await, (200, 0));
    assert_eq!(client.cancel("a-1").await, (200, 0));
    client.says("refund-1", "refund", "1.20", "a-1", "pending").await;
    assert_eq!(client.pay_out("1.20", "p-1").await, (200, 0));
    client.says("refund-1", "refund", "1.20", "p-1", "succeeded").await;
    convicted(&client, Kind::ReturnedTwice);
}

#[tokio::test]
async fn takes_another_amount_than_meant() {
    let client = Client::start().await;
    assert_eq!(client.charge("12.0", "a-1").await, (200, 0));
    client.says("order-1", "charge", "1.20", "a-1", "succeeded").await;
    convicted(&client, Kind::PaidWrong);
}

#[tokio::test]
async fn takes_a_time_out_for_a_failure() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    client.says("order-1", "charge", "1.20", "a-1", "failed").await;
    convicted(&client, Kind::ClientSaysFailedButPaid);
}

#[tokio::test]
async fn takes_not_found_for_a_failure() {
    let client = Client::start().await;
    client.charge_in_vain("1.20", "a-1").await;
    assert_eq!(client.look("a-1").await, (404, 10311));
    client.says("order-1", "charge", "1.20", "a-1", "failed").await;
    convicted(&client, Kind::FailureWithoutEvidence);
}

#[tokio::test]
async fn takes_a_refusal_for_a_success() {
    let client = Client::start().await;
    assert_eq!(client.charge("1000", "a-1").await, (400, 10301));
    client.says("order-1", "charge", "1000", "a-1", "succeeded").await;
    convicted(&client, Kind::ClientSaysPaidButNot);
}

#[tokio::test]
async fn says_paid_without_evidence() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    client.says("order-1", "charge", "1.20", "a-1", "succeeded").await;
    convicted(&client, Kind::SuccessWithoutEvidence);
}

#[tokio::test]
async fn believes_a_forged_callback() {
    let client = Client::start().await;
    let (receiver, url) = Receiver::start().await;
    client.sandbox.with_world(|w| {
        let mut settings = w.settings().clone();
        let template =
            serde_json::from_value(json!({ "url": format!("{url}/?paid={{{{IntPaymentId}}}}"), "method": "GET" }));
        settings.callbacks.insert(sandbox::world::Event::ChargeTransferred, template.unwrap());
        w.set_settings(settings).unwrap();
    });
    client.charge_in_vain("1.20", "a-1").await;
    assert_eq!(client.look("a-1").await, (404, 10311));
    client.says("order-1", "charge", "1.20", "a-1", "unknown").await;
    let claim = json!({ "event": "charge-transferred", "payee_id": "Test123", "client_reference_id": "a-1" });
    assert_eq!(client.operate("callbacks/forge", claim).await.0, 202);
    client.sandbox.settle_callbacks().await;
    for query in receiver.got() {
        assert_eq!(query, "paid=a-1");
        client.says("order-1", "charge", "1.20", "a-1", "succeeded").await;
    }
    convicted(&client, Kind::ActedOnForgedCallback);
}

/// A charge of another run of the client's, which this run cannot remember.
fn earlier_run(client: &Client, reference: &str) {
    let payment = NewPayment {
        client_reference_id: reference.to_owned(),
        payee_id: "Test123".to_owned(),
        amount: Amount::whole(1),
        currency: Currency::USD,
        description: "earlier".to_owned(),
    };
    client.sandbox.with_world(|w| w.create_charge(payment)).unwrap();
}

#[tokio::test]
async fn takes_a_duplicate_for_a_success() {
    let client = Client::start().await;
    earlier_run(&client, "a-1");
    assert_eq!(client.charge("1.00", "a-1").await, (400, 10704));
    client.says("order-1", "charge", "1.00", "a-1", "succeeded").await;
    convicted(&client, Kind::MisreadDuplicate);
}

#[tokio::test]
async fn takes_a_duplicate_for_a_failure() {
    let client = Client::start().await;
    earlier_run(&client, "a-1");
    assert_eq!(client.charge("1.00", "a-1").await, (400, 10704));
    client.says("order-1", "charge", "1.00", "a-1", "failed").await;
    convicted(&client, Kind::MisreadDuplicate);
}

#[tokio::test]
async fn sends_another_amount_under_the_same_reference() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    assert_eq!(client.look("a-1").await, (200, 0));
    assert_eq!(client.charge("1.30", "a-1").await, (400, 10704));
    assert_eq!(client.look("a-1").await, (200, 0));
    convicted(&client, Kind::SameReferenceOtherBytes);
}

#[tokio::test]
async fn sends_again_blindly() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    assert_eq!(client.charge("1.20", "a-1").await, (400, 10704));
    assert_eq!(client.look("a-1").await, (200, 0));
    convicted(&client, Kind::ResentBlindly);
}

#[tokio::test]
async fn refunds_again_blindly() {
    let client = Client::start().await;
    assert_eq!(client.charge("1.20", "a-1").await, (200, 0));
    client.cancel_unheard("a-1").await;
    assert_eq!(client.cancel("a-1").await, (200, 0));
    convicted(&client, Kind::ResentBlindly);
}

#[tokio::test]
async fn refunds_twice() {
    let client = Client::start().await;
    assert_eq!(client.charge("1.20", "a-1").await, (200, 0));
    assert_eq!(client.cancel("a-1").await, (200, 0));
    assert_eq!(client.cancel("a-1").await, (200, 0));
    convicted(&client, Kind::CancelSentAgain);
}

#[tokio::test]
async fn never_looks_after_a_reset() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    client.says("order-1", "charge", "1.20", "a-1", "pending").await;
    convicted(&client, Kind::NoStatusQuery);
}

#[tokio::test]
async fn writes_credentials_into_the_address() {
    let client = Client::start().await;
    let path = "payees/Test123/status?API_key=my-secret";
    assert_eq!(client.call(Method::GET, path, None).await, (200, 0));
    convicted(&client, Kind::CredentialsInUrl);
    assert!(!client.sandbox.verdict().to_string().contains("my-secret"));
}

#[tokio::test]
async fn asks_and_stays_ignorant() {
    let client = Client::start().await;
    client.charge_in_vain("1.20", "a-1").await;
    assert_eq!(client.look("a-1").await, (404, 10311));
    client.says("order-1", "charge", "1.20", "a-1", "unknown").await;
    convicted(&client, Kind::Unresolved);
    client.sandbox.assert_clean();
}

#[tokio::test]
async fn knows_and_says_nothing() {
    let client = Client::start().await;
    client.says("order-1", "charge", "1.20", "a-1", "pending").await;
    assert_eq!(client.charge("1.20", "a-1").await, (200, 0));
    convicted(&client, Kind::Unresolved);
}

#[tokio::test]
async fn asks_after_two_days() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    let later = client.sandbox.with_world(|w| w.now().plus_seconds(2 * 24 * 60 * 60));
    client.sandbox.advance_to(later).await;
    assert_eq!(client.look("a-1").await, (200, 0));
    convicted(&client, Kind::ResolvedLate);
}

#[tokio::test]
async fn misses_that_a_payout_came_back() {
    let client = Client::start().await;
    assert_eq!(client.pay_out("3", "p-1").await, (200, 0));
    client.says("payout-1", "payout", "3", "p-1", "succeeded").await;
    let later = client.sandbox.with_world(|w| w.now().plus_seconds(60));
    client.sandbox.advance_to(later).await;
    client.sandbox.with_world(|w| w.fail_payout("p-1", 30013, "closed")).unwrap();
    convicted(&client, Kind::MissedReturn);
}

#[tokio::test]
async fn ignores_retry_after() {
    let client = Client::start().await;
    client.charge_too_many("1.20", "a-1", 3_600).await;
    assert_eq!(client.look("a-1").await, (404, 10311));
    assert_eq!(client.charge("1.20", "a-1").await, (200, 0));
    convicted(&client, Kind::IgnoredRetryAfter);
}

#[tokio::test]
async fn asks_without_pause() {
    // Time passes here. Eleven of these hundred fall into one second unless a query takes a tenth of one.
    let client = Client::with(Options::for_tests()).await;
    assert_eq!(client.charge("1.20", "a-1").await, (200, 0));
    for _ in 0..100 {
        assert_eq!(client.look("a-1").await, (200, 0));
    }
    convicted(&client, Kind::Hammering);
}

#[tokio::test]
async fn calculates_in_floats() {
    let client = Client::start().await;
    assert_eq!(client.charge("1.2000001", "a-1").await, (400, 10403));
    convicted(&client, Kind::InexactAmount);
}

#[test]
fn every_kind_has_its_sinner() {
    let source = include_str!("sins.rs");
    let convicted: BTreeSet<&str> =
        source.split("convicted(&client, Kind::").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let kinds: BTreeSet<String> =
        Kind::ALL.iter().filter(|k| k.level() != Level::Fine).map(|k| format!("{k:?}")).collect();
    assert_eq!(convicted.into_iter().map(str::to_owned).filter(|k| k != "\"").collect::<BTreeSet<_>>(), kinds);
}

#[tokio::test]
#[should_panic(expected = "violation paid_twice [a-1, a-2]")]
async fn a_test_of_a_wrong_client_fails() {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    assert_eq!(client.charge("1.20", "a-2").await, (200, 0));
    client.sandbox.assert_clean();
}
