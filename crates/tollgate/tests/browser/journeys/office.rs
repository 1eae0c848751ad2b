//! The sandbox's back office after a payment: it shows what happened, in both languages.

use api::CheckoutSession;

use crate::stage::Stage;

/// Every section; what must be there; the heading in both languages.
const SECTIONS: &[(&str, &str, [&str; 2])] = &[
    ("", "#program-balance", ["Overview", "概览"]),
    ("/developer", "#save-redirect", ["Developer options", "开发者选项"]),
    ("/behaviour", "#save-behaviour", ["Review and behaviour", "审核与行为"]),
    ("/payees", "[data-payee=\"ID-88.a_b\"][data-status=ACTIVE]", ["Payees", "付款用户"]),
    ("/accounts", "[data-account]", ["Accounts", "账户"]),
    ("/charges", "[data-reference=\"order-of-ID-88.a_b\"][data-status=Transferred]", ["Charges", "扣款"]),
    ("/payouts", "#empty", ["Payouts", "出款"]),
    ("/callbacks", "[data-status=Delivered]", ["Callbacks", "回调记录"]),
    ("/log", "#api-log", ["API log", "API 日志"]),
];

/// Opens every section.
pub(super) async fn look_around(stage: &Stage, checkout: &CheckoutSession, email: &str) {
    let browser = &stage.browser;
    let home = format!("{}/backoffice", stage.house.payoneer.url());
    for (nth, tag) in ["en", "zh"].into_iter().enumerate() {
        for (section, wanted, headings) in SECTIONS {
            browser.open(&format!("{home}{section}?lang={tag}")).await;
            browser.see(wanted).await;
            browser.reads("h1", headings[nth]).await;
            browser.inspect(&format!("office{}", section.replace('/', "-")), tag).await;
        }
        browser.open(&format!("{}/?lang={tag}", stage.house.payoneer.url())).await;
        browser.see("#open-backoffice").await;
        browser.inspect("sandbox-start", tag).await;
    }
    browser.open(&format!("{home}/charges?lang=en")).await;
    let row = browser.text("[data-reference]").await;
    for shown in [checkout.payee_id.as_str(), checkout.description.as_str(), "12.50 USD"] {
        assert!(row.contains(shown), "{shown} in {row}");
    }
    browser.open(&format!("{home}/accounts?lang=en")).await;
    let rows = browser.text("#accounts").await;
    assert!(rows.contains(email) && rows.contains("87.50 USD"), "{rows}");
}
