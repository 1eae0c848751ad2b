//! The checkout as a browser sees it: authorise, confirm, pay once; no second button while anything is undecided.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use edge::{Asker, Reply};
use serde_json::json;
use std::sync::Arc;
use support::line::Fault;
use support::{House, eventually};

/// Opens a checkout and gives its path.
async fn open(house: &House, payee_id: &str, more: serde_json::Value) -> String {
    let mut body = json!({
        "payee_id": payee_id, "amount": "12.50", "currency": "USD", "description": "Green tea",
        "success_url": "https://shop.example/paid?order=7&x=%22", "cancel_url": "https://shop.example/cart"
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let reply = Asker::merchant(house).post("/v1/checkout_sessions", "", &body.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let url = reply.json()["url"].as_str().unwrap().to_owned();
    url.strip_prefix(house.gateway.url()).unwrap().to_owned()
}

const SUCCESS: &str = "https://shop.example/paid?order=7&x=%22";

#[tokio::test(flavor = "multi_thread")]
async fn an_authorised_payee_pays_once_and_goes_to_the_shop() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let path = open(&house, "Test123", json!({"client_reference_id": "order-7"})).await;
    let page = browser.get(&path).await;
    assert_eq!((page.status, page.scene().as_str()), (200, "confirm"));
    assert!(page.has_button("pay") && page.text().contains("Pay 12.50 USD") && page.text().contains("Test Merchant"));
    assert_eq!(page.link("back").as_deref(), Some("https://shop.example/cart"));
    let sent = browser.form(&format!("{path}/pay")).await;
    assert_eq!((sent.status, sent.header("location")), (303, format!("{path}?after=form").as_str()));
    let receipt = browser.get(sent.header("location")).await;
    assert_eq!((receipt.scene().as_str(), receipt.refresh()), ("paid", Some((2, SUCCESS.to_owned()))));
    assert_eq!(receipt.link("continue").as_deref(), Some(SUCCESS));
    assert!(!receipt.has_button("pay"));
    let later = browser.get(&path).await;
    assert_eq!((later.status, later.header("location")), (303, SUCCESS));
    // However often the form is sent again, there is no second charge.
    assert_eq!(browser.form(&format!("{path}/pay")).await.status, 303);
    assert_eq!((house.charges_at_payoneer(), house.purse()), (1, "87.50".to_owned()));
    let session = Asker::merchant(&house).get("/v1/events?type=checkout_session.completed").await.json();
    assert_eq!(session["data"][0]["data"]["status"], "complete");
    assert_eq!(Asker::merchant(&house).get("/v1/charges").await.json()["data"][0]["reference"], "order-7");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clicks_at_once_are_one_charge() {
    let house = Arc::new(House::open().await);
    let path = open(&house, "Test123", json!({})).await;
    let clicks: Vec<_> = (0..8)
        .map(|_| {
            let (house, path) = (Arc::clone(&house), path.clone());
            tokio::spawn(async move { Asker::nobody(&house).form(&format!("{path}/pay")).await })
        })
        .collect();
    for click in clicks {
        let reply = click.await.unwrap();
        assert_eq!(reply.status, 303, "{}", reply.text());
    }
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undecided_payment_waits_without_a_button() {
    let mut house = House::open().await;
    let browser = Asker::nobody(&house);
    let path = open(&house, "Test123", json!({})).await;
    house.line.hit(&[Fault::LoseReply]);
    let sent = browser.form(&format!("{path}/pay?lang=zh")).await;
    assert_eq!(sent.header("location"), format!("{path}?lang=zh&after=form"));
    // As long as nobody can ask Payoneer, nobody knows.
    house.line.cut().await;
    let page = browser.get(sent.header("location")).await;
    assert_eq!(page.scene(), "processing");
    assert!(!page.has_button("pay") && page.link("back").is_none(), "nothing tempts to pay again");
    assert_eq!(page.refresh(), Some((2, format!("{path}?lang=zh&look=1"))));
    assert!(page.text().contains("付款处理中"));
    let tired = browser.get(&format!("{path}?look=60")).await;
    assert_eq!((tired.refresh(), tired.link("look-again")), (None, Some(path.clone())));
    assert_eq!(browser.form(&format!("{path}/pay")).await.status, 303, "clicking again is harmless");
    house.line.mend(house.sandbox.address()).await;
    let done = eventually("the payment is settled", || async {
        let page = browser.get(&path).await;
        (page.status == 303).then_some(page)
    });
    assert_eq!(done.await.header("location"), SUCCESS);
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_payment_says_why_and_may_be_tried_again() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let path = open(&house, "Test123", json!({"amount": "250.00", "client_reference_id": "order-7"})).await;
    assert_eq!(browser.form(&format!("{path}/pay")).await.status, 303);
    let page = browser.get(&path).await;
    assert_eq!(page.scene(), "failed");
    assert!(page.has_button("pay") && page.text().contains("balance is too low"));
    assert!(page.text().contains("number for this: "), "the audit id is shown for support");
    assert!(browser.get(&format!("{path}?lang=zh")).await.text().contains("余额不足"));
    house.sandbox.with_world(|world| {
        let account = world.payee("Test123").map(|payee| payee.account.clone()).unwrap();
        let amount = sandbox::world::Amount::parse("200.00").unwrap();
        world.fund_account(&account, amount, sandbox::world::Currency::USD).unwrap();
    });
    browser.form(&format!("{path}/pay")).await;
    assert_eq!(browser.get(&path).await.header("location"), SUCCESS);
    assert_eq!((house.charges_at_payoneer(), house.purse()), (1, "50.00".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_left_may_be_tried_again() {
    let mut house = House::open().await;
    let browser = Asker::nobody(&house);
    let path = open(&house, "Test123", json!({})).await;
    assert_eq!(browser.get(&path).await.scene(), "confirm");
    house.line.cut().await;
    assert_eq!(browser.form(&format!("{path}/pay")).await.status, 303);
    let page = browser.get(&path).await;
    assert_eq!(page.scene(), "not-sent");
    assert!(page.has_button("pay") && page.text().contains("no money was taken"));
    house.line.mend(house.sandbox.address()).await;
    browser.form(&format!("{path}/pay")).await;
    assert_eq!(browser.get(&path).await.header("location"), SUCCESS);
    assert_eq!(house.charges_at_payoneer(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_does_nothing() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let path = open(&house, "Test123", json!({})).await;
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        for action in ["pay", "authorize"] {
            let reply = browser.send("POST", &format!("{path}/{action}"), headers, Vec::new()).await;
            assert_eq!((reply.status, reply.scene().as_str()), (403, "foreign-form"), "{headers:?}");
        }
    }
    assert_eq!(house.line.money_requests(), 0);
    assert_eq!(browser.get(&format!("{path}/pay")).await.problem().1, "method_not_allowed");
    let own = [("sec-fetch-site", "same-origin")];
    assert_eq!(browser.send("POST", &format!("{path}/pay"), &own, Vec::new()).await.status, 303);
    assert_eq!(house.line.money_requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_checkout_cannot_be_paid() {
    let house = House::open().await;
    let (browser, merchant) = (Asker::nobody(&house), Asker::merchant(&house));
    let path = open(&house, "Test123", json!({})).await;
    let id = id_of(&merchant, &path, &house).await;
    assert_eq!(merchant.post(&format!("/v1/checkout_sessions/{id}/expire"), "", "").await.json()["status"], "expired");
    assert_eq!(browser.get(&path).await.scene(), "expired");
    assert_eq!(browser.form(&format!("{path}/pay")).await.header("location"), format!("{path}?after=form"));
    assert_eq!(browser.get(&path).await.scene(), "expired");
    assert_eq!((house.charges_at_payoneer(), house.line.money_requests()), (0, 0));
}

/// The id of the checkout with this path.
async fn id_of(merchant: &Asker, path: &str, house: &House) -> String {
    let token = path.rsplit('/').next().unwrap();
    let view = house.engine().checkout_by_token(token).await.unwrap().unwrap();
    let reply = merchant.get(&format!("/v1/checkout_sessions/{}", view.session.id)).await;
    assert_eq!(reply.json()["url"], format!("{}{path}", house.gateway.url()));
    view.session.id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_is_taken_ends_in_a_plain_word() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let first = open(&house, "Test123", json!({"client_reference_id": "order-7"})).await;
    assert_eq!(browser.form(&format!("{first}/pay")).await.status, 303);
    let second = open(&house, "Test123", json!({"client_reference_id": "Order-7"})).await;
    let sent = browser.form(&format!("{second}/pay")).await;
    assert_eq!((sent.status, sent.scene().as_str()), (409, "unpayable"));
    assert!(sent.text().contains("No money was taken") && sent.text().contains(sent.header("x-request-id")));
    assert_eq!(house.charges_at_payoneer(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_merchant_writes_becomes_markup() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let nasty = "<script>alert(1)</script>\"'&<img src=x onerror=y>{{7*7}}";
    let path =
        open(&house, "Test123", json!({"description": nasty, "success_url": "https://shop.example/\"><script>"})).await;
    let text = browser.get(&path).await.text();
    assert!(!text.contains("<script") && !text.contains("<img") && text.contains("&#60;script&#62;"), "{text}");
    assert!(text.contains("{{7*7}}"), "shown as it is");
    browser.form(&format!("{path}/pay")).await;
    let receipt = browser.get(&format!("{path}?after=form")).await;
    assert!(!receipt.text().contains("<script"));
    assert_eq!(receipt.refresh().unwrap().1, "https://shop.example/%22%3E%3Cscript%3E");
    for odd in ["%3Cscript%3E", "..%2F..", "%00", "%FF", "%22onload=%22", &"a".repeat(5_000)] {
        let page = browser.get(&format!("/checkout/{odd}?lang=%3Cscript%3E&look=%22%3E")).await;
        assert_eq!((page.status, page.scene().as_str()), (404, "not-found"), "{odd}");
        assert!(!page.text().contains("<script") && !page.text().contains("onload"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_is_the_readers() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let path = open(&house, "Test123", json!({})).await;
    let lang = |page: &Reply| page.text().split("<html lang=\"").nth(1).unwrap()[..2].to_owned();
    let asked = |headers: &'static [(&'static str, &'static str)], path: String| {
        let browser = &browser;
        async move { browser.send("GET", &path, headers, Vec::new()).await }
    };
    assert_eq!(lang(&asked(&[], path.clone()).await), "en");
    assert_eq!(lang(&asked(&[("accept-language", "zh-CN,zh;q=0.9")], path.clone()).await), "zh");
    let chosen = asked(&[], format!("{path}?lang=zh")).await;
    assert_eq!(lang(&chosen), "zh");
    assert!(chosen.header("set-cookie").starts_with("tollgate_lang=zh;"), "{}", chosen.header("set-cookie"));
    assert_eq!(chosen.link("language"), Some(format!("{path}?lang=en")));
    assert_eq!(lang(&asked(&[("cookie", "tollgate_lang=zh")], path.clone()).await), "zh");
    let merchants = open(&house, "Test123", json!({"language": "zh"})).await;
    assert_eq!(lang(&asked(&[("accept-language", "en")], merchants).await), "zh");
}
