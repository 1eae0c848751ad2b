//! Faults after the reply: callbacks that are early, late, doubled, forged or missing, and payments that turn.

use payoneer::callback::hmacauth::{APP_NAME_SANDBOX, Rejection, Verifier};
use sandbox::faults::{Cut, Fault, Kind, NewRule};
use sandbox::world::{ChargeStatus, Event, Hmac, PayoutStatus, Secret, Settings, Style, Template};
use sandbox::{Options, Sandbox};

use crate::support::{Receiver, control, epoch, options, payment, start, v2};

/// A sandbox that calls a receiver back, signed, one fault set for the next call of `operation`.
async fn with(operation: &str, fault: Fault) -> (Sandbox, Receiver) {
    let (sandbox, receiver, _) = signed(operation, fault).await;
    (sandbox, receiver)
}

/// The same, and the receiver's address.
async fn signed(operation: &str, fault: Fault) -> (Sandbox, Receiver, String) {
    let (receiver, url) = Receiver::start(&[]).await;
    let hmac = Hmac {
        enabled: true,
        app_name: APP_NAME_SANDBOX.to_owned(),
        secret: Some(Secret::new("a secret of the merchant")),
    };
    let mut callbacks = Settings::example_callbacks(&url, Style::Get);
    let transferred = format!("{url}/?{}", Event::ChargeTransferred.example_query());
    callbacks.insert(Event::ChargeTransferred, Template { method: Style::Get, url: transferred });
    let settings = Settings { callbacks, hmac, ..Settings::default() };
    let sandbox = Sandbox::start(Options { settings, ..options() }).await.unwrap();
    sandbox.add_fault(NewRule::once(operation, fault)).unwrap();
    (sandbox, receiver, url)
}

async fn post(sandbox: &Sandbox, noun: &str) {
    assert_eq!(v2(sandbox, "POST", noun, &payment("Test123", "5", "r")).await.verdict(), (200, 0));
}

fn charge(sandbox: &Sandbox) -> ChargeStatus {
    sandbox.with_world(|w| w.charge("r").unwrap().status)
}

fn of(receiver: &Receiver, word: &str) -> usize {
    receiver.got().iter().filter(|g| g.target.contains(word)).count()
}

#[tokio::test]
async fn a_callback_overtakes_the_reply() {
    let (sandbox, receiver) = with("create_charge", Fault::new(Cut::CallbackBeforeReply, Kind::Pass)).await;
    post(&sandbox, "charges").await;
    // No time has passed and nobody waited: it was there before the reply was.
    assert_eq!((of(&receiver, "CHARGE=true"), charge(&sandbox)), (1, ChargeStatus::Transferred));
}

#[tokio::test]
async fn a_callback_never_comes() {
    let (sandbox, receiver) = with("create_charge", Fault::new(Cut::CallbackNever, Kind::Pass)).await;
    post(&sandbox, "charges").await;
    sandbox.advance_to(epoch().plus_seconds(86_400)).await;
    assert_eq!((receiver.got().len(), charge(&sandbox)), (0, ChargeStatus::Transferred));
}

#[tokio::test]
async fn callbacks_come_late_and_twice() {
    let late = Fault { seconds: Some(3_600), ..Fault::new(Cut::AfterReplyBeforeCallback, Kind::Late) };
    let (sandbox, receiver) = with("create_charge", late).await;
    post(&sandbox, "charges").await;
    sandbox.advance_to(epoch().plus_seconds(3_600)).await;
    assert_eq!(of(&receiver, "CHARGE=true"), 0);
    sandbox.advance_to(epoch().plus_seconds(3_700)).await;
    assert_eq!(of(&receiver, "CHARGE=true"), 1);

    let twice = Fault { copies: Some(3), ..Fault::new(Cut::AfterReplyBeforeCallback, Kind::Duplicate) };
    let (sandbox, receiver) = with("create_payout", twice).await;
    post(&sandbox, "payouts").await;
    sandbox.advance_to(epoch().plus_seconds(60)).await;
    assert_eq!((of(&receiver, "LOADiACH=true"), of(&receiver, "PAYMENT=true")), (3, 3));
}

