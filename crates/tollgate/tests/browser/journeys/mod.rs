//! The journeys, one per file, and what they share: the parts of the way that all of them go.

pub(crate) mod declined;
pub(crate) mod existing_account;
pub(crate) mod gallery;
mod hosted_page;
pub(crate) mod new_account;
mod office;
pub(crate) mod one_charge;
mod proof;
pub(crate) mod unknown_outcome;

use crate::stage::Stage;
use api::CheckoutSession;

/// Opens a new checkout of a payee who has not authorised, and goes on to Payoneer's page.
async fn begin(stage: &Stage, payee_id: &str) -> CheckoutSession {
    let (browser, words) = (&stage.browser, stage.words);
    let checkout = stage.house.checkout(payee_id, words).await;
    browser.open(&checkout.url).await;
    browser.see("body[data-scene=authorize]").await;
    browser.reads("#heading", words.authorize).await;
    assert_eq!(browser.text("#amount").await, "12.50 USD");
    assert_eq!(browser.text("#merchant").await, crate::house::MERCHANT);
    assert_eq!(browser.text("#description").await, words.goods);
    assert!(!browser.has("#pay").await, "nothing can be paid before it is authorised");
    browser.inspect("checkout-authorize", words.tag()).await;
    browser.click("#authorize").await;
    browser.arrive(&format!("{}/partners/lp.aspx", stage.house.payoneer.url())).await;
    checkout
}

/// The checkout page offers to pay, after Payoneer's page sent the browser back by itself.
async fn come_back(stage: &Stage, checkout: &CheckoutSession) {
    let (browser, words) = (&stage.browser, stage.words);
    browser.see("body[data-scene=confirm]").await;
    assert_eq!(browser.url().await.as_str(), checkout.url);
    browser.reads("#heading", words.confirm).await;
    assert_eq!(browser.text("#pay").await, words.pay);
    assert!(browser.text("#consent").await.contains(crate::house::MERCHANT));
    browser.inspect("checkout-confirm", words.tag()).await;
}

/// Pays once and waits for the shop.
async fn pay(stage: &Stage) {
    stage.browser.click("#pay").await;
    stage.browser.glimpse("checkout-paid", stage.words.tag()).await;
    stage.browser.see("#thanks").await;
    assert_eq!(stage.browser.url().await.as_str(), stage.house.shop.success_url());
}
