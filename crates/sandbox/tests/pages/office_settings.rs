//! Developer options, review policy and switches.

use sandbox::world::{Event, LinkKind, NewLink, Review, SameReference, Settings, StatusAbsent, Style, SuccessWord};

use crate::browser::{Browser, Page, start};
use crate::office::SECTIONS;

const REDIRECT: &str = "/backoffice/developer/redirect";
const CALLBACKS: &str = "/backoffice/developer/callbacks";
const FILL: &str = "/backoffice/developer/fill";
const SIGNATURE: &str = "/backoffice/developer/signature";
const BEHAVIOUR: &str = "/backoffice/behaviour";

#[tokio::test]
async fn the_redirect_is_saved_and_checked() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let url = "https://shop.example/pay?payee={{apuid}}";
    let page = browser.post(REDIRECT, &[("redirect_url", url), ("redirect_seconds", "9")]).await;
    assert_eq!((page.status, page.text("notice")), (200, "The redirect was saved."));
    assert_eq!(page.value("redirect_url"), url);
    let saved = || sandbox.with_world(|w| (w.settings().redirect_url.clone(), w.settings().redirect_seconds));
    assert_eq!(saved(), (Some(url.to_owned()), 9));

    for bad in
        ["shop.example", "javascript:alert(1)", "ftp://shop.example/", "https://user:pass@shop.example/", "http://"]
    {
        let page = browser.post(REDIRECT, &[("redirect_url", bad), ("redirect_seconds", "1000")]).await;
        assert_eq!((page.status, page.value("redirect_url")), (422, bad.to_owned()));
        assert!(page.tag("redirect_url").contains("aria-describedby=\"redirect_url-error\""), "{bad}");
        assert_eq!(page.text("redirect_seconds-error"), "Please enter a whole number from 0 to 999.");
        assert_eq!(page.value("redirect_seconds"), "1000");
        assert_eq!(saved(), (Some(url.to_owned()), 9), "nothing was saved");
    }
    browser.post(REDIRECT, &[("redirect_url", ""), ("redirect_seconds", "0")]).await;
    assert_eq!(saved(), (None, 0), "empty sends nobody");
}

#[tokio::test]
async fn every_event_has_a_template_of_its_own() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.open("/backoffice/developer").await;
    for event in Event::ALL {
        page.tag(&format!("url-{event}"));
        page.tag(&format!("method-{event}"));
    }
    assert!(page.has("<code>{{ReasonDescription}}</code>") && page.has("?APPROVED=true&#38;payeeid={{apuid}}"));

    let get = "http://127.0.0.1:1/cb?APPROVED=true&p={{apuid}}";
    let form = [
        ("url-approved", get),
        ("method-approved", "GET"),
        ("url-declined", "http://127.0.0.1:1/declined"),
        ("method-declined", "POST"),
    ];
    let page = browser.post(CALLBACKS, &form).await;
    assert_eq!(page.text("notice"), "The callbacks were saved.");
    assert_eq!(page.value("url-approved"), get);
    let saved = || sandbox.with_world(|w| w.settings().callbacks.clone());
    assert_eq!(saved().keys().copied().collect::<Vec<_>>(), [Event::Approved, Event::Declined]);
    assert_eq!(saved()[&Event::Declined].method, Style::Post);

    let bad = [("url-approved", "not a url"), ("url-declined", "http://127.0.0.1:1/new")];
    let page = browser.post(CALLBACKS, &bad).await;
    assert_eq!((page.status, page.value("url-approved")), (422, "not a url".to_owned()));
    page.tag("url-approved-error");
    assert!(!page.has("id=\"url-declined-error\""), "only what is wrong is marked");
    assert_eq!(saved()[&Event::Approved].url, get, "all or nothing");
}

