//! The start page: its credentials and its commands.

use sandbox::{Options, Sandbox};

use crate::browser::{Browser, start};

#[tokio::test]
async fn the_start_page_leads_in() {
    let sandbox = start().await;
    let page = Browser::new(&sandbox).open("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.text("base-url"), sandbox.url());
    assert_eq!((page.text("program-id"), page.text("username")), ("100012345", "demo"));
    assert!(page.has("<code>demo-api-password</code>") && page.has("href=\"/backoffice\""));
    assert!(page.has("Test123") && page.has("existing@sandbox.example") && page.has("sandbox-password"));
}

/// Path and body of each curl command of the page.
fn commands(html: &str) -> Vec<(String, String)> {
    let text = html.replace("&#39;", "'").replace("&#34;", "\"");
    let commands = text.split("<code>curl -u demo:demo-api-password -X POST \\\n  ").skip(1);
    commands
        .map(|command| {
            let url = command.split(" \\\n").next().unwrap().to_owned();
            let body = command.split("-d '").nth(1).unwrap().split('\'').next().unwrap();
            (url, body.to_owned())
        })
        .collect()
}

#[tokio::test]
async fn its_commands_walk_the_whole_way() {
    let sandbox = start().await;
    let mut browser = Browser::new(&sandbox);
    let commands = commands(&browser.open("/").await.html);
    assert_eq!(commands.len(), 4);
    let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
    let mut codes = Vec::new();
    for (at, (url, body)) in commands.iter().enumerate() {
        let call = client.post(url).basic_auth("demo", Some("demo-api-password"));
        let call = call.header("content-type", "application/json").body(body.clone());
        let text = call.send().await.unwrap().text().await.unwrap();
        let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
        codes.push(reply["code"].as_i64().unwrap());
        if at == 1 {
            let address = reply["registration_link"].as_str().unwrap().split("token=").nth(1).unwrap().to_owned();
            browser.sign_up(&address).await;
            browser.decide(&address, "approve").await;
        }
        if at == 2 {
            assert_eq!(reply["status"], "ACTIVE");
        }
    }
    assert_eq!(codes, [10005, 0, 0, 0]);
    assert!(sandbox.with_world(|w| w.charge("test_88").is_some()));
}

#[tokio::test]
async fn a_password_of_ones_own_is_not_shown() {
    let options = Options { api_password: "my-own-secret".to_owned().into(), ..Options::for_tests() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let mut browser = Browser::new(&sandbox);
    for path in ["/", "/?lang=zh", "/backoffice", "/backoffice/developer"] {
        let page = browser.open(path).await;
        assert_eq!(page.status, 200);
        assert!(!page.has("my-own-secret"), "{path}");
    }
    assert!(browser.open("/?lang=en").await.has("the one this sandbox was started with"));
}
