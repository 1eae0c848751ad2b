//! The answer to a charge is lost after it took effect. The payee waits, cannot pay again, and is taken to the shop
//! once the gateway has found out.

use std::rc::Rc;

use api::charge::Evidence;
use api::{AttemptStatus, ChargeStatus, Outcome};

use super::{begin, come_back, hosted_page, proof};
use crate::stage::Stage;

const PAYEE: &str = "user-10";
const EMAIL: &str = "existing@sandbox.example";

pub(crate) async fn walk(stage: Rc<Stage>) {
    let (browser, words, house) = (&stage.browser, stage.words, &stage.house);
    let checkout = begin(&stage, PAYEE).await;
    hosted_page::log_in(&stage, EMAIL, "sandbox-password").await;
    hosted_page::see_consent(&stage, PAYEE, EMAIL).await;
    hosted_page::decide(&stage, "#approve", "approved", words.approved).await;
    come_back(&stage, &checkout).await;

    house.line.lose_next_reply_and_hold();
    browser.click("#pay").await;
    browser.see("body[data-scene=processing]").await;
    browser.reads("#heading", words.processing).await;
    assert!(!browser.has("#pay").await && !browser.has("form").await, "an unknown payment can be paid again");
    browser.inspect("checkout-processing", words.tag()).await;

    // Payoneer has taken the money; the gateway does not know and does not pretend to.
    assert_eq!(house.payoneer.charges(PAYEE).await.len(), 1);
    let charges = house.charges(PAYEE).await;
    assert_eq!(charges.len(), 1);
    let charge = house.gateway.charge(&charges[0].id).await.unwrap();
    assert_eq!((charge.status, charge.outcome), (ChargeStatus::Unknown, Outcome::Unknown), "{charge:?}");
    assert_eq!(charge.attempts[0].status, AttemptStatus::Unknown);

    // Coming back to the page by its own address changes nothing.
    browser.open(&checkout.url).await;
    browser.see("body[data-scene=processing]").await;
    assert!(!browser.has("#pay").await && !browser.has("form").await, "an unknown payment can be paid again");
    assert_eq!(house.shop.visits(&house.shop.success_url()), 0, "the shop was told of a success too early");

    house.line.release();
    browser.see("#thanks").await;
    assert_eq!(browser.url().await.as_str(), house.shop.success_url());
    proof::paid_once(&stage, &checkout, EMAIL, Evidence::StatusQuery).await;
}
