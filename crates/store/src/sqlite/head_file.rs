//! The head file: the head that was seen last, kept outside the database so that a restored backup does not take it
//! along. Nothing is judged here.
//!
//! The file is written after the commit it tells of is durable, with a plain write and no wait for the disk; a thread of
//! its own syncs it once in a while, and closing does. So it may be behind the database - after a crash of the machine
//! by what was committed since the last sync - but never ahead of it. Being behind is safe: a database is only ever
//! compared at the head in the file, so an older file notices a little less (a copy made after that head) and never
//! accuses a sound database. Several processes may write it; one that is late writes an older head, which is being
//! behind again.

use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::OpenError;
use crate::synced_file::SyncedFile;
use crate::trust::Head;

/// The first word of the file; another number for another form.
const FORM: &str = "tollgate-head-1";

/// What a head file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// There is no file.
    Missing,
    /// It is not what this module writes.
    Unreadable,
    /// The head that was seen last.
    Seen(Head),
}

/// The head file of one database.
pub(super) struct HeadFile(SyncedFile);

impl HeadFile {
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Nothing is opened or made before the first write.
    pub(super) fn at(path: PathBuf) -> Self {
        Self(SyncedFile::at(path))
    }

    pub(super) fn read(&self) -> Result<Kept, OpenError> {
        let text = self.0.read()?;
        Ok(text.map_or(Kept::Missing, |text| parse(&text).map_or(Kept::Unreadable, Kept::Seen)))
    }

    /// Writes the head and leaves the disk to its own time. Made durably the first time.
    pub(super) fn write(&self, head: &Head) -> io::Result<()> {
        let text = print(head);
        // Always the same length and within one sector, so that it is there whole or not at all.
        self.0.write_at(0, &text, || text.clone())
    }

    pub(super) fn sync_by_itself(&mut self) -> Result<(), OpenError> {
        self.0.sync_by_itself()
    }

    pub(super) fn sync(&self) {
        self.0.sync();
    }
}

fn print(head: &Head) -> String {
    let said = format!("{FORM} {:019} {}", head.sequence, HEXLOWER.encode(&head.hash));
    let check = HEXLOWER.encode(&Sha256::digest(&said));
    format!("{said} {check}\n")
}

fn parse(text: &str) -> Option<Head> {
    let mut words = text.strip_suffix('\n')?.split(' ').skip(1);
    let sequence = words.next()?.parse().ok()?;
    let hash = HEXLOWER.decode(words.next()?.as_bytes()).ok()?.try_into().ok()?;
    let head = Head { sequence, hash };
    (print(&head) == text).then_some(head)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn head(sequence: i64) -> Head {
        Head { sequence, hash: [7; 32] }
    }

    #[test]
    fn what_was_written_last_is_read_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.head");
        let file = HeadFile::at(path.clone());
        assert_eq!(file.read().unwrap(), Kept::Missing);
        for sequence in [0, 9, 1_000_000, i64::MAX] {
            file.write(&head(sequence)).unwrap();
            file.sync();
            assert_eq!(HeadFile::at(path.clone()).read().unwrap(), Kept::Seen(head(sequence)));
        }
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            assert_eq!(file.read().unwrap(), Kept::Unreadable, "byte {place}");
            fs::write(&path, &whole[..place]).unwrap();
            assert_eq!(file.read().unwrap(), Kept::Unreadable, "cut at {place}");
        }
    }
}
