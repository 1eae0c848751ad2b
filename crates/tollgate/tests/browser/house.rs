//! Everything that a payment needs, as real processes on free ports: sandbox, gateway, the line between them, a shop.
//! Set up as a merchant would, by command line and API.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use api::{Amount, Callback, CallbackStatus, Charge, CheckoutSession, CreateCheckoutSession, MandateStatus};
use client::{ChargeFilter, Client, Page, SecretString};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::{Duration, Instant, sleep};

use crate::browser::PATIENCE;
use crate::line::Line;
use crate::payoneer_side::PayoneerSide;
use crate::shop::Shop;
use crate::words::Words;

pub(crate) const MERCHANT: &str = "Tea & Time";
pub(crate) const AMOUNT: &str = "12.50";

/// The running processes and a merchant's hand on each.
pub(crate) struct House {
    pub(crate) gateway: Client,
    pub(crate) gateway_url: String,
    pub(crate) payoneer: PayoneerSide,
    pub(crate) line: Line,
    pub(crate) shop: Shop,
    processes: [Process; 2],
    _folder: TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let sandbox = Process::start("sandbox", at).await;
        let payoneer = PayoneerSide::new(sandbox.url());
        let line = Line::to(sandbox.address()).await;
        let shop = Shop::open().await;

        let (returns, environment) = (shop.return_url(), line.url());
        let add = ["program", "add", "--name", MERCHANT, "--program-id", "100012345", "--username", "demo"];
        let places = ["--environment", environment, "--return-url", &returns, "--api-password-stdin"];
        run(at, &[&add[..], &places[..]].concat(), "demo-api-password\n").await;
        let gateway = Process::start("serve", at).await;
        let gateway_url = gateway.url().to_owned();
        let key = run(at, &["key", "create", "--program", MERCHANT, "--name", "browser test"], "").await;
        let key = SecretString::from(key["secret"].as_str().expect("the key").to_owned());
        let program = run(at, &["program", "show", MERCHANT, "--public-url", &gateway_url], "").await;

        payoneer.set(serde_json::json!({ "merchant_name": MERCHANT, "redirect_seconds": 1 })).await;
        payoneer.send_callbacks_to(program["callback_url"].as_str().expect("the callback address")).await;
        let processes = [sandbox, gateway];
        let gateway = Client::new(&gateway_url, key).unwrap();
        Self { gateway, gateway_url, payoneer, line, shop, processes, _folder: folder }
    }

    /// A checkout as the shop would open it.
    pub(crate) async fn checkout(&self, payee_id: &str, words: &Words) -> CheckoutSession {
        self.checkout_of(payee_id, &format!("order-of-{payee_id}"), words).await
    }

    pub(crate) async fn checkout_of(&self, payee_id: &str, reference: &str, words: &Words) -> CheckoutSession {
        let session = CreateCheckoutSession {
            payee_id: payee_id.to_owned(),
            amount: Amount::from(AMOUNT),
            currency: "USD".to_owned(),
            description: words.goods.to_owned(),
            success_url: self.shop.success_url(),
            cancel_url: Some(self.shop.cancel_url()),
            client_reference_id: Some(reference.to_owned()),
            language: Some(words.language),
            expires_in_seconds: None,
        };
        self.gateway.create_checkout_session(&session).await.unwrap()
    }

    pub(crate) async fn mandate(&self, payee_id: &str) -> MandateStatus {
        self.gateway.payee(payee_id).await.unwrap().mandate.status
    }

    /// Every charge that the gateway has of a payee.
    pub(crate) async fn charges(&self, payee_id: &str) -> Vec<Charge> {
        let filter = ChargeFilter { payee_id: Some(payee_id.to_owned()), ..ChargeFilter::default() };
        let list = self.gateway.charges(&filter, &Page::default()).await.unwrap();
        assert_eq!(list.next_cursor, None, "all charges in one answer");
        list.data
    }

    /// Waits for a callback whose target holds all these words, and until it was digested.
    pub(crate) async fn callback(&self, words: &[&str]) -> Callback {
        eventually(&format!("a callback with {words:?} is digested"), async || {
            let list = self.gateway.callbacks(&Page::default()).await.unwrap();
            let wanted = |callback: &Callback| words.iter().all(|word| callback.target.contains(word));
            list.data.into_iter().find(|c| wanted(c) && c.status != CallbackStatus::Received)
        })
        .await
    }

    /// For the message of a test that fails.
    pub(crate) fn logs(&self) -> String {
        self.processes.iter().map(Process::log).collect()
    }
}

/// Waits until `look` finds something.
pub(crate) async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}

/// `tollgate sandbox` or `tollgate serve`, killed when dropped.
struct Process {
    face: &'static str,
    ready: Value,
    log: PathBuf,
    _child: Child,
}

impl Process {
    async fn start(face: &'static str, folder: &Path) -> Self {
        let (ready_file, log) = (folder.join(format!("{face}.json")), folder.join(format!("{face}.log")));
        let mut command = tollgate(folder, &[face, "--listen", "127.0.0.1:0", "--ready-file"]);
        let out = File::create(&log).unwrap();
        command.arg(&ready_file).stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out);
        let mut child = command.spawn().unwrap();
        let deadline = Instant::now() + PATIENCE;
        let ready = loop {
            // The file is moved to its place when it is whole.
            if let Ok(text) = std::fs::read_to_string(&ready_file) {
                break serde_json::from_str(&text).unwrap();
            }
            let ended = child.try_wait().unwrap();
            let log = || std::fs::read_to_string(&log).unwrap();
            assert!(ended.is_none(), "tollgate {face} ended with {ended:?} and said:\n{}", log());
            assert!(Instant::now() < deadline, "tollgate {face} never got ready and said:\n{}", log());
            sleep(Duration::from_millis(20)).await;
        };
        Self { face, ready, log, _child: child }
    }

    fn url(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    fn address(&self) -> std::net::SocketAddr {
        self.ready["listen"].as_str().unwrap().parse().unwrap()
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("The last lines of `tollgate {}`:\n{}\n", self.face, lines[lines.len().saturating_sub(40)..].join("\n"))
    }
}

fn tollgate(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    // No configuration but ours: neither the developer's variables nor a file where the test happens to run.
    command.env_clear().current_dir(folder).args(arguments).kill_on_drop(true);
    command
}

/// A command that ends; what it prints as JSON.
async fn run(folder: &Path, arguments: &[&str], input: &str) -> Value {
    let mut command = tollgate(folder, arguments);
    command.arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tollgate {arguments:?} ended with {} and said:\n{said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}
