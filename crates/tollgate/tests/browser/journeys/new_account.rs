//! A payee without an account: signs up on Payoneer's page, approves, comes back, pays.

use std::rc::Rc;

use api::charge::Evidence;

use super::{begin, come_back, hosted_page, office, pay, proof};
use crate::stage::Stage;

const PAYEE: &str = "ID-88.a_b";
const EMAIL: &str = "mei.ling@shop.example";

pub(crate) async fn walk(stage: Rc<Stage>) {
    let checkout = begin(&stage, PAYEE).await;
    hosted_page::sign_up(&stage, EMAIL).await;
    hosted_page::see_consent(&stage, PAYEE, EMAIL).await;
    hosted_page::decide(&stage, "#approve", "approved", stage.words.approved).await;
    come_back(&stage, &checkout).await;
    proof::authorised(&stage, PAYEE, EMAIL).await;
    assert_eq!(stage.house.charges(PAYEE).await, [], "nothing is charged before the payee confirms");

    pay(&stage).await;
    assert_eq!(stage.house.shop.visits(&stage.house.shop.success_url()), 1);
    proof::paid_once(&stage, &checkout, EMAIL, Evidence::Reply).await;
    office::look_around(&stage, &checkout, EMAIL).await;
}
