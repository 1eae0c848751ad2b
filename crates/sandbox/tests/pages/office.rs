//! The back office's lists and what an operator does there.

use sandbox::Sandbox;
use sandbox::world::{
    Amount, CallbackStatus, ChargeStatus, Currency, FIRST_PAYEE, NewPayment, PayeeStatus, PayoutStatus, Review,
    SECOND_EMAIL, Settings, Style,
};

use crate::browser::{Browser, link, start};

/// Addresses of all sections.
pub(crate) const SECTIONS: [&str; 12] = [
    "/backoffice",
    "/backoffice/developer",
    "/backoffice/behaviour",
    "/backoffice/references",
    "/backoffice/faults",
    "/backoffice/inspector",
    "/backoffice/payees",
    "/backoffice/accounts",
    "/backoffice/charges",
    "/backoffice/payouts",
    "/backoffice/callbacks",
    "/backoffice/log",
];

fn payment(reference: &str, amount: &str) -> NewPayment {
    NewPayment {
        client_reference_id: reference.to_owned(),
        payee_id: FIRST_PAYEE.to_owned(),
        amount: Amount::parse(amount).unwrap(),
        currency: Currency::USD,
        description: "Annual plan".to_owned(),
    }
}

fn register(sandbox: &Sandbox, payee_id: &str, review: Review) {
    let token = link(sandbox, payee_id);
    sandbox.with_world(|w| {
        let account = w.account_by_email(SECOND_EMAIL).unwrap().id.clone();
        w.complete_link(&token, &account, Some(review)).unwrap();
    });
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[tokio::test]
async fn every_section_exists_in_both_languages() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    for path in SECTIONS.into_iter().chain(["/", "/backoffice/nowhere"]) {
        let english = browser.open(&format!("{path}?lang=en")).await;
        assert!(english.has("<html lang=\"en\">"));
        // The name of the other language is the only Chinese on an English page, and in a select of languages.
        let rest = english.html.replace("简体中文", "");
        assert!(!rest.contains(is_chinese), "{path}: {:?}", rest.chars().find(|c| is_chinese(*c)));
        let chinese = browser.open(&format!("{path}?lang=zh-CN")).await;
        assert!(chinese.has("<html lang=\"zh-Hans\">"));
        assert!(chinese.html.chars().filter(|c| is_chinese(*c)).count() > 20, "{path}");
        let status = if path.ends_with("nowhere") { 404 } else { 200 };
        assert_eq!((english.status, chinese.status), (status, status));
    }
    let page = browser.open("/backoffice/payees").await;
    assert!(page.has("付款用户"), "the last choice is kept");
    let mut fresh = Browser::new(&sandbox);
    fresh.languages = Some("zh-TW,en;q=0.5");
    assert!(fresh.open("/backoffice").await.has("商户后台"));
}

#[tokio::test]
async fn empty_lists_say_how_to_fill_them() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    for (path, hint) in
        [("charges", "curl"), ("log", "curl"), ("callbacks", "Developer options"), ("payouts", "No payouts yet")]
    {
        let page = browser.open(&format!("/backoffice/{path}")).await;
        assert!(page.text("empty").contains(hint), "{path}");
        assert!(!page.has("role=\"search\""), "there is nothing to search");
    }
}

#[tokio::test]
async fn the_operator_decides_about_payees() {
    let sandbox = start().await;
    register(&sandbox, "p1", Review::Pending);
    register(&sandbox, "p2", Review::Pending);
    let mut browser = Browser::new(&sandbox);
    assert!(browser.open("/backoffice").await.has("2 payees wait for your decision."));
    let page = browser.open("/backoffice/payees?q=pending").await;
    assert!(page.has("data-payee=\"p1\"") && !page.has("data-payee=\"Test123\""));
    let status = |id: &str| sandbox.with_world(|w| w.payee(id).map(|p| (p.status, p.reason.clone())));

    let path = "/backoffice/payees";
    let page = browser.post(path, &[("payee_id", "p1"), ("action", "approve")]).await;
    assert_eq!((page.status, page.text("notice")), (200, "The payee was approved."));
    assert_eq!(status("p1"), Some((PayeeStatus::Active, None)));
    browser.post(path, &[("payee_id", "p2"), ("action", "decline"), ("reason", "No documents")]).await;
    assert_eq!(status("p2"), Some((PayeeStatus::Inactive, Some("No documents".to_owned()))));
    browser.post(path, &[("payee_id", "p1"), ("action", "block")]).await;
    assert_eq!(status("p1").unwrap().0, PayeeStatus::Inactive);
    browser.post(path, &[("payee_id", "p1"), ("action", "release")]).await;
    assert_eq!(status("p1"), None);

    let page = browser.post(path, &[("payee_id", "p2"), ("action", "block")]).await;
    assert_eq!((page.status, page.text("notice")), (409, "Not done: payee is INACTIVE."));
    let page = browser.post(path, &[("payee_id", "p1"), ("action", "approve")]).await;
    assert_eq!(page.status, 404);
    let page = browser.post(path, &[("payee_id", "p2"), ("action", "explode")]).await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_link_made_by_hand_leads_to_the_hosted_page() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.post("/backoffice/payees/link", &[("new_payee_id", "by-hand")]).await;
    let address = page.html.split("href=\"").find(|part| part.starts_with("/partners/lp.aspx?token=")).unwrap();
    let page = browser.open(address.split('"').next().unwrap()).await;
    assert!(page.has("Step 1 of 4"));
    let page = browser.post("/backoffice/payees/link", &[("new_payee_id", "not ok")]).await;
    assert_eq!((page.status, page.value("new_payee_id")), (422, "not ok".to_owned()));
    page.tag("new_payee_id-error");
}

