//! Keeping the world in the state file: one writer, the newest state only, replaced in one step.
//! Knows paths and bytes, not what they mean.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Counts changes and tells which of them are in the file.
#[derive(Debug)]
pub(crate) struct Saver {
    path: Option<PathBuf>,
    changed: watch::Sender<u64>,
    written: watch::Sender<u64>,
}

impl Saver {
    /// A saver to `path`; without one nothing is ever written.
    #[must_use]
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        Self { path, changed: watch::Sender::new(0), written: watch::Sender::new(0) }
    }

    /// Notes a change.
    pub(crate) fn changed(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    /// Waits until every change so far is in the file, or could not be written.
    pub(crate) async fn written(&self) {
        if self.path.is_none() {
            return;
        }
        let wanted = *self.changed.borrow();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.written.subscribe().wait_for(|n| *n >= wanted).await;
    }

    /// Whether a change is not in the file yet.
    fn is_behind(&self) -> bool {
        self.path.is_some() && *self.changed.borrow() > *self.written.borrow()
    }

    /// Writes what `snapshot` gives whenever something changed, until `stop` and everything is written.
    pub(crate) async fn run(&self, stop: CancellationToken, snapshot: impl Fn() -> Option<String>) {
        let mut changes = self.changed.subscribe();
        loop {
            if self.is_behind() {
                self.write(&snapshot).await;
                continue;
            }
            tokio::select! {
                biased;
                changed = changes.changed() => if changed.is_err() { return },
                () = stop.cancelled() => return,
            }
        }
    }

    async fn write(&self, snapshot: &impl Fn() -> Option<String>) {
        let Some(path) = self.path.clone() else { return };
        let number = *self.changed.borrow();
        let text = snapshot();
        let result = tokio::task::spawn_blocking(move || match text {
            Some(text) => replace(&path, text.as_bytes()),
            None => Err(io::Error::other("the state could not be put into words")),
        })
        .await;
        match result {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the state file could not be written"),
            Err(error) => tracing::error!(%error, "the state file's writer failed"),
        }
        self.written.send_replace(number);
    }
}

/// Replaces the file in one step: readers see the old or the new content, never a part.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".new");
    let draft = path.with_file_name(name);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    drop(file);
    fs::rename(&draft, path)
}
