//! Signing up in four steps, up to the way back to the merchant.

use sandbox::world::{Amount, LinkKind, NewLink, PayeeStatus, Profile, Review};

use crate::browser::{Browser, STEPS, link, lp, make, start};

#[tokio::test]
async fn four_steps_consent_and_back_to_the_merchant() {
    let sandbox = start().await;
    let mut new = NewLink::plain(LinkKind::Registration, "user!42?");
    new.session_id = Some("s & 1".to_owned());
    new.redirect_url = Some("https://shop.example:8443/pay?a={{apuid}}&p={{payoneerid}}&s={{sessionid}}".to_owned());
    new.redirect_seconds = Some(7);
    let token = make(&sandbox, new);
    let mut browser = Browser::new(&sandbox);

    let page = browser.hosted(&token).await;
    assert_eq!(page.status, 200);
    assert!(page.has("Step 1 of 4") && page.has("Demo Merchant"));
    for (step, number) in [("start", 2), ("contact", 3), ("security", 4)] {
        let page = browser.step(&token, step, &[]).await;
        assert_eq!(page.status, 200, "{}", page.html);
        assert!(page.has(&format!("Step {number} of 4")), "after {step}: {}", page.at);
    }
    assert!(sandbox.with_world(|w| w.account_by_email("mei.lin@mail.example").is_none()), "not before the last step");

    let page = browser.step(&token, "finish", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.has("Allow Demo Merchant to charge your balance?"));
    assert_eq!(page.text("merchant"), "Demo Merchant");
    assert!(page.has("<code>user!42?</code>") && page.text("account") == "mei.lin@mail.example");
    assert!(page.has("without asking you again"));
    assert!(sandbox.with_world(|w| w.payee("user!42?").is_none()), "no payee before consent");

    let page = browser.decide(&token, "approve").await;
    assert_eq!(page.status, 200);
    assert!(page.tag("outcome").contains("data-outcome=\"approved\""));
    assert!(page.has("You will be sent back to Demo Merchant in 7 seconds."));

    let (id, account) = sandbox.with_world(|w| {
        let payee = w.payee("user!42?").unwrap().clone();
        (payee.account.clone(), w.account(&payee.account).unwrap().clone())
    });
    let target = format!("https://shop.example:8443/pay?a=user%2142%3F&#38;p={id}&#38;s=s%20%26%201");
    assert!(page.has(&format!("<meta http-equiv=\"refresh\" content=\"7;url={target}\">")), "{}", page.html);
    assert!(page.tag("return").contains(&format!("href=\"{target}\"")));
    assert_eq!(page.text("return-host"), "shop.example:8443");

    assert_eq!(sandbox.with_world(|w| w.payee("user!42?").unwrap().status), PayeeStatus::Active);
    let expected = Profile {
        first_name: "Mei-Lin".into(),
        last_name: "O'Connor".into(),
        date_of_birth: "1992-02-29".into(),
        mobile: "+44 7700 900123".into(),
        country: "UK".into(),
        address_line_1: "221B Baker Street".into(),
        address_line_2: "Flat 2".into(),
        city: "London".into(),
        zip_code: "NW1 6XE".into(),
        ..Profile::default()
    };
    assert_eq!(account.profile, expected);
    let balance = sandbox.with_world(|w| w.account_balances(&id).values().copied().collect::<Vec<_>>());
    assert_eq!(balance, [Amount::parse("100").unwrap()], "the opening balance of the settings");
}

#[tokio::test]
async fn the_new_account_can_log_in_later() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    browser.sign_up(&link(&sandbox, "first")).await;
    let second = link(&sandbox, "second");
    let page = Browser::new(&sandbox).log_in(&second, "Mei.Lin@mail.example", "Correct-horse-9").await;
    assert!(page.has("id=\"approve\""), "{}", page.html);
}

#[tokio::test]
async fn a_company_is_asked_for_its_name() {
    let sandbox = start().await;
    let token = link(&sandbox, "firm");
    let mut browser = Browser::new(&sandbox);
    let page = browser.step(&token, "start", &[("account_type", "COMPANY")]).await;
    assert_eq!(page.status, 422);
    assert!(page.tag("company_name").contains("aria-describedby=\"company_name-error\""));
    browser.step(&token, "start", &[("account_type", "COMPANY"), ("company_name", "Example Ltd.")]).await;
    browser.step(&token, "contact", &[]).await;
    browser.step(&token, "security", &[]).await;
    let bank = [
        ("payout_method", "BANK"),
        ("bank_currency", "EUR"),
        ("bank_name", "Bank of Examples"),
        ("account_holder", "Example Ltd."),
        ("account_number", "DE89 3704 0044 0532 0130 00"),
    ];
    let page = browser.step(&token, "finish", &bank).await;
    assert!(page.has("id=\"approve\""), "{}", page.html);
    let profile = sandbox.with_world(|w| w.account_by_email("mei.lin@mail.example").unwrap().profile.clone());
    assert_eq!(profile.company_name, "Example Ltd.");
    assert_eq!(profile.kind, sandbox::world::Kind::Company);
}

