//! Callbacks against a real receiver: templates, bodies, retries, time-outs, signatures, the delivery log.

use payoneer::callback::hmacauth::{APP_NAME_SANDBOX, Rejection, Verifier};
use sandbox::Sandbox;
use sandbox::world::{CallbackStatus, Event, Hmac, Review, Secret, Settings, Style, Template};
use sha2::{Digest, Sha256};

use crate::support::{Receiver, control, epoch, payment, register, start, v2};

fn set(sandbox: &Sandbox, change: impl FnOnce(&mut Settings)) {
    sandbox
        .with_world(|w| {
            let mut settings = w.settings().clone();
            change(&mut settings);
            w.set_settings(settings)
        })
        .unwrap();
}

fn only(event: Event, url: String, method: Style) -> impl FnOnce(&mut Settings) {
    move |s| s.callbacks = [(event, Template { url, method })].into()
}

#[tokio::test]
async fn a_template_is_filled_and_called() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[]).await;
    let filled = format!(r#"{{"base_url":"{url}/ipcn/x?own=1"}}"#);
    assert_eq!(control(&sandbox, "POST", "settings/callbacks", &filled).await.status, 200);
    register(&sandbox, "user-1", Review::Approve);
    sandbox.settle_callbacks().await;
    let account = sandbox.with_world(|w| w.payee("user-1").unwrap().account.clone());
    let mut targets: Vec<_> = receiver.got().into_iter().map(|g| (g.method, g.target)).collect();
    targets.sort();
    assert_eq!(
        targets,
        [
            ("GET".into(), format!("/ipcn/x?own=1&APPROVED=true&payeeid=user-1&sessionid=&Payoneerid={account}")),
            ("GET".into(), format!("/ipcn/x?own=1&iACHREG=true&payeeid=user-1&sessionid=&Payoneerid={account}")),
        ]
    );
    let log = control(&sandbox, "GET", "callbacks?payee_id=user-1", "").await.json();
    assert_eq!(log["data"][1]["status"], "delivered");
    assert_eq!(log["data"][1]["tries"][0]["status"], 200);
}

