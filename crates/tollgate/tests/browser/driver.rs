//! chromedriver and one headless Chromium with a profile of its own: found, started, ended.
//! What is done with them is in `browser`.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// For a start or an end; nothing is measured.
const PATIENCE: Duration = Duration::from_mins(1);

const INSTALL: &str = "apt-get update && apt-get install --yes --no-install-recommends chromium chromium-driver";

/// The browser may talk to this machine and to nothing else.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--hide-scrollbars",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--password-store=basic",
    "--window-size=1280,900",
];

/// A running chromedriver with one browser.
pub(crate) struct Driver {
    client: Client,
    process: Child,
    profile: TempDir,
}

impl Driver {
    /// Starts both. `language` is what the browser asks servers for.
    pub(crate) async fn start(language: &str) -> Self {
        let chromium = program(&["chromium", "chromium-browser", "google-chrome"]);
        let chromedriver = program(&["chromedriver"]);
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new(chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts");
        let port = timeout(PATIENCE, port(&mut process)).await.expect("chromedriver says which port it listens on");
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(|argument| (*argument).to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.push(format!("--lang={language}"));
        let options = json!({
            "binary": chromium,
            "args": arguments,
            "prefs": { "intl.accept_languages": language },
        });
        let mut capabilities = Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), options);
        // Pages that go on by themselves must not hold up the question of where the browser is.
        capabilities.insert("pageLoadStrategy".to_owned(), Value::from("eager"));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("chromedriver starts Chromium");
        // Neither a page that does not come nor a script that does not end may hold up a test.
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), Some(Duration::ZERO));
        client.update_timeouts(timeouts).await.expect("chromedriver keeps to our times");
        Self { client, process, profile }
    }

    /// The session.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Ends browser and driver, in this order: a browser does not end with its driver.
    pub(crate) async fn stop(mut self) {
        let closed = timeout(PATIENCE, self.client.close()).await;
        self.process.kill().await.expect("chromedriver can be ended");
        closed.expect("Chromium ends").expect("chromedriver ends Chromium");
        drop(self.profile);
    }
}

/// Reads chromedriver's `... was started successfully on port 12345.`
async fn port(process: &mut Child) -> u16 {
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while output.read_line(&mut line).await.unwrap() > 0 {
        if let Some((_, port)) = line.rsplit_once("successfully on port ") {
            let port = port.trim_end().trim_end_matches('.').parse().unwrap();
            // Given back: a driver that cannot say anything any more would end.
            process.stdout = Some(output.into_inner());
            return port;
        }
        line.clear();
    }
    panic!("chromedriver ended before it listened");
}

fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).flat_map(|folder| names.iter().map(move |name| folder.join(name)));
    let mut found = found.filter(|file| file.is_file());
    found.next().unwrap_or_else(|| panic!("{} is not installed; on Debian, as root, run:\n\n    {INSTALL}\n", names[0]))
}
