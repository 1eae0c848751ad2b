//! A small browser for the demo: follows redirects, keeps cookies, fills in
//! forms. It knows nothing of Payoneer or of us.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, Method, Response};
use url::Url;

use super::forms::{self, Form};

/// More would be a loop.
const REDIRECTS_MAX: usize = 10;
/// How often a page may send the browser on by itself.
const REFRESHES_MAX: usize = 20;
/// Nobody waits longer for a page.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Pages are small.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// A browser with its cookies.
pub(super) struct Browser {
    client: Client,
    cookies: BTreeMap<(String, String), String>,
}

/// What the browser shows.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) url: Url,
    pub(super) html: String,
}

impl Page {
    /// What the tab is called.
    pub(super) fn title(&self) -> String {
        forms::title(&self.html)
    }

    /// The form with this id, or what is there instead.
    pub(super) fn form(&self, id: &str) -> anyhow::Result<Form> {
        Form::find(&self.html, id).with_context(|| format!("no form `{id}` on the page `{}`", self.title()))
    }
}

impl Browser {
    pub(super) fn new() -> anyhow::Result<Self> {
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { client, cookies: BTreeMap::new() })
    }

    /// Opens an address.
    pub(super) async fn open(&mut self, url: &Url) -> anyhow::Result<Page> {
        let answer = self.send(Method::GET, url, None).await?;
        self.arrive(url.clone(), answer).await
    }

    /// Sends a form, pressing the button with this name and value.
    pub(super) async fn submit(&mut self, page: &Page, form: &Form, button: (&str, &str)) -> anyhow::Result<Page> {
        let url = page.url.join(&form.action)?;
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(&form.fields);
        body.append_pair(button.0, button.1);
        let answer = self.send(Method::POST, &url, Some(body.finish())).await?;
        self.arrive(url, answer).await
    }

    /// Follows the link with this id.
    pub(super) async fn follow(&mut self, page: &Page, id: &str) -> anyhow::Result<Page> {
        let href =
            forms::link(&page.html, id).with_context(|| format!("no link `{id}` on the page `{}`", page.title()))?;
        let url = page.url.join(&href)?;
        self.open(&url).await
    }

    /// Waits as the page asks, until it no longer sends the browser on, or has sent it elsewhere.
    pub(super) async fn wait(&mut self, mut page: Page) -> anyhow::Result<Page> {
        let origin = page.url.origin();
        for _ in 0..REFRESHES_MAX {
            let Some((seconds, url)) = forms::refresh(&page.html).filter(|_| page.url.origin() == origin) else {
                return Ok(page);
            };
            tokio::time::sleep(Duration::from_secs(seconds.min(5))).await;
            let url = page.url.join(&url)?;
            page = self.open(&url).await?;
        }
        anyhow::bail!("the page `{}` never came to an end", page.title())
    }

    async fn arrive(&mut self, mut url: Url, mut answer: Response) -> anyhow::Result<Page> {
        for _ in 0..REDIRECTS_MAX {
            self.keep_cookies(&url, &answer);
            if !answer.status().is_redirection() {
                return read(url, answer).await;
            }
            let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            url = url.join(location.context("a redirect to nowhere")?)?;
            answer = self.send(Method::GET, &url, None).await?;
        }
        anyhow::bail!("more than {REDIRECTS_MAX} redirects, the last to {}", url.path())
    }

    async fn send(&self, method: Method, url: &Url, form: Option<String>) -> anyhow::Result<Response> {
        let mut request = self.client.request(method, url.clone());
        let host = host(url);
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|((known, _), _)| *known == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some(form) = form {
            request = request
                .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(reqwest::header::ORIGIN, url.origin().ascii_serialization())
                .body(form);
        }
        request.send().await.with_context(|| format!("cannot open {}", url.origin().ascii_serialization()))
    }

    fn keep_cookies(&mut self, url: &Url, answer: &Response) {
        for line in answer.headers().get_all(SET_COOKIE) {
            let pair = line.to_str().ok().and_then(|line| line.split(';').next()?.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert((host(url), name.trim().to_owned()), value.trim().to_owned());
            }
        }
    }
}

/// Host and port: the demo's services differ in the port alone.
fn host(url: &Url) -> String {
    url.origin().ascii_serialization()
}

async fn read(url: Url, answer: Response) -> anyhow::Result<Page> {
    let status = answer.status();
    let body = answer.bytes().await?;
    anyhow::ensure!(body.len() <= PAGE_BYTES_MAX, "a page of {} bytes", body.len());
    let page = Page { url, html: String::from_utf8_lossy(&body).into_owned() };
    anyhow::ensure!(status.is_success(), "the page `{}` came with status {}", page.title(), status.as_u16());
    Ok(page)
}
