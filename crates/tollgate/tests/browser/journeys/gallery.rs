//! Pages that the other journeys do not pass, for their pictures: reviews that last, refusals, ends, dead links.

use std::rc::Rc;

use api::authorization_session::Account;
use api::{CheckoutSession, CreateAuthorizationSession, MandateStatus};
use reqwest::RequestBuilder;
use serde_json::json;

use super::{begin, hosted_page};
use crate::stage::Stage;

const PAYEE: &str = "user-11";
const EMAIL: &str = "existing@sandbox.example";

pub(crate) async fn walk(stage: Rc<Stage>) {
    stage.house.payoneer.set(json!({ "review": "pending", "redirect_seconds": 60 })).await;
    let checkout = review(&stage).await;
    without_checkout(&stage).await;
    refused(&stage, &checkout).await;
    paid_and_given_back(&stage).await;
    permission_lost(&stage).await;
    hosted_extras(&stage).await;
    office_extras(&stage).await;
    dead_ends(&stage, &checkout).await;
    unreachable(&stage).await;
}

/// A review that lasts.
async fn review(stage: &Stage) -> CheckoutSession {
    let (browser, tag) = (&stage.browser, stage.words.tag());
    let checkout = begin(stage, PAYEE).await;
    browser.click("#go-log-in").await;
    browser.see("#login_email").await;
    browser.inspect("hosted-log-in", tag).await;
    browser.fill("#login_email", EMAIL).await;
    browser.fill("#login_password", "sandbox-password").await;
    browser.click("#log-in").await;
    browser.see(".tester summary").await;
    browser.click(".tester summary").await;
    browser.inspect("hosted-5-consent-tester", tag).await;
    browser.click("#approve").await;
    browser.see("#outcome[data-outcome=pending]").await;
    browser.inspect("hosted-6-pending", tag).await;
    browser.click("#return").await;
    browser.see("body[data-scene=in-review]").await;
    assert_eq!(browser.url().await.as_str(), checkout.url);
    browser.inspect("checkout-in-review", tag).await;
    browser.open(&format!("{}?look=99", checkout.url)).await;
    browser.see("#look-again").await;
    browser.inspect("checkout-stopped-looking", tag).await;
    checkout
}

/// The same without a checkout: the gateway's own page stands between Payoneer's and the shop's.
async fn without_checkout(stage: &Stage) {
    let (browser, tag, house) = (&stage.browser, stage.words.tag(), &stage.house);
    let session = CreateAuthorizationSession {
        payee_id: "user-13".to_owned(),
        return_url: None,
        language: Some(stage.words.language),
        account: Some(Account::New),
        contact: None,
    };
    let session = house.gateway.create_authorization_session(&session).await.unwrap();
    browser.open(&session.url).await;
    hosted_page::sign_up(stage, "third@shop.example").await;
    browser.click("#approve").await;
    browser.click("#return").await;
    browser.see("body[data-scene=in-review]").await;
    browser.inspect("return-in-review", tag).await;
    house.payoneer.act("payees/user-13/decline", json!({})).await;
    browser.see("body[data-scene=declined]").await;
    browser.inspect("return-declined", tag).await;
}

/// A charge that Payoneer refuses.
async fn refused(stage: &Stage, checkout: &CheckoutSession) {
    let (browser, tag, payoneer) = (&stage.browser, stage.words.tag(), &stage.house.payoneer);
    payoneer.act(&format!("payees/{PAYEE}/approve"), json!({})).await;
    let account = payoneer.payees(PAYEE).await[0]["account"].as_str().unwrap().to_owned();
    payoneer.act(&format!("accounts/{account}/drain"), json!({ "amount": "245.00" })).await;
    stage.house.gateway.refresh_payee(PAYEE).await.unwrap();
    browser.open(&checkout.url).await;
    browser.click("#pay").await;
    browser.see("body[data-scene=failed]").await;
    browser.inspect("checkout-failed", tag).await;
    payoneer.act(&format!("accounts/{account}/fund"), json!({ "amount": "245.00" })).await;
}

/// A receipt, and what is shown after a refund.
async fn paid_and_given_back(stage: &Stage) {
    let (browser, tag, house) = (&stage.browser, stage.words.tag(), &stage.house);
    let checkout = house.checkout_of(PAYEE, "order-2", stage.words).await;
    browser.open(&checkout.url).await;
    browser.click("#pay").await;
    browser.see("#thanks").await;
    at_rest(stage, reqwest::Client::new().get(format!("{}?after=form", checkout.url)), "paid").await;
    let charge = house.gateway.checkout_session(&checkout.id).await.unwrap().charge.unwrap();
    house.gateway.refund_charge("give-it-back", &charge).await.unwrap();
    browser.open(&checkout.url).await;
    browser.see("body[data-scene=refunded]").await;
    browser.inspect("checkout-refunded", tag).await;
}

