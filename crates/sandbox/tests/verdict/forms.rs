//! The verdict as JSON, JUnit and a page, over the control API.

use std::path::Path;

use sandbox::verdict::Form;

use super::client::Client;

async fn guilty() -> Client {
    let client = Client::start().await;
    client.charge_unheard("1.20", "a-1").await;
    client.says("<order & \"1\">", "charge", "1.20", "a-1", "failed").await;
    client
}

#[tokio::test]
async fn json() {
    let client = guilty().await;
    let (status, kind, text) = client.show("verdict").await;
    assert_eq!((status, kind.as_str()), (200, "application/json"));
    let verdict: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(verdict["clean"], false);
    assert_eq!(verdict["findings"][0]["kind"], "client_says_failed_but_paid");
    assert_eq!(verdict["findings"][0]["level"], "violation");
    assert_eq!(verdict["payments"][0]["intent"], "<order & \"1\">");
    assert_eq!(verdict["payments"][0]["outcome"], "client_says_failed_but_paid");
}

#[tokio::test]
async fn junit_fails_where_the_client_does() {
    let client = guilty().await;
    let (status, kind, text) = client.show("verdict?format=junit").await;
    assert_eq!((status, kind.as_str()), (200, "application/xml; charset=utf-8"));
    assert!(text.starts_with("<?xml"));
    assert!(text.contains("failures=\"1\""), "{text}");
    assert!(text.contains("<failure type=\"client_says_failed_but_paid\""), "{text}");
    assert!(!text.contains("<order"), "{text}");
    assert_eq!(text.matches("<testcase ").count(), 2, "the payment and everything else: {text}");
}

#[tokio::test]
async fn the_page_stands_alone_in_both_languages() {
    let client = guilty().await;
    let (status, kind, text) = client.show("verdict?format=html&lang=zh").await;
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"));
    assert!(text.contains("<html lang=\"zh-Hans\">"));
    for sentence in ["The client calls it failed, but the money moved.", "客户端认为失败，但款项已经划转。"]
    {
        assert!(text.contains(sentence), "{sentence}");
    }
    for foreign in ["<script", "src=", "href=", "url(", "@import", "<order"] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    let (_, _, english) = client.show("verdict?format=html").await;
    assert!(english.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn other_forms_are_refused() {
    let client = Client::start().await;
    assert_eq!(client.show("verdict?format=pdf").await.0, 422);
}

#[test]
fn the_suffix_says_the_form() {
    for (path, form) in [
        ("a/v.json", Some(Form::Json)),
        ("v.XML", Some(Form::Junit)),
        ("v.html", Some(Form::Html)),
        ("v.txt", None),
        ("json", None),
    ] {
        assert_eq!(Form::of(Path::new(path)), form, "{path}");
    }
}
