//! Real processes for tests: `tollgate` itself on free ports with its own folder, ended when the test ends.
//! No assertion about the product lives here.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "shared by several test programs, each of which uses its own part and may end where something is missing"
)]

#[path = "../../../gateway/tests/support/line.rs"]
pub mod line;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The program under test.
pub const TOLLGATE: &str = env!("CARGO_BIN_EXE_tollgate");

/// A `tollgate` command that sees nothing of this machine's configuration, run in that folder.
pub fn tollgate(folder: &Path) -> Command {
    under(&[], folder)
}

/// As [`tollgate`], run by another program, whose words come first.
fn under(wrapper: &[&str], folder: &Path) -> Command {
    let mut words = wrapper.iter().copied().chain([TOLLGATE]);
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words);
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TOLLGATE_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end and reads the JSON it prints.
pub fn json(command: &mut Command) -> Value {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{out}\n{err}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{command:?}: {error}\n{out}"))
}

/// A running `tollgate serve` or `tollgate sandbox`.
pub struct Running {
    child: std::process::Child,
    /// Where it answers, without a slash at the end.
    pub url: String,
    /// Where it writes its log.
    pub log: PathBuf,
}

impl Running {
    /// Starts it on a free port (or the one given in `args`) and waits until it says that it serves.
    pub fn start(folder: &Path, name: &str, args: &[&str]) -> Self {
        Self::try_start(folder, name, args, None).unwrap_or_else(|told| panic!("{told}"))
    }

    /// As [`Self::start`], but with a place in the code at which it ends; answers what it said if it ends in its start.
    pub fn try_start(folder: &Path, name: &str, args: &[&str], crash_point: Option<&str>) -> Result<Self, String> {
        let env = crash_point.map(|point| ("TOLLGATE_CRASH_POINT", point));
        Self::try_start_under(folder, name, args, &[], env.as_slice())
    }