#[tokio::test]
async fn accounts_are_opened_funded_and_drained() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let form = [("email", "new@mail.example"), ("first_name", "Ann"), ("last_name", "Ng"), ("balance", "1000.5")];
    let page = browser.post("/backoffice/accounts", &form).await;
    assert_eq!(page.text("notice"), "The account was opened.");
    assert!(page.has("class=\"num\">1000.50 USD</td>"), "right-aligned and with two decimals");
    let id = sandbox.with_world(|w| w.account_by_email("new@mail.example").unwrap().id.clone());
    let token = link(&sandbox, "new-payee");
    let page = browser.log_in(&token, "new@mail.example", "sandbox-password").await;
    assert!(page.has("id=\"approve\""), "the usual password");

    let page = browser.post("/backoffice/accounts", &form).await;
    assert_eq!((page.status, page.text("email-error")), (409, "Another account has this address."));
    assert_eq!(page.value("last_name"), "Ng");
    let page = browser.post("/backoffice/accounts", &[("email", "x"), ("balance", "1")]).await;
    assert_eq!((page.status, page.text("email-error")), (422, "Please enter an address such as name@example.com."));
    let page = browser.post("/backoffice/accounts", &[("email", "y@mail.example"), ("balance", "1e3")]).await;
    page.tag("balance-error");

    let fund = "/backoffice/accounts/fund";
    browser.post(fund, &[("account_id", &id), ("amount", "0.25"), ("action", "fund")]).await;
    let page = browser.post(fund, &[("account_id", &id), ("amount", "1000"), ("action", "drain")]).await;
    assert!(page.has("class=\"num\">0.75 USD</td>"));
    let page = browser.post(fund, &[("account_id", &id), ("amount", "0.76"), ("action", "drain")]).await;
    assert_eq!((page.status, page.text("notice")), (409, "The balance is too small."));
    for bad in ["", "-1", "1.234", "1,5", "abc"] {
        let page = browser.post(fund, &[("account_id", &id), ("amount", bad), ("action", "fund")]).await;
        assert_eq!(page.status, 422, "{bad}");
    }
    let audit = sandbox.with_world(|w| w.journal().audit());
    assert!(audit.balanced);
}

#[tokio::test]
async fn the_program_can_be_funded() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.post("/backoffice/fund", &[("amount", "99.99")]).await;
    assert_eq!(page.text("program-balance"), "10299.99 USD");
    for bad in ["", "0", "-5", "1.999"] {
        let page = browser.post("/backoffice/fund", &[("amount", bad)]).await;
        assert_eq!(page.status, 422, "{bad}");
        page.tag("amount-error");
    }
    assert!(browser.open("/backoffice").await.has("balanced</span>"));
}

