//! Webhooks as a merchant manages them: every route of endpoints, deliveries and the feed of events, over real HTTP.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../../gateway/tests/support/receiver.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the gateway's tests, which use more of it")]
mod receiver;

use domain::api_key::Scope;
use domain::program::Environment;
use gateway::source::SystemSource;
use gateway::{Admin, Gateway, HeadFile, MasterKey, NewProgram, Options, PayoneerTimeouts};
use receiver::{Act, Receiver};
use secrecy::SecretString;
use std::sync::Arc;
use tempfile::TempDir;
use tollgate_client::api::webhook::{Secret, verify};
use tollgate_client::api::{self, Code, DeliveryStatus, WebhookEndpointStatus};
use tollgate_client::{Client, DeliveryFilter, Error, EventFilter, Page};

struct House {
    gateway: Gateway,
    merchant: Client,
    reader: Client,
    _dir: TempDir,
}

async fn open(allow_private: bool) -> House {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("tollgate.db");
    let (master, source, head) = (MasterKey::new([7; 32]), Arc::new(SystemSource), HeadFile::Beside);
    let timeouts = PayoneerTimeouts::default();
    let admin = Admin::open(&database, head, master.clone(), source, timeouts, "http://127.0.0.1").unwrap();
    let program = NewProgram {
        name: "Shop".to_owned(),
        program_id: "100012345".to_owned(),
        environment: Environment::Url("http://127.0.0.1:9".to_owned()),
        username: "demo".to_owned(),
        api_password: SecretString::from("demo-api-password"),
        return_url: None,
    };
    let program = admin.add_program(program).await.unwrap();
    let (_, key) = admin.create_key(&program, "tests", vec![Scope::Admin]).await.unwrap();
    let (_, read_key) = admin.create_key(&program, "reader", vec![Scope::Read]).await.unwrap();
    admin.close().await;
    let mut options = Options::new(([127, 0, 0, 1], 0).into(), &database, master);
    options.webhooks.allow_private = allow_private;
    let gateway = Gateway::start(options).await.unwrap();
    let (merchant, reader) = (Client::new(gateway.url(), key).unwrap(), Client::new(gateway.url(), read_key).unwrap());
    House { gateway, merchant, reader, _dir: dir }
}