/// A permission that ended after it was given.
async fn permission_lost(stage: &Stage) {
    let (browser, tag, house) = (&stage.browser, stage.words.tag(), &stage.house);
    let checkout = house.checkout_of(PAYEE, "order-3", stage.words).await;
    house.payoneer.act(&format!("payees/{PAYEE}/block"), json!({ "reason": "Blocked" })).await;
    house.gateway.refresh_payee(PAYEE).await.unwrap();
    assert_eq!(house.mandate(PAYEE).await, MandateStatus::Suspended);
    browser.open(&checkout.url).await;
    browser.see("body[data-scene=suspended]").await;
    browser.inspect("checkout-suspended", tag).await;
    house.payoneer.act(&format!("payees/{PAYEE}/release"), json!({})).await;
    house.gateway.refresh_payee(PAYEE).await.unwrap();
    browser.open(&checkout.url).await;
    browser.see("body[data-scene=authorize]").await;
    browser.inspect("checkout-authorize-again", tag).await;
    let authorize = reqwest::Client::new().post(format!("{}/authorize", checkout.url));
    at_rest(stage, authorize.header("sec-fetch-site", "same-origin"), "leaving").await;
    browser.open(&checkout.url).await;
    browser.click("#authorize").await;
    browser.see("#step-form").await;
}

/// A page that goes on by itself, shown without that.
async fn at_rest(stage: &Stage, request: RequestBuilder, scene: &str) {
    let html = request.send().await.unwrap().text().await.unwrap();
    let (before, after) = html.split_once("<meta http-equiv=\"refresh\"").expect("a page that goes on by itself");
    let (_, after) = after.split_once('>').unwrap();
    stage.browser.open(&format!("{}/checkout/nothing", stage.house.gateway_url)).await;
    stage.browser.show(&format!("{before}{after}")).await;
    stage.browser.see(&format!("body[data-scene={scene}]")).await;
    stage.browser.inspect(&format!("checkout-{scene}"), stage.words.tag()).await;
}

/// The form of a company, and every mistake at once.
async fn hosted_extras(stage: &Stage) {
    let (browser, tag) = (&stage.browser, stage.words.tag());
    browser.click("label[for=account_type-company]").await;
    browser.click("#next").await;
    browser.see("#errors").await;
    browser.inspect("hosted-1-start-all-mistakes", tag).await;
    let here = browser.url().await;
    browser.open(here.as_str()).await;
    hosted_page::sign_up(stage, "second@shop.example").await;
    browser.see("#consent-form").await;
    browser.click("#approve").await;
    browser.see("#outcome").await;
    browser.forget_cookies().await;
    browser.open(here.as_str()).await;
    browser.see("#closed").await;
    browser.inspect("hosted-used", tag).await;
    let id = if tag == "zh" { 4 } else { 1 };
    browser.open(&format!("{}/partners/lp.aspx?token=0123&langid={}", stage.house.payoneer.url(), id)).await;
    browser.see("#closed").await;
    browser.inspect("hosted-invalid", tag).await;
}

/// The back office with something in it, and with mistakes.
async fn office_extras(stage: &Stage) {
    let (browser, tag) = (&stage.browser, stage.words.tag());
    let home = format!("{}/backoffice", stage.house.payoneer.url());
    for (section, button, name) in [
        ("developer", "#sign-new", "office-developer-secret"),
        ("payees", "#make-link", "office-payees-mistake"),
        ("accounts", "#open-account", "office-accounts-mistake"),
    ] {
        browser.open(&format!("{home}/{section}?lang={tag}")).await;
        browser.click(button).await;
        browser.see("#new-secret, .error, #notice").await;
        browser.inspect(name, tag).await;
    }
    browser.open(&format!("{home}/behaviour?lang={tag}")).await;
    browser.fill("#review_seconds", "soon").await;
    browser.fill("#opening_balance", "-1").await;
    browser.click("#save-behaviour").await;
    browser.see(".error").await;
    browser.inspect("office-behaviour-mistake", tag).await;
    for (section, entry) in [("log", "#api-log details"), ("callbacks", "#callbacks details")] {
        browser.open(&format!("{home}/{section}?lang={tag}")).await;
        browser.click(&format!("{entry} summary")).await;
        browser.see(&format!("{entry}[open]")).await;
        browser.inspect(&format!("office-{section}-open"), tag).await;
    }
    browser.open(&format!("{home}/charges?lang={tag}")).await;
    browser.see("#payments").await;
    browser.inspect("office-charges-refunded", tag).await;
}

/// Addresses that lead nowhere.
async fn dead_ends(stage: &Stage, checkout: &CheckoutSession) {
    let (browser, tag, house) = (&stage.browser, stage.words.tag(), &stage.house);
    house.gateway.expire_checkout_session(&checkout.id).await.unwrap();
    browser.open(&format!("{}?lang={tag}", checkout.url)).await;
    browser.see("#heading").await;
    browser.inspect("checkout-expired", tag).await;
    for (path, name) in [("/checkout/nothing", "checkout-not-found"), ("/return/nothing", "return-not-found")] {
        browser.open(&format!("{}{path}?lang={tag}", house.gateway_url)).await;
        browser.see("body[data-scene=not-found]").await;
        browser.inspect(name, tag).await;
    }
}

/// Payoneer cannot be reached at all.
async fn unreachable(stage: &Stage) {
    let (browser, tag, house) = (&stage.browser, stage.words.tag(), &stage.house);
    let checkout = house.checkout_of("Test123", "order-4", stage.words).await;
    house.gateway.refresh_payee("Test123").await.unwrap();
    let other = house.checkout_of("user-12", "order-5", stage.words).await;
    house.line.cut().await;
    browser.open(&checkout.url).await;
    browser.click("#pay").await;
    browser.see("body[data-scene=not-sent]").await;
    browser.inspect("checkout-not-sent", tag).await;
    browser.open(&other.url).await;
    browser.click("#authorize").await;
    browser.see("#note").await;
    browser.inspect("checkout-unavailable", tag).await;
}
