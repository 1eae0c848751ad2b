//! What is typed wrongly, too much or with malice; and switching the language in the middle.

use sandbox::world::{LinkKind, NewLink, Profile};

use crate::browser::{Browser, STEPS, link, lp, make, start};

#[tokio::test]
async fn wrong_fields_are_named_and_what_was_typed_stays() {
    let sandbox = start().await;
    let token = link(&sandbox, "typist");
    let mut browser = Browser::new(&sandbox);
    let wrong = [("first_name", "美林"), ("email_again", "other@mail.example"), ("birth_year", "2012")];
    let page = browser.step(&token, "start", &wrong).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.value("first_name"), "美林");
    assert_eq!(page.value("last_name"), "O'Connor", "good fields stay as well");
    assert_eq!(page.value("birth_year"), "2012");
    for (field, text) in [
        ("first_name", "Please use Latin letters only."),
        ("email_again", "The two e-mail addresses differ."),
        ("birth_date", "Only people aged 18 or over can open an account."),
    ] {
        assert_eq!(page.text(&format!("{field}-error")), text);
    }
    assert!(page.tag("first_name").contains("aria-invalid=\"true\" aria-describedby=\"first_name-error\""));
    assert!(page.tag("birth_date").contains("aria-describedby=\"birth_date-hint birth_date-error\""));
    assert!(!page.tag("last_name").contains("aria-invalid"));
    assert!(page.has("role=\"alert\" id=\"errors\"") && page.has("<a href=\"#first_name\">First name</a>"));
    assert!(page.has("<a href=\"#birth_day\">Date of birth</a>"), "the summary leads to an input");
    assert!(page.has("Step 1 of 4"));
}

#[tokio::test]
async fn every_step_is_checked_on_the_server() {
    let sandbox = start().await;
    let token = link(&sandbox, "typist");
    let mut browser = Browser::new(&sandbox);
    browser.step(&token, "start", &[]).await;
    let page = browser.step(&token, "contact", &[("country", "GB"), ("zip_code", "12"), ("mobile", "call me")]).await;
    assert_eq!(page.status, 422);
    for field in ["country-error", "zip_code-error", "mobile-error"] {
        page.tag(field);
    }
    browser.step(&token, "contact", &[]).await;
    let page = browser.step(&token, "security", &[("password_again", "Correct-horse-8")]).await;
    assert_eq!((page.status, page.text("password_again-error")), (422, "The two passwords differ."));
    assert!(!page.has("Correct-horse"), "no page holds a password");
    let page = browser.step(&token, "security", &[("password", "short"), ("password_again", "short")]).await;
    assert_eq!(page.text("password-error"), "Please use at least 8 and at most 128 characters.");
    browser.step(&token, "security", &[]).await;
    let page = browser.step(&token, "finish", &[("accept_terms", "")]).await;
    assert_eq!((page.status, page.text("accept_terms-error")), (422, "Please agree to the terms to continue."));
    assert!(sandbox.with_world(|w| w.account_by_email("mei.lin@mail.example").is_none()));
}

#[tokio::test]
async fn an_address_of_another_account_is_refused() {
    let sandbox = start().await;
    let token = link(&sandbox, "twin");
    let email = "Existing@Sandbox.example";
    let page = Browser::new(&sandbox).step(&token, "start", &[("email", email), ("email_again", email)]).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.text("email-error"), "An account with this address exists. Please log in instead.");
}

#[tokio::test]
async fn an_address_taken_while_the_form_was_open_is_refused_at_the_end() {
    let sandbox = start().await;
    let (one, two) = (link(&sandbox, "one"), link(&sandbox, "two"));
    let (mut first, mut second) = (Browser::new(&sandbox), Browser::new(&sandbox));
    for (step, _) in &STEPS[..3] {
        first.step(&one, step, &[]).await;
        second.step(&two, step, &[]).await;
    }
    first.step(&one, "finish", &[]).await;
    let page = second.step(&two, "finish", &[]).await;
    assert_eq!(page.status, 409);
    page.tag("email-error");
    assert!(page.has("Step 1 of 4"));
}

#[tokio::test]
async fn steps_cannot_be_skipped() {
    let sandbox = start().await;
    let token = link(&sandbox, "jumper");
    let mut browser = Browser::new(&sandbox);
    let page = browser.open(&format!("{}&step=finish", lp(&token))).await;
    assert!(page.has("Step 1 of 4") && page.at.ends_with("&step=start"), "{}", page.at);
    let page = browser.step(&token, "finish", &[]).await;
    assert_eq!(page.status, 409);
    assert!(page.has("Step 1 of 4") && page.has("id=\"session-lost\""));
    let page = browser.open(&format!("{}&step=consent", lp(&token))).await;
    assert!(page.has("id=\"log-in\""), "consent needs somebody");
    let page = browser.decide(&token, "approve").await;
    assert!(page.has("id=\"log-in\""));
    assert!(sandbox.with_world(|w| w.payee("jumper").is_none()));
}

