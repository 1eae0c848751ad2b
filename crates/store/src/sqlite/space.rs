//! How much room there is on the disk under a database. Only looked at here, never made.

use std::path::Path;

/// With fewer free bytes nothing is begun any more: what is under way has to be settled, and that takes room as well.
const RESERVE: u64 = 64 * 1024 * 1024;

/// Whether something new may be begun in the database of that file. Where that cannot be told, it may: a write then says
/// what is wrong.
pub(super) fn is_enough(file: &Path) -> bool {
    let folder = file.parent().unwrap_or(Path::new("."));
    free(folder).is_none_or(|free| free >= RESERVE)
}

#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_room_of_a_real_folder_is_known_and_that_of_none_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free(folder.path()).is_some_and(|free| free > 0));
        let nowhere = Path::new("/nowhere/at/all/x.db");
        assert_eq!(free(nowhere), None);
        assert!(is_enough(nowhere));
    }
}