#[tokio::test]
async fn what_the_merchant_knew_is_filled_in() {
    let sandbox = start().await;
    let mut new = NewLink::plain(LinkKind::Registration, "known");
    new.prefill_email = "known@mail.example".to_owned();
    new.prefill = Profile {
        first_name: "Zoë".into(),
        last_name: "Li".into(),
        date_of_birth: "1980-12-05".into(),
        country: "GB".into(),
        city: "Leeds".into(),
        phone: "+44 113 496 0000".into(),
        ..Profile::default()
    };
    let token = make(&sandbox, new);
    let mut browser = Browser::new(&sandbox);
    let page = browser.hosted(&token).await;
    assert_eq!(page.value("first_name"), "Zoë");
    assert_eq!(page.value("email"), "known@mail.example");
    assert_eq!(page.value("email_again"), "", "typed twice means typed twice");
    assert_eq!((page.value("birth_day"), page.value("birth_year")), ("5".to_owned(), "1980".to_owned()));
    assert!(page.has("<option value=\"12\" selected>"));
    let page = browser.step(&token, "start", &[]).await;
    assert_eq!(page.value("city"), "Leeds");
    assert_eq!(page.value("mobile"), "+44 113 496 0000");
    assert!(page.has("<option value=\"UK\" selected>United Kingdom</option>"), "GB became UK");
}

#[tokio::test]
async fn going_back_keeps_everything_and_shows_no_password() {
    let sandbox = start().await;
    let token = link(&sandbox, "returner");
    let mut browser = Browser::new(&sandbox);
    for (step, _) in &STEPS[..3] {
        browser.step(&token, step, &[]).await;
    }
    let page = browser.post(&lp(&token), &[("step", "finish"), ("payout_method", "LATER"), ("go", "back")]).await;
    assert!(page.has("Step 3 of 4"));
    assert!(page.has("id=\"password-kept\""));
    assert_eq!(page.value("security_answer"), "面包店");
    assert!(!page.has("Correct-horse-9"), "no page holds the password");
    let page = browser.open(&format!("{}&step=start", lp(&token))).await;
    assert_eq!(page.value("last_name"), "O'Connor");
    // Both left empty: the kept password stays.
    let page = browser.step(&token, "security", &[("password", ""), ("password_again", "")]).await;
    assert!(page.has("Step 4 of 4"), "{}", page.at);
    let page = browser.step(&token, "finish", &[]).await;
    assert!(page.has("id=\"approve\""));
    let other = link(&sandbox, "other");
    let page = Browser::new(&sandbox).log_in(&other, "mei.lin@mail.example", "Correct-horse-9").await;
    assert!(page.has("id=\"approve\""), "the kept password is the account's");
}

#[tokio::test]
async fn the_review_policy_decides_what_the_payee_sees() {
    for (review, outcome, status) in [
        (Review::Approve, "approved", PayeeStatus::Active),
        (Review::Pending, "pending", PayeeStatus::Pending),
        (Review::Decline, "rejected", PayeeStatus::Inactive),
    ] {
        let sandbox = start().await;
        sandbox.with_world(|w| {
            let mut settings = w.settings().clone();
            settings.review = review;
            w.set_settings(settings).unwrap();
        });
        let token = link(&sandbox, "payee");
        let mut browser = Browser::new(&sandbox);
        browser.sign_up(&token).await;
        let page = browser.decide(&token, "approve").await;
        assert!(page.tag("outcome").contains(&format!("data-outcome=\"{outcome}\"")), "{}", page.html);
        assert_eq!(sandbox.with_world(|w| w.payee("payee").unwrap().status), status);
        assert!(page.has("id=\"may-close\"") && !page.has("http-equiv=\"refresh\""), "no address, no way back");
    }
}

#[tokio::test]
async fn a_pending_payee_who_looks_again_sees_the_decision() {
    let sandbox = start().await;
    let token = link(&sandbox, "waiting");
    let mut browser = Browser::new(&sandbox);
    browser.sign_up(&token).await;
    let form = [("step", "consent"), ("decision", "approve"), ("review", "pending")];
    let page = browser.post(&lp(&token), &form).await;
    assert!(page.tag("outcome").contains("\"pending\""), "the tester's choice goes before the settings");
    sandbox.with_world(|w| w.decline_payee("waiting", Some("<b>no</b>"))).unwrap();
    let page = browser.open(&page.at).await;
    assert!(page.tag("outcome").contains("\"rejected\""));
    assert_eq!(page.text("reason"), "&#60;b&#62;no&#60;/b&#62;");
}
