//! The place of a database file: its folder, its file mode, its disk, its instance lock.
//! Never opens the database file itself once it exists: closing any handle on it would drop the
//! locks that SQLite holds in this process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::OpenError;
use crate::synced_file::private;

/// Kinds of file systems whose locks and syncs cannot be trusted.
const NETWORK_KINDS: &[&str] = &[
    "afs",
    "ceph",
    "cifs",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs3",
    "nfs4",
    "smb3",
    "smbfs",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
];
/// A command-line call holds the lock only while it migrates, so a short patience is enough.
const LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A database file that may or may not exist, in a folder that does.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: PathBuf,
}

/// The instance lock; let go when dropped, or when the process ends in any way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Place {
    pub(super) fn find(path: &Path) -> Result<Self, OpenError> {
        let name = path.file_name().ok_or_else(|| {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file");
            unusable(path, source)
        })?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = fs::canonicalize(folder).map_err(|_| OpenError::NoFolder { path: folder.to_owned() })?;
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let file = folder.join(name);
        match kind_of_disk(&mounts, &folder) {
            Some(kind) if NETWORK_KINDS.contains(&kind) => {
                Err(OpenError::NetworkDisk { path: file, kind: kind.to_owned() })
            }
            _ => Ok(Self { file }),
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Makes an empty file that only its owner can read, unless there is one.
    pub(super) fn make_file(&self) -> Result<(), OpenError> {
        match private(OpenOptions::new().write(true).create_new(true)).open(&self.file) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(source) => Err(unusable(&self.file, source)),
        }
    }

    /// Takes the instance lock, or `None` if another process (or store) has it.
    pub(super) fn lock(&self) -> Result<Option<Lock>, OpenError> {
        let path = self.lock_file();
        let file = private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(&path)
            .map_err(|source| unusable(&path, source))?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Lock::signed(file))),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(source)) => return Err(unusable(&path, source)),
            }
        }
        Ok(None)
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.beside(".lock")
    }

    pub(super) fn head_file(&self) -> PathBuf {
        self.beside(".head")
    }

    /// How long the database file is, where it is whole by itself: there is no log that a crash has left.
    pub(super) fn whole_length(&self) -> Option<u64> {
        let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        (length(&self.beside("-wal")) == 0).then(|| length(&self.file))
    }

    fn beside(&self, end: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    }
}

impl Lock {
    /// Writes our process id into the file: for the person who looks, not for any program.
    fn signed(mut file: File) -> Self {
        let pid = format!("{}\n", std::process::id());
        if let Err(error) = file.set_len(0).and_then(|()| file.write_all(pid.as_bytes())) {
            tracing::debug!(%error, "the lock file could not be signed");
        }
        Self { _file: file }
    }
}

fn unusable(path: &Path, source: io::Error) -> OpenError {
    OpenError::File { path: path.to_owned(), source }
}

/// The kind of the file system a folder lies on, from a list in the form of `/proc/self/mounts`.
fn kind_of_disk<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    let mut best = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        let (Some(point), Some(kind)) = (fields.next(), fields.next()) else {
            continue;
        };
        let point = PathBuf::from(point.replace("\\040", " "));
        let depth = point.components().count();
        // Of two mounts over each other, the later one is on top.
        if folder.starts_with(&point) && best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
/dev/vda / ext4 rw 0 0
proc /proc proc rw 0 0
host:/export /srv nfs4 rw 0 0
/dev/vdb /srv/local\\040disk ext4 rw 0 0
tmpfs /srv/twice tmpfs rw 0 0
host:/b /srv/twice cifs rw 0 0
";

    #[test]
    fn the_deepest_and_latest_mount_counts() {
        for (folder, kind) in [
            ("/var/lib/tollgate", "ext4"),
            ("/srv/data", "nfs4"),
            ("/srvice", "ext4"),
            ("/srv/local disk/x", "ext4"),
            ("/srv/twice", "cifs"),
        ] {
            assert_eq!(kind_of_disk(MOUNTS, Path::new(folder)), Some(kind), "{folder}");
        }
        assert_eq!(kind_of_disk("", Path::new("/")), None);
    }
}
