//! A payee with an account: logs in on Payoneer's page, approves, comes back, pays.

use std::rc::Rc;

use api::charge::Evidence;

use super::{begin, come_back, hosted_page, pay, proof};
use crate::stage::Stage;

const PAYEE: &str = "user-7";
const EMAIL: &str = "existing@sandbox.example";

pub(crate) async fn walk(stage: Rc<Stage>) {
    let checkout = begin(&stage, PAYEE).await;
    hosted_page::log_in(&stage, EMAIL, "sandbox-password").await;
    hosted_page::see_consent(&stage, PAYEE, EMAIL).await;
    hosted_page::decide(&stage, "#approve", "approved", stage.words.approved).await;
    come_back(&stage, &checkout).await;
    proof::authorised(&stage, PAYEE, EMAIL).await;

    pay(&stage).await;
    assert_eq!(stage.house.shop.visits(&stage.house.shop.success_url()), 1);
    proof::paid_once(&stage, &checkout, EMAIL, Evidence::Reply).await;
}