#[tokio::test]
async fn all_addresses_can_be_filled_in_at_once() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let base = "http://127.0.0.1:8080/callbacks/payoneer/prg_1/abc";
    let page = browser.post(FILL, &[("base", base), ("base_method", "GET")]).await;
    assert_eq!(page.text("notice"), "All addresses were filled in.");
    assert!(page.value("url-approved").starts_with(&format!("{base}?APPROVED=true&payeeid={{{{apuid}}}}")));
    let page = browser.post(FILL, &[("base", base), ("base_method", "POST")]).await;
    assert_eq!(page.value("url-declined"), format!("{base}/declined"));
    for bad in ["", "example", "javascript:x"] {
        let page = browser.post(FILL, &[("base", bad)]).await;
        assert_eq!(page.status, 422);
        page.tag("base-error");
    }
    assert_eq!(sandbox.with_world(|w| w.settings().callbacks.len()), 8);
}

fn signing(page: &Page) -> bool {
    page.tag("signing").contains("data-signing=\"true\"")
}

#[tokio::test]
async fn a_generated_secret_is_shown_once() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.open("/backoffice/developer").await;
    assert!(!signing(&page) && page.text("secret-mask") == "None");
    let app = ("app_name", "Webhook-IPCNSender-sandbox");
    let page = browser.post(SIGNATURE, &[app, ("secret", ""), ("action", "new")]).await;
    assert_eq!(page.status, 200);
    let secret = page.text("secret-value").to_owned();
    assert_eq!(secret.len(), 64);
    let kept = sandbox.with_world(|w| w.settings().hmac.secret.clone().unwrap());
    assert_eq!(kept.expose(), secret, "it is the one that signs");
    assert!(signing(&page));
    for path in SECTIONS {
        assert!(!browser.open(path).await.has(&secret), "{path}");
    }
    let page = browser.open("/backoffice/developer").await;
    assert!(page.has("<code>********</code>"));

    let page = browser.post(SIGNATURE, &[app, ("action", "off")]).await;
    assert!(!signing(&page));
    let page = browser.post(SIGNATURE, &[app, ("action", "keep")]).await;
    assert!(signing(&page) && !page.has(&secret));
    assert_eq!(sandbox.with_world(|w| w.settings().hmac.secret.clone().unwrap().expose().to_owned()), secret);
    let page = browser.post(SIGNATURE, &[app, ("action", "new")]).await;
    assert_ne!(page.text("secret-value"), secret, "a new one is another one");
}

#[tokio::test]
async fn a_typed_secret_is_taken_and_never_shown() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let form = [("app_name", "Shop-Sender"), ("secret", "sandbox-demo-hmac-secret-0001"), ("action", "new")];
    let page = browser.post(SIGNATURE, &form).await;
    assert!(signing(&page) && !page.has("sandbox-demo-hmac-secret-0001"));
    let hmac = sandbox.with_world(|w| w.settings().hmac.clone());
    assert_eq!(
        (hmac.app_name.as_str(), hmac.secret.unwrap().expose()),
        ("Shop-Sender", "sandbox-demo-hmac-secret-0001")
    );
    let page = browser.post(SIGNATURE, &[("app_name", "a:b"), ("secret", "hidden-text"), ("action", "new")]).await;
    assert_eq!(page.status, 422);
    page.tag("app_name-error");
    assert!(!page.has("hidden-text"), "not even when it is refused");
    assert_eq!(sandbox.with_world(|w| w.settings().hmac.app_name.clone()), "Shop-Sender");
}

const GOOD: [(&str, &str); 12] = [
    ("merchant_name", "梅记商店"),
    ("language_id", "4"),
    ("review", "pending"),
    ("review_seconds", "30"),
    ("opening_balance", "55.5"),
    ("charge_settle_seconds", ""),
    ("payout_settle_seconds", "0"),
    ("charge_success_word", "DONE"),
    ("errors_as_200", "yes"),
    ("callback_delay_seconds", "3"),
    ("callback_retry_seconds", "1, 2，3"),
    ("callback_timeout_ms", "500"),
];

