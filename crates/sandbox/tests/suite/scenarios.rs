//! The catalogue of scenarios: complete, installable by name, and each of its faults really met by a client's calls.

use std::collections::BTreeSet;

use sandbox::faults::{Call, Scenario, Subject};
use sandbox::world::{ChargeStatus, Review};

use crate::support::{control, payment, register, start, v2};

#[test]
fn every_scenario_is_named_explained_and_does_something() {
    let names: BTreeSet<_> = Scenario::all().map(|s| s.name).collect();
    assert_eq!(names.len(), Scenario::all().count(), "names are unique");
    assert!(names.len() >= 30, "{}", names.len());
    for s in Scenario::all() {
        assert!(s.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{}", s.name);
        assert!(s.happens.ends_with('.') && s.correct.ends_with('.') && !s.happens.contains('|'), "{}", s.name);
        assert_ne!(s.steps.is_empty(), s.change.is_none(), "{} is made by faults or by a setting", s.name);
        for step in s.steps {
            step.fault.check().unwrap_or_else(|e| panic!("{}: {e}", s.name));
        }
    }
    for named in [
        "reply_lost_after_charge",
        "duplicate_callback",
        "callback_before_reply",
        "forged_callback",
        "payout_returned_after_transfer",
        "charge_reset_before_read",
    ] {
        assert!(names.contains(named), "{named}");
    }
}

#[tokio::test]
async fn every_scenario_installs_and_its_calls_meet_every_step() {
    let sandbox = start().await;
    for s in Scenario::all() {
        sandbox.with_world(|w| {
            w.faults_mut().clear();
            w.install_scenario(s.name, None).unwrap();
            for step in s.steps {
                let subject = Subject { operation: step.operation.to_owned(), ..Subject::default() };
                let call = Call { subject: &subject, key: None, username: None };
                for _ in 0..step.times {
                    assert_eq!(w.faults_mut().choose(&call).unwrap().fault, step.fault, "{}", s.name);
                }
            }
            w.faults().assert_fired();
        });
    }
}

#[tokio::test]
async fn a_scenario_happens_to_the_reference_that_it_was_installed_for() {
    let sandbox = start().await;
    let installed = control(&sandbox, "POST", "scenarios/server_error_after_charge", r#"{"reference":"mine"}"#).await;
    assert_eq!((installed.status, &installed.json()["data"][0]["script"]), (201, &"server_error_after_charge".into()));
    let post =
        async |reference: &str| v2(&sandbox, "POST", "charges", &payment("Test123", "1", reference)).await.status;
    assert_eq!([post("other").await, post("mine").await, post("mine").await], [200, 503, 400]);
    assert!(sandbox.with_world(|w| w.charge("mine").is_some_and(|c| c.status == ChargeStatus::Pending)));
    assert_eq!(control(&sandbox, "POST", "scenarios/nothing_of_the_kind", "").await.status, 404);
    let told = control(&sandbox, "GET", "scenarios", "").await.json();
    assert_eq!(told.as_array().unwrap().len(), Scenario::all().count());
}

#[tokio::test]
async fn settings_make_scenarios_too() {
    let sandbox = start().await;
    for name in ["errors_come_as_200", "success_word_is_done", "payee_waits_for_review"] {
        assert_eq!(control(&sandbox, "POST", &format!("scenarios/{name}"), "").await.status, 201);
    }
    assert_eq!(v2(&sandbox, "POST", "charges/none/cancel", "").await.verdict(), (200, 10311));
    register(&sandbox, "p", Review::Approve);
    v2(&sandbox, "POST", "charges", &payment("Test123", "1", "r")).await;
    control(&sandbox, "POST", "charges/r/settle", "").await;
    assert_eq!(v2(&sandbox, "GET", "charges/r/status", "").await.json()["status"], "DONE");
    assert_eq!(sandbox.with_world(|w| w.settings().review), Review::Pending);
}