    /// As [`Self::try_start`], run by another program (its words come first) and with these variables.
    pub fn try_start_under(
        folder: &Path,
        name: &str,
        args: &[&str],
        wrapper: &[&str],
        env: &[(&str, &str)],
    ) -> Result<Self, String> {
        let ready = folder.join(format!("{name}.ready.json"));
        let _ = std::fs::remove_file(&ready);
        let log = folder.join(format!("{name}.log"));
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("a log");
        let mut command = under(wrapper, folder);
        command.args(args).arg("--ready-file").arg(&ready).stdout(file.try_clone().expect("a log")).stderr(file);
        command.envs(env.iter().copied());
        let mut child = command.spawn().expect("it starts");
        for _ in 0..1_200 {
            if let Ok(text) = std::fs::read_to_string(&ready) {
                let said: Value = serde_json::from_str(&text).expect("the ready file is JSON");
                let url = said["url"].as_str().expect("a url").to_owned();
                return Ok(Self { child, url, log });
            }
            if let Some(status) = child.try_wait().expect("a child") {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(format!("{name} ended with {status}:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = child.kill();
        panic!("{name} never said that it serves:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
    }

    /// Starts it and kills it after that time, wherever in its start it then is.
    pub fn start_and_kill(folder: &Path, args: &[&str], after: Duration) {
        let mut command = tollgate(folder);
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        std::thread::sleep(after);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }

    /// The process, for signals.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "{name}");
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.ended().is_some()
    }

    /// How it has ended by itself, if it has.
    pub fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    /// `kill -9`: no time to tidy up.
    pub fn kill(mut self) {
        self.end();
    }

    /// As [`Self::kill`], where something else is put in its place.
    pub fn end(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM, then waits for the end.
    pub fn stop(mut self) -> std::process::ExitStatus {
        let signalled = Command::new("kill").arg(self.pid().to_string()).status().expect("kill runs");
        assert!(signalled.success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A sandbox process and a gateway's folder with the sandbox's program and one key in it.
pub struct House {
    pub folder: TempDir,
    pub sandbox: Running,
    /// The program as `tollgate program show --json` prints it.
    pub program: Value,
    /// The text of a key that may do everything.
    pub key: String,
}

impl House {
    /// The gateway is told to reach Payoneer at `payoneer`, or straight at the sandbox.
    pub fn build(payoneer: Option<&dyn Fn(&str) -> String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::build_in(folder, &["sandbox", "--listen", "127.0.0.1:0", "--seed", "7"], payoneer)
    }

    /// As [`Self::build`], with a PostgreSQL database of its own and a key that every node in the folder reads.
    pub fn build_on_postgres() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!("database = \"{}\"\n[payoneer]\nmoney_timeout = \"3s\"\n", cluster::shared().fresh());
        std::fs::write(folder.path().join("tollgate.toml"), config).expect("a configuration");
        let key = folder.path().join("tollgate.key");
        std::fs::write(&key, "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").expect("a key");
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
        Self::build_in(folder, &["sandbox", "--listen", "127.0.0.1:0", "--seed", "7"], None)
    }

    /// As [`Self::build`], in that folder and with a sandbox that is started so.
    pub fn build_in(folder: TempDir, sandbox: &[&str], payoneer: Option<&dyn Fn(&str) -> String>) -> Self {
        let sandbox = Running::start(folder.path(), "sandbox", sandbox);
        let environment = payoneer.map_or_else(|| sandbox.url.clone(), |line| line(&sandbox.url));
        let add = ["--json", "program", "add", "--name", "Test Shop", "--program-id", "100012345"];
        let mut command = tollgate(folder.path());
        command.args(add).args(["--username", "demo", "--environment", &environment]);
        command.args(["--return-url", "http://127.0.0.1:9/shop"]);
        let program = json(command.env("TOLLGATE_API_PASSWORD", "demo-api-password"));
        let id = program["id"].as_str().expect("an id");
        let key = ["--json", "key", "create", "--program", id, "--name", "tests", "--scope", "admin"];
        let key = json(tollgate(folder.path()).args(key));
        let key = key["secret"].as_str().expect("the key's text").to_owned();
        Self { folder, sandbox, program, key }
    }

    /// As [`Self::build_in`], with a gateway that reaches the sandbox over a line that can lose things. Must be called
    /// on a runtime with several threads.
    pub fn build_with_line(folder: TempDir, sandbox: &[&str]) -> (Self, line::Line) {
        // The line's port must be known before the program is added, the sandbox's before the line can lead there.
        let slot = std::sync::Mutex::new(None);
        let runtime = tokio::runtime::Handle::current();
        let house = tokio::task::block_in_place(|| {
            let lead = |sandbox: &str| {
                let address = sandbox.trim_start_matches("http://").parse().expect("an address");
                let line = runtime.block_on(line::Line::start(address));
                let url = line.url();
                *slot.lock().expect("a lock") = Some(line);
                url
            };
            Self::build_in(folder, sandbox, Some(&lead))
        });
        (house, slot.into_inner().expect("a lock").expect("a line"))
    }

    /// Starts the gateway.
    pub fn serve(&self) -> Running {
        self.node("serve")
    }

    /// Starts a gateway of this name, one of several.
    pub fn node(&self, name: &str) -> Running {
        let head = format!("{name}.head");
        // Where the database is a file, its head stays where it was.
        let args = ["serve", "--listen", "127.0.0.1:0", "--head-file", &head];
        let args = if self.folder.path().join("tollgate.db").exists() { &args[..3] } else { &args[..] };
        Running::start(self.folder.path(), name, args)
    }

    /// What the sandbox's control API answers to a GET.
    pub async fn control(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox/{path}", self.sandbox.url);
        let answer = reqwest::get(&url).await.expect("the sandbox answers").text().await.expect("a body");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{url}: {error}\n{answer}"))
    }
}

/// Waits until the future answers something; a minute is for ever.
pub async fn eventually<T, F, P>(what: &str, mut look: F) -> T
where
    F: FnMut() -> P,
    P: Future<Output = Option<T>>,
{
    for _ in 0..1_200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never happened: {what}")
}
