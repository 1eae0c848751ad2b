//! One order for every setting: flag, environment variable, configuration
//! file, default. Values are read into types here, and an error says where the
//! wrong value was written.

use std::collections::BTreeMap;
use std::path::Path;

use super::file::ConfigFile;
use super::flags::{Flags, Given, Scope};
use super::settings::{Fallback, Setting};
use super::{ConfigError, Origin};

/// All sources together.
#[derive(Debug)]
pub(crate) struct Config {
    given: BTreeMap<&'static str, Given>,
    file: ConfigFile,
    environment: fn(&str) -> Option<String>,
}

/// A value in force.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// As it was written.
    pub(crate) text: String,
    /// Where.
    pub(crate) origin: Origin,
}

impl Found {
    /// The text as it may be printed: no secrets, and no password of a URL.
    pub(crate) fn shown(&self, setting: &Setting) -> String {
        if setting.secret {
            return MASK.to_owned();
        }
        if let Some((scheme, rest)) = self.text.split_once("://")
            && let Some((_, host)) = rest.rsplit_once('@')
        {
            return format!("{scheme}://{MASK}@{host}");
        }
        self.text.clone()
    }
}

/// Stands for what is not printed; says nothing about its length.
const MASK: &str = "********";

impl Config {
    /// Reads the configuration file and keeps the flags.
    pub(crate) fn load<S: Scope>(file: Option<&Path>, flags: Flags<S>) -> Result<Self, ConfigError> {
        Ok(Self {
            given: flags.given.into_iter().map(|given| (given.setting.key, given)).collect(),
            file: ConfigFile::find(file)?,
            environment: |name| std::env::var(name).ok(),
        })
    }

    /// The configuration file that was read.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.path.as_deref()
    }

    /// What is in force for a setting; `None` when nothing was said and there is
    /// no plain default. An empty variable counts as not set.
    pub(crate) fn find(&self, setting: &'static Setting) -> Option<Found> {
        if let Some(given) = self.given.get(setting.key)
            && let Some(flag) = setting.flag
        {
            return Some(Found { text: given.text.clone(), origin: Origin::Flag { flag: format!("--{flag}") } });
        }
        let variable = (self.environment)(setting.variable).filter(|text| !text.is_empty());
        if let Some(text) = variable {
            return Some(Found { text, origin: Origin::Environment { variable: setting.variable.to_owned() } });
        }
        if let (Some((text, line)), Some(path)) = (self.file.value(setting), self.file()) {
            return Some(Found { text: text.to_owned(), origin: Origin::File { path: path.to_owned(), line } });
        }
        match setting.fallback {
            Fallback::Text(text) => Some(Found { text: text.to_owned(), origin: Origin::Default }),
            Fallback::Derived(_) | Fallback::Off => None,
        }
    }

    /// The value, read; `None` when nothing was said.
    pub(crate) fn optional<T: Value>(&self, setting: &'static Setting) -> Result<Option<T>, ConfigError> {
        let Some(found) = self.find(setting) else {
            return Ok(None);
        };
        T::read(&found.text).map(Some).map_err(|reason| {
            ConfigError::new(format!("{}: `{}` {reason} (from {})", setting.key, found.shown(setting), found.origin))
        })
    }

    /// The value of a setting that always has one.
    pub(crate) fn value<T: Value>(&self, setting: &'static Setting) -> Result<T, ConfigError> {
        self.optional(setting)?.ok_or_else(|| ConfigError::new(format!("{} must be set", setting.key)))
    }
}

/// Something that can be read from a setting's text.
pub(crate) trait Value: Sized {
    /// Reads the text, or says what is wrong with it, as the end of a sentence
    /// that begins with the text.
    fn read(text: &str) -> Result<Self, String>;
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::super::settings::{SERVE, SERVE_GRACE, SERVE_LISTEN, Setting};
    use super::*;

    struct Serve;
    impl Scope for Serve {
        const SETTINGS: &'static [&'static [&'static Setting]] = &[SERVE];
    }

    fn config(arguments: &[&str], toml: &str, environment: fn(&str) -> Option<String>) -> Config {
        let command = Flags::<Serve>::augment_args(Command::new("t"));
        let matches = command.try_get_matches_from([&["t"], arguments].concat()).unwrap();
        let flags = Flags::<Serve>::from_arg_matches(&matches).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), toml).unwrap();
        let mut config = Config::load(Some(file.path()), flags).unwrap();
        config.environment = environment;
        config
    }

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn both(name: &str) -> Option<String> {
        (name == SERVE_LISTEN.variable).then(|| "127.0.0.1:2".to_owned())
    }

    const FILE: &str = "[serve]\nlisten = \"127.0.0.1:3\"\n";

    #[test]
    fn the_order_is_flag_environment_file_default() {
        let of = |config: Config| config.find(&SERVE_LISTEN).unwrap();
        let flag = of(config(&["--listen", "127.0.0.1:1"], FILE, both));
        assert_eq!(flag.text, "127.0.0.1:1");
        assert_eq!(flag.origin.to_string(), "flag --listen");
        let variable = of(config(&[], FILE, both));
        assert_eq!(variable.text, "127.0.0.1:2");
        assert_eq!(variable.origin.to_string(), "environment TOLLGATE_SERVE_LISTEN");
        let file = of(config(&[], FILE, nothing));
        assert_eq!(file.text, "127.0.0.1:3");
        assert!(matches!(file.origin, Origin::File { line: 2, .. }));
        let default = of(config(&[], "", nothing));
        assert_eq!(default, Found { text: "127.0.0.1:8080".to_owned(), origin: Origin::Default });
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let empty: fn(&str) -> Option<String> = |_| Some(String::new());
        let found = config(&[], FILE, empty).find(&SERVE_LISTEN).unwrap();
        assert_eq!(found.text, "127.0.0.1:3");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_source() {
        let config = config(&["--shutdown-grace", "soon"], "", nothing);
        let error = config.value::<super::super::value::Span>(&SERVE_GRACE).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("serve.shutdown_grace: `soon` "), "{error}");
        assert!(error.ends_with("(from flag --shutdown-grace)"), "{error}");
    }

    #[test]
    fn the_password_of_a_url_is_not_shown() {
        let found = Found { text: "postgres://user:hunter2@host/db".to_owned(), origin: Origin::Default };
        assert_eq!(found.shown(&super::super::settings::DATABASE), "postgres://********@host/db");
    }

    #[test]
    fn a_wrong_secret_is_not_shown() {
        struct Never;
        impl Value for Never {
            fn read(_: &str) -> Result<Self, String> {
                Err("is not a key".to_owned())
            }
        }
        let key: fn(&str) -> Option<String> = |_| Some("hunter2".to_owned());
        let config = config(&[], "", key);
        let result = config.value::<Never>(&super::super::settings::KEY);
        let error = result.err().unwrap().to_string();
        assert_eq!(error, "key: `********` is not a key (from environment TOLLGATE_KEY)");
    }
}
