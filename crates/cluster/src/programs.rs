//! The server's own programs: where they are, and how they are run by somebody who is not root.
//! Nothing is started here by itself.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian keeps its versions.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Who may run a server where the tests run as root, in order of choice.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A program of the newest PostgreSQL on this machine.
pub(crate) fn program(name: &str) -> PathBuf {
    let newest = fs::read_dir(VERSIONS).ok().and_then(|entries| {
        let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        numbers.max()
    });
    match newest {
        Some(version) => Path::new(VERSIONS).join(version.to_string()).join("bin").join(name),
        // Elsewhere they are in the path.
        None => PathBuf::from(name),
    }
}

/// A command line that is still being put together.
#[derive(Debug)]
pub(crate) struct Line(Vec<OsString>);

impl Line {
    pub(crate) fn arg(mut self, word: impl AsRef<OsStr>) -> Self {
        self.0.push(word.as_ref().to_owned());
        self
    }

    pub(crate) fn args(mut self, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.extend(words.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    pub(crate) fn words(self) -> Vec<OsString> {
        self.0
    }

    pub(crate) fn command(self) -> Command {
        let mut words = self.0.into_iter();
        let mut command = Command::new(words.next().unwrap());
        command.args(words).current_dir("/").stdin(Stdio::null());
        command
    }
}

/// A program run by whoever runs the tests.
pub(crate) fn under(program: impl AsRef<OsStr>, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Line {
    Line(vec![program.as_ref().to_owned()]).args(words)
}

/// A program run by somebody who is not root.
pub(crate) fn as_server(program: &Path) -> Line {
    match server_user() {
        Some(user) => {
            let group = output(under("id", ["-g", &user]));
            let (user, group) = (format!("--reuid={user}"), format!("--regid={}", group.trim()));
            under("setpriv", [&user, &group, "--clear-groups", "--"]).arg(program)
        }
        None => Line(vec![program.as_os_str().to_owned()]),
    }
}

/// Gives a folder to whoever runs the server.
pub(crate) fn hand_over(folder: &Path) {
    if let Some(user) = server_user() {
        output(under("chown", [&user]).arg(folder));
    }
}

/// Who runs the server, if that is not us.
fn server_user() -> Option<String> {
    if output(under("id", ["-u"])).trim() != "0" {
        return None;
    }
    let exists = |user: &&str| under("id", ["-u", user]).command().output().is_ok_and(|said| said.status.success());
    let user = USERS.iter().find(|user| exists(user)).expect("a user who is not root");
    Some((*user).to_owned())
}

/// Runs a program to its end; what it said. It must succeed.
pub(crate) fn output(line: Line) -> String {
    let mut command = line.command();
    let said = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{command:?}: {errors}");
    String::from_utf8_lossy(&said.stdout).into_owned()
}
