//! Probes against a real sandbox: what it does is found out, recorded with what went over the wire, and only what was
//! proven is on.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where something is missing")]

mod edge;
mod support;

use domain::capability::{Probe, Reaction};
use domain::program::Environment;
use edge::Asker;
use gateway::{AdminError, NewProgram};
use sandbox::world::Settings;
use secrecy::SecretString;
use support::{FIRST, House};

fn free_after_cancel(house: &House, free: bool) {
    house.sandbox.with_world(|world| {
        let kind = world.settings().clone().kind_to_references();
        let settings = Settings { reference_free_after_cancel: free, ..kind };
        world.set_settings(settings).unwrap();
    });
}

/// What a merchant is shown of a capability: whether it is on, and whether it was ever decided.
async fn stands(house: &House, name: &str) -> (bool, bool) {
    let program = Asker::merchant(house).get("/v1/program").await.json();
    let all = program["capabilities"].as_array().unwrap();
    let found = all.iter().find(|capability| capability["name"] == name).unwrap();
    (found["proven"].as_bool().unwrap(), !found["found_at"].is_null())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proven_is_turned_on_and_what_is_refuted_is_turned_off() {
    let house = House::open().await;
    let admin = house.admin();
    assert_eq!(stands(&house, "ref_unique_forever").await, (false, false), "nothing is assumed");

    free_after_cancel(&house, false);
    let answers = admin.probe(&house.program, FIRST).await.unwrap();
    let reaction = |probe| answers.iter().find(|answer| answer.probe == probe).unwrap().reaction;
    for probe in Probe::ALL {
        let expected = match probe {
            Probe::StatusAfterCharge | Probe::StatusOtherCase => Reaction::Accepted,
            _ => Reaction::Refused,
        };
        assert_eq!(reaction(*probe), expected, "{probe}");
    }
    assert_eq!(stands(&house, "ref_unique_forever").await, (true, true));
    assert_eq!(stands(&house, "status_read_your_writes").await, (true, true));
    assert_eq!(stands(&house, "reference_reusable_after_cancel").await, (false, true));
    assert_eq!(stands(&house, "close_stops_charge").await, (true, true));
    assert_eq!(house.charges_at_payoneer(), 2, "one for all questions about a used reference, one for the two at once");

    free_after_cancel(&house, true);
    let answers = admin.probe(&house.program, FIRST).await.unwrap();
    let again = answers.iter().find(|answer| answer.probe == Probe::AfterCancel).unwrap();
    assert_eq!(again.reaction, Reaction::Accepted);
    assert!(again.exchange.contains("probe-") && again.exchange.contains("audit_id"), "{}", again.exchange);
    assert!(answers.iter().all(|answer| !answer.exchange.contains("demo-api-password")));
    assert_eq!(stands(&house, "ref_unique_forever").await, (false, true));
    assert_eq!(stands(&house, "reference_reusable_after_cancel").await, (true, true));
    admin.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_with_the_nastiest_answers_is_found_out_and_nothing_is_proven() {
    let house = House::open().await;
    let admin = house.admin();
    let answers = admin.probe(&house.program, FIRST).await.unwrap();
    let answer = |probe| answers.iter().find(|answer| answer.probe == probe).unwrap();
    for (probe, reaction) in [
        (Probe::StatusNeverSent, Reaction::Unclear),
        (Probe::StatusAfterCharge, Reaction::Accepted),
        (Probe::StatusOtherCase, Reaction::Unclear),
        (Probe::SameReference, Reaction::Refused),
        (Probe::OtherCase, Reaction::Accepted),
        (Probe::AfterCancel, Reaction::Accepted),
        (Probe::Parallel, Reaction::Accepted),
        (Probe::ClosedAfterSending, Reaction::Accepted),
    ] {
        assert_eq!(answer(probe).reaction, reaction, "{probe}: {}", answer(probe).exchange);
    }
    // What was asked for least is kept raw: the body is Payoneer's, not our reading of it.
    let never: serde_json::Value = serde_json::from_str(&answer(Probe::StatusNeverSent).exchange).unwrap();
    assert_eq!((&never["reply"]["http_status"], &never["reply"]["body_excerpt"]), (&404.into(), &"{}".into()));
    let closed: serde_json::Value = serde_json::from_str(&answer(Probe::ClosedAfterSending).exchange).unwrap();
    assert_eq!(closed["charge"]["closed_before_an_answer"], true);
    assert_eq!(stands(&house, "ref_unique_forever").await, (false, true));
    assert_eq!(stands(&house, "close_stops_charge").await, (false, true));
    assert_eq!(stands(&house, "status_absent_is_explicit").await, (false, false), "unclear proves nothing");
    admin.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn production_is_never_probed_and_a_payee_without_money_teaches_nothing() {
    let house = House::open().await;
    let admin = house.admin();
    for environment in [Environment::Production, Environment::Url("https://api.payoneer.com/".to_owned())] {
        let new = NewProgram {
            name: environment.as_str().to_owned(),
            program_id: "100099999".to_owned(),
            environment,
            username: "shop".to_owned(),
            api_password: SecretString::from("another-password"),
            return_url: None,
        };
        let live = admin.add_program(new).await.unwrap();
        let refused = admin.probe(&live, FIRST).await;
        assert!(matches!(refused, Err(AdminError::Invalid { field: "program", .. })), "{refused:?}");
    }
    let stranger = admin.probe(&house.program, "stranger").await;
    assert!(matches!(stranger, Err(AdminError::Engine(_))), "{stranger:?}");
    assert_eq!(stands(&house, "ref_unique_forever").await, (false, false));
    assert_eq!(house.charges_at_payoneer(), 0);
    admin.close().await;
}
