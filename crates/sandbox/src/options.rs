//! What a sandbox is started with, and why it may not start.
//! Checks values; starting happens in `running.rs`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use secrecy::SecretString;

use crate::faults::Profile;
use crate::world::{Settings, Time};

/// What makes the clock move from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartClock {
    /// It follows real time.
    #[default]
    Real,
    /// It stands at this moment until somebody advances it.
    Manual(Time),
    /// It begins with real time and runs so many times as fast.
    Times(u32),
}

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Whether `listen` may be something else than loopback.
    pub allow_public: bool,
    /// The address under which browsers and merchants reach the sandbox; nothing: `http://` and the address listened on.
    pub public_url: Option<String>,
    /// The program id in paths, 1 to 20 digits.
    pub program_id: String,
    /// The username of Basic authentication.
    pub username: String,
    /// The API password of Basic authentication.
    pub api_password: SecretString,
    /// The seed of all ids and tokens; nothing: a drawn one.
    pub seed: Option<u64>,
    /// The clock.
    pub clock: StartClock,
    /// The settings at first.
    pub settings: Settings,
    /// Where the world is kept; it is loaded from there when the file exists, and then `seed`, `clock` and `settings` say nothing.
    pub state_path: Option<PathBuf>,
    /// The profile of chaos, drawn from `seed`; nothing: none.
    pub chaos: Option<String>,
}

impl Default for Options {
    /// 127.0.0.1:8090, program `100012345`, username `demo`, API password `demo-api-password`.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)),
            allow_public: false,
            public_url: None,
            program_id: "100012345".to_owned(),
            username: "demo".to_owned(),
            api_password: SecretString::from("demo-api-password"),
            seed: None,
            clock: StartClock::default(),
            settings: Settings::default(),
            state_path: None,
            chaos: None,
        }
    }
}

impl Options {
    /// The defaults on a free port of 127.0.0.1 and with a fixed seed, for tests.
    #[must_use]
    pub fn for_tests() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), seed: Some(1), ..Self::default() }
    }

    pub(crate) fn check(&self) -> Result<(), StartError> {
        if !self.listen.ip().is_loopback() && !self.allow_public {
            return Err(StartError::NotLoopback(self.listen));
        }
        let id = &self.program_id;
        if !(1..=20).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(StartError::Option { name: "program_id", why: "must be 1 to 20 digits" });
        }
        if self.username.is_empty() || self.username.contains(':') || self.username.chars().any(char::is_control) {
            return Err(StartError::Option { name: "username", why: "must not be empty or hold a colon" });
        }
        if self.chaos.as_deref().is_some_and(|name| Profile::named(name).is_none()) {
            return Err(StartError::Option {
                name: "chaos",
                why: "must be the name of a profile; docs/sandbox.md lists them",
            });
        }
        if let Some(url) = &self.public_url {
            let parsed = url::Url::parse(url).ok();
            let plain = parsed.filter(|u| {
                matches!(u.scheme(), "http" | "https")
                    && u.has_host()
                    && u.path() == "/"
                    && u.query().is_none()
                    && u.fragment().is_none()
                    && u.username().is_empty()
                    && u.password().is_none()
            });
            if plain.is_none() {
                let why = "must be an http or https address without a path";
                return Err(StartError::Option { name: "public_url", why });
            }
        }
        Ok(())
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// `listen` is reachable from other machines and `allow_public` is not set.
    #[error("{0} is not a loopback address; the sandbox listens there only when told that it may be public")]
    NotLoopback(SocketAddr),
    /// Another program listens there.
    #[error("{0} is in use")]
    InUse(SocketAddr),
    /// Listening failed for another reason.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// An option cannot be taken.
    #[error("{name} {why}")]
    Option {
        /// Which.
        name: &'static str,
        /// Why.
        why: &'static str,
    },
    /// A setting cannot be taken.
    #[error("settings: {0}")]
    Settings(String),
    /// The state file cannot be read or written, or holds something else.
    #[error("the state file {path}: {why}")]
    State {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The system gave no randomness, or no HTTP client could be made.
    #[error("{0}")]
    System(String),
}