fn endpoint(url: &str) -> api::CreateWebhookEndpoint {
    api::CreateWebhookEndpoint {
        url: url.to_owned(),
        types: Some(vec!["charge.*".to_owned(), "payout.paid".to_owned()]),
        description: Some("books".to_owned()),
        headers: Some([("Authorization".to_owned(), "Bearer canary".to_owned())].into()),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> (Code, Option<String>) {
    match result.unwrap_err() {
        Error::Problem(problem) => (problem.code, problem.field),
        other => panic!("{other}"),
    }
}

/// Looks until the delivery stands so.
async fn stands(merchant: &Client, id: &str, status: DeliveryStatus) -> api::Delivery {
    for _ in 0..1_200 {
        let delivery = merchant.delivery(id).await.unwrap();
        if delivery.status == status {
            return delivery;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{id} never was {status}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoints_life() {
    let House { gateway, merchant, reader, _dir } = open(true).await;
    let receiver = Receiver::each(|n| Act::Answer(if n == 1 { 410 } else { 200 }, "")).await;
    let made = merchant.create_webhook_endpoint(&endpoint(&receiver.url("/hooks"))).await.unwrap();
    let secret = Secret::parse(made.secret.as_deref().unwrap()).unwrap();
    assert_eq!(
        (made.types.as_slice(), made.status),
        (&["charge.*".to_owned(), "payout.paid".to_owned()][..], WebhookEndpointStatus::Enabled)
    );
    assert_eq!(made.header_names, ["authorization"]);
    let shown = merchant.webhook_endpoint(&made.id).await.unwrap();
    assert_eq!(shown, api::WebhookEndpoint { secret: None, ..made.clone() }, "the secret is shown once");
    assert_eq!(merchant.webhook_endpoints(&Page::default()).await.unwrap().data, vec![shown.clone()]);
    assert_eq!(code(reader.webhook_endpoints(&Page::default()).await), (Code::Forbidden, None));

    let tested = merchant.test_webhook_endpoint(&made.id).await.unwrap();
    let delivered = stands(&reader, &tested.id, DeliveryStatus::Delivered).await;
    assert_eq!(
        (delivered.try_count, delivered.tries[0].status, delivered.tries[0].said.as_str()),
        (1, Some(200), "ok")
    );
    let got = receiver.got().remove(0);
    let (id, at) = (got.header("webhook-id").to_owned(), got.header("webhook-timestamp").to_owned());
    let signature = got.header("webhook-signature").to_owned();
    assert_eq!(verify(&[secret], &id, &at, &signature, &got.body, at.parse().unwrap()), Ok(()));
    assert_eq!(got.header("authorization"), "Bearer canary");
    // What was sent is what the feed shows.
    let event = reader.event(&id).await.unwrap();
    assert_eq!(serde_json::from_slice::<api::Event>(&got.body).unwrap(), event);
    assert_eq!((event.kind.as_str(), event.version), ("webhook_endpoint.tested", api::event::VERSION));

    // The second answer is 410.
    merchant.resend_delivery(&tested.id).await.unwrap();
    stands(&merchant, &tested.id, DeliveryStatus::Failed).await;
    let gone = merchant.webhook_endpoint(&made.id).await.unwrap();
    assert_eq!(gone.disabled_reason, Some(api::webhook_endpoint::DisabledReason::Gone));
    assert_eq!(code(merchant.test_webhook_endpoint(&made.id).await), (Code::Conflict, None));
    assert_eq!(merchant.enable_webhook_endpoint(&made.id).await.unwrap().failures, 0);
    let failed_since = Some(tested.created_at.as_str().to_owned());
    let replay = api::Replay { failed_since, ..api::Replay::default() };
    assert_eq!(merchant.replay_events(&made.id, &replay).await.unwrap().deliveries, 1);
    let again = stands(&merchant, &tested.id, DeliveryStatus::Delivered).await;
    assert_eq!(again.tries.iter().map(|tried| tried.status).collect::<Vec<_>>(), [Some(200), Some(410), Some(200)]);

    let rotated = merchant.rotate_webhook_secret(&made.id, &api::RotateSecret::default()).await.unwrap();
    assert!(rotated.secret.is_some() && rotated.secret != made.secret && rotated.old_secret_until.is_some());
    let change = api::UpdateWebhookEndpoint { headers: Some([].into()), ..api::UpdateWebhookEndpoint::default() };
    let changed = merchant.update_webhook_endpoint(&made.id, &change).await.unwrap();
    assert_eq!((changed.header_names.len(), changed.description.as_str(), changed.secret), (0, "books", None));
    assert_eq!(merchant.disable_webhook_endpoint(&made.id).await.unwrap().status, WebhookEndpointStatus::Disabled);
    assert_eq!(merchant.delete_webhook_endpoint(&made.id).await.unwrap().status, WebhookEndpointStatus::Deleted);
    let audit = merchant.audit(&Page { limit: Some(100), cursor: None }).await.unwrap().data;
    let actions: Vec<&str> =
        audit.iter().filter(|entry| entry.subject == made.id).map(|entry| entry.action.as_str()).collect();
    let wanted = ["deleted", "disabled", "changed", "secret_rotated", "enabled", "created"];
    assert_eq!(actions, wanted.map(|action| format!("webhook_endpoint.{action}")));
    assert!(audit.iter().all(|entry| !format!("{entry:?}").contains("canary")));
    assert_eq!(code(merchant.webhook_endpoint(&made.id).await), (Code::NotFound, None));
    gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_and_the_lists_go_on_where_they_ended() {
    let House { gateway, merchant, reader, _dir } = open(true).await;
    let receiver = Receiver::always(Act::Answer(200, "")).await;
    assert_eq!(reader.newest_event().await.unwrap(), None);
    let made = merchant.create_webhook_endpoint(&endpoint(&receiver.url("/"))).await.unwrap();
    let first = reader.newest_event().await.unwrap().unwrap();
    assert_eq!((first.kind.as_str(), first.subject.as_str()), ("webhook_endpoint.created", made.id.as_str()));
    assert!(!first.data.to_string().contains("canary") && !first.data.to_string().contains("whsec_"));
    let mut tested = Vec::new();
    for _ in 0..3 {
        tested.push(merchant.test_webhook_endpoint(&made.id).await.unwrap());
    }
    let filter = EventFilter { after_sequence: Some(first.sequence), ..EventFilter::default() };
    let after = reader.events(&filter).await.unwrap().data;
    let ids: Vec<_> = tested.iter().map(|delivery| delivery.event.clone()).collect();
    assert_eq!(after.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(reader.newest_event().await.unwrap().map(|event| event.id), ids.last().cloned());

    for delivery in &tested {
        stands(&merchant, &delivery.id, DeliveryStatus::Delivered).await;
    }
    let mut page = Page { limit: Some(2), cursor: None };
    let filter = DeliveryFilter { endpoint: Some(made.id.clone()), ..DeliveryFilter::default() };
    let mut listed = Vec::new();
    loop {
        let list = reader.deliveries(&filter, &page).await.unwrap();
        listed.extend(list.data.into_iter().map(|delivery| delivery.id));
        page.cursor = list.next_cursor;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(listed, tested.iter().rev().map(|delivery| delivery.id.clone()).collect::<Vec<_>>());
    let of_one =
        DeliveryFilter { event: Some(ids[1].clone()), status: Some(DeliveryStatus::Delivered), ..filter.clone() };
    let of_one = reader.deliveries(&of_one, &Page::default()).await.unwrap().data;
    assert_eq!(of_one.iter().map(|delivery| &delivery.id).collect::<Vec<_>>(), [&tested[1].id]);
    let none = DeliveryFilter { status: Some(DeliveryStatus::Failed), ..DeliveryFilter::default() };
    assert_eq!(reader.deliveries(&none, &Page::default()).await.unwrap().data, []);
    gateway.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_names_its_field() {
    let House { gateway, merchant, reader, _dir } = open(false).await;
    let create = |change: fn(&mut api::CreateWebhookEndpoint)| {
        let mut body = endpoint("https://hooks.shop.example/");
        change(&mut body);
        let merchant = merchant.clone();
        async move { code(merchant.create_webhook_endpoint(&body).await) }
    };
    let field = |name: &str| (Code::InvalidField, Some(name.to_owned()));
    assert_eq!(create(|body| body.url = "https://169.254.169.254/latest".to_owned()).await, field("url"));
    assert_eq!(create(|body| body.url = "http://hooks.shop.example/".to_owned()).await, field("url"));
    assert_eq!(create(|body| body.types = Some(vec!["charges.*".to_owned()])).await, field("types"));
    assert_eq!(create(|body| body.types = Some(Vec::new())).await, field("types"));
    assert_eq!(
        create(|body| body.headers = Some([("Host".to_owned(), "a".to_owned())].into())).await,
        field("headers")
    );
    assert_eq!(create(|body| body.description = Some("x".repeat(201))).await, field("description"));
    let made = merchant.create_webhook_endpoint(&endpoint("https://hooks.shop.example/")).await.unwrap();
    let nothing = code(merchant.replay_events(&made.id, &api::Replay::default()).await);
    assert_eq!(nothing, field("after_sequence"));
    let overlap = api::RotateSecret { overlap_seconds: Some(604_801) };
    assert_eq!(code(merchant.rotate_webhook_secret(&made.id, &overlap).await), field("overlap_seconds"));
    let other = made.id.replace("we_", "we_0").chars().take(made.id.len()).collect::<String>();
    assert_eq!(code(merchant.webhook_endpoint(&other).await), (Code::NotFound, None));
    assert_eq!(code(reader.delivery("dl_nonsense").await), (Code::NotFound, None));
    assert_eq!(code(reader.resend_delivery("dl_nonsense").await).0, Code::Forbidden);
    let both = EventFilter { after: Some("evt_".to_owned()), ..EventFilter::default() };
    assert_eq!(code(reader.events(&both).await), field("?after"));
    gateway.shutdown().await;
}
