//! The processes under test: gateway and sandbox as their users start them, on free ports and with folders of their own.
//! Nothing is measured here.

use crate::Failed;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a process may take to serve.
const PATIENCE: Duration = Duration::from_secs(30);

/// `tollgate`, built beside this program.
pub(crate) fn beside_us() -> PathBuf {
    let ours = std::env::current_exe().unwrap_or_default();
    let folder = ours.parent().unwrap_or(Path::new("."));
    // A test's own program lies one folder deeper.
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    folder.join("tollgate")
}

/// A process that serves.
pub(crate) struct Serving {
    child: Child,
    /// Where.
    pub(crate) url: String,
}

impl Serving {
    /// Starts it and waits for its ready file.
    pub(crate) fn start(binary: &Path, folder: &Path, face: &str, more: &[&str]) -> Result<Self, Failed> {
        let ready = folder.join(format!("{face}.ready.json"));
        // One that was killed leaves it behind.
        let _ = std::fs::remove_file(&ready);
        let mut command = quiet(binary, folder);
        command.args([face, "--listen", "127.0.0.1:0", "--log-level", "error", "--ready-file"]).arg(&ready).args(more);
        let mut this = Self { child: command.stdout(Stdio::null()).spawn()?, url: String::new() };
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Ok(text) = std::fs::read_to_string(&ready)
                && let Ok(said) = serde_json::from_str::<Value>(&text)
            {
                said["url"].as_str().unwrap_or_default().clone_into(&mut this.url);
                return Ok(this);
            }
            if let Some(status) = this.child.try_wait()? {
                return Err(format!("{face} ended with {status}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(format!("{face} never said that it serves").into())
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that sees nothing of this machine's configuration.
pub(crate) fn quiet(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).stdin(Stdio::null()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TOLLGATE_") {
            command.env_remove(name);
        }
    }
    command
}

/// A sandbox, and a folder for a gateway with the sandbox's program and one key in it.
pub(crate) struct House {
    /// The sandbox.
    pub(crate) sandbox: Serving,
    /// The gateway's folder.
    pub(crate) folder: TempDir,
    /// The text of a key that may do everything.
    pub(crate) key: String,
}

impl House {
    /// Builds it.
    pub(crate) fn build(binary: &Path) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let sandbox = Serving::start(binary, folder.path(), "sandbox", &["--seed", "7"])?;
        let mut add = quiet(binary, folder.path());
        add.args(["--json", "program", "add", "--name", "Bench", "--program-id", "100012345", "--username", "demo"]);
        add.args(["--environment", &sandbox.url]).env("TOLLGATE_API_PASSWORD", "demo-api-password");
        let program = json(&mut add)?;
        let id = program["id"].as_str().ok_or("no program")?;
        let mut create = quiet(binary, folder.path());
        create.args(["--json", "key", "create", "--program", id, "--name", "bench", "--scope", "admin"]);
        let key = json(&mut create)?["secret"].as_str().ok_or("no key")?.to_owned();
        Ok(Self { sandbox, folder, key })
    }

    /// Starts the gateway.
    pub(crate) fn serve(&self, binary: &Path) -> Result<Serving, Failed> {
        Serving::start(binary, self.folder.path(), "serve", &[])
    }
}

fn json(command: &mut Command) -> Result<Value, Failed> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("{command:?} ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
