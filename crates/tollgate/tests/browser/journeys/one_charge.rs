//! Everything an impatient person does with a pay button. It stays one charge.

use std::rc::Rc;

use api::charge::Evidence;

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

    // Back to the receipt. A browser may show it from memory, where it stays, or ask for it anew, when it goes on.
    browser.script("history.back()", vec![]).await.unwrap();
    browser.arrive(&format!("{}?after=form", checkout.url)).await;
    assert!(!browser.has("#pay").await, "a receipt offers to pay");
    browser.open(&format!("{}?after=form", checkout.url)).await;
    browser.reads("#heading", stage.words.paid).await;
    browser.reload().await;
    browser.see("#thanks").await;

    // The page's own address, as it stands in the history and in the payee's mail.
    let visits = house.shop.visits(&success);
    browser.open(&checkout.url).await;
    browser.see("#thanks").await;
    assert!(house.shop.visits(&success) > visits);

    proof::paid_once(&stage, &checkout, EMAIL, Evidence::Reply).await;
}
