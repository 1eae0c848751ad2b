//! The files that the rules look at, and what a rule finds.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::source::Source;

/// All text files of the checkout.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    /// Every path, of files that are not text too.
    pub(crate) paths: BTreeSet<String>,
    /// What `cargo metadata --no-deps` says.
    pub(crate) metadata: serde_json::Value,
}

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// From the top, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// For Rust files.
    pub(crate) source: Option<Source>,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// Counted from 1; 0 means the whole file.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.message),
            line => write!(formatter, "{}:{line}: {}", self.path, self.message),
        }
    }
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), source: is_kind(path, "rs").then(|| Source::read(text)) }
    }

    pub(crate) fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, message: message.into() }
    }

    /// The crate's folder name, such as `store`.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        if self.path.starts_with("xtask/") {
            return Some("xtask");
        }
        self.path.strip_prefix("crates/")?.split('/').next()
    }
}

impl Tree {
    /// Reads the checkout; build products and what git ignores are left out.
    pub(crate) fn load(root: &Path) -> Result<Self, String> {
        let mut tree = Self { metadata: metadata(root)?, ..Self::default() };
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            for entry in entries.flatten() {
                let path = entry.path();
                let name = entry.file_name().to_string_lossy().into_owned();
                if path.is_dir() {
                    if name != ".git" && !name.starts_with("target") {
                        folders.push(path);
                    }
                    continue;
                }
                let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                if is_text(&relative)
                    && let Ok(text) = std::fs::read_to_string(&path)
                {
                    tree.files.push(File::new(&relative, &text));
                }
                tree.paths.insert(relative);
            }
        }
        tree.files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(tree)
    }

    /// Rust files with what was read of them.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| Some((file, file.source.as_ref()?)))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a whole file is compiled for tests only.
    pub(crate) fn is_test_file(&self, file: &File) -> bool {
        let in_folder = |folder: &str| file.path.split('/').any(|part| part == folder);
        if in_folder("tests") || in_folder("benches") || in_folder("examples") {
            return true;
        }
        self.sources().any(|(parent, source)| {
            let module = parent.path.trim_end_matches(".rs").trim_end_matches("/mod");
            let module = module.trim_end_matches("/lib").trim_end_matches("/main");
            source.test_modules().iter().any(|name| {
                let child = format!("{module}/{name}");
                file.path == format!("{child}.rs") || file.path.starts_with(&format!("{child}/"))
            })
        })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files.iter().map(|(path, text)| File::new(path, text)).collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
            metadata: serde_json::Value::Null,
        }
    }
}

/// Whether a path ends with one of the extensions, given as `rs` or `md|html`.
pub(crate) fn is_kind(path: &str, extensions: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.split('|').any(|known| known == extension))
}

fn is_text(path: &str) -> bool {
    is_kind(path, "rs|md|toml|lock|html|css|js|svg|sql|sh") || path == ".ci/run" || path.ends_with("RELEASED")
}

fn metadata(root: &Path) -> Result<serde_json::Value, String> {
    let output = crate::check::cargo()
        .current_dir(root)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}