#[tokio::test]
async fn nobody_else_sees_a_draft() {
    let sandbox = start().await;
    let (token, other) = (link(&sandbox, "private"), link(&sandbox, "other"));
    Browser::new(&sandbox).step(&token, "start", &[]).await;
    // One stranger is new here, the other is known from a link of its own.
    let mut known = Browser::new(&sandbox);
    known.step(&other, "start", &[("first_name", "Stranger")]).await;
    for mut stranger in [Browser::new(&sandbox), known] {
        let page = stranger.hosted(&token).await;
        assert_eq!(page.value("first_name"), "");
        assert!(!page.has("mei.lin@mail.example"));
    }
}

#[tokio::test]
async fn switching_the_language_keeps_what_was_typed() {
    let sandbox = start().await;
    let token = link(&sandbox, "polyglot");
    let mut browser = Browser::new(&sandbox);
    browser.hosted(&token).await;
    let form = [("step", "start"), ("langid", "4"), ("first_name", "Half"), ("email", "not yet")];
    let page = browser.post(&lp(&token), &form).await;
    assert_eq!(page.status, 200);
    assert!(page.has("<html lang=\"zh-Hans\">") && page.has("注册 Payoneer 账户"));
    assert_eq!((page.value("first_name"), page.value("email")), ("Half".to_owned(), "not yet".to_owned()));
    assert!(!page.has("id=\"errors\""), "switching is not sending");
    let action = page.tag("step-form").to_owned();
    assert!(action.contains("langid=4"), "the choice is kept: {action}");
    let page = browser.post(&format!("{}&langid=4", lp(&token)), &[("step", "start"), ("first_name", "林")]).await;
    assert_eq!(page.text("first_name-error"), "请使用拉丁字母填写。");
}

#[tokio::test]
async fn malice_is_written_as_text_everywhere() {
    let sandbox = start().await;
    let bad = "\"'><script>alert(1)</script>{{7*7}}";
    let mut new = NewLink::plain(LinkKind::Registration, "a\"b");
    new.prefill_email = bad.to_owned();
    new.prefill = Profile { first_name: bad.into(), city: bad.into(), ..Profile::default() };
    new.redirect_url = Some("https://shop.example/\"><script>alert(1)</script>?x={{apuid}}".to_owned());
    let token = make(&sandbox, new);
    sandbox.with_world(|w| {
        let mut settings = w.settings().clone();
        settings.merchant_name = format!("Shop {bad}");
        w.set_settings(settings).unwrap();
    });
    let mut browser = Browser::new(&sandbox);
    let mut pages = vec![browser.hosted(&token).await];
    for (step, fields) in STEPS {
        let all: Vec<(&str, &str)> = fields.iter().map(|(name, _)| (*name, bad)).collect();
        pages.push(browser.step(&token, step, &all).await);
        pages.push(browser.step(&token, step, &[]).await);
    }
    pages.push(browser.log_in(&token, bad, bad).await);
    pages.push(browser.open(&format!("{}&step=consent", lp(&token))).await);
    assert!(pages.last().unwrap().has("id=\"approve\""), "the way went through all pages");
    pages.push(browser.decide(&token, "approve").await);
    assert!(pages.last().unwrap().has("id=\"return\""));
    pages.push(browser.open(&lp(&format!("\"><script>alert(1)</script>{bad}"))).await);
    for page in pages {
        assert!(!page.has("<script"), "{}:\n{}", page.at, page.html);
        assert!(!page.has("\"'>"), "{}", page.at);
    }
}

#[tokio::test]
async fn oversized_and_odd_bodies_are_refused_calmly() {
    let sandbox = start().await;
    let token = link(&sandbox, "large");
    let mut browser = Browser::new(&sandbox);
    let page = browser.post(&lp(&token), &[("step", "start"), ("first_name", &"x".repeat(70_000))]).await;
    assert_eq!(page.status, 413);
    let page = browser.post(&lp(&token), &[]).await;
    assert_eq!(page.status, 200, "an empty form is the first view again");
    let page = browser.post(&lp(&token), &[("step", "no-such-step")]).await;
    assert!(page.has("Step 1 of 4"));
    let long = "y".repeat(5_000);
    let page = browser.step(&token, "start", &[("first_name", &long)]).await;
    assert_eq!(page.status, 422);
    assert!(page.value("first_name").len() < 500, "only so much is kept");
}
