//! What the merchant is shown, held against the words of the API.

use super::*;
use domain::attempt::Kind;
use domain::event::{Event, EventType, Proof};
use domain::program::{Dialect, Environment};
use domain::{
    AttemptId, CallbackId, ChargeId, CheckoutSessionId, Currency, Description, EventId, IdempotencyKey, MandateId,
    PayeeId, ProgramId, Reference, RefundId,
};
use serde_json::json;
use store::events::StoredEvent;

const AT: Time = Time::from_micros(1_700_000_000_123_456);

fn a_charge(state: charge::State) -> charge::Charge {
    charge::Charge {
        id: ChargeId::new(AT, [1; 10]),
        program: ProgramId::new(AT, [2; 10]),
        payee_id: PayeeId::parse("ID123").unwrap(),
        money: Money::parse("1.2", Currency::parse("USD").unwrap()).unwrap(),
        description: Description::parse("Charge test").unwrap(),
        client_reference_id: None,
        reference: Reference::parse("derived-1").unwrap(),
        idempotency_key: IdempotencyKey::parse("k1").unwrap(),
        purpose: None,
        metadata: Some(r#"{"order":"88"}"#.to_owned()),
        state,
        unknown: false,
        attention_since: None,
        failure: None,
        refund: Some(RefundId::new(AT, [3; 10])),
        version: 1,
        created_at: AT,
        updated_at: AT,
    }
}

fn an_attempt() -> Attempt {
    Attempt {
        id: AttemptId::new(AT, [4; 10]),
        program: ProgramId::new(AT, [2; 10]),
        subject: "ch_1".to_owned(),
        kind: Kind::Charge,
        number: 1,
        reference: Reference::parse("derived-1").unwrap(),
        body: b"secret body".to_vec(),
        state: attempt::State::Unknown,
        epoch: 2,
        owner: "node-1".to_owned(),
        deadline: AT,
        sent_at: AT,
        settled_at: None,
        evidence: Some(Evidence::StatusQuery),
        doubt: Some("no answer".to_owned()),
        seen: None,
        failure: None,
        exchange: Some(r#"{"raw":"exchange"}"#.to_owned()),
        looks: 3,
        resends: 0,
        resent_at: None,
        looked_at: None,
        unknown_since: None,
        attention_since: None,
        trace: None,
    }
}

#[test]
fn a_charge_is_shown_with_its_trips_and_without_what_is_internal() {
    let shown = serde_json::to_value(charge(&a_charge(charge::State::Succeeded), &[an_attempt()])).unwrap();
    for (field, value) in [
        ("object", json!("charge")),
        ("amount", json!("1.20")),
        ("currency", json!("USD")),
        ("status", json!("succeeded")),
        ("outcome", json!("done")),
        ("client_reference_id", json!(null)),
        ("metadata", json!({"order": "88"})),
        ("created_at", json!("2023-11-14T22:13:20.123Z")),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(shown["attempts"][0]["evidence"], "status_query");
    let text = shown.to_string();
    for inside in ["secret body", "exchange", "node-1", "prg_", "epoch", "version"] {
        assert!(!text.contains(inside), "{inside}");
    }
}

#[test]
fn every_state_has_the_status_that_the_domain_shows() {
    for state in charge::State::ALL {
        let known = a_charge(*state);
        assert_eq!(charge(&known, &[]).status.as_str(), known.status());
        assert_eq!(charge(&known, &[]).outcome.as_str(), known.outcome().as_str());
    }
    let unknown = charge::Charge { unknown: true, ..a_charge(charge::State::Processing) };
    assert_eq!(charge(&unknown, &[]).status, api::ChargeStatus::Unknown);
    for state in attempt::State::ALL {
        assert_eq!(attempt(&Attempt { state: *state, ..an_attempt() }).status.as_str(), state.as_str());
    }
}

#[test]
fn a_payee_says_how_fresh_it_is() {
    let id = MandateId::new(AT, [5; 10]);
    let fresh = mandate::Mandate::new(id, ProgramId::new(AT, [2; 10]), PayeeId::parse("ID123").unwrap(), AT);
    let unseen = payee(&fresh, AT).mandate;
    assert_eq!((unseen.age_seconds, unseen.source), (None, api::payee::Source::Gateway));
    let later = AT + domain::Span::from_secs(90);
    let (seen, _) = fresh.decide(mandate::Command::SeeActive, AT);
    let shown = payee(&seen, later).mandate;
    assert_eq!((shown.age_seconds, shown.source), (Some(90), api::payee::Source::StatusQuery));
    assert_eq!(payee(&seen, AT - domain::Span::from_secs(5)).mandate.age_seconds, Some(0), "a clock that went back");
    for state in mandate::State::ALL {
        let shown = payee(&mandate::Mandate { state: *state, ..fresh.clone() }, AT);
        assert_eq!(shown.mandate.status.as_str(), state.as_str());
    }
}

#[test]
fn a_failure_comes_with_advice() {
    let advice = |code: &str| failure(&Failure { code: code.to_owned(), ..Failure::default() }).retry;
    assert_eq!(advice("payoneer_unreachable"), api::Retry::SameKey);
    assert_eq!(advice("10301"), api::Retry::NewKeyLater);
    assert_eq!(advice("10700"), api::Retry::AfterPayeeAction);
    assert_eq!(advice("10302"), api::Retry::AfterFix);
    for other in ["10704", "99999", "", "declined"] {
        assert_eq!(advice(other), api::Retry::No, "{other:?}");
    }
}

#[test]
fn a_callbacks_target_leaves_the_secret_out() {
    let stored = callback::Callback {
        id: CallbackId::new(AT, [6; 10]),
        program: ProgramId::new(AT, [2; 10]),
        digest: Vec::new(),
        method: "GET".to_owned(),
        event: Some("approved".to_owned()),
        query: "payeeid=ID123".to_owned(),
        body: b"\xff\x00".to_vec(),
        times: 2,
        state: callback::State::Ignored,
        interpretation: None,
        received_at: AT,
        last_received_at: AT,
    };
    let shown = callback(&stored);
    assert_eq!((shown.target.as_str(), shown.body.as_str()), ("/approved?payeeid=ID123", "/wA="));
    let bare = callback(&callback::Callback { event: None, query: String::new(), ..stored });
    assert_eq!(bare.target, "");
}

#[test]
fn a_program_comes_with_what_to_paste_and_without_credentials() {
    let stored = Program {
        id: ProgramId::new(AT, [2; 10]),
        name: "Shop".to_owned(),
        program_id: "100012345".to_owned(),
        environment: Environment::Production,
        dialect: Dialect::V2,
        username: "canary-username".to_owned(),
        return_url: None,
        callback_token: "token".to_owned(),
        version: 1,
        created_at: AT,
        updated_at: AT,
    };
    let shown = program(&stored, "https://pay.example/callbacks/payoneer/prg_1/token");
    assert!(shown.live);
    let approved = shown.callback_templates.iter().find(|template| template.event == "approved").unwrap();
    assert_eq!(
        approved.url,
        "https://pay.example/callbacks/payoneer/prg_1/token\
         ?APPROVED=true&payeeid={{apuid}}&sessionid={{sessionid}}&Payoneerid={{payoneerid}}"
    );
    assert!(!serde_json::to_string(&shown).unwrap().contains("canary"));
}

#[test]
fn a_checkout_and_an_event_are_found_where_they_say() {
    let session = checkout::CheckoutSession {
        id: CheckoutSessionId::new(AT, [7; 10]),
        program: ProgramId::new(AT, [2; 10]),
        payee_id: PayeeId::parse("ID123").unwrap(),
        token: "tok".to_owned(),
        money: Money::parse("5", Currency::parse("JPY").unwrap()).unwrap(),
        description: Description::parse("d").unwrap(),
        client_reference_id: None,
        success_url: "https://shop.example/".to_owned(),
        cancel_url: None,
        language: None,
        tries: 0,
        charge: None,
        state: checkout::State::Open,
        version: 1,
        expires_at: AT,
        created_at: AT,
        updated_at: AT,
    };
    for base in ["https://pay.example", "https://pay.example/"] {
        assert_eq!(checkout_session(&session, base).url, "https://pay.example/checkout/tok");
    }
    let happened = Event {
        id: EventId::new(AT, [8; 10]),
        program: ProgramId::new(AT, [2; 10]),
        kind: EventType::ChargeSucceeded,
        subject: "ch_1".to_owned(),
        version: domain::event::VERSION,
        data: r#"{"amount":"1.20","status":"succeeded"}"#.to_owned(),
        proof: Some(Proof { evidence: Evidence::Reply, attempt: Some(AttemptId::new(AT, [4; 10])) }),
        created_at: AT,
    };
    let before = Some(r#"{"amount":"1.20","status":"processing"}"#.to_owned());
    let shown = serde_json::to_value(event(&StoredEvent { sequence: 7, event: happened, before })).unwrap();
    assert_eq!((&shown["type"], &shown["data"]["amount"]), (&json!("charge.succeeded"), &json!("1.20")));
    assert_eq!(
        (&shown["version"], &shown["previous"]),
        (&json!(api::event::VERSION), &json!({"status": "processing"}))
    );
    let evidence = json!({"kind": "reply", "attempt": AttemptId::new(AT, [4; 10]).as_str()});
    assert_eq!((&shown["evidence"], &shown["sequence"]), (&evidence, &json!(7)));
}
