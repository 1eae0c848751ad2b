//! Authorisation from the merchant's side: link, page, callback or poll, and then nobody needs to ask Payoneer again.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod support;

use domain::authorization::State as SessionState;
use domain::mandate::{RevokedBy, State};
use domain::{PayeeId, Span};
use gateway::engine::{Error, NewAuthorization};
use gateway::port::Contact;
use sandbox::world::{FIRST_PASSWORD, Review, Settings};
use support::{House, eventually};

fn payee() -> PayeeId {
    PayeeId::parse("user-42").unwrap()
}

async fn authorize(house: &House) -> domain::authorization::AuthorizationSession {
    let new = NewAuthorization {
        payee_id: payee(),
        return_url: None,
        language: Some("zh".to_owned()),
        existing_account: false,
        contact: Contact::default(),
    };
    house.engine().authorize(&house.program, new).await.unwrap()
}

/// The payee logs in on Payoneer's page and consents.
fn come_through(house: &House, url: &str, review: Review) {
    let token = url.split("token=").nth(1).expect("a token").to_owned();
    house.sandbox.with_world(|world| {
        let ticket = world.log_in(&token, "existing@sandbox.example", FIRST_PASSWORD).unwrap();
        world.consent(&token, &ticket, Some(review)).unwrap();
    });
}

async fn until(house: &House, state: State) -> domain::mandate::Mandate {
    eventually("the mandate moves", || async {
        let mandate = house.engine().payee(&house.program, &payee()).await.ok()?;
        (mandate.state == state).then_some(mandate)
    })
    .await
}

fn status_queries(house: &House) -> usize {
    house.sandbox.with_world(|world| world.api_calls().filter(|call| call.path.contains("/status")).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_makes_the_mandate_active_and_then_nobody_asks_payoneer() {
    let house = House::open().await;
    let session = authorize(&house).await;
    assert!(session.url.contains("/partners/lp.aspx?token="));
    assert_eq!(house.engine().payee(&house.program, &payee()).await.unwrap().state, State::Pending);
    come_through(&house, &session.url, Review::Approve);
    let mandate = until(&house, State::Active).await;
    let age = house.engine().now() - mandate.last_verified_at.unwrap();
    assert!(age < Span::from_secs(60) && age >= Span::ZERO);
    let session = house.engine().authorization(&house.program, &session.id).await.unwrap();
    assert_eq!(session.state, SessionState::Completed);
    // Everything that was woken comes to rest; then the local answer is enough for everybody.
    let mut before = usize::MAX;
    while before != status_queries(&house) {
        before = status_queries(&house);
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    for _ in 0..10 {
        assert_eq!(house.engine().payee(&house.program, &payee()).await.unwrap().state, State::Active);
    }
    let mut new = support::charge("1", "k");
    new.payee_id = payee();
    house.engine().create_charge(&house.program, new).await.unwrap();
    assert_eq!(status_queries(&house), before);
    let callbacks = house.engine().callbacks(&house.program, &gateway::engine::Page { before: None, limit: 10 });
    assert!(!callbacks.await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_callback_polling_finds_the_same() {
    let house = House::open().await;
    house.sandbox.with_world(|world| {
        let settings = Settings { callbacks: std::collections::BTreeMap::new(), ..world.settings().clone() };
        world.set_settings(settings).unwrap();
    });
    let session = authorize(&house).await;
    come_through(&house, &session.url, Review::Approve);
    until(&house, State::Active).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn review_and_decline_are_told_apart() {
    let house = House::open().await;
    let session = authorize(&house).await;
    come_through(&house, &session.url, Review::Pending);
    until(&house, State::InReview).await;
    house.sandbox.with_world(|world| world.decline_payee("user-42", None)).unwrap();
    until(&house, State::Declined).await;
    let session = house.engine().authorization(&house.program, &session.id).await.unwrap();
    assert_eq!(session.state, SessionState::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_callback_is_kept_and_changes_nothing() {
    let house = House::open().await;
    authorize(&house).await;
    let url = format!("{}?APPROVED=true&payeeid=user-42", house.engine().callback_url(&house.program));
    let arrival = gateway::engine::Arrival {
        method: "GET",
        event: None,
        query: url.split_once('?').unwrap().1,
        body: b"\xff\x00 not text",
    };
    let token = house.program.callback_token.clone();
    for _ in 0..3 {
        let got = house.engine().receive_callback(house.program.id.as_str(), &token, arrival).await.unwrap();
        assert_eq!(got, gateway::engine::Received::Stored);
    }
    let stored = eventually("it is digested", || async {
        let page = gateway::engine::Page { before: None, limit: 10 };
        let all = house.engine().callbacks(&house.program, &page).await.unwrap();
        all.into_iter().find(|c| c.state == domain::callback::State::Digested)
    })
    .await;
    assert_eq!((stored.times, stored.body.as_slice()), (3, b"\xff\x00 not text".as_slice()));
    assert_eq!(house.engine().payee(&house.program, &payee()).await.unwrap().state, State::Pending);
    let nobody = house.engine().receive_callback(house.program.id.as_str(), "wrong", arrival).await.unwrap();
    assert_eq!(nobody, gateway::engine::Received::NoSuchAddress);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_payee_cannot_be_charged() {
    let house = House::open().await;
    let session = authorize(&house).await;
    come_through(&house, &session.url, Review::Approve);
    until(&house, State::Active).await;
    let revoked = house.engine().revoke_payee(&house.program, &payee()).await.unwrap();
    assert_eq!((revoked.state, revoked.revoked_by), (State::Revoked, Some(RevokedBy::Merchant)));
    let mut new = support::charge("1", "k");
    new.payee_id = payee();
    let refused = house.engine().create_charge(&house.program, new).await;
    assert!(matches!(refused, Err(Error::PayeeNotAuthorized { mandate: Some(State::Revoked), .. })), "{refused:?}");
    assert_eq!(house.line.money_requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payee_known_to_payoneer_alone_is_found() {
    let house = House::open().await;
    let first = PayeeId::parse(support::FIRST).unwrap();
    assert!(matches!(house.engine().payee(&house.program, &first).await, Err(Error::NotFound { .. })));
    assert_eq!(house.engine().refresh_payee(&house.program, &first).await.unwrap().state, State::Active);
    let nobody = PayeeId::parse("nobody").unwrap();
    assert!(matches!(house.engine().refresh_payee(&house.program, &nobody).await, Err(Error::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_by_post_and_of_unknown_kinds_wake_the_same_query() {
    for event in [Some("approved"), Some("something-new"), None] {
        let house = House::open().await;
        house.sandbox.with_world(|world| {
            let settings = Settings { callbacks: std::collections::BTreeMap::new(), ..world.settings().clone() };
            world.set_settings(settings).unwrap();
        });
        authorize(&house).await;
        let arrival = gateway::engine::Arrival {
            method: "POST",
            event,
            query: "",
            body: br#"{"Payee Id":"user-42","Payoneer Id":"5510700","Session Id":"x"}"#,
        };
        let (program, token) = (house.program.id.as_str(), house.program.callback_token.clone());
        house.engine().receive_callback(program, &token, arrival).await.unwrap();
        let digested = eventually("it is digested", || async {
            let page = gateway::engine::Page { before: None, limit: 10 };
            let all = house.engine().callbacks(&house.program, &page).await.unwrap();
            all.into_iter().find(|c| c.state == domain::callback::State::Digested)
        })
        .await;
        assert!(digested.interpretation.unwrap().contains(r#""woke":["verify"]"#), "{event:?}");
    }
}
