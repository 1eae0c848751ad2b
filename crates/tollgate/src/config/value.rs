//! The types that setting texts are read into: addresses, times, places,
//! formats. Only their form is judged here, not whether a place exists.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use domain::settlement::SettleBy;
use gateway::{Address, Location};
use secrecy::SecretString;
use url::Url;

use super::resolve::Value;

/// A length of time, written as a whole number and a unit: `500ms`, `30s`, `2m`, `1h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Value for Span {
    fn read(text: &str) -> Result<Self, String> {
        let form = || "is not a time: write a whole number and a unit, such as 500ms, 30s or 2m".to_owned();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).ok_or_else(form)?;
        let number: u64 = number.parse().map_err(|_| form())?;
        let milliseconds = match unit {
            "ms" => Some(number),
            "s" => number.checked_mul(1_000),
            "m" => number.checked_mul(60_000),
            "h" => number.checked_mul(3_600_000),
            _ => return Err(form()),
        };
        match milliseconds {
            Some(0) => Err("is no time at all".to_owned()),
            Some(milliseconds) if milliseconds <= 86_400_000 => Ok(Self(Duration::from_millis(milliseconds))),
            _ => Err("is longer than a day".to_owned()),
        }
    }
}

/// How many in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PerSecond(pub(crate) u32);

impl Value for PerSecond {
    fn read(text: &str) -> Result<Self, String> {
        let fits = text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
        fits.map(Self).ok_or_else(|| "is no number of requests in a second: write 1 to 1000000".to_owned())
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("is not a log format: write text or json".to_owned()),
        }
    }
}

/// Where the gateway's database is.
impl Value for Location {
    fn read(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Address::parse(text).map(Self::Postgres).map_err(|error| error.to_string());
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err("names no file: what moved money must survive a restart".to_owned());
        }
        if path.contains("://") {
            return Err("is not a database: write sqlite:PATH or postgres://USER@HOST/DATABASE".to_owned());
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl Value for SettleBy {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| "is no number of persons: write one or two".to_owned())
    }
}

impl Value for SocketAddr {
    fn read(text: &str) -> Result<Self, String> {
        let form = "is not an address: write IP:PORT, such as 127.0.0.1:8080, or port 0 for a free one";
        // Names such as `localhost:8080` are looked up once, at start.
        let mut addresses = text.to_socket_addrs().map_err(|_| form.to_owned())?;
        addresses.next().ok_or_else(|| form.to_owned())
    }
}

impl Value for Url {
    fn read(text: &str) -> Result<Self, String> {
        let url = Self::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        let plain = url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain {
            return Err("is not a base URL: write http(s)://HOST without query or fragment".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a username or password".to_owned());
        }
        Ok(url)
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is not a path".to_owned());
        }
        Ok(Self::from(text))
    }
}

impl Value for u64 {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "is not a whole number from 0 to 18446744073709551615".to_owned())
    }
}

impl Value for bool {
    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "is neither true nor false".to_owned())
    }
}

impl Value for String {
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        Ok(text.to_owned())
    }
}

impl Value for SecretString {
    fn read(text: &str) -> Result<Self, String> {
        String::read(text).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_numbers_with_a_unit() {
        let read = |text| Span::read(text).map(|span| span.0.as_millis());
        assert_eq!(read("500ms"), Ok(500));
        assert_eq!(read("30s"), Ok(30_000));
        assert_eq!(read("2m"), Ok(120_000));
        assert_eq!(read("24h"), Ok(86_400_000));
        for wrong in ["", "s", "30", "1.5s", "-1s", "0s", "25h", "99999999999999999999s", "１s", "30 s"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_database_is_a_file_or_an_address() {
        let file = |path: &str| Ok(Location::Sqlite(PathBuf::from(path)));
        assert_eq!(Location::read("sqlite:a/b.db"), file("a/b.db"));
        assert_eq!(Location::read("sqlite:///a/b.db"), file("/a/b.db"));
        assert_eq!(Location::read("b.db"), file("b.db"));
        for wrong in ["sqlite:", "sqlite::memory:", "mysql://h/d"] {
            assert!(Location::read(wrong).is_err(), "{wrong}");
        }
        let there = Location::read("postgres://u:secret@h/d").unwrap();
        assert_eq!(there.to_string(), "postgres://h:5432/d");
        let error = Location::read("postgres://u:secret@h/d?sslmode=never").unwrap_err();
        assert!(error.contains("verify-full") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn a_public_url_is_a_plain_base() {
        assert!(Url::read("https://pay.example.com/tollgate").is_ok());
        for wrong in ["pay.example.com", "ftp://a", "https://u:p@a", "https://a/?q", "https://a/#f", "file:///x"] {
            assert!(Url::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_has_a_port() {
        assert!(SocketAddr::read("127.0.0.1:0").is_ok());
        assert!(SocketAddr::read("[::1]:8080").is_ok());
        for wrong in ["", "8080", "127.0.0.1", "127.0.0.1:99999"] {
            assert!(SocketAddr::read(wrong).is_err(), "{wrong}");
        }
    }
}
