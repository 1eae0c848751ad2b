//! [`Config`]: which program, at which address, with which credentials and deadlines. Checked once, when a client is made.
//! No request is built here.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environment {
    /// Payoneer's sandbox, `https://api.sandbox.payoneer.com/`.
    Sandbox,
    /// Payoneer's production, `https://api.payoneer.com/`.
    Production,
    /// Another address that answers like Payoneer; `/v2/programs/...` is put behind it. `https`, or `http` to this very
    /// machine (`localhost`, `127.0.0.0/8`, `::1`).
    Custom(Url),
}

impl Environment {
    /// The address that everything is put behind.
    pub fn base_url(&self) -> Result<Url, InvalidConfig> {
        match self {
            Self::Sandbox => parse("https://api.sandbox.payoneer.com/"),
            Self::Production => parse("https://api.payoneer.com/"),
            Self::Custom(url) => check_base(url).map(|()| url.clone()),
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox => f.write_str("sandbox"),
            Self::Production => f.write_str("production"),
            Self::Custom(url) => url.fmt(f),
        }
    }
}

/// `sandbox`, `production`, or a base URL.
impl FromStr for Environment {
    type Err = InvalidConfig;

    fn from_str(text: &str) -> Result<Self, InvalidConfig> {
        match text {
            "sandbox" => Ok(Self::Sandbox),
            "production" => Ok(Self::Production),
            _ => {
                let url = parse(text)?;
                check_base(&url)?;
                Ok(Self::Custom(url))
            }
        }
    }
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included. Default 5 s.
    pub connect: Duration,
    /// For a whole request that can move money, from connecting to the last byte. Default 30 s.
    pub money: Duration,
    /// For one try of a query, from connecting to the last byte. Default 15 s.
    pub query: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), money: Duration::from_secs(30), query: Duration::from_secs(15) }
    }
}

/// What a client needs to know. `Debug` does not show the password.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where requests go.
    pub environment: Environment,
    /// The merchant's program, a number of nine digits.
    pub program_id: String,
    /// The user name, shared by the API and Payoneer's console.
    pub username: String,
    /// The **API** password, which is not the console's.
    pub api_password: SecretString,
    /// How long things may take.
    pub timeouts: Timeouts,
}

impl Config {
    /// A configuration with default deadlines.
    pub fn new(
        environment: Environment,
        program_id: impl Into<String>,
        username: impl Into<String>,
        api_password: SecretString,
    ) -> Self {
        let (program_id, username) = (program_id.into(), username.into());
        Self { environment, program_id, username, api_password, timeouts: Timeouts::default() }
    }

    /// Checks everything but the base URL, which [`Environment::base_url`] checks.
    pub(crate) fn check(&self) -> Result<(), InvalidConfig> {
        let id = &self.program_id;
        if id.is_empty() || id.len() > 50 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(InvalidConfig::ProgramId);
        }
        if self.username.is_empty() || self.username.contains(':') || self.username.chars().any(char::is_control) {
            return Err(InvalidConfig::Username);
        }
        let password = self.api_password.expose_secret();
        if password.is_empty() || password.chars().any(char::is_control) {
            return Err(InvalidConfig::Password);
        }
        let Timeouts { connect, money, query } = self.timeouts;
        if [connect, money, query].iter().any(Duration::is_zero) {
            return Err(InvalidConfig::Timeouts);
        }
        Ok(())
    }
}

/// Why a [`Config`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// Not an absolute URL.
    #[error("the base address is not a URL")]
    BaseUrl,
    /// `http` to another machine would send the credentials in the clear.
    #[error("the base address must be https unless it is this machine")]
    Insecure,
    /// The base address has a user, a query or a fragment.
    #[error("the base address has a user, a query or a fragment")]
    Surplus,
    /// Not 1 to 50 letters and digits.
    #[error("the program id is not 1 to 50 letters and digits")]
    ProgramId,
    /// Empty, or with a colon or a control character.
    #[error("the user name is empty, or has a colon or a control character")]
    Username,
    /// Empty, or with a control character.
    #[error("the API password is empty or has a control character")]
    Password,
    /// A deadline of no time.
    #[error("a deadline is zero")]
    Timeouts,
    /// The TLS library cannot be set up, for instance because the system has no root certificates.
    #[error("TLS cannot be set up; does the system have root certificates?")]
    Tls,
}

fn parse(text: &str) -> Result<Url, InvalidConfig> {
    Url::parse(text).map_err(|_| InvalidConfig::BaseUrl)
}

fn check_base(url: &Url) -> Result<(), InvalidConfig> {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => return Err(InvalidConfig::BaseUrl),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err(InvalidConfig::Insecure),
    }
    let user = !url.username().is_empty() || url.password().is_some();
    if user || url.query().is_some() || url.fragment().is_some() { Err(InvalidConfig::Surplus) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Result<String, InvalidConfig> {
        text.parse::<Environment>().and_then(|environment| environment.base_url()).map(String::from)
    }

    #[test]
    fn base_addresses() {
        assert_eq!(base("sandbox").as_deref(), Ok("https://api.sandbox.payoneer.com/"));
        assert_eq!(base("production").as_deref(), Ok("https://api.payoneer.com/"));
        for good in [
            "http://localhost:8090/",
            "http://127.0.0.1:8090/ns/a",
            "http://127.9.9.9/",
            "http://[::1]:1/",
            "https://proxy.example/payoneer/",
        ] {
            assert_eq!(base(good).as_deref(), Ok(good));
        }
        for insecure in [
            "http://api.payoneer.com/",
            "http://10.0.0.1/",
            "http://localhost.example/",
            "ftp://localhost/",
            "http://0.0.0.0/",
        ] {
            assert_eq!(base(insecure), Err(InvalidConfig::Insecure), "{insecure}");
        }
        for surplus in ["https://u:p@x.example/", "https://x.example/?a", "https://x.example/#a"] {
            assert_eq!(base(surplus), Err(InvalidConfig::Surplus), "{surplus}");
        }
        for none in ["", "api.payoneer.com", "Sandbox", "data:x", "https://"] {
            assert_eq!(base(none), Err(InvalidConfig::BaseUrl), "{none}");
        }
    }

    #[test]
    fn fields_are_checked_and_the_password_does_not_show() {
        let good = Config::new(Environment::Sandbox, "100012345", "demo", SecretString::from("demo-api-password"));
        assert_eq!(good.check(), Ok(()));
        assert!(!format!("{good:?}").contains("demo-api-password"));
        let with = |change: fn(&mut Config)| {
            let mut config = good.clone();
            change(&mut config);
            config.check()
        };
        assert_eq!(with(|config| config.program_id = "../1".to_owned()), Err(InvalidConfig::ProgramId));
        assert_eq!(with(|config| config.program_id.clear()), Err(InvalidConfig::ProgramId));
        assert_eq!(with(|config| config.username = "a:b".to_owned()), Err(InvalidConfig::Username));
        assert_eq!(with(|config| config.api_password = SecretString::from("")), Err(InvalidConfig::Password));
        assert_eq!(with(|config| config.api_password = SecretString::from("a\r\nb")), Err(InvalidConfig::Password));
        assert_eq!(with(|config| config.timeouts.money = Duration::ZERO), Err(InvalidConfig::Timeouts));
    }
}
