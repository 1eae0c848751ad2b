//! A sandbox, a line to it, a merchant, and a database on a disk of its own. What goes wrong is the tests' business.

use super::check::{self, Asked};
use super::load::{Ask, Merchant};
use super::support::line::Line;
use super::support::{House, Running};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// The gateway: it gives up soon, so that a lost answer does not hold up a test.
const SERVE: [&str; 5] = ["serve", "--listen", "127.0.0.1:0", "--payoneer-money-timeout", "2s"];
/// Exit code 4: the database cannot be used.
const STORAGE: i32 = 4;

/// A disk in memory, mounted; only root can.
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// A disk of so many MiB, or `None` where nothing may be mounted, which is said.
    pub(crate) fn mount(at: &Path, mib: u32) -> Option<Self> {
        let size = format!("size={mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tollgate-test"]).arg(at).output();
        if mounted.as_ref().is_ok_and(|output| output.status.success()) {
            return Some(Self(at.to_owned()));
        }
        assert!(std::env::var_os("CI").is_none(), "CI can mount a disk: {mounted:?}");
        println!("SKIPPED: no disk can be mounted here (it takes root): {mounted:?}");
        None
    }

    /// Makes it read-only, or writable again.
    pub(crate) fn remount(&self, mode: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{mode}")]).arg(&self.0).status();
        assert!(done.expect("mount runs").success(), "{mode}");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// What outlives a gateway.
pub(crate) struct Shop {
    pub(crate) house: House,
    pub(crate) line: Line,
    pub(crate) merchant: Merchant,
    pub(crate) asked: Asked,
    /// The database file, in a folder of its own.
    pub(crate) database: PathBuf,
    /// Unmounted before its folder goes.
    pub(crate) disk: Option<Disk>,
}

impl Shop {
    /// With a database in an ordinary folder.
    pub(crate) fn open() -> Self {
        Self::open_on(|_| Some(None)).expect("no disk is needed")
    }

    /// With a database on a mounted disk of so many MiB.
    pub(crate) fn open_on_disk(mib: u32) -> Option<Self> {
        Self::open_on(|folder| Disk::mount(folder, mib).map(Some))
    }

    fn open_on(mount: impl FnOnce(&Path) -> Option<Option<Disk>>) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("data");
        std::fs::create_dir(&place).expect("a folder");
        let disk = mount(&place)?;
        let database = place.join("tollgate.db");
        let config = format!("database = \"sqlite:{}\"\n", database.display());
        std::fs::write(folder.path().join("tollgate.toml"), config).expect("a configuration");
        let sandbox = ["sandbox", "--listen", "127.0.0.1:0", "--seed", "11"];
        let (house, line) = House::build_with_line(folder, &sandbox);
        let merchant = Merchant::new(&house.key);
        Some(Self { house, line, merchant, asked: Asked::default(), database, disk })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.house.folder.path()
    }

    pub(crate) fn serve(&self) -> Running {
        tokio::task::block_in_place(|| Running::start(self.folder(), "serve", &SERVE))
    }

    /// Starts the gateway under another program, if it starts.
    pub(crate) fn serve_under(&self, wrapper: &[&str], env: &[(&str, &str)]) -> Result<Running, String> {
        tokio::task::block_in_place(|| Running::try_start_under(self.folder(), "serve", &SERVE, wrapper, env))
    }

    /// The gateway must not start: with exit code 4 and these words. The database is left as it is.
    pub(crate) fn refuses_to_start(&self, words: &str) {
        let before = std::fs::read(&self.database).expect("a database");
        let _ = std::fs::remove_file(self.folder().join("refused.log"));
        let start = || Running::try_start(self.folder(), "refused", &SERVE, None);
        let Err(said) = tokio::task::block_in_place(start) else { panic!("it serves, where it should say: {words}") };
        assert!(said.starts_with(&format!("refused ended with exit status: {STORAGE}")), "{said}");
        assert!(said.contains(words), "{words:?} is not said: {said}");
        assert_eq!(std::fs::read(&self.database).expect("a database"), before, "{said}");
    }

    /// Asks for a charge and answers the status and the body.
    pub(crate) async fn charge(&mut self, gateway: &Running, key: &str) -> (u16, Value) {
        let ask = charge(key);
        let asked = self.merchant.ask(&gateway.url, ask).await;
        let answer = asked.answer.clone().expect("an answer");
        self.asked.note(std::iter::once(asked), key);
        answer
    }

    /// Load until the gateway is gone or all is done; what was asked.
    pub(crate) async fn crowd(&self, gateway: &Running, name: &str) -> Vec<Ask> {
        let mut asked = Vec::new();
        for merchant in self.merchant.crowd(&gateway.url, name) {
            asked.extend(merchant.await.expect("a merchant"));
        }
        asked
    }

    /// On a sound disk: what was asked is asked again, all settles, and both sides are compared.
    pub(crate) async fn compare(&mut self, gateway: &Running, asked: Vec<Ask>, name: &str) -> String {
        self.line.hit(&[]);
        let mut repeats = Vec::new();
        for ask in &asked {
            repeats.push(self.merchant.ask(&gateway.url, ask.clone()).await);
        }
        self.asked.note(asked.into_iter().chain(repeats), name);
        let truth = check::settled(&self.house, &self.merchant, gateway, name).await;
        check::verdict(&self.house, name).await;
        check::compare(&truth, &self.asked, name)
    }

    /// How many charges Payoneer has.
    pub(crate) async fn taken(&self) -> usize {
        let list = self.house.control("charges?limit=1000").await;
        list["data"].as_array().expect("a list").len()
    }

    /// The charge under this key as the gateway shows it.
    pub(crate) async fn shown(&self, gateway: &Running, key: &str) -> Value {
        let charges = self.merchant.all(&gateway.url, "charges").await.expect("the gateway answers");
        let found = charges.into_iter().find(|charge| charge["idempotency_key"] == key);
        found.unwrap_or_else(|| panic!("no charge under {key}"))
    }

    /// What `/readyz` says.
    pub(crate) async fn readiness(&self, gateway: &Running) -> (u16, Value) {
        let answer = reqwest::get(format!("{}/readyz", gateway.url)).await.expect("the gateway answers");
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
    }
}

/// The request for a charge under that key.
pub(crate) fn charge(key: &str) -> Ask {
    let description = format!("For {key}");
    let body = json!({"payee_id": "Test123", "amount": "0.05", "currency": "USD", "description": description});
    Ask { path: "/v1/charges".to_owned(), key: key.to_owned(), body, answer: None }
}

/// Waits for the end of a process whose disk has failed: it ends by itself, with exit code 4.
pub(crate) async fn ended_by_the_disk(gateway: &mut Running, name: &str) {
    let status: ExitStatus = super::support::eventually(name, || {
        let status = gateway.ended();
        async move { status }
    })
    .await;
    assert_eq!(status.code(), Some(STORAGE), "{name}: {status}");
}

/// So long a crowd may work before something goes wrong; not a measurement.
pub(crate) const A_WHILE: Duration = Duration::from_millis(300);
