//! The one configuration file: TOML, sections of plain values. A key nobody
//! knows is an error with its line, as a misspelt setting must not pass in
//! silence. Meaning is not judged here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::settings::{ALL, Setting};

/// The file looked for when none is named.
pub(crate) const USUAL_NAME: &str = "tollgate.toml";

/// What the file says.
#[derive(Debug, Default)]
pub(crate) struct ConfigFile {
    /// Where it was read; `None` when there is none.
    pub(crate) path: Option<PathBuf>,
    values: BTreeMap<&'static str, (String, usize)>,
}

impl ConfigFile {
    /// Reads the named file, or `tollgate.toml` here if there is one.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(Path::new(USUAL_NAME));
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(path, &text),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => {
                Err(ConfigError::new(format!("cannot read the configuration file {}: {error}", path.display())))
            }
        }
    }

    /// The value of a setting as text, and its line.
    pub(crate) fn value(&self, setting: &Setting) -> Option<(&str, usize)> {
        self.values.get(setting.key).map(|(text, line)| (text.as_str(), *line))
    }

    /// Reads a text; the path is for its errors.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let at = |offset: usize, message: String| {
            let line = line_of(text, offset);
            ConfigError::new(format!("{}:{line}: {message}", path.display()))
        };
        let table = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            at(offset, error.message().to_owned())
        })?;
        let mut values = BTreeMap::new();
        let mut keep = |key: String, offset: usize, value: &DeValue<'_>| {
            let setting = known_setting(&key).map_err(|message| at(offset, message))?;
            let value = scalar(value).ok_or_else(|| {
                let message = format!("`{key}` takes a text, a whole number or true/false");
                at(offset, message)
            })?;
            values.insert(setting.key, (value, line_of(text, offset)));
            Ok::<(), ConfigError>(())
        };
        for (name, value) in table.get_ref() {
            let (offset, name) = (name.span().start, name.get_ref());
            if let DeValue::Table(section) = value.get_ref() {
                known_section(name).map_err(|message| at(offset, message))?;
                for (key, value) in section {
                    let dotted = format!("{name}.{}", key.get_ref());
                    keep(dotted, key.span().start, value.get_ref())?;
                }
            } else {
                keep(name.to_string(), offset, value.get_ref())?;
            }
        }
        Ok(Self { path: Some(path.to_owned()), values })
    }
}

/// The section of a key, empty for those that stand before all sections.
fn section_of(key: &str) -> &str {
    key.split_once('.').map_or("", |(section, _)| section)
}

fn known_section(name: &str) -> Result<(), String> {
    let sections = || ALL.iter().map(|setting| section_of(setting.key));
    if sections().any(|section| section == name) {
        return Ok(());
    }
    let sections = listed(sections().filter(|section| !section.is_empty()));
    Err(format!("unknown section `{name}`; the sections are {sections}"))
}

fn known_setting(key: &str) -> Result<&'static Setting, String> {
    let section = section_of(key);
    if let Some(setting) = ALL.iter().find(|setting| setting.key == key) {
        if setting.in_file {
            return Ok(setting);
        }
        let variable = setting.variable;
        return Err(format!("`{key}` is a secret and has no place in a file that gets copied; set {variable} instead"));
    }
    if section.is_empty() && ALL.iter().any(|setting| section_of(setting.key) == key) {
        return Err(format!("`{key}` is a section: write `[{key}]`"));
    }
    let siblings =
        ALL.iter().filter(|setting| setting.in_file && section_of(setting.key) == section).map(|setting| setting.key);
    Err(format!("unknown key `{key}`; there is {}", listed(siblings)))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.dedup();
    names.join(", ")
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::settings::{SANDBOX_PROGRAM_ID, SERVE_LISTEN};
    use super::ConfigFile;

    fn parse(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(Path::new("t.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_kept_with_their_line() {
        let file = parse("# ours\n[serve]\nlisten = \"0.0.0.0:80\"\n[sandbox]\nprogram_id = 100099999\n").unwrap();
        assert_eq!(file.value(&SERVE_LISTEN), Some(("0.0.0.0:80", 3)));
        assert_eq!(file.value(&SANDBOX_PROGRAM_ID), Some(("100099999", 5)));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = parse("[serve]\n\nlissten = \"x\"\n").unwrap_err();
        assert!(error.starts_with("t.toml:3: unknown key `serve.lissten`; there is `serve.listen`"), "{error}");
        let error = parse("databse = \"x\"\n").unwrap_err();
        assert_eq!(
            error,
            "t.toml:1: unknown key `databse`; there is `database`, `head_file`, `key_file`, `url`, `api_key_file`"
        );
        let error = parse("[server]\nlisten = \"x\"\n").unwrap_err();
        assert!(error.starts_with("t.toml:1: unknown section `server`"), "{error}");
    }

    #[test]
    fn a_wrong_shape_is_named_with_its_line() {
        let error = parse("[serve]\nlisten = [\"a\"]\n").unwrap_err();
        assert_eq!(error, "t.toml:2: `serve.listen` takes a text, a whole number or true/false");
        let error = parse("serve = 1\n").unwrap_err();
        assert_eq!(error, "t.toml:1: `serve` is a section: write `[serve]`");
        let error = parse("[serve]\nlisten = \"open\n").unwrap_err();
        assert!(error.starts_with("t.toml:2: "), "{error}");
    }

    #[test]
    fn the_master_key_is_refused_without_being_shown() {
        let error = parse("key = \"c2VjcmV0\"\n").unwrap_err();
        assert!(error.contains("TOLLGATE_KEY"));
        assert!(!error.contains("c2VjcmV0"));
    }

    #[test]
    fn a_named_file_must_exist_and_the_usual_one_need_not() {
        let error = ConfigFile::find(Some(Path::new("/nonexistent/t.toml"))).unwrap_err();
        assert!(error.to_string().contains("/nonexistent/t.toml"));
        assert!(ConfigFile::find(None).unwrap().path.is_none());
    }
}
