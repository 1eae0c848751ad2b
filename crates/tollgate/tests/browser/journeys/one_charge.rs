//! Everything an impatient person does with a pay button. It stays one charge.

use std::rc::Rc;

use api::charge::Evidence;
use serde_json::json;

use super::{begin, come_back, hosted_page, proof};
use crate::stage::Stage;

const PAYEE: &str = "user-9";
const EMAIL: &str = "existing@sandbox.example";

pub(crate) async fn walk(stage: Rc<Stage>) {
    let (browser, house) = (&stage.browser, &stage.house);
    let success = house.shop.success_url();
    let checkout = begin(&stage, PAYEE).await;
    hosted_page::log_in(&stage, EMAIL, "sandbox-password").await;
    hosted_page::see_consent(&stage, PAYEE, EMAIL).await;
    hosted_page::decide(&stage, "#approve", "approved", stage.words.approved).await;
    come_back(&stage, &checkout).await;

    let first = browser.new_tab(&checkout.url).await;
    browser.see("#pay").await;
    browser.double_click("#pay").await;
    browser.see("#thanks").await;
    proof::paid_once(&stage, &checkout, EMAIL, Evidence::Reply).await;

    // The tab opened before still offers to pay, and somebody presses it.
    browser.switch_to(first).await;
    browser.see("body[data-scene=confirm]").await;
    browser.click("#pay").await;
    browser.see("#thanks").await;
    assert_eq!(browser.url().await.as_str(), success);

    // Back to the receipt, which sends the browser on again; reloading it is no second payment either.
    let visits = house.shop.visits(&success);
    browser.script("history.back()", vec![]).await.unwrap();
    browser
        .until("the browser is back in the shop", async || Ok((house.shop.visits(&success) > visits).then_some(())))
        .await;
    let visits = house.shop.visits(&success);
    browser.open(&format!("{}?after=form", checkout.url)).await;
    browser.reads("#heading", stage.words.paid).await;
    assert!(!browser.has("#pay").await, "a receipt offers to pay");
    browser.reload().await;
    browser
        .until("the receipt leads to the shop", async || Ok((house.shop.visits(&success) > visits).then_some(())))
        .await;

    // Back to where the button was: whether it is shown from memory or asked for anew, nothing is paid again.
    let visits = house.shop.visits(&success);
    browser.open(&checkout.url).await;
    browser
        .until("a paid checkout leads to the shop", async || Ok((house.shop.visits(&success) > visits).then_some(())))
        .await;
    let again = "const form = document.createElement('form');
        form.method = 'post'; form.action = arguments[0]; document.body.append(form); form.submit()";
    browser.open(&format!("{}?after=form&lang=zh", checkout.url)).await;
    browser.see("body[data-scene=paid]").await;
    browser.script(again, vec![json!(format!("{}/pay", checkout.url))]).await.unwrap();
    browser.see("#thanks").await;

    proof::paid_once(&stage, &checkout, EMAIL, Evidence::Reply).await;
}
