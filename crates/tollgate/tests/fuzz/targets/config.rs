//! The configuration file: what it says is found again with its line, and nothing that nobody knows passes in silence.

#[path = "../../../src/config/file.rs"]
#[allow(dead_code, reason = "of which only the reading of a text is used here")]
mod file;
#[path = "../../../src/config/settings.rs"]
#[allow(dead_code, reason = "of which only the list is used here")]
mod settings;

use file::ConfigFile;
use settings::ALL;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Where the product has the same, a text for the person who wrote the file.
#[derive(Debug)]
struct ConfigError(String);

impl ConfigError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A file.
pub(super) fn config_file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.split('\n').collect();
    let read = match ConfigFile::parse(Path::new("any.toml"), &text) {
        Ok(read) => read,
        Err(ConfigError(error)) => {
            let at = error.strip_prefix("any.toml:").and_then(|rest| rest.split(':').next());
            let line = at.and_then(|line| line.parse::<usize>().ok()).expect("an error names its line");
            assert!((1..=lines.len()).contains(&line), "line {line} of {}: {error}", lines.len());
            return;
        }
    };
    let table = DeTable::parse(&text).expect("what was read is TOML");
    let count = |value: &DeValue<'_>| if let DeValue::Table(section) = value { section.len() } else { 1 };
    let said: usize = table.get_ref().values().map(|value| count(value.get_ref())).sum();
    let mut found = 0;
    for setting in ALL {
        let Some((value, line)) = read.value(setting) else { continue };
        found += 1;
        assert!(setting.in_file, "{} has no place in a file", setting.key);
        let line = lines.get(line - 1).expect("a line of the file");
        // Nothing is written in code there: then both can be seen.
        if !text.contains(['\\', '\r']) {
            let name = setting.key.rsplit('.').next().unwrap_or_default();
            assert!(line.contains(name), "{name} does not stand in {line:?}");
            let plain = |text: &str| text.replace('_', "");
            assert!(plain(&text).contains(&plain(value)), "nobody wrote {value:?}");
        }
    }
    assert_eq!(found, said, "something was passed over");
}
