//! Links that cannot be used, the language a link opens in, and the headers around every page.

use sandbox::world::{FIRST_PASSWORD, LinkKind, NewLink, SECOND_EMAIL};

use crate::browser::{Browser, Page, link, lp, make, start};

#[tokio::test]
async fn unknown_links_are_answered_calmly() {
    let sandbox = start().await;
    for path in
        ["/partners/lp.aspx", "/partners/lp.aspx?token=", "/partners/lp.aspx?token=00ff", &lp("../../etc/passwd")]
    {
        let page = Browser::new(&sandbox).open(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.tag("closed").contains("\"unknown\""));
        let page = Browser::new(&sandbox).post(path, &[("step", "start")]).await;
        assert_eq!(page.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_used_link_shows_its_outcome_to_its_browser_alone() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-1");
    let mut browser = Browser::new(&sandbox);
    browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    browser.decide(&token, "approve").await;
    let page = browser.hosted(&token).await;
    assert!(page.tag("outcome").contains("\"approved\""));
    let mut stranger = Browser::new(&sandbox);
    for page in [
        stranger.hosted(&token).await,
        stranger.step(&token, "start", &[]).await,
        stranger.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await,
    ] {
        assert_eq!(page.status, 410);
        assert!(page.tag("closed").contains("\"used\"") && !page.has("user-1"));
    }
}

#[tokio::test]
async fn a_link_completed_elsewhere_stops_the_form() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-1");
    let mut browser = Browser::new(&sandbox);
    browser.step(&token, "start", &[]).await;
    sandbox.with_world(|w| {
        let account = w.account_by_email(SECOND_EMAIL).unwrap().id.clone();
        w.complete_link(&token, &account, None).unwrap();
    });
    let page = browser.step(&token, "contact", &[]).await;
    assert_eq!(page.status, 410);
}

#[tokio::test]
async fn a_registered_payee_is_told_so_before_typing_anything() {
    let sandbox = start().await;
    let token = link(&sandbox, sandbox::world::FIRST_PAYEE);
    let page = Browser::new(&sandbox).hosted(&token).await;
    assert_eq!(page.status, 409);
    assert!(page.tag("closed").contains("\"taken\""));
    let page = Browser::new(&sandbox).log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await;
    assert_eq!(page.status, 409);
}

#[tokio::test]
async fn a_link_speaks_the_language_it_was_made_with() {
    let sandbox = start().await;
    let with = |language_id| NewLink {
        language_id,
        session_id: language_id.map(|id: u8| id.to_string()),
        ..NewLink::plain(LinkKind::Registration, "user-1")
    };
    let chinese = |page: &Page| page.has("<html lang=\"zh-Hans\">");
    for (id, expected) in [(None, false), (Some(1), false), (Some(4), true), (Some(17), true), (Some(14), false)] {
        let token = make(&sandbox, with(id));
        let page = Browser::new(&sandbox).hosted(&token).await;
        assert_eq!(chinese(&page), expected, "{id:?}");
        let page = Browser::new(&sandbox).open(&format!("{}&langid=4", lp(&token))).await;
        assert!(chinese(&page), "the address goes before the link");
        assert!(page.has("lang=\"zh-Hans\" formnovalidate aria-current=\"true\""));
        let page = Browser::new(&sandbox).open(&format!("{}&langid=1", lp(&token))).await;
        assert!(!chinese(&page));
    }
    let mut browser = Browser::new(&sandbox);
    browser.languages = Some("zh-CN,zh;q=0.9");
    let page = browser.hosted("nothing").await;
    assert!(chinese(&page) && page.has("链接无效"), "an unknown link follows the browser");
}

#[tokio::test]
async fn the_whole_way_exists_in_chinese() {
    let sandbox = start().await;
    let mut new = NewLink::plain(LinkKind::Registration, "user-zh");
    new.language_id = Some(4);
    new.redirect_url = Some("https://shop.example/".to_owned());
    let token = make(&sandbox, new);
    let mut browser = Browser::new(&sandbox);
    let page = browser.sign_up(&token).await;
    assert!(page.has("允许“Demo Merchant”从您的余额中扣款？") && page.has("同意授权"));
    let page = browser.decide(&token, "approve").await;
    assert!(page.has("授权成功") && page.has("5 秒后将返回“Demo Merchant”。"));
    assert!(page.has("沙盒环境，并非 Payoneer"));
}

fn protected(page: &Page) {
    let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
    let policy = header("content-security-policy");
    for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{}: {policy}", page.at);
    }
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{}", page.at);
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_page_is_protected_and_marked() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-1");
    let mut browser = Browser::new(&sandbox);
    let mut pages = vec![
        browser.hosted("unknown").await,
        browser.hosted(&token).await,
        browser.step(&token, "start", &[("email", "x")]).await,
        browser.log_in(&token, "x", "y").await,
        browser.log_in(&token, SECOND_EMAIL, FIRST_PASSWORD).await,
        browser.decide(&token, "approve").await,
        Browser::new(&sandbox).hosted(&token).await,
    ];
    for path in ["/", "/backoffice", "/backoffice/no/such/page"] {
        pages.push(browser.open(path).await);
    }
    for page in pages {
        protected(&page);
        assert!(page.has("SANDBOX - not Payoneer"), "{}", page.at);
        assert!(!page.has(" style=") && !page.has("<script") && !page.has(" onclick"), "the policy would refuse it");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    }
    let large = browser.post(&lp(&token), &[("x", &"y".repeat(70_000))]).await;
    assert_eq!(large.status, 413);
    protected(&large);
}

#[tokio::test]
async fn the_visit_cookie_is_kept_from_scripts_and_other_sites() {
    let sandbox = start().await;
    let token = link(&sandbox, "user-1");
    let answer = reqwest::Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none());
    let url = format!("{}{}", sandbox.url(), lp(&token));
    let answer = answer.build().unwrap().post(url).body("step=start&first_name=x").send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("sandbox_visit=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("Path=/partners"));
}

#[tokio::test]
async fn style_and_drawings_are_served_to_keep() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let page = browser.open("/").await;
    let style = page.html.split("href=\"").find(|part| part.starts_with("/assets/sandbox.css?v=")).unwrap();
    for (path, kind) in [
        (style.split('"').next().unwrap(), "text/css; charset=utf-8"),
        ("/assets/mark.svg", "image/svg+xml"),
        ("/assets/backdrop.svg", "image/svg+xml"),
    ] {
        let file = browser.open(path).await;
        assert_eq!((file.status, file.headers["content-type"].to_str().unwrap()), (200, kind));
        assert!(file.headers["cache-control"].to_str().unwrap().contains("immutable"));
    }
}
