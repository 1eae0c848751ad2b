//! The virtual clock: it stands, advances, skips, and never runs backwards.

use sandbox::faults::{Cut, Fault, Kind, NewRule};
use sandbox::world::{ClockMode, Review, Settings, Time};
use sandbox::{Options, Sandbox};

use crate::support::{control, epoch, payment, start, v2};

#[tokio::test]
async fn advancing_tells_what_fired() {
    let sandbox = start().await;
    sandbox.with_world(|w| {
        let settings = Settings { review_seconds: 60, review: Review::Decline, ..w.settings().clone() };
        w.set_settings(settings).unwrap();
    });
    let link = control(&sandbox, "POST", "links", r#"{"payee_id":"slow"}"#).await;
    let token = link.json()["token"].as_str().unwrap().to_owned();
    let done = control(&sandbox, "POST", &format!("links/{token}/complete"), "{}").await;
    assert_eq!(done.json()["payee"]["status"], "PENDING");
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await;

    let seen = control(&sandbox, "GET", "clock", "").await.json();
    assert_eq!((&seen["mode"], seen["planned"].as_array().unwrap().len()), (&"manual".into(), 2));
    let first = control(&sandbox, "POST", "clock/advance", r#"{"next":true}"#).await.json();
    assert_eq!(first["now"], epoch().plus_seconds(1).to_string());
    assert_eq!(first["fired"][0]["what"], "settle_charge");
    assert_eq!(first["fired"][0]["effect"], true);
    let then = control(&sandbox, "POST", "clock/advance", r#"{"seconds":59}"#).await.json();
    assert_eq!(then["fired"][0]["payee_id"], "slow");
    assert_eq!(v2(&sandbox, "GET", "payees/slow/status", "").await.json()["status"], "INACTIVE");
    let nothing = control(&sandbox, "POST", "clock/advance", r#"{"next":true}"#).await.json();
    assert_eq!((&nothing["fired"], &nothing["now"]), (&serde_json::json!([]), &then["now"]));
}

#[tokio::test]
async fn an_operator_can_be_faster_than_the_clock() {
    let sandbox = start().await;
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await;
    control(&sandbox, "POST", "charges/c/cancel", "").await;
    let advanced = control(&sandbox, "POST", "clock/advance", r#"{"seconds":5}"#).await.json();
    assert_eq!(advanced["fired"][0]["effect"], false);
    assert_eq!(v2(&sandbox, "GET", "charges/c/status", "").await.json()["status"], "Refunded");
}

#[tokio::test]
async fn bad_wishes_are_refused() {
    let sandbox = start().await;
    for (body, status) in [
        (r#"{"seconds":-1}"#, 422),
        (r#"{"seconds":1.5}"#, 422),
        (r#"{"seconds":99999999999}"#, 422),
        (r#"{"to":"2020-01-01T00:00:00Z"}"#, 422),
        (r#"{"to":"yesterday"}"#, 422),
        (r#"{"seconds":1,"next":true}"#, 422),
        (r#"{"next":false}"#, 422),
        ("{}", 422),
        ("", 422),
        ("{", 400),
        (r#"{"minutes":1}"#, 422),
    ] {
        assert_eq!(control(&sandbox, "POST", "clock/advance", body).await.status, status, "{body}");
    }
    assert_eq!(sandbox.with_world(|w| w.now()), epoch());
}

#[tokio::test]
async fn a_real_clock_keeps_the_lead_it_was_given() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let before = sandbox.with_world(|w| w.now());
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":86400}"#).await;
    let after = sandbox.with_world(|w| w.now());
    assert!(after >= before.plus_seconds(86_400));
    control(&sandbox, "POST", "clock/mode", r#"{"mode":"manual"}"#).await;
    let stands = sandbox.with_world(|w| w.now());
    control(&sandbox, "POST", "clock/mode", r#"{"mode":"real"}"#).await;
    assert!(sandbox.with_world(|w| w.now()) >= stands);
    assert_eq!(sandbox.with_world(|w| w.clock().mode), ClockMode::Real);
    assert!(stands > Time::from_micros(0));
}

#[tokio::test]
async fn a_real_clock_settles_by_itself() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "c")).await;
    let status = async || v2(&sandbox, "GET", "charges/c/status", "").await.json()["status"].clone();
    for _ in 0..200 {
        if status().await == "Transferred" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(status().await, "Transferred");
}

#[tokio::test]
async fn a_clock_runs_so_many_times_as_fast() {
    let sandbox = start().await;
    for bad in [r#"{"mode":"times"}"#, r#"{"mode":"times","times":0}"#, r#"{"mode":"real","times":2}"#] {
        assert_eq!(control(&sandbox, "POST", "clock/mode", bad).await.status, 422, "{bad}");
    }
    let begun = std::time::Instant::now();
    let seen = control(&sandbox, "POST", "clock/mode", r#"{"mode":"times","times":3600}"#).await.json();
    assert_eq!((&seen["mode"], &seen["times"]), (&"times".into(), &3600.into()));
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await.verdict(), (200, 0));
    // A virtual second is over in a real moment, without anybody asking the world.
    while !sandbox.with_world(|w| w.charge("r").unwrap().settled_at.is_some()) {
        tokio::task::yield_now().await;
    }
    let (now, real) = (sandbox.with_world(|w| w.now()), begun.elapsed());
    let passed = u128::try_from(now.micros() - epoch().micros()).unwrap();
    assert!(passed <= real.as_micros() * 3_600, "it does not jump to real time: {now}");
    // It stands again where it was, and runs on from there.
    control(&sandbox, "POST", "clock/mode", r#"{"mode":"manual"}"#).await;
    let stood = sandbox.with_world(|w| w.now());
    assert!(stood >= now);
    control(&sandbox, "POST", "clock/advance", r#"{"seconds":10}"#).await;
    assert_eq!(sandbox.with_world(|w| w.now()), stood.plus_seconds(10));
}

#[tokio::test]
async fn advancing_in_process_tells_what_fired() {
    let sandbox = start().await;
    assert!(sandbox.advance_to_next().await.is_none());
    let late = Fault::new(Cut::ApplyAfterTimeout, Kind::ServerError);
    sandbox.add_fault(NewRule::once("create_charge", late)).unwrap();
    assert_eq!(v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await.status, 503);
    let taken = sandbox.advance_to_next().await.unwrap();
    assert_eq!((taken.now, taken.late_calls, taken.fired.len()), (epoch().plus_seconds(60), vec![1], 0));
    let settled = sandbox.advance_to_next().await.unwrap();
    assert!(matches!(&settled.fired[..], [fired] if fired.effect), "{settled:?}");
    assert_eq!(settled.now, epoch().plus_seconds(61));
    assert!(sandbox.advance_to_next().await.is_none());
}
