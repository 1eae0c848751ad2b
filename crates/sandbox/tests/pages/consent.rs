//! Declining, and where the browser may be sent.

use sandbox::world::{FIRST_PASSWORD, LinkKind, NewLink, SECOND_EMAIL};

use crate::browser::{Browser, link, lp, make, start};

fn with_redirect(url: &str, seconds: u16) -> NewLink {
    let mut new = NewLink::plain(LinkKind::Registration, "user-1");
    new.redirect_url = Some(url.to_owned());
    new.redirect_seconds = Some(seconds);
    new
}

#[tokio::test]
async fn who_declines_is_sent_back_and_stays_unknown() {
    let sandbox = start().await;
    let token = make(&sandbox, with_redirect("http://shop.example/?a={{apuid}}&p={{payoneerid}}", 1));
    let mut browser = Browser::new(&sandbox);
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    let page = browser.decide(&token, "decline").await;
    assert!(page.tag("outcome").contains("data-outcome=\"declined\""));
    assert!(page.tag("return").contains("href=\"http://shop.example/?a=user-1&#38;p=\""), "no account is told");
    assert!(page.has("in 1 second."));
    assert!(sandbox.with_world(|w| w.payee("user-1").is_none() && w.link(&token).unwrap().completed.is_none()));

    let page = browser.decide(&token, "approve").await;
    assert!(page.has("id=\"log-in\""), "nobody is signed in any more");
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    let page = browser.decide(&token, "approve").await;
    assert!(page.tag("outcome").contains("\"approved\""), "but the link still works");
}

#[tokio::test]
async fn an_unclear_decision_decides_nothing() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-1");
    let mut browser = Browser::new(&sandbox);
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    for decision in ["", "APPROVE", "yes"] {
        let page = browser.decide(&token, decision).await;
        assert!(page.has("id=\"approve\""), "{decision}");
    }
    assert!(sandbox.with_world(|w| w.payee("user-1").is_none()));
}

#[tokio::test]
async fn the_settings_redirect_is_used_when_the_link_has_none() {
    let sandbox = start().await;
    sandbox.with_world(|w| {
        let mut settings = w.settings().clone();
        settings.redirect_url = Some("https://shop.example/done".to_owned());
        settings.redirect_seconds = 0;
        w.set_settings(settings).unwrap();
    });
    let token = link(&sandbox, "user-1");
    let mut browser = Browser::new(&sandbox);
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    let page = browser.decide(&token, "approve").await;
    assert!(page.has("<meta http-equiv=\"refresh\" content=\"0;url=https://shop.example/done\">"));
    assert!(page.has("You are being sent back to Demo Merchant."));
}

#[tokio::test]
async fn only_web_addresses_are_ever_led_to() {
    // The world refuses such addresses at the door; one in an old state file must not become a link either.
    for bad in ["javascript:alert(1)", "ftp://shop.example/"] {
        let sandbox = start().await;
        let token = make(&sandbox, with_redirect("https://shop.example/", 3));
        let mut browser = Browser::new(&sandbox);
        browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
        sandbox.with_world(|w| {
            let text = w.snapshot().unwrap().replace("https://shop.example/", bad);
            *w = sandbox::World::from_snapshot(&text).unwrap();
        });
        let page = browser.decide(&token, "approve").await;
        assert!(page.tag("outcome").contains("\"approved\""));
        assert!(!page.has(bad) && !page.has("http-equiv=\"refresh\"") && page.has("id=\"may-close\""), "{bad}");
    }
}

#[tokio::test]
async fn another_sites_page_cannot_decide() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-1");
    let mut browser = Browser::new(&sandbox);
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    let form = [("step", "consent"), ("decision", "approve")];
    for foreign in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "null")],
    ] {
        let page = browser.post_from(&lp(&token), &form, &foreign).await;
        assert_eq!(page.status, 403, "{foreign:?}");
    }
    assert!(sandbox.with_world(|w| w.payee("user-1").is_none()));
    let page = browser.post(&lp(&token), &form).await;
    assert!(page.tag("outcome").contains("\"approved\""), "the page itself can");
}