#[tokio::test]
async fn charges_are_settled_failed_and_refunded_by_hand() {
    let sandbox = start().await;
    for (reference, amount) in [("order-1", "12.5"), ("order-2", "7"), ("order-3", "1.2")] {
        sandbox.with_world(|w| w.create_charge(payment(reference, amount))).unwrap();
    }
    let mut browser = Browser::new(&sandbox);
    let page = browser.open("/backoffice/charges").await;
    assert!(page.has(">12.50 USD</td>") && page.has("data-reference=\"order-1\" data-status=\"Pending\""));
    let status = |reference: &str| sandbox.with_world(|w| w.charge(reference).unwrap().status);
    let act = async |browser: &mut Browser, reference: &str, action: &str| {
        browser.post("/backoffice/charges", &[("reference", reference), ("action", action)]).await
    };
    assert_eq!(act(&mut browser, "order-1", "settle").await.text("notice"), "Done.");
    assert_eq!(status("order-1"), ChargeStatus::Transferred);
    act(&mut browser, "order-2", "fail").await;
    assert_eq!(status("order-2"), ChargeStatus::Failed);
    act(&mut browser, "order-1", "cancel").await;
    assert_eq!(status("order-1"), ChargeStatus::Refunded);
    assert_eq!(act(&mut browser, "order-2", "settle").await.status, 409);
    assert_eq!(act(&mut browser, "nothing", "settle").await.status, 404);
    let page = browser.open("/backoffice/charges?q=ORDER-3").await;
    assert!(page.has("order-3") && !page.has("order-1"));
    let page = browser.open("/backoffice/charges?q=nothing-like-it").await;
    assert_eq!(page.text("empty"), "Nothing matches the search.");
}

#[tokio::test]
async fn payouts_are_paid_failed_and_cancelled_by_hand() {
    let sandbox = start().await;
    for reference in ["pay-1", "pay-2", "pay-3"] {
        sandbox.with_world(|w| w.create_payout(payment(reference, "10"), None, None)).unwrap();
    }
    let mut browser = Browser::new(&sandbox);
    for (reference, action, expected) in [
        ("pay-1", "settle", PayoutStatus::Funded),
        ("pay-1", "fail", PayoutStatus::Cancelled),
        ("pay-2", "cancel", PayoutStatus::Cancelled),
    ] {
        browser.post("/backoffice/payouts", &[("reference", reference), ("action", action)]).await;
        assert_eq!(sandbox.with_world(|w| w.payout(reference).unwrap().status), expected, "{reference} {action}");
    }
    let page = browser.open("/backoffice/payouts").await;
    assert!(page.has("10009 Action cannot be performed"), "why it failed");
    assert!(page.has("data-reference=\"pay-3\" data-status=\"Pending\""));
}

#[tokio::test]
async fn the_api_log_shows_calls_without_credentials() {
    let sandbox = start().await;
    let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    let url = format!("{}/v2/programs/100012345/payees/nobody/status/", sandbox.url());
    let call = client.post(&url).basic_auth("demo", Some("demo-api-password")).body("{\"payee_id\":\"nobody\"}");
    let reply: serde_json::Value = serde_json::from_str(&call.send().await.unwrap().text().await.unwrap()).unwrap();
    let mut browser = Browser::new(&sandbox);
    let page = browser.open("/backoffice/log").await;
    assert!(page.has("/v2/programs/100012345/payees/nobody/status/") && page.has(">10005<"));
    assert!(page.has("<span class=\"tag bad\">404</span>") && page.has(&reply["audit_id"].to_string()));
    assert!(page.has("Payee was not found") && page.has("{&#34;payee_id&#34;:&#34;nobody&#34;}"));
    assert!(!page.has("demo-api-password") && !page.has("Basic "));
    assert!(page.has("2026-11-23 15:00:00"));
    assert!(browser.open("/backoffice/log?q=10005").await.has("nobody"));
}

#[tokio::test]
async fn callbacks_are_listed_and_sent_again() {
    let sandbox = start().await;
    sandbox.with_world(|w| {
        let mut settings = w.settings().clone();
        // Nobody listens on port 1 of this machine.
        settings.callbacks = Settings::example_callbacks("http://127.0.0.1:1/hook", Style::Get);
        settings.callback_retry_seconds = Vec::new();
        w.set_settings(settings).unwrap();
    });
    register(&sandbox, "caller", Review::Approve);
    sandbox.settle_callbacks().await;
    let mut browser = Browser::new(&sandbox);
    assert!(browser.open("/backoffice").await.has("2 callbacks were given up."));
    let page = browser.open("/backoffice/callbacks").await;
    assert!(page.has("Payee approved") && page.has("GET http://127.0.0.1:1/hook?APPROVED=true&#38;payeeid=caller"));
    assert!(page.tag("callback-2").contains("data-status=\"GivenUp\""));
    let page = browser.post("/backoffice/callbacks", &[("id", "2")]).await;
    assert_eq!(page.text("notice"), "It is sent again as number 3.");
    assert!(page.has("Repeats number 2"));
    sandbox.settle_callbacks().await;
    sandbox.with_world(|w| {
        let (old, new) = (w.callback(2).unwrap(), w.callback(3).unwrap());
        assert_eq!((new.replay_of, &new.url), (Some(2), &old.url));
        assert_eq!((new.status, new.tries.len()), (CallbackStatus::GivenUp, 1));
    });
    assert_eq!(browser.post("/backoffice/callbacks", &[("id", "99")]).await.status, 404);
    assert_eq!(browser.post("/backoffice/callbacks", &[("id", "x")]).await.status, 404);
}

