//! A sandbox and a gateway as real processes, with one program and one key, for tools that ask the gateway from outside.
//! Both end with the value.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::step;

/// How often a process is looked at before it counts as not starting, and how long between two looks.
const LOOKS: u32 = 300;
const BETWEEN: Duration = Duration::from_millis(100);

/// The two processes.
pub(crate) struct Stage {
    folder: PathBuf,
    running: Vec<Child>,
    /// The gateway's address.
    pub(crate) url: String,
    /// A key that may do everything.
    pub(crate) key: String,
}

impl Stage {
    /// Starts both in a fresh folder under the target folder.
    pub(crate) fn start(name: &str) -> Result<Self, String> {
        step::run("the binary", crate::check::cargo().args(["build", "--workspace", "--locked", "--quiet"]))?;
        let binary = crate::test::binary()?;
        let folder = folder(name)?;
        let running = Vec::new();
        let mut stage = Self { folder, running, url: String::new(), key: String::new() };
        let sandbox = stage.run(&binary, &["sandbox", "--listen", "127.0.0.1:0", "--seed", "1"], "sandbox")?;
        let program = [
            &["--json", "program", "add", "--name", "Shop", "--program-id", "100012345", "--username", "demo"][..],
            &["--environment", &sandbox, "--return-url", "https://shop.example/back", "--api-password-stdin"],
        ];
        let program = stage.ask(&binary, &program.concat(), "demo-api-password\n")?;
        let program = text(&program, "id")?;
        let arguments = ["--json", "key", "create", "--program", &program, "--name", "tools", "--scope", "admin"];
        stage.key = text(&stage.ask(&binary, &arguments, "")?, "secret")?;
        stage.url = stage.run(&binary, &["serve", "--listen", "127.0.0.1:0", "--log-level", "warn"], "gateway")?;
        Ok(stage)
    }

    /// Starts a service and waits until it says where it is.
    fn run(&mut self, binary: &Path, arguments: &[&str], name: &str) -> Result<String, String> {
        let ready = self.folder.join(format!("{name}.json"));
        let log = std::fs::File::create(self.folder.join(format!("{name}.log"))).map_err(|error| error.to_string())?;
        let mut command = Command::new(binary);
        command.args(arguments).arg("--ready-file").arg(&ready).current_dir(&self.folder);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        self.running.push(child.map_err(|error| format!("cannot start the {name}: {error}"))?);
        for _ in 0..LOOKS {
            if let Ok(said) = std::fs::read_to_string(&ready) {
                return text(&serde_json::from_str(&said).map_err(|error| error.to_string())?, "url");
            }
            std::thread::sleep(BETWEEN);
        }
        Err(format!("the {name} does not start; see {}", self.folder.display()))
    }

    /// Runs a command that answers in JSON.
    fn ask(&self, binary: &Path, arguments: &[&str], input: &str) -> Result<Value, String> {
        let said = self.folder.join("input");
        std::fs::write(&said, input).map_err(|error| error.to_string())?;
        let input = std::fs::File::open(&said).map_err(|error| error.to_string())?;
        let output = Command::new(binary).args(arguments).current_dir(&self.folder).stdin(input).output();
        let output = output.map_err(|error| error.to_string())?;
        serde_json::from_slice(&output.stdout).map_err(|error| {
            let said = String::from_utf8_lossy(&output.stderr);
            format!("tollgate {}: {error}: {said}", arguments.join(" "))
        })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The gateway first: it says goodbye to the sandbox's program.
        for child in self.running.iter_mut().rev() {
            // One that has ended already needs no end.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn text(value: &Value, name: &str) -> Result<String, String> {
    value[name].as_str().map(str::to_owned).ok_or_else(|| format!("there is no `{name}` in {value}"))
}

/// A fresh folder under the target folder.
pub(crate) fn folder(name: &str) -> Result<PathBuf, String> {
    let folder = tools()?.join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Where tools from other languages' registries are kept from one run to the next.
pub(crate) fn tools() -> Result<PathBuf, String> {
    let binary = crate::test::binary()?;
    let target = binary.ancestors().nth(2).unwrap_or(&binary);
    Ok(target.join("tools"))
}

/// A Python environment with these packages, made once.
pub(crate) fn python(packages: &[&str]) -> Result<PathBuf, String> {
    let folder = tools()?.join("python");
    if !folder.join("bin/python").exists() {
        step::run("a Python environment", Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    step::run(&packages.join(", "), &mut pip)?;
    Ok(folder.join("bin"))
}
