//! A person at the browser: looks, types, clicks, waits. Every wait is bounded and names what it waits for.
//! Nothing here knows our pages.

use std::time::Duration;

use fantoccini::actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, Locator};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use url::Url;

use crate::driver::Driver;
use crate::pictures::Pictures;

/// For ever, as tests go.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(50);

/// A browser and whoever sits before it.
pub(crate) struct Browser {
    client: Client,
    pictures: Pictures,
}

impl Browser {
    pub(crate) fn new(driver: &Driver) -> Self {
        Self { client: driver.client().clone(), pictures: Pictures::from_environment() }
    }

    /// Waits until `look` finds something. Elements that vanish while looked at are looked for again.
    pub(crate) async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Result<Option<T>, CmdError>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let error = match look().await {
                Ok(Some(found)) => return found,
                Ok(None) => String::new(),
                Err(CmdError::Lost(error)) => panic!("the browser is gone while waiting for {what}: {error}"),
                Err(error) => format!(" ({error})"),
            };
            assert!(Instant::now() <= deadline, "it never came: {what}{error}\n{}", self.where_it_is().await);
            sleep(PAUSE).await;
        }
    }

    /// For the message of a test that fails.
    async fn where_it_is(&self) -> String {
        let url = self.client.current_url().await.map_or_else(|error| error.to_string(), String::from);
        let text = self.script("return document.title + '\\n' + document.body.innerText", vec![]).await;
        format!("The browser is at {url} and shows:\n{}", text.unwrap_or_default().as_str().unwrap_or_default())
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("cannot open {url}: {error}"));
    }

    pub(crate) async fn url(&self) -> Url {
        self.client.current_url().await.unwrap()
    }

    pub(crate) async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Waits for an element.
    pub(crate) async fn see(&self, css: &str) -> Element {
        self.until(css, async || self.client.find(Locator::Css(css)).await.map(Some)).await
    }

    /// Waits for a page whose address begins so.
    pub(crate) async fn arrive(&self, address: &str) {
        let what = format!("an address that begins with {address}");
        self.until(&what, async || {
            let here = self.client.current_url().await?;
            Ok(here.as_str().starts_with(address).then_some(()))
        })
        .await;
    }

    /// Whether an element is there now.
    pub(crate) async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// Waits for an element and reads its text.
    pub(crate) async fn text(&self, css: &str) -> String {
        let what = format!("the text of {css}");
        self.until(&what, async || self.client.find(Locator::Css(css)).await?.text().await.map(Some)).await
    }

    /// Waits until an element says something in particular.
    pub(crate) async fn reads(&self, css: &str, wanted: &str) {
        let what = format!("{css} says {wanted:?}");
        self.until(&what, async || {
            let text = self.client.find(Locator::Css(css)).await?.text().await?;
            Ok((text == wanted).then_some(()))
        })
        .await;
    }

    /// What is typed into a field now.
    pub(crate) async fn value(&self, css: &str) -> String {
        let what = format!("the value of {css}");
        self.until(&what, async || self.client.find(Locator::Css(css)).await?.prop("value").await).await
    }

    pub(crate) async fn attribute(&self, css: &str, name: &str) -> String {
        let what = format!("the attribute {name} of {css}");
        self.until(&what, async || self.client.find(Locator::Css(css)).await?.attr(name).await).await
    }

    /// Waits for an element and clicks it once.
    pub(crate) async fn click(&self, css: &str) {
        let what = format!("{css} can be clicked");
        self.until(&what, async || self.client.find(Locator::Css(css)).await?.click().await.map(Some)).await;
    }

    /// Two clicks as fast as a mouse can.
    pub(crate) async fn double_click(&self, css: &str) {
        let element = self.see(css).await;
        let press = || PointerAction::Down { button: MOUSE_BUTTON_LEFT };
        let release = || PointerAction::Up { button: MOUSE_BUTTON_LEFT };
        let mouse = MouseActions::new("mouse".to_owned())
            .then(PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 })
            .then(press())
            .then(release())
            .then(press())
            .then(release());
        self.client.perform_actions(mouse).await.expect("a double click");
    }

    /// Replaces what is in a field.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        field.clear().await.unwrap_or_else(|error| panic!("cannot clear {css}: {error}"));
        field.send_keys(text).await.unwrap_or_else(|error| panic!("cannot type into {css}: {error}"));
    }

    /// Chooses an option of a list by its value.
    pub(crate) async fn choose(&self, css: &str, value: &str) {
        let list = self.see(css).await;
        let option = format!(".//option[@value='{value}' or not(@value) and .='{value}']");
        list.select_by(Locator::XPath(&option))
            .await
            .unwrap_or_else(|error| panic!("cannot choose {value} of {css}: {error}"));
    }

    pub(crate) async fn script(&self, code: &str, arguments: Vec<Value>) -> Result<Value, CmdError> {
        self.client.execute(code, arguments).await
    }

    /// Waits until the page as it is now has been painted.
    pub(crate) async fn painted(&self) -> Result<(), CmdError> {
        let frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))";
        self.client.execute_async(frames, vec![]).await.map(drop)
    }

    /// A second tab with that address; the browser looks at it afterwards. Gives the first one.
    pub(crate) async fn new_tab(&self, url: &str) -> fantoccini::wd::WindowHandle {
        let first = self.client.window().await.unwrap();
        let second = self.client.new_window(true).await.unwrap();
        self.client.switch_to_window(second.handle).await.unwrap();
        self.open(url).await;
        first
    }

    pub(crate) async fn switch_to(&self, tab: fantoccini::wd::WindowHandle) {
        self.client.switch_to_window(tab).await.unwrap();
    }

    /// What every page must be, whatever it is about; and its picture, if pictures are wanted.
    /// Not for pages that go away by themselves.
    pub(crate) async fn inspect(&self, name: &str, language: &str) {
        let tag = self.attribute("html", "lang").await;
        assert_eq!(tag.split('-').next(), Some(language), "the language of the page {name}");
        self.pictures.inspect(self, &format!("{name}.{language}")).await;
    }

    /// Only a picture, if pictures are wanted; of a page that may go away meanwhile.
    pub(crate) async fn glimpse(&self, name: &str, language: &str) {
        self.pictures.glimpse(self, &format!("{name}.{language}")).await;
    }

    /// Shows this text in place of the page, with the page's address and policy: for pages that go away at once.
    pub(crate) async fn show(&self, html: &str) {
        let write = "document.open(); document.write(arguments[0]); document.close()";
        self.script(write, vec![Value::from(html)]).await.unwrap();
        self.until("the text is shown", async || {
            let state = self.script("return document.readyState", vec![]).await?;
            Ok((state == "complete").then_some(()))
        })
        .await;
    }

    pub(crate) async fn forget_cookies(&self) {
        self.client.delete_all_cookies().await.unwrap();
    }

    /// A command of the browser's own debugging protocol.
    pub(crate) async fn devtools(&self, command: &'static str, params: Value) -> Result<Value, CmdError> {
        self.client.issue_cmd(DevTools { command, params }).await
    }
}

#[derive(Debug)]
struct DevTools {
    command: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, url::ParseError> {
        base_url.join(&format!("session/{}/goog/cdp/execute", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.command, "params": self.params }).to_string()))
    }
}
