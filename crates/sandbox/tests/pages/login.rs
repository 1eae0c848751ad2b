//! Logging in with an account that exists, rightly and wrongly.

use sandbox::world::{FIRST_PASSWORD, LinkKind, NewLink, PayeeStatus, SECOND_EMAIL};

use crate::browser::{Browser, link, lp, make, start};

#[tokio::test]
async fn an_existing_account_is_bound_by_logging_in() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-7");
    let mut browser = Browser::new(&sandbox);
    let page = browser.hosted(&token).await;
    assert!(page.has("Already have a Payoneer account?"));
    assert!(page.tag("go-log-in").contains("step=login"));
    let page = browser.open(&format!("{}&step=login", lp(&token))).await;
    assert!(page.has("id=\"login_email\"") && page.has("id=\"go-sign-up\""));
    let page = browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    assert_eq!(page.text("account"), SECOND_EMAIL);
    let page = browser.decide(&token, "approve").await;
    assert!(page.tag("outcome").contains("\"approved\""));
    let (payee, account) = sandbox
        .with_world(|w| (w.payee("user-7").unwrap().clone(), w.account_by_email(SECOND_EMAIL).unwrap().id.clone()));
    assert_eq!((payee.status, payee.account), (PayeeStatus::Active, account));
}

#[tokio::test]
async fn a_login_link_opens_with_logging_in() {
    let sandbox = start().await;
    let mut new = NewLink::plain(LinkKind::Login, "user-8");
    new.prefill_email = SECOND_EMAIL.to_owned();
    let token = make(&sandbox, new);
    let page = Browser::new(&sandbox).hosted(&token).await;
    assert_eq!(page.value("login_email"), SECOND_EMAIL);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_look_the_same() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-9");
    let known = Browser::new(&sandbox).log_in(&token, SECOND_EMAIL, "wrong").await;
    let unknown = Browser::new(&sandbox).log_in(&token, "nobody@sandbox.example", "wrong").await;
    assert_eq!((known.status, unknown.status), (422, 422));
    assert_eq!(known.text("log-in-error"), unknown.text("log-in-error"));
    assert_eq!(known.value("login_email"), SECOND_EMAIL, "what was typed stays");
    assert!(!known.has("value=\"wrong\""), "but not the password");
    assert_eq!(known.html.replace(SECOND_EMAIL, "nobody@sandbox.example"), unknown.html);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let sandbox = start().await;
    let token = link(&sandbox, "guesser");
    for _ in 0..5 {
        // A fresh browser each time: forgetting cookies does not help.
        let page = Browser::new(&sandbox).log_in(&token, SECOND_EMAIL, "guess").await;
        assert_eq!(page.status, 422);
    }
    let mut browser = Browser::new(&sandbox);
    let page = browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    assert_eq!(page.status, 429, "not even the right one");
    assert_eq!(page.headers["retry-after"], "900");
    assert_eq!(page.text("log-in-error"), "Too many attempts. Please try again in 15 minutes.");
    let later = sandbox.with_world(|w| w.now().plus_seconds(901));
    sandbox.advance_to(later).await;
    let page = browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    assert!(page.has("id=\"approve\""));
}

#[tokio::test]
async fn a_ticket_belongs_to_its_browser() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-10");
    let mut browser = Browser::new(&sandbox);
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    let other = link(&sandbox, "user-11");
    let mut known = Browser::new(&sandbox);
    known.step(&other, "start", &[]).await;
    for mut stranger in [Browser::new(&sandbox), known] {
        let page = stranger.decide(&token, "approve").await;
        assert!(page.has("id=\"log-in\""), "another browser has to log in itself");
    }
    assert!(sandbox.with_world(|w| w.payee("user-10").is_none()));
    let page = browser.open(&lp(&token)).await;
    assert!(page.has("id=\"approve\""), "the one that did is where it was");
    let page = browser.open(&format!("{}&step=login", lp(&token))).await;
    assert!(page.has("id=\"login_email\""), "and may use another account");
}