#[tokio::test]
async fn six_tries_on_the_virtual_clock() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[500, 404, 302, 503, 400]).await;
    set(&sandbox, only(Event::Approved, url, Style::Get));
    set(&sandbox, |s| s.callback_retry_seconds = vec![10, 20, 30, 40, 50]);
    register(&sandbox, "u", Review::Approve);
    sandbox.settle_callbacks().await;
    assert_eq!(receiver.got().len(), 1);
    sandbox.advance_to(epoch().plus_seconds(9)).await;
    assert_eq!(receiver.got().len(), 1);
    sandbox.advance_to(epoch().plus_seconds(10)).await;
    assert_eq!(receiver.got().len(), 2);

    let advanced = control(&sandbox, "POST", "clock/advance", r#"{"seconds":1000}"#).await.json();
    assert_eq!(receiver.got().len(), 6);
    assert!(receiver.got().iter().all(|g| g.target == "/"), "a redirect was followed");
    let tries: Vec<_> = advanced["callbacks"][0]["tries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| (t["at"].clone(), t["status"].clone()))
        .collect();
    let expected = [(0, 500), (10, 404), (30, 302), (60, 503), (100, 400), (150, 200)];
    let expected: Vec<_> =
        expected.map(|(s, status)| (epoch().plus_seconds(s).to_string().into(), status.into())).into();
    assert_eq!(tries, expected);
    assert_eq!(advanced["callbacks"][0]["status"], "delivered");
}

#[tokio::test]
async fn nobody_answers_and_it_is_given_up() {
    let sandbox = start().await;
    // A port that was free a moment ago and that nobody listens on now.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    set(&sandbox, only(Event::Approved, url, Style::Get));
    register(&sandbox, "u", Review::Approve);
    sandbox.advance_to(epoch().plus_seconds(100_000)).await;
    let callback = sandbox.with_world(|w| w.callbacks().next().unwrap().clone());
    assert_eq!((callback.status, callback.tries.len()), (CallbackStatus::GivenUp, 6));
    assert!(callback.tries.iter().all(|t| t.error.as_deref() == Some("could not connect")), "{callback:?}");
}

#[tokio::test]
async fn a_silent_receiver_is_left_after_the_timeout() {
    let sandbox = start().await;
    // Accepts connections (the system does) and never answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    set(&sandbox, only(Event::Approved, format!("http://{}/", listener.local_addr().unwrap()), Style::Get));
    set(&sandbox, |s| (s.callback_timeout_ms, s.callback_retry_seconds) = (50, vec![]));
    register(&sandbox, "u", Review::Approve);
    sandbox.settle_callbacks().await;
    let callback = sandbox.with_world(|w| w.callbacks().next().unwrap().clone());
    assert_eq!(callback.status, CallbackStatus::GivenUp);
    assert_eq!(callback.tries[0].error.as_deref(), Some("timed out"));
}

#[tokio::test]
async fn webhooks_have_the_published_bodies() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[]).await;
    let fill = format!(r#"{{"base_url":"{url}/hooks","method":"POST"}}"#);
    control(&sandbox, "POST", "settings/callbacks", &fill).await;
    sandbox.with_world(|w| {
        let new = sandbox::world::NewLink {
            session_id: Some("sess-1".into()),
            ..sandbox::world::NewLink::plain(sandbox::world::LinkKind::Registration, "payee-42")
        };
        let account = w.account_by_email(sandbox::world::SECOND_EMAIL).unwrap().id.clone();
        let (link, _) = w.make_link(new).unwrap();
        w.complete_link(&link.token, &account, Some(Review::Approve)).unwrap();
    });
    let account = sandbox.with_world(|w| w.payee("payee-42").unwrap().account.clone());
    v2(&sandbox, "POST", "payouts", &payment("payee-42", "18", "pay-7")).await;
    sandbox.advance_to(epoch().plus_seconds(2)).await;
    let failed = r#"{"reason":"Action cannot be performed because payee is inactive"}"#;
    control(&sandbox, "POST", "payouts/pay-7/fail", failed).await;
    sandbox.settle_callbacks().await;
    let body = |event: &str| {
        let got = receiver.got().into_iter().find(|g| g.target == format!("/hooks/{event}")).unwrap();
        assert_eq!(got.method, "POST");
        got.body
    };
    assert_eq!(
        body("approved"),
        format!(r#"{{"Payee Id":"payee-42","Payoneer Id":"{account}","Session Id":"sess-1"}}"#)
    );
    assert_eq!(body("payment-accepted"), r#"{"Payee Id":"payee-42","IntPaymentId":"pay-7"}"#);
    assert_eq!(
        body("payment-loaded"),
        r#"{"Payee Id":"payee-42","Amount":"18.00","IntPaymentId":"pay-7","Currency":"USD","Transaction Date":"2026-11-23T15:00:02.000000Z"}"#
    );
    assert_eq!(
        body("payment-cancelled"),
        r#"{"Payee Id":"payee-42","IntPaymentId":"pay-7","Reason Code":"10009","Reason Description":"Action+cannot+be+performed+because+payee+is+inactive","Payment Amount":"18.00","Canceled Payment Date":"2026-11-23T15%3a00%3a02.000000Z"}"#
    );
}

fn sign(sandbox: &Sandbox) {
    set(sandbox, |s| {
        let secret = Some(Secret::new("sandbox-demo-hmac-secret-0001"));
        s.hmac = Hmac { enabled: true, app_name: APP_NAME_SANDBOX.into(), secret };
    });
}

#[tokio::test]
async fn signatures_verify_and_are_fresh_for_every_try() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[500]).await;
    set(&sandbox, only(Event::Approved, format!("{url}/Hooks/Approved?b=2&A=x%20Y"), Style::Post));
    sign(&sandbox);
    register(&sandbox, "payee-42", Review::Approve);
    sandbox.advance_to(epoch().plus_seconds(10)).await;
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    let verifier = Verifier::new(APP_NAME_SANDBOX, "sandbox-demo-hmac-secret-0001".into());
    let mut keys = Vec::new();
    for (n, got) in got.iter().enumerate() {
        let url = format!("{url}{}", got.target);
        let header = got.authorization.as_deref().unwrap().as_bytes();
        let now = epoch().unix_seconds() + 10 * i64::try_from(n).unwrap();
        let verified = verifier.verify("POST", &url, header, got.body.as_bytes(), now).unwrap();
        assert_eq!(verified.timestamp, now);
        keys.push(verified.replay_key);
        let tampered = got.body.replace("42", "43");
        assert_eq!(verifier.verify("POST", &url, header, tampered.as_bytes(), now), Err(Rejection::Mismatch));
    }
    assert_ne!(keys[0], keys[1]);
}

