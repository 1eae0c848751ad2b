//! The address of a PostgreSQL database: read from a URL, never shown with its password.
//! How the connection is protected is `tls`'s work.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::Protection;

/// How long opening one connection may take, for each host.
const CONNECT: Duration = Duration::from_secs(5);
/// After how much silence the system asks whether the server is still there.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// How long sent bytes may stay unacknowledged before the connection counts as broken.
const UNHEARD: Duration = Duration::from_secs(20);

/// Where a PostgreSQL database is, and how to log in.
#[derive(Clone)]
pub struct Address {
    pub(super) config: Box<Config>,
    pub(super) protection: Protection,
}

/// Why a text is not the address of a PostgreSQL database. Never quotes the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It does not begin with `postgres://` or `postgresql://`.
    #[error("is not a PostgreSQL address: write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Form,
    /// A part of it is not understood.
    #[error("is not a PostgreSQL address: {0}")]
    Part(String),
    /// `sslmode` is something else.
    #[error(
        "has an sslmode other than `disable`, `require` (encrypted, the server is not identified) and `verify-full`"
    )]
    Mode,
}

impl Address {
    /// Reads `postgres://USER:PASSWORD@HOST:PORT[,HOST:PORT...]/DATABASE[?OPTION=VALUE&...]`.
    ///
    /// Beside what the driver knows (`host` for a Unix socket, `connect_timeout`, ...) the options are `sslmode` and
    /// `sslrootcert`, a file with the authorities to trust instead of the system's. Without `sslmode` it is
    /// `verify-full`, but `disable` where every host is this machine.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(BadAddress::Form);
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
        for option in query.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => authorities = Some(PathBuf::from(value)),
                _ => others.push(option),
            }
        }
        let plain = format!("{base}?{}", others.join("&"));
        let mut config: Config = plain.parse().map_err(|error| BadAddress::Part(part(&error)))?;
        if config.get_hosts().is_empty() {
            return Err(BadAddress::Part("it names no host".to_owned()));
        }
        let protection = match mode {
            None if config.get_hosts().iter().all(is_here) => Protection::None,
            Some("disable") => Protection::None,
            Some("require") => Protection::Unidentified,
            None | Some("verify-full") => Protection::Full { authorities },
            Some(_) => return Err(BadAddress::Mode),
        };
        config.ssl_mode(if matches!(protection, Protection::None) { SslMode::Disable } else { SslMode::Require });
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.keepalives_idle(KEEPALIVE);
        config.tcp_user_timeout(UNHEARD);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("tollgate");
        }
        Ok(Self { config: Box::new(config), protection })
    }
}

impl std::str::FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// What the driver says about a text; it never quotes values.
fn part(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Whether what is sent there does not leave this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// Hosts and database, as they may be shown to anybody.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        let ports = self.config.get_ports();
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            let port = ports.get(place).or(ports.first()).copied().unwrap_or(5432);
            let comma = if place == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}:{port}")?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}{}:{port}", path.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().or(self.config.get_user()).unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.config == other.config && self.protection == other.protection
    }
}

impl Eq for Address {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_shown_without_its_secrets() {
        let text = "postgres://me:hunter2@a.example:5432,b.example:5433/pay?connect_timeout=3";
        let address = Address::parse(text).unwrap();
        assert_eq!(address.to_string(), "postgres://a.example:5432,b.example:5433/pay");
        assert!(!format!("{address:?}").contains("hunter2"));
        assert_eq!(address.config.get_password(), Some(&b"hunter2"[..]));
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_the_clear_without_being_told_so() {
        let protection = |text| Address::parse(text).unwrap().protection;
        assert_eq!(protection("postgres://u@db.example/d"), Protection::Full { authorities: None });
        assert_eq!(protection("postgres://u@localhost,db.example/d"), Protection::Full { authorities: None });
        for here in ["postgres://u@127.0.0.1/d", "postgres://u@localhost/d", "postgresql:///d?host=/run/postgresql"] {
            assert_eq!(protection(here), Protection::None, "{here}");
        }
        assert_eq!(protection("postgres://u@db.example/d?sslmode=disable"), Protection::None);
        assert_eq!(protection("postgres://u@127.0.0.1/d?sslmode=require"), Protection::Unidentified);
        let full = Protection::Full { authorities: Some("/etc/ca.pem".into()) };
        assert_eq!(protection("postgres://u@db.example/d?sslrootcert=/etc/ca.pem&sslmode=verify-full"), full);
    }

    #[test]
    fn a_wrong_address_is_refused_without_being_quoted() {
        for wrong in [
            "mysql://u:secret@h/d",
            "postgres://u:secret@h:port/d",
            "postgres://u:secret@h/d?sslmode=prefer",
            "postgres://u:secret@h/d?sslmode=verify-ca",
            "postgres://u:secret@h/d?colour=red",
            "postgres://u:secret@/d",
        ] {
            let refused = Address::parse(wrong).unwrap_err().to_string();
            assert!(!refused.contains("secret"), "{refused}");
        }
    }
}
