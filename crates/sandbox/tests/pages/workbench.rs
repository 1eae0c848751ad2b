//! The back office's pages for tests: faults put in force and taken back, and what happened told as a story.

use sandbox::Sandbox;
use sandbox::faults::{Cut, Fault, Kind, NewRule, Scenario};
use sandbox::world::{Event, FIRST_PAYEE, Settings, Style};

use crate::browser::{Browser, start};

const FAULTS: &str = "/backoffice/faults";
const INSPECTOR: &str = "/backoffice/inspector";

async fn charge(sandbox: &Sandbox, reference: &str) -> Option<u16> {
    let body = format!(
        r#"{{"payee_id":"Test123","amount":"1.20","client_reference_id":"{reference}","description":"x","currency":"USD"}}"#
    );
    let client = reqwest::Client::builder().tls_certs_only([]).retry(reqwest::retry::never()).build().unwrap();
    let url = format!("{}/v2/programs/100012345/charges", sandbox.url());
    let answer = client.post(url).basic_auth("demo", Some("demo-api-password")).body(body).send().await;
    answer.ok().map(|answer| answer.status().as_u16())
}

#[tokio::test]
async fn a_scenario_is_run_seen_and_taken_back() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.open(FAULTS).await;
    page.tag("no-rules");
    page.tag("none-met");
    for scenario in Scenario::all() {
        page.tag(&format!("scenario-{}", scenario.name));
    }
    let form = [("scenario", "reply_lost_after_charge"), ("scenario_payee", FIRST_PAYEE)];
    let page = browser.post(&format!("{FAULTS}/scenario"), &form).await;
    assert_eq!(page.text("notice"), "reply_lost_after_charge waits for the next calls that fit.");
    assert!(page.has("data-rule=\"f1\"") && page.has("0 / 1"), "{}", page.html);
    assert_eq!(charge(&sandbox, "order-7").await, None);
    let page = browser.open(FAULTS).await;
    assert!(page.has("1 / 1") && page.has("order-7") && page.has("after_apply_before_reply reset"), "{}", page.html);
    let page = browser.post(&format!("{FAULTS}/remove"), &[("id", "f1")]).await;
    page.tag("no-rules");
    assert_eq!(browser.post(&format!("{FAULTS}/scenario"), &[("scenario", "nothing")]).await.status, 404);
}

#[tokio::test]
async fn rules_and_chaos_are_put_in_force_and_bad_ones_are_marked() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let good = [
        ("operation", "create_charge"),
        ("cut", "before_read"),
        ("kind", "server_error"),
        ("reference", "order-*"),
        ("times", "0"),
        ("skip", "1"),
        ("status", "504"),
    ];
    let page = browser.post(&format!("{FAULTS}/add"), &good).await;
    assert_eq!((page.status, page.text("notice")), (200, "The rule is in force."));
    let fault = Fault { status: Some(504), ..Fault::new(Cut::BeforeRead, Kind::ServerError) };
    let mut rule = NewRule { times: 0, skip: 1, ..NewRule::once("create_charge", fault) };
    rule.when.reference = Some("order-*".to_owned());
    assert_eq!(sandbox.faults().rules()[0].new, rule);
    assert_eq!([charge(&sandbox, "order-1").await, charge(&sandbox, "order-2").await], [Some(200), Some(504)]);

    for (field, bad) in [("times", "often"), ("status", "12"), ("kind", "late"), ("skip", "-1")] {
        let form: Vec<_> = good.iter().map(|(name, good)| (*name, if *name == field { bad } else { good })).collect();
        let page = browser.post(&format!("{FAULTS}/add"), &form).await;
        assert_eq!(page.status, 422, "{field}");
        assert_eq!(page.value("reference"), "order-*", "what was typed stays");
        assert_eq!(sandbox.faults().rules().len(), 1, "{field}");
    }
    let page = browser.post(&format!("{FAULTS}/chaos"), &[("profile", "hostile"), ("seed", "7")]).await;
    assert!(page.text("chaos").starts_with("hostile, drawn from seed 7"), "{}", page.text("chaos"));
    assert_eq!(browser.post(&format!("{FAULTS}/chaos"), &[("profile", "hostile"), ("seed", "x")]).await.status, 422);
    browser.post(&format!("{FAULTS}/chaos"), &[("profile", "calm")]).await;
    assert!(sandbox.faults().chaos().is_none());
    browser.post(&format!("{FAULTS}/remove"), &[]).await;
    assert!(sandbox.faults().rules().is_empty());
}

#[tokio::test]
async fn the_inspector_tells_a_payments_story_and_acts_on_it() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    browser.open(INSPECTOR).await.tag("empty");
    sandbox.with_world(|w| {
        let mut callbacks = Settings::example_callbacks("http://127.0.0.1:1/hook", Style::Get);
        let template = callbacks[&Event::PaymentLoaded].clone();
        callbacks.insert(Event::ChargeTransferred, template);
        w.set_settings(Settings { callbacks, callback_retry_seconds: vec![], ..w.settings().clone() }).unwrap();
    });
    sandbox.add_fault(NewRule::once("create_charge", Fault::new(Cut::AfterApplyBeforeReply, Kind::Reset))).unwrap();
    assert_eq!(charge(&sandbox, "order-7").await, None);
    assert_eq!(charge(&sandbox, "other").await, Some(200));
    let page = browser.open(INSPECTOR).await;
    assert!(page.has("planned") && page.has("Is settled"), "{}", page.html);
    sandbox.advance_to_next().await.unwrap();

    let page = browser.open(&format!("{INSPECTOR}?q=ORDER-7")).await;
    assert!(page.has("data-story=\"order-7\"") && !page.has("data-story=\"other\""), "{}", page.html);
    // In the order of the clock: the request with its fault, the money, the callback with its try.
    let order = [
        "after_apply_before_reply · reset · f1",
        "Taken from the payee",
        "Transferred to the program",
        "could not connect",
    ];
    let places: Vec<usize> =
        order.iter().map(|text| page.html.find(text).unwrap_or_else(|| panic!("{text}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    let url = format!("{}/v2/programs/100012345/charges", sandbox.url());
    assert!(page.has(&format!("curl -u &#34;$USER&#34; -X POST &#39;{url}&#39; -d &#39;")), "{}", page.html);

    let page = browser.post(INSPECTOR, &[("action", "replay"), ("id", "1"), ("q", "order-7")]).await;
    assert_eq!(page.text("notice"), "It is sent again as number 3.");
    assert!(page.has("Repeats number 1") && !page.has("data-story=\"other\""), "the search stays");
    let form = [("action", "fail"), ("operation", "charge_status"), ("reference", "order-7")];
    let page = browser.post(INSPECTOR, &form).await;
    assert_eq!(page.text("notice"), "The next such call takes effect and its reply is lost (rule f2).");
    let rule = sandbox.faults().rules()[1].new.clone();
    assert_eq!((rule.operation.as_deref(), rule.when.reference.as_deref()), (Some("charge_status"), Some("order-7")));
    assert_eq!(browser.post(INSPECTOR, &[("action", "replay"), ("id", "99")]).await.status, 409);
    assert_eq!(browser.post(INSPECTOR, &[("action", "fail"), ("operation", "nonsense")]).await.status, 409);

    let live = browser.open(&format!("{INSPECTOR}?live=yes&q=order-7")).await;
    assert!(live.has("<meta http-equiv=\"refresh\" content=\"3\">"));
    assert!(!browser.open(INSPECTOR).await.has("http-equiv=\"refresh\""), "it stands still unless asked");
}
