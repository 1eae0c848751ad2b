//! The client against a real gateway and a real sandbox: every noun once, and the errors a merchant must tell apart.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

use domain::api_key::Scope;
use domain::program::Environment;
use gateway::source::SystemSource;
use gateway::{Admin, Gateway, HeadFile, MasterKey, NewProgram, Options, PayoneerTimeouts};
use sandbox::Sandbox;
use secrecy::SecretString;
use std::sync::Arc;
use tempfile::TempDir;
use tollgate_client::api::{self, ChargeStatus, Code, MandateStatus, Outcome};
use tollgate_client::{ChargeFilter, Client, Error, EventFilter, Page, PayoutFilter};

struct House {
    sandbox: Sandbox,
    gateway: Gateway,
    merchant: Client,
    _dir: TempDir,
}

async fn open() -> House {
    let sandbox = Sandbox::start(sandbox::Options::for_tests()).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("tollgate.db");
    let (master, source) = (MasterKey::new([7; 32]), Arc::new(SystemSource));
    let admin = Admin::open(
        database.as_path(),
        HeadFile::Beside,
        master.clone(),
        source,
        PayoneerTimeouts::default(),
        "http://127.0.0.1",
    )
    .unwrap();
    let program = NewProgram {
        name: "Shop".to_owned(),
        program_id: "100012345".to_owned(),
        environment: Environment::Url(sandbox.url().to_owned()),
        username: "demo".to_owned(),
        api_password: SecretString::from("demo-api-password"),
        return_url: Some("http://127.0.0.1:9/shop".to_owned()),
    };
    let program = admin.add_program(program).await.unwrap();
    let (_, key) = admin.create_key(&program, "tests", vec![Scope::Admin]).await.unwrap();
    admin.close().await;
    let gateway = Gateway::start(Options::new(([127, 0, 0, 1], 0).into(), database.as_path(), master)).await.unwrap();
    let merchant = Client::new(gateway.url(), key).unwrap();
    House { sandbox, gateway, merchant, _dir: dir }
}