#[tokio::test]
async fn long_lists_have_pages() {
    let sandbox = start().await;
    for n in 0..120 {
        sandbox.with_world(|w| w.create_payout(payment(&format!("pay-{n:03}"), "0.01"), None, None)).unwrap();
    }
    let mut browser = Browser::new(&sandbox);
    let mut seen = std::collections::BTreeSet::new();
    let mut next = Some("/backoffice/payouts?q=pay".to_owned());
    let mut ranges = Vec::new();
    while let Some(path) = next {
        let page = browser.open(&path).await;
        seen.extend(page.html.split("data-reference=\"").skip(1).map(|part| part[..7].to_owned()));
        ranges.push(["1 to 50 of 120", "51 to 100 of 120", "101 to 120 of 120"].map(|range| page.has(range)));
        let link = page.html.split("href=\"").find(|part| part.contains("rel=\"next\""));
        next = link.map(|link| link.split('"').next().unwrap().replace("&#38;", "&"));
    }
    assert_eq!(ranges, [[true, false, false], [false, true, false], [false, false, true]]);
    assert_eq!(seen.len(), 120, "every row once");
    assert_eq!(browser.open("/backoffice/payouts?page=999999").await.status, 200);
}

#[tokio::test]
async fn malice_is_written_as_text_in_every_section() {
    let sandbox = start().await;
    let bad = "\"'><script>alert(1)</script>";
    sandbox.with_world(|w| {
        let mut settings = w.settings().clone();
        settings.merchant_name = bad.to_owned();
        settings.redirect_url = Some(format!("https://shop.example/?{bad}"));
        settings.callbacks = Settings::example_callbacks(&format!("http://127.0.0.1:1/{bad}"), Style::Post);
        w.set_settings(settings).unwrap();
        let mut new = payment(&format!("r{bad}"), "1");
        new.description = bad.to_owned();
        w.create_charge(new.clone()).unwrap();
        w.create_payout(new, None, None).unwrap();
    });
    register(&sandbox, "a\"b!?.", Review::Pending);
    sandbox.with_world(|w| w.decline_payee("a\"b!?.", Some(bad))).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    let url = format!("{}/v2/programs/100012345/payees/{bad}/status", sandbox.url());
    client.post(url).basic_auth("demo", Some("demo-api-password")).body(bad).send().await.unwrap();
    let mut browser = Browser::new(&sandbox);
    for path in SECTIONS {
        for query in [String::new(), format!("?q={bad}&lang={bad}&done={bad}&page={bad}")] {
            let page = browser.open(&format!("{path}{query}")).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(!page.has("<script"), "{path}{query}:\n{}", page.html);
        }
    }
    for path in [
        "/backoffice/developer/redirect",
        "/backoffice/developer/fill",
        "/backoffice/behaviour",
        "/backoffice/references",
        "/backoffice/accounts",
    ] {
        let fields =
            ["redirect_url", "redirect_seconds", "base", "merchant_name", "email", "first_name", "review_seconds"];
        let form: Vec<_> = fields.iter().map(|field| (*field, bad)).collect();
        let page = browser.post(path, &form).await;
        assert_eq!(page.status, 422, "{path}");
        assert!(!page.has("<script"), "{path}");
    }
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let before = sandbox.with_world(|w| w.snapshot().unwrap());
    let form =
        [("amount", "5"), ("action", "approve"), ("payee_id", FIRST_PAYEE), ("redirect_url", "https://evil.example/")];
    for path in [
        "/backoffice/fund",
        "/backoffice/developer/redirect",
        "/backoffice/developer/callbacks",
        "/backoffice/developer/fill",
        "/backoffice/developer/signature",
        "/backoffice/behaviour",
        "/backoffice/references",
        "/backoffice/payees",
        "/backoffice/payees/link",
        "/backoffice/accounts",
        "/backoffice/accounts/fund",
        "/backoffice/charges",
        "/backoffice/payouts",
        "/backoffice/callbacks",
        "/backoffice/faults/scenario",
        "/backoffice/faults/chaos",
        "/backoffice/faults/add",
        "/backoffice/faults/remove",
        "/backoffice/inspector",
    ] {
        for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
            let page = browser.post_from(path, &form, &[foreign]).await;
            assert_eq!(page.status, 403, "{path} {foreign:?}");
        }
    }
    assert_eq!(sandbox.with_world(|w| w.snapshot().unwrap()), before);
}
