//! The whole flow clicked through in a real browser, against a real gateway, a real sandbox and a shop: the seed's
//! way of a payee, from the checkout page to Payoneer's page and back, in both languages.
//!
//! With `TOLLGATE_SCREENSHOTS=folder` pictures of every page are left there; the ignored tests take those that the
//! journeys do not pass: `TOLLGATE_SCREENSHOTS=/tmp/shots cargo test --test browser -- --include-ignored`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]

mod browser;
mod driver;
mod house;
mod journeys;
mod line;
mod payoneer_side;
mod pictures;
mod shop;
mod stage;
mod words;

use journeys::{declined, existing_account, gallery, new_account, one_charge, unknown_outcome};
use stage::on_stage;
use words::{CHINESE, ENGLISH};

#[tokio::test]
async fn signing_up_in_english_then_paying() {
    on_stage(&ENGLISH, new_account::walk).await;
}

#[tokio::test]
async fn logging_in_in_chinese_then_paying() {
    on_stage(&CHINESE, existing_account::walk).await;
}

#[tokio::test]
async fn nothing_can_be_charged_after_payoneer_declined() {
    on_stage(&ENGLISH, declined::by_payoneer).await;
}

#[tokio::test]
async fn nothing_can_be_charged_after_the_payee_declined() {
    on_stage(&CHINESE, declined::by_the_payee).await;
}

#[tokio::test]
async fn double_clicks_reloads_and_other_tabs_make_one_charge() {
    on_stage(&ENGLISH, one_charge::walk).await;
}

#[tokio::test]
async fn an_unknown_outcome_is_waited_for_and_ends_by_itself() {
    on_stage(&CHINESE, unknown_outcome::walk).await;
}

#[tokio::test]
#[ignore = "only adds pictures in the other language"]
async fn the_same_journeys_in_the_other_language() {
    on_stage(&CHINESE, new_account::walk).await;
    on_stage(&ENGLISH, existing_account::walk).await;
    on_stage(&CHINESE, declined::by_payoneer).await;
    on_stage(&ENGLISH, declined::by_the_payee).await;
    on_stage(&ENGLISH, unknown_outcome::walk).await;
}

#[tokio::test]
#[ignore = "only adds pictures of rare pages"]
async fn the_pages_that_the_journeys_do_not_pass() {
    on_stage(&ENGLISH, gallery::walk).await;
    on_stage(&CHINESE, gallery::walk).await;
}
