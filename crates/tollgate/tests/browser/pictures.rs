//! What can be judged of any page by its looks: it fits a telephone. And pictures of it, wide and narrow, for people
//! to judge the rest; only where `TOLLGATE_SCREENSHOTS` names a folder.

use std::path::PathBuf;

use data_encoding::BASE64;
use fantoccini::error::CmdError;
use serde_json::{Value, json};

use crate::browser::Browser;

const TELEPHONE: u32 = 390;
const DESK: u32 = 1280;

/// Everything that sticks out of the window and cannot be scrolled to inside of something.
const STICKING_OUT: &str = "
    const out = [];
    const wide = document.documentElement.clientWidth;
    for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (box.width < 2 || box.right <= wide + 1) continue;
        let around = element.parentElement;
        while (around && !['auto', 'scroll', 'hidden'].includes(getComputedStyle(around).overflowX)) around = around.parentElement;
        if (!around) out.push(element.tagName + '#' + element.id + '.' + element.className + ' ends at ' + box.right);
    }
    return out";

/// Where pictures go, if anywhere.
pub(crate) struct Pictures {
    folder: Option<PathBuf>,
}

impl Pictures {
    pub(crate) fn from_environment() -> Self {
        let folder = std::env::var_os("TOLLGATE_SCREENSHOTS").map(PathBuf::from);
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder).expect("the folder for pictures");
        }
        Self { folder }
    }

    /// Judges the page on a telephone and takes both pictures.
    pub(crate) async fn inspect(&self, browser: &Browser, name: &str) {
        self.take(browser, &format!("{name}.wide"), DESK).await.expect("a picture");
        resize(browser, TELEPHONE).await.expect("a narrow window");
        let out = browser.script(STICKING_OUT, vec![]).await.unwrap();
        assert_eq!(out, json!([]), "the page {name} does not fit {TELEPHONE} pixels");
        self.take(browser, &format!("{name}.narrow"), TELEPHONE).await.expect("a picture");
        self.take_at_night(browser, name).await.expect("a picture");
        browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await.expect("the usual window");
    }

    /// One picture of a page that may be gone.
    pub(crate) async fn glimpse(&self, browser: &Browser, name: &str) {
        if self.take(browser, name, DESK).await.is_err() {
            eprintln!("the page {name} was gone before its picture was taken");
        }
    }

    /// A page that has colours for the night is looked at in them too.
    async fn take_at_night(&self, browser: &Browser, name: &str) -> Result<(), CmdError> {
        let schemes = "return getComputedStyle(document.documentElement).colorScheme";
        let schemes = browser.script(schemes, vec![]).await?;
        if self.folder.is_none() || !schemes.as_str().is_some_and(|schemes| schemes.contains("dark")) {
            return Ok(());
        }
        let night = |scheme: &str| json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.devtools("Emulation.setEmulatedMedia", night("dark")).await?;
        self.take(browser, &format!("{name}.night"), TELEPHONE).await?;
        browser.devtools("Emulation.setEmulatedMedia", night("")).await?;
        Ok(())
    }

    async fn take(&self, browser: &Browser, name: &str, width: u32) -> Result<(), CmdError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        resize(browser, width).await?;
        // What has just grown is painted with the next frame.
        browser.painted().await?;
        let wanted = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = browser.devtools("Page.captureScreenshot", wanted).await?;
        let bytes = BASE64.decode(answer["data"].as_str().unwrap().as_bytes()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), bytes).unwrap();
        Ok(())
    }
}

async fn resize(browser: &Browser, width: u32) -> Result<(), CmdError> {
    let mobile = width == TELEPHONE;
    let metrics =
        |height: &Value| json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics(&json!(844))).await?;
    let height = browser.script("return Math.max(844, document.documentElement.scrollHeight)", vec![]).await?;
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics(&height)).await?;
    Ok(())
}
