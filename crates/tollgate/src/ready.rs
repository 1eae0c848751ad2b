//! The ready file: written in one piece once a process really serves, removed
//! when it stops, so that scripts and tests need not guess or sleep.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

/// What the file says.
#[derive(Debug, Serialize)]
pub(crate) struct Ready<'a> {
    /// Which service: `serve` or `sandbox`.
    pub(crate) face: &'a str,
    /// The address really listened on.
    pub(crate) listen: SocketAddr,
    /// Where to reach it.
    pub(crate) url: &'a str,
    /// Where metrics are, if they are served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metrics: Option<&'a str>,
    /// The process to signal.
    pub(crate) pid: u32,
}

/// A ready file that will be written; a stale one of an earlier run is gone.
#[derive(Debug)]
pub(crate) struct ReadyFile {
    path: Option<PathBuf>,
}

impl ReadyFile {
    /// Removes what an earlier run may have left, before anything is served.
    pub(crate) fn prepare(path: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(path) = &path {
            remove(path).with_context(|| format!("cannot remove the old ready file {}", path.display()))?;
        }
        Ok(Self { path })
    }

    /// Writes the file beside its place, then moves it there.
    pub(crate) fn write(&self, ready: &Ready<'_>) -> anyhow::Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let mut text = serde_json::to_string(ready)?;
        text.push('\n');
        let mut beside = path.clone().into_os_string();
        beside.push(format!(".{}", ready.pid));
        let beside = PathBuf::from(beside);
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, path))
            .with_context(|| format!("cannot write the ready file {}", path.display()))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        if let Some(path) = &self.path
            && let Err(error) = remove(path)
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove the ready file");
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::{Ready, ReadyFile};

    #[test]
    fn it_is_there_exactly_while_serving() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready.json");
        std::fs::write(&path, "old").unwrap();
        let file = ReadyFile::prepare(Some(path.clone())).unwrap();
        assert!(!path.exists());
        let ready = Ready {
            face: "serve",
            listen: "127.0.0.1:8080".parse().unwrap(),
            url: "http://127.0.0.1:8080",
            metrics: None,
            pid: 123,
        };
        file.write(&ready).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\"face\":\"serve\",\"listen\":\"127.0.0.1:8080\",\"url\":\"http://127.0.0.1:8080\",\"pid\":123}\n"
        );
        drop(file);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
