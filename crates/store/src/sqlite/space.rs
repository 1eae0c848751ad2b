//! How much room there is on the disk under the database. Only looked at here, never made.

use std::path::{Path, PathBuf};

/// With fewer free bytes nothing is begun any more: what is under way has to be settled, and that takes room as well.
pub(super) const RESERVE: u64 = 64 * 1024 * 1024;

/// The disk that a database file is on.
#[derive(Debug)]
pub(super) struct Space {
    folder: PathBuf,
}

impl Space {
    /// The disk of that file.
    pub(super) fn around(file: &Path) -> Self {
        Self { folder: file.parent().unwrap_or(Path::new(".")).to_owned() }
    }

    /// Whether something new may be begun. Where that cannot be told, it may: a write then says what is wrong.
    pub(super) fn is_enough(&self) -> bool {
        self.free().is_none_or(|free| free >= RESERVE)
    }

    #[cfg(unix)]
    fn free(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&self.folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    #[cfg(not(unix))]
    fn free(&self) -> Option<u64> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_real_folder_is_known_and_that_of_none_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Space::around(&folder.path().join("x.db")).free().is_some_and(|free| free > 0));
        let nowhere = Space::around(Path::new("/nowhere/at/all/x.db"));
        assert_eq!(nowhere.free(), None);
        assert!(nowhere.is_enough());
    }
}
