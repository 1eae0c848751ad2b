//! A correct client over real sockets: whatever happens to its answers, it is acquitted.
//! The thousand seeds are run inside the crate, where a request can be lost before it is applied.

use sandbox::verdict::Kind;
use sandbox::world::ClockMode;

use super::client::Client;

/// Sends once; asks until it knows; says nothing but what it knows.
async fn correct(client: &Client, order: usize, lost: bool) {
    let (intent, reference) = (format!("order-{order}"), format!("ref-{order}"));
    client.says(&intent, "charge", "1.20", &reference, "pending").await;
    if lost {
        client.charge_unheard("1.20", &reference).await;
        client.says(&intent, "charge", "1.20", &reference, "unknown").await;
        assert_eq!(client.look(&reference).await, (200, 0));
    } else {
        assert_eq!(client.charge("1.20", &reference).await, (200, 0));
    }
    client.says(&intent, "charge", "1.20", &reference, "succeeded").await;
}

#[tokio::test]
async fn a_correct_client_is_acquitted() {
    let client = Client::start().await;
    assert_eq!(client.sandbox.with_world(|w| w.clock().mode), ClockMode::Manual);
    for order in 0..40 {
        // Equal payments to one payee, told apart by the intents alone.
        correct(&client, order, order % 3 != 0).await;
    }
    // Refused for certain: the account is empty by then or the amount is too much.
    assert_eq!(client.charge("9999", "ref-x").await, (400, 10301));
    client.says("order-x", "charge", "9999", "ref-x", "failed").await;
    // A refund whose answer is lost, and asked for.
    client.cancel_unheard("ref-0").await;
    assert_eq!(client.look("ref-0").await, (200, 0));
    client.says("refund-0", "refund", "1.20", "ref-0", "succeeded").await;
    let verdict = client.sandbox.verdict();
    assert!(verdict.findings.is_empty(), "{verdict}");
    assert_eq!(verdict.payments.len(), 42);
    let paid = verdict.payments.iter().filter(|p| p.outcome == Kind::PaidOnce).count();
    // The refunded order's charge was given back as meant, and counts as a refund paid once.
    assert_eq!(paid, 40, "{:?}", verdict.payments);
    client.sandbox.assert_clean();
}