#[tokio::test]
async fn policy_and_switches_are_saved() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.post(BEHAVIOUR, &GOOD).await;
    assert_eq!((page.status, page.text("notice")), (200, "The settings were saved."));
    let s = sandbox.with_world(|w| w.settings().clone());
    assert_eq!((s.merchant_name.as_str(), s.language_id, s.review), ("梅记商店", 4, Review::Pending));
    assert_eq!((s.review_seconds, s.opening_balance.to_string().as_str()), (30, "55.50"));
    assert_eq!((s.charge_settle_seconds, s.payout_settle_seconds), (None, Some(0)));
    assert_eq!((s.charge_success_word, s.errors_as_200), (SuccessWord::Done, true));
    assert_eq!((s.callback_delay_seconds, s.callback_timeout_ms), (3, 500));
    assert_eq!(s.callback_retry_seconds, [1, 2, 3]);
    assert_eq!(page.value("merchant_name"), "梅记商店");
    assert_eq!(page.text("merchant-name"), "梅记商店");

    let token = sandbox.with_world(|w| w.make_link(NewLink::plain(LinkKind::Registration, "x"))).unwrap().0.token;
    let page = browser.hosted(&token).await;
    assert!(page.has("<html lang=\"zh-Hans\">") && page.has("梅记商店"), "the hosted page follows");

    let without: Vec<_> = GOOD.iter().copied().filter(|(field, _)| *field != "errors_as_200").collect();
    browser.post(BEHAVIOUR, &without).await;
    assert!(!sandbox.with_world(|w| w.settings().errors_as_200), "an unticked box is not sent");
}

#[tokio::test]
async fn settings_that_cannot_be_taken_are_marked_and_nothing_is_saved() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let before = sandbox.with_world(|w| w.settings().clone());
    for (field, bad) in [
        ("merchant_name", ""),
        ("review_seconds", "-1"),
        ("review_seconds", "31536001"),
        ("opening_balance", "1.999"),
        ("charge_settle_seconds", "soon"),
        ("payout_settle_seconds", "1.5"),
        ("callback_delay_seconds", ""),
        ("callback_retry_seconds", "1;2"),
        ("callback_timeout_ms", "5"),
    ] {
        let form: Vec<_> = GOOD.iter().map(|(name, good)| (*name, if *name == field { bad } else { good })).collect();
        let page = browser.post(BEHAVIOUR, &form).await;
        assert_eq!((page.status, page.value(field)), (422, bad.to_owned()), "{field}");
        page.tag(&format!("{field}-error"));
        assert!(page.has("<option value=\"pending\" selected>"), "what was chosen stays");
        assert_eq!(sandbox.with_world(|w| w.settings().clone()), before, "{field}");
    }
}

const REFERENCES: &str = "/backoffice/references";

#[tokio::test]
async fn the_answers_about_references_are_switched_one_by_one_and_all_at_once() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let form = [
        ("same_reference", "replayed"),
        ("reference_memory_seconds", ""),
        ("reference_case_matters", "no"),
        ("reference_free_after_cancel", "no"),
        ("same_reference_races", "yes"),
        ("status_lag_seconds", "7"),
        ("status_absent", "bad_request"),
        ("survives_close", "no"),
    ];
    let page = browser.post(REFERENCES, &form).await;
    assert_eq!((page.status, page.text("notice")), (200, "The settings were saved."));
    let s = sandbox.with_world(|w| w.settings().clone());
    assert_eq!((s.same_reference, s.reference_memory_seconds), (SameReference::Replayed, None));
    assert_eq!((s.reference_case_matters, s.reference_free_after_cancel), (false, false));
    assert_eq!((s.same_reference_races, s.status_lag_seconds), (true, 7));
    assert_eq!((s.status_absent, s.survives_close), (StatusAbsent::BadRequest, false));
    assert!(page.has("<option value=\"replayed\" selected>") && page.value("status_lag_seconds") == "7");

    for (field, bad) in [("reference_memory_seconds", "soon"), ("status_lag_seconds", "")] {
        let form: Vec<_> = form.iter().map(|(name, good)| (*name, if *name == field { bad } else { good })).collect();
        let page = browser.post(REFERENCES, &form).await;
        assert_eq!(page.status, 422, "{field}");
        page.tag(&format!("{field}-error"));
        assert_eq!(sandbox.with_world(|w| w.settings().clone()), s, "{field}");
    }
    browser.post(REFERENCES, &[("action", "kind")]).await;
    assert_eq!(sandbox.with_world(|w| w.settings().clone()), s.clone().kind_to_references());
    browser.post(REFERENCES, &[("action", "nasty")]).await;
    assert_eq!(sandbox.with_world(|w| w.settings().clone()), Settings::default());
}
