//! What a payee does on Payoneer's page: sign up in four steps, or log in, then decide.

use serde_json::json;

use crate::house::MERCHANT;
use crate::stage::Stage;

/// A password that the rules allow.
const PASSWORD: &str = "a-kettle-of-4-litres";

/// Goes through all four steps, stumbling over one rule on the way.
pub(super) async fn sign_up(stage: &Stage, email: &str) {
    let (browser, words) = (&stage.browser, stage.words);
    let picture = async |name: &str| browser.inspect(name, words.tag()).await;
    browser.reads("h1", words.sign_up).await;
    assert!(browser.text("#watermark").await.contains("SANDBOX - not Payoneer"));
    browser.click("label[for=account_type-individual]").await;
    browser.fill("#first_name", "Mei-Ling").await;
    browser.fill("#last_name", "O'Wang").await;
    browser.fill("#email", email).await;
    browser.fill("#email_again", &format!("x{email}")).await;
    browser.fill("#birth_day", "29").await;
    browser.choose("#birth_month", "2").await;
    browser.fill("#birth_year", "1996").await;
    picture("hosted-1-start").await;
    browser.click("#next").await;

    // One mistake: it is named where it was made, and nothing else has to be typed again.
    browser.see("#errors").await;
    browser.reads("#email_again-error", words.emails_differ).await;
    assert!(browser.text("#errors").await.contains(words.emails_differ));
    for (field, typed) in [("#first_name", "Mei-Ling"), ("#last_name", "O'Wang"), ("#email", email)] {
        assert_eq!(browser.value(field).await, typed);
    }
    assert_eq!(browser.value("#email_again").await, format!("x{email}"));
    assert_eq!(browser.value("#birth_month").await, "2");
    assert!(browser.has("#account_type-individual:checked").await);
    picture("hosted-1-start-mistake").await;
    browser.fill("#email_again", email).await;
    browser.click("#next").await;

    browser.see("input[name=step][value=contact]").await;
    picture("hosted-2-contact-empty").await;
    browser.choose("#country", "CN").await;
    browser.fill("#address_line_1", "88 Teahouse Road").await;
    browser.fill("#city", "Hangzhou").await;
    browser.fill("#zip_code", "310000").await;
    browser.fill("#mobile", "+86 138 0013 8000").await;
    picture("hosted-2-contact").await;
    browser.click("#next").await;

    browser.see("input[name=step][value=security]").await;
    assert_eq!(browser.value("#user_name").await, email);
    browser.fill("#password", PASSWORD).await;
    browser.fill("#password_again", PASSWORD).await;
    browser.choose("#security_question", "first_school").await;
    browser.fill("#security_answer", "Riverside").await;
    picture("hosted-3-security").await;
    browser.click("#next").await;

    browser.see("input[name=step][value=finish]").await;
    browser.click("label[for=payout_method-bank]").await;
    browser.choose("#bank_currency", "USD").await;
    browser.fill("#bank_name", "Bank of Tea").await;
    browser.fill("#account_holder", "Mei-Ling O'Wang").await;
    browser.fill("#account_number", "6222 0000 1111").await;
    browser.click("#accept_terms").await;
    picture("hosted-4-finish").await;
    browser.click("#next").await;
}

/// Logs in, once with a wrong password.
pub(super) async fn log_in(stage: &Stage, email: &str, password: &str) {
    let (browser, words) = (&stage.browser, stage.words);
    browser.click("#go-log-in").await;
    browser.reads("h1", words.log_in).await;
    browser.fill("#login_email", email).await;
    browser.fill("#login_password", "not this one").await;
    browser.click("#log-in").await;
    browser.reads("#log-in-error", words.wrong_password).await;
    assert_eq!(browser.value("#login_email").await, email, "only the password is typed again");
    assert_eq!(browser.value("#login_password").await, "", "a password is never sent back");
    browser.inspect("hosted-log-in-mistake", words.tag()).await;
    browser.fill("#login_password", password).await;
    browser.click("#log-in").await;
}

/// The page that asks whether the merchant may charge.
pub(super) async fn see_consent(stage: &Stage, payee_id: &str, email: &str) {
    let (browser, words) = (&stage.browser, stage.words);
    browser.see("#consent-form").await;
    browser.reads("h1", words.consent).await;
    assert_eq!(browser.text("#merchant").await, MERCHANT);
    assert_eq!(browser.text("#payee-id").await, payee_id);
    assert!(browser.text("#account").await.contains(email));
    browser.inspect("hosted-5-consent", words.tag()).await;
}

/// Decides, and stands on the page that tells what came of it.
///
/// That page goes on by itself, so it is read in one look that is part of the wait for it.
pub(super) async fn decide(stage: &Stage, button: &str, outcome: &str, heading: &str) {
    let (browser, words) = (&stage.browser, stage.words);
    browser.click(button).await;
    let read = "const box = document.querySelector('#outcome');
        return box && { outcome: box.dataset.outcome, heading: box.querySelector('h1').innerText,
            note: document.querySelector('#redirect-note').innerText,
            way: document.querySelector('#return').href }";
    let seen = browser
        .until("what came of the decision", async || {
            let seen = browser.script(read, vec![]).await?;
            Ok((!seen.is_null()).then_some(seen))
        })
        .await;
    assert_eq!((&seen["outcome"], &seen["heading"]), (&json!(outcome), &json!(heading)));
    assert!(seen["note"].as_str().unwrap().contains(MERCHANT), "{seen}");
    let home = format!("{}/return/", stage.house.gateway_url);
    assert!(seen["way"].as_str().unwrap().starts_with(&home), "{seen}");
    browser.glimpse(&format!("hosted-6-{outcome}"), words.tag()).await;
}