/// The published algorithm once more, by hand and for GET only, so that the check does not rest on the code under test.
#[tokio::test]
async fn a_get_signature_by_hand() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[]).await;
    set(&sandbox, only(Event::Approved, format!("{url}/IPCN?Z=1&payeeid={{{{apuid}}}}&APPROVED=true"), Style::Get));
    sign(&sandbox);
    register(&sandbox, "P!1", Review::Approve);
    sandbox.settle_callbacks().await;
    let got = receiver.got().remove(0);
    assert_eq!(got.target, "/IPCN?Z=1&payeeid=P%211&APPROVED=true");
    let header = got.authorization.unwrap();
    let fields: Vec<_> = header.strip_prefix("hmacauth ").unwrap().split(':').collect();
    let [app, signature, nonce, timestamp] = fields[..] else { panic!("{header}") };
    assert_eq!((app, nonce.len(), timestamp), (APP_NAME_SANDBOX, 32, epoch().unix_seconds().to_string().as_str()));
    let host = url.strip_prefix("http://").unwrap().replace(':', "%3a");
    let encoded = format!("http%3a%2f%2f{host}%2fipcn%3fapproved%3dtrue%26payeeid%3dp%25211%26z%3d1");
    let signed = format!("{app}GET{encoded}{timestamp}{nonce}");
    assert_eq!(signature, hmac_sha256(b"sandbox-demo-hmac-secret-0001", signed.as_bytes()));
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> String {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    data_encoding::BASE64.encode(&Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

#[tokio::test]
async fn a_replay_sends_the_same_bytes_again() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[]).await;
    set(&sandbox, only(Event::Declined, format!("{url}/x?d={{{{ReasonDescription}}}}"), Style::Get));
    register(&sandbox, "u", Review::Decline);
    sandbox.settle_callbacks().await;
    let replay = control(&sandbox, "POST", "callbacks/1/replay", "").await;
    assert_eq!((replay.status, &replay.json()["replay_of"]), (202, &1.into()));
    sandbox.settle_callbacks().await;
    let targets: Vec<_> = receiver.got().into_iter().map(|g| g.target).collect();
    assert_eq!(targets, ["/x?d=General%20account%20application%20decline%20%28various%20reasons%29"; 2]);
    assert_eq!(control(&sandbox, "POST", "callbacks/99/replay", "").await.status, 404);
    assert_eq!(control(&sandbox, "POST", "callbacks/x/replay", "").await.status, 404);
}

#[tokio::test]
async fn every_event_is_told_when_its_time_comes() {
    let sandbox = start().await;
    let (receiver, url) = Receiver::start(&[]).await;
    set(&sandbox, |s| {
        let all = Event::ALL.into_iter();
        s.callbacks = all.map(|e| (e, Template { url: format!("{url}/{e}"), method: Style::Get })).collect();
    });
    register(&sandbox, "a", Review::Approve);
    register(&sandbox, "d", Review::Decline);
    v2(&sandbox, "POST", "payouts", &payment("a", "5", "p")).await;
    v2(&sandbox, "POST", "payouts", &payment("a", "5", "q")).await;
    v2(&sandbox, "POST", "payouts/q/cancel", "").await;
    v2(&sandbox, "POST", "charges", &payment("a", "5", "c")).await;
    sandbox.advance_to(epoch().plus_seconds(5)).await;
    v2(&sandbox, "POST", "charges/c/cancel", "").await;
    v2(&sandbox, "DELETE", "payees/d", "").await;
    control(&sandbox, "POST", "program/fund", r#"{"amount":"1.00"}"#).await;
    sandbox.settle_callbacks().await;
    let mut told: Vec<_> = receiver.got().into_iter().map(|g| g.target[1..].to_owned()).collect();
    told.sort_unstable();
    told.dedup();
    let mut all: Vec<_> = Event::ALL.iter().map(|e| e.name().to_owned()).collect();
    all.sort_unstable();
    assert_eq!(told, all);
}

#[tokio::test]
async fn a_real_clock_sends_and_tries_again_by_itself() {
    let sandbox = Sandbox::start(sandbox::Options::for_tests()).await.unwrap();
    let (receiver, url) = Receiver::start(&[500]).await;
    set(&sandbox, only(Event::Approved, url, Style::Get));
    set(&sandbox, |s| s.callback_retry_seconds = vec![1]);
    register(&sandbox, "u", Review::Approve);
    let status = || sandbox.with_world(|w| w.callbacks().next().unwrap().status);
    for _ in 0..200 {
        if status() == CallbackStatus::Delivered {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!((status(), receiver.got().len()), (CallbackStatus::Delivered, 2));
}
