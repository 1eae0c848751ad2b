//! The way to Payoneer's page and back: only ever to the address registered for that very session.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod edge;
mod support;

use edge::Asker;
use sandbox::world::Review;
use serde_json::{Value, json};
use support::{House, eventually};

/// Begins an authorization and gives the session and the path that Payoneer sends the browser back to.
async fn begin(house: &House, body: Value) -> (Value, String) {
    let reply = Asker::merchant(house).post("/v1/authorization_sessions", "", &body.to_string()).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let session = reply.json();
    let path = way_back(house, session["url"].as_str().unwrap());
    (session, path)
}

/// Where Payoneer's page sends the browser in the end, as a path of the gateway.
fn way_back(house: &House, url: &str) -> String {
    let link = house.sandbox.with_world(|world| world.link(token(url)).cloned()).expect("a link");
    let redirect = link.redirect_url.expect("a redirect");
    redirect.strip_prefix(house.gateway.url()).expect("an address of the gateway").to_owned()
}

fn token(url: &str) -> &str {
    url.split("token=").nth(1).expect("Payoneer's page")
}

/// The payee comes through Payoneer's page with the account that exists from the start.
fn come_through(house: &House, url: &str, review: Review) {
    house.sandbox.with_world(|world| {
        let account = world.account_by_email("existing@sandbox.example").expect("an account").id.clone();
        world.complete_link(token(url), &account, Some(review)).expect("the link is open");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_goes_back_to_its_own_sessions_address_and_nowhere_else() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let home = "https://shop.example/pay?order=7";
    let (session, path) = begin(&house, json!({"payee_id": "user-42", "return_url": home})).await;
    assert_eq!((&session["status"], &session["return_url"]), (&"open".into(), &home.into()));
    let waiting = browser.get(&path).await;
    assert_eq!((waiting.status, waiting.scene().as_str()), (200, "returning"));
    assert_eq!(waiting.refresh(), Some((2, format!("{path}?look=1"))));
    assert_eq!(waiting.link("back").as_deref(), Some(home));
    assert_eq!(waiting.link("back-to-payoneer"), session["url"].as_str().map(str::to_owned));
    come_through(&house, session["url"].as_str().unwrap(), Review::Approve);
    let gone = eventually("the browser goes home", || async {
        let reply = browser.get(&path).await;
        (reply.status == 303).then_some(reply)
    });
    assert_eq!(gone.await.header("location"), home);
    // What anybody adds to the address changes nothing.
    for more in [
        "?return_url=https://evil.example",
        "?next=//evil.example&url=https%3A%2F%2Fevil.example&redirect_uri=x",
        "?lang=zh&look=5",
    ] {
        let reply = browser.get(&format!("{path}{more}")).await;
        assert_eq!((reply.status, reply.header("location")), (303, home), "{more}");
    }
    for elsewhere in [format!("{path}x"), format!("{path}%2F..%2Fx"), "/return/https:%2F%2Fevil.example".to_owned()] {
        let reply = browser.get(&elsewhere).await;
        assert_eq!((reply.status, reply.header("location")), (404, ""), "{elsewhere}");
    }
    assert_eq!(browser.get(&format!("{path}/https://evil.example")).await.status, 404);
    assert_eq!(browser.get(&format!("/{path}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_waits_and_a_no_is_told_plainly() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let (session, path) = begin(&house, json!({"payee_id": "user-42"})).await;
    assert_eq!(session["return_url"], "http://127.0.0.1:9/shop", "the program's own address");
    come_through(&house, session["url"].as_str().unwrap(), Review::Pending);
    let scene = |wanted: &'static str| {
        let (browser, path) = (&browser, path.as_str());
        eventually(wanted, move || async move {
            let page = browser.get(path).await;
            (page.status == 200 && page.scene() == wanted).then_some(page)
        })
    };
    assert!(scene("in-review").await.refresh().is_some());
    house.sandbox.with_world(|world| world.decline_payee("user-42", None)).unwrap();
    let declined = scene("declined").await;
    assert_eq!((declined.refresh(), declined.link("back").as_deref()), (None, Some("http://127.0.0.1:9/shop")));
    assert!(browser.get(&format!("{path}?lang=zh")).await.text().contains("未通过授权"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_leads_through_payoneer_and_back_to_itself() {
    let house = House::open().await;
    let (browser, merchant) = (Asker::nobody(&house), Asker::merchant(&house));
    let body = json!({
        "payee_id": "user-42", "amount": "12.50", "currency": "USD", "description": "Tea",
        "success_url": "https://shop.example/paid"
    });
    let opened = merchant.post("/v1/checkout_sessions", "", &body.to_string()).await.json();
    let path = opened["url"].as_str().unwrap().strip_prefix(house.gateway.url()).unwrap().to_owned();
    let page = browser.get(&path).await;
    assert_eq!(page.scene(), "authorize");
    assert!(page.has_button("authorize") && !page.has_button("pay"));
    // Paying before authorising does nothing but show the same page again.
    assert_eq!(browser.form(&format!("{path}/pay")).await.header("location"), format!("{path}?after=form"));
    assert_eq!(house.line.money_requests(), 0);
    let leaving = browser.form(&format!("{path}/authorize?lang=zh")).await;
    assert_eq!((leaving.status, leaving.scene().as_str(), leaving.header("location")), (200, "leaving", ""));
    let (seconds, url) = leaving.refresh().unwrap();
    assert!(seconds == 0 && url.contains("/partners/lp.aspx?token="), "{url}");
    assert_eq!(leaving.link("continue"), Some(url.clone()));
    let language = house.sandbox.with_world(|world| world.link(token(&url)).map(|link| link.language_id));
    assert_eq!(language, Some(Some(4)), "Payoneer's page opens in Chinese too");
    let back = way_back(&house, &url);
    come_through(&house, &url, Review::Approve);
    let gone = eventually("the browser comes back", || async {
        let reply = browser.get(&back).await;
        (reply.status == 303).then_some(reply)
    });
    assert_eq!(gone.await.header("location"), format!("{}{path}", house.gateway.url()));
    let page = browser.get(&path).await;
    assert_eq!(page.scene(), "confirm");
    assert_eq!(browser.form(&format!("{path}/authorize")).await.header("location"), format!("{path}?after=form"));
    house.sandbox.with_world(|world| {
        let account = world.payee("user-42").map(|payee| payee.account.clone()).unwrap();
        let amount = sandbox::world::Amount::parse("20.00").unwrap();
        world.fund_account(&account, amount, sandbox::world::Currency::USD).unwrap();
    });
    browser.form(&format!("{path}/pay")).await;
    assert_eq!(browser.get(&path).await.header("location"), "https://shop.example/paid");
    let session = merchant.get(&format!("/v1/checkout_sessions/{}", opened["id"].as_str().unwrap())).await.json();
    assert_eq!(session["status"], "complete");
    assert!(session["charge"].as_str().unwrap().starts_with("ch_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_payee_may_try_the_checkout_again() {
    let house = House::open().await;
    let browser = Asker::nobody(&house);
    let body = json!({
        "payee_id": "user-42", "amount": "1", "currency": "USD", "description": "Tea",
        "success_url": "https://shop.example/paid", "cancel_url": "https://shop.example/cart", "language": "zh"
    });
    let opened = Asker::merchant(&house).post("/v1/checkout_sessions", "", &body.to_string()).await.json();
    let path = opened["url"].as_str().unwrap().strip_prefix(house.gateway.url()).unwrap().to_owned();
    let (_, url) = browser.form(&format!("{path}/authorize")).await.refresh().unwrap();
    come_through(&house, &url, Review::Decline);
    let declined = eventually("the decline is known", || async {
        let page = browser.get(&path).await;
        (page.scene() == "declined").then_some(page)
    });
    let declined = declined.await;
    assert!(declined.has_button("authorize") && !declined.has_button("pay"));
    assert!(declined.text().contains("lang=\"zh-CN\"") && declined.text().contains("没有扣款"));
    assert_eq!(house.line.money_requests(), 0);
}
