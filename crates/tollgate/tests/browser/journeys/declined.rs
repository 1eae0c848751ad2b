//! Somebody says no: Payoneer's review, or the payee. Nothing can be charged, and the pages say so.

use std::rc::Rc;

use api::{CheckoutSession, MandateStatus};
use serde_json::json;

use super::{begin, hosted_page, proof};
use crate::stage::Stage;

const PAYEE: &str = "user-8";
const EMAIL: &str = "existing@sandbox.example";

pub(crate) async fn by_payoneer(stage: Rc<Stage>) {
    let (browser, words, house) = (&stage.browser, stage.words, &stage.house);
    house.payoneer.set(json!({ "review": "decline" })).await;
    let checkout = begin(&stage, PAYEE).await;
    hosted_page::log_in(&stage, EMAIL, "sandbox-password").await;
    hosted_page::see_consent(&stage, PAYEE, EMAIL).await;
    hosted_page::decide(&stage, "#approve", "rejected", words.rejected).await;

    browser.see("body[data-scene=declined]").await;
    assert_eq!(browser.url().await.as_str(), checkout.url);
    browser.reads("#heading", words.not_approved).await;
    browser.inspect("checkout-declined", words.tag()).await;
    assert_eq!(house.payoneer.payees(PAYEE).await[0]["status"], "INACTIVE");
    assert_eq!(house.mandate(PAYEE).await, MandateStatus::Declined);
    insist(&stage, &checkout).await;
    browser.see("body[data-scene=declined]").await;
    leave(&stage, &checkout).await;
}

pub(crate) async fn by_the_payee(stage: Rc<Stage>) {
    let (browser, words, house) = (&stage.browser, stage.words, &stage.house);
    let checkout = begin(&stage, PAYEE).await;
    hosted_page::log_in(&stage, EMAIL, "sandbox-password").await;
    hosted_page::see_consent(&stage, PAYEE, EMAIL).await;
    hosted_page::decide(&stage, "#decline", "declined", words.declined).await;

    // Payoneer does not tell anybody that a payee went away, so all that can be shown is that it has not said yes.
    browser.arrive(&format!("{}/return/", house.gateway_url)).await;
    browser.see("body[data-scene=returning]").await;
    browser.reads("#heading", words.not_confirmed_yet).await;
    browser.reads("#back", words.back_to_payment).await;
    assert!(browser.attribute("#back-to-payoneer", "href").await.starts_with(house.payoneer.url()));
    browser.inspect("return-waiting", words.tag()).await;
    assert_eq!(house.payoneer.payees(PAYEE).await, Vec::<serde_json::Value>::new());
    assert_eq!(house.mandate(PAYEE).await, MandateStatus::Pending);

    browser.click("#back").await;
    browser.see("body[data-scene=authorize]").await;
    assert_eq!(browser.url().await.as_str(), checkout.url);
    insist(&stage, &checkout).await;
    browser.see("body[data-scene=authorize]").await;
    leave(&stage, &checkout).await;
}

/// Sends the form that the page does not offer.
async fn insist(stage: &Stage, checkout: &CheckoutSession) {
    let browser = &stage.browser;
    assert!(!browser.has("#pay").await, "a way to pay is offered");
    let form = "const form = document.createElement('form');
        form.method = 'post'; form.action = arguments[0]; document.body.append(form); form.submit()";
    browser.script(form, vec![json!(format!("{}/pay", checkout.url))]).await.unwrap();
    let after = format!("{}?after=form", checkout.url);
    browser.arrive(&after).await;
    assert!(!browser.has("#pay").await, "a way to pay is offered");
}

/// Back to the shop, and then the books are looked at.
async fn leave(stage: &Stage, checkout: &CheckoutSession) {
    stage.browser.click("#back").await;
    stage.browser.see("#basket").await;
    assert_eq!(stage.browser.url().await.as_str(), stage.house.shop.cancel_url());
    proof::nothing_charged(stage, checkout).await;
}