#[tokio::test]
async fn a_forged_callback_lies_and_is_signed_wrongly() {
    let forged = Fault::new(Cut::AfterReplyBeforeCallback, Kind::Forged);
    let (sandbox, receiver, url) = signed("create_charge", forged).await;
    post(&sandbox, "charges").await;
    sandbox.settle_callbacks().await;
    assert_eq!((of(&receiver, "CHARGE=true"), charge(&sandbox)), (1, ChargeStatus::Pending));
    let lie = receiver.got().remove(0);
    sandbox.advance_to(epoch().plus_seconds(60)).await;
    let truth = receiver.got().remove(1);
    let verify = |got: &crate::support::Got| {
        let verifier = Verifier::new(APP_NAME_SANDBOX, "a secret of the merchant".into());
        let header = got.authorization.clone().unwrap();
        let now = epoch().unix_seconds() + 1;
        verifier.verify("GET", &format!("{url}{}", got.target), header.as_bytes(), b"", now).map(|_| ())
    };
    assert_eq!((verify(&lie), verify(&truth)), (Err(Rejection::Mismatch), Ok(())));
}

#[tokio::test]
async fn payments_fail_stick_and_return() {
    let after = Cut::AfterReplyBeforeCallback;
    let (sandbox, _) = with("create_charge", Fault::new(after, Kind::Fails)).await;
    post(&sandbox, "charges").await;
    sandbox.advance_to(epoch().plus_seconds(60)).await;
    assert_eq!(charge(&sandbox), ChargeStatus::Failed);

    let (sandbox, _) = with("create_charge", Fault::new(after, Kind::Stuck)).await;
    post(&sandbox, "charges").await;
    sandbox.advance_to(epoch().plus_seconds(86_400)).await;
    assert_eq!(charge(&sandbox), ChargeStatus::Pending);

    let (sandbox, receiver) = with("create_payout", Fault::new(after, Kind::Returned)).await;
    post(&sandbox, "payouts").await;
    let status = || sandbox.with_world(|w| w.payout("r").unwrap().status);
    sandbox.advance_to(epoch().plus_seconds(59)).await;
    assert_eq!(status(), PayoutStatus::Funded);
    sandbox.advance_to(epoch().plus_seconds(61)).await;
    assert_eq!((status(), of(&receiver, "CancelPayment=true")), (PayoutStatus::Cancelled, 1));
    assert!(sandbox.with_world(|w| w.journal().audit().balanced));
}

#[tokio::test]
async fn a_scenario_about_callbacks_of_a_charge_needs_no_template_of_its_own() {
    for (method, target) in [("GET", "/hook?CHARGE=true&payeeid=Test123&"), ("POST", "/hook/charge-transferred")] {
        let (receiver, url) = Receiver::start(&[]).await;
        let sandbox = start().await;
        let fill = format!(r#"{{"base_url":"{url}/hook","method":"{method}"}}"#);
        control(&sandbox, "POST", "settings/callbacks", &fill).await;
        control(&sandbox, "POST", "scenarios/duplicate_callback", r#"{"reference":"twice"}"#).await;
        for reference in ["twice", "plain"] {
            assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", reference)).await.verdict(), (200, 0));
        }
        sandbox.advance_to_next().await.unwrap();
        let got: Vec<_> = receiver.got().into_iter().map(|got| got.target).collect();
        assert_eq!(got.len(), 2, "twice for the one, and as ever not at all for the other: {got:?}");
        assert!(got.iter().all(|got| got.starts_with(target)), "{got:?}");
        let told = control(&sandbox, "GET", "callbacks", "").await.json();
        assert!(told["data"].as_array().unwrap().iter().all(|c| c["presumed"] == true), "{told}");
    }
}