fn charge(payee_id: &str) -> api::CreateCharge {
    api::CreateCharge {
        payee_id: payee_id.to_owned(),
        amount: api::Amount::from("1.2"),
        currency: "USD".to_owned(),
        description: "Charge test".to_owned(),
        client_reference_id: Some("test_88".to_owned()),
        purpose: None,
        metadata: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchants_day() {
    let House { sandbox, gateway, merchant, _dir } = open().await;
    let nodes = merchant.nodes().await.unwrap().data;
    assert_eq!((nodes.len(), nodes[0].version.as_str()), (1, env!("CARGO_PKG_VERSION")));
    let program = merchant.program().await.unwrap();
    assert_eq!((program.program_id.as_str(), program.live), ("100012345", false));
    assert_eq!(merchant.balance().await.unwrap().currency, "USD");

    let asked = api::CreateAuthorizationSession {
        payee_id: "user-42".to_owned(),
        return_url: None,
        language: None,
        account: None,
        contact: None,
    };
    let session = merchant.create_authorization_session(&asked).await.unwrap();
    assert_eq!(merchant.authorization_session(&session.id).await.unwrap(), session);
    assert_eq!(merchant.cancel_authorization_session(&session.id).await.unwrap().id, session.id);

    let payee = merchant.refresh_payee("Test123").await.unwrap();
    assert_eq!((payee.mandate.status, payee.mandate.age_seconds.is_some()), (MandateStatus::Active, true));
    assert_eq!(merchant.payees(&Page::default()).await.unwrap().data.len(), 2);

    let made = merchant.create_charge("k1", &charge("Test123")).await.unwrap();
    assert_eq!((made.is_definite, made.is_replay, made.resource.outcome), (true, false, Outcome::Done));
    let again = merchant.create_charge("k1", &charge("Test123")).await.unwrap();
    assert_eq!((again.is_replay, &again.resource.id), (true, &made.resource.id));
    let filter = ChargeFilter { status: Some(ChargeStatus::Succeeded), ..ChargeFilter::default() };
    assert_eq!(merchant.charges(&filter, &Page::default()).await.unwrap().data.len(), 1);

    let refund = merchant.refund_charge("k2", &made.resource.id).await.unwrap().resource;
    assert_eq!((refund.status, &refund.charge), (api::RefundStatus::Succeeded, &made.resource.id));
    assert_eq!(merchant.refund(&refund.id).await.unwrap(), refund);
    assert_eq!(merchant.refunds(&Page::default()).await.unwrap().data, [refund]);
    assert_eq!(merchant.charge(&made.resource.id).await.unwrap().status, ChargeStatus::Refunded);

    let payout = api::CreatePayout {
        payee_id: "Test123".to_owned(),
        amount: api::Amount::from("3"),
        currency: "USD".to_owned(),
        description: "Payout".to_owned(),
        client_reference_id: None,
    };
    let payout = merchant.create_payout("k3", &payout).await.unwrap().resource;
    assert_eq!(merchant.payout(&payout.id).await.unwrap().amount, api::Amount::from("3.00"));
    assert_eq!(merchant.payouts(&Page::default()).await.unwrap().data.len(), 1);
    let filter = PayoutFilter { idempotency_key: Some("k3".to_owned()), ..PayoutFilter::default() };
    assert_eq!(merchant.find_payouts(&filter, &Page::default()).await.unwrap().data[0].id, payout.id);
    let filter = PayoutFilter { payee_id: Some("nobody".to_owned()), ..PayoutFilter::default() };
    assert!(merchant.find_payouts(&filter, &Page::default()).await.unwrap().data.is_empty());

    let events = merchant.events(&EventFilter { limit: Some(2), ..EventFilter::default() }).await.unwrap();
    let more = EventFilter { after: events.next_cursor, ..EventFilter::default() };
    let more = merchant.events(&more).await.unwrap().data;
    assert!(more.iter().any(|event| event.kind == "charge.refunded"));
    assert_eq!(merchant.event(&more[0].id).await.unwrap(), more[0]);
    assert_eq!(merchant.callbacks(&Page::default()).await.unwrap().data, []);
    gateway.shutdown().await;
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let House { sandbox, gateway, merchant, _dir } = open().await;
    let mut made = Vec::new();
    for n in 0..5 {
        let body = api::CreateCharge { client_reference_id: None, ..charge("Test123") };
        made.insert(0, merchant.create_charge(&format!("k{n}"), &body).await.unwrap().resource.id);
    }
    let (mut seen, mut page) = (Vec::new(), Page { limit: Some(2), cursor: None });
    loop {
        let list = merchant.charges(&ChargeFilter::default(), &page).await.unwrap();
        seen.extend(list.data.into_iter().map(|charge| charge.id));
        match list.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(seen, made);
    gateway.shutdown().await;
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_what_is_known_about_money() {
    let House { sandbox, gateway, merchant, _dir } = open().await;
    let refused = merchant.create_charge("k1", &charge("nobody")).await.unwrap_err();
    let problem = refused.problem().unwrap();
    assert_eq!((problem.code, problem.outcome), (Code::PayeeNotAuthorized, Outcome::None));
    assert!(problem.authorize.is_some() && refused.to_string().contains("payee_not_authorized"));
    let missing = merchant.charge("ch_00000000000000000000000000").await.unwrap_err();
    assert_eq!(missing.problem().unwrap().code, Code::NotFound);
    gateway.shutdown().await;
    let gone = merchant.create_charge("k2", &charge("Test123")).await.unwrap_err();
    assert!(matches!(gone, Error::Transport(_)));
    assert_eq!(gone.outcome(), Outcome::None, "nobody was there to take the request");
    assert!(!gone.to_string().contains("tg_test"));
    sandbox.shutdown().await;
}
