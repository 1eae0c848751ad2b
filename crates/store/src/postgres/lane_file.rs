//! The heads that this node saw last, one for each of its lanes, kept outside the database so that a restored dump or a
//! standby that lags does not take them along. Nothing is judged here.
//!
//! A head is written after the commit it tells of is durable, with a plain write; the file may be behind the database,
//! never ahead of it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::OpenError;
use crate::synced_file::{SyncedFile, private};
use crate::trust::Head;

/// The length of each line: no line crosses the border of a sector, so each is there whole or not at all.
const LINE: usize = 128;
/// The first word of the file; another number for another form.
const FORM: &str = "tollgate-lanes-1";

/// What a lane file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// There is no file.
    Missing,
    /// It is not what this module writes.
    Unreadable,
    /// The name of the node's log, and the heads that were seen last, in the order of the lanes.
    Seen(String, Vec<Head>),
}

/// The lane file of one node.
pub(super) struct LaneFile {
    file: SyncedFile,
    /// Held as long as this node runs.
    _lock: File,
}

impl LaneFile {
    /// Makes sure that no other node writes this file.
    pub(super) fn open(path: PathBuf) -> Result<Self, OpenError> {
        let mut lock_path = path.clone().into_os_string();
        lock_path.push(".lock");
        let lock_path = PathBuf::from(lock_path);
        let unusable = |source| OpenError::File { path: lock_path.clone(), source };
        let lock = private(OpenOptions::new().write(true).create(true).truncate(false)).open(&lock_path);
        let lock = lock.map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::HeadFileInUse { path }),
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        let mut file = SyncedFile::at(path);
        file.sync_by_itself()?;
        Ok(Self { file, _lock: lock })
    }

    pub(super) fn read(&self) -> Result<Kept, OpenError> {
        let Some(text) = self.file.read()? else { return Ok(Kept::Missing) };
        Ok(parse(&text).map_or(Kept::Unreadable, |(log, heads)| Kept::Seen(log, heads)))
    }

    /// Everything anew, durably.
    pub(super) fn replace(&self, log: &str, heads: &[Head]) -> Result<(), OpenError> {
        let done = self.file.replace(&whole(log, heads));
        done.map_err(|source| OpenError::File { path: self.file.path().to_owned(), source })
    }

    /// The head of one lane. The file was replaced before.
    pub(super) fn write(&self, lane: usize, head: &Head) -> io::Result<()> {
        let offset = u64::try_from(LINE * (lane + 1)).unwrap_or(u64::MAX);
        self.file.write_at(offset, &line(&said(head)), String::new)
    }

    pub(super) fn sync(&self) {
        self.file.sync();
    }
}

fn whole(log: &str, heads: &[Head]) -> String {
    let mut text = line(&format!("{FORM} {log} {}", heads.len()));
    for head in heads {
        text.push_str(&line(&said(head)));
    }
    text
}

fn said(head: &Head) -> String {
    format!("{:019} {}", head.sequence, HEXLOWER.encode(&head.hash))
}

/// A line with a check of its own, and blanks up to its end.
fn line(said: &str) -> String {
    let check = HEXLOWER.encode(&Sha256::digest(said)[..8]);
    format!("{:<width$}\n", format!("{said} {check}"), width = LINE - 1)
}

fn parse(text: &str) -> Option<(String, Vec<Head>)> {
    let mut lines = text.as_bytes().chunks(LINE).map(|bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        let (said, _) = text.trim_end().rsplit_once(' ')?;
        (line(said) == text).then(|| said.to_owned())
    });
    let title = lines.next()??;
    let mut words = title.strip_prefix(FORM)?.split_whitespace();
    let (log, count) = (words.next()?.to_owned(), words.next()?.parse::<usize>().ok()?);
    let heads = lines.map(|said| {
        let said = said?;
        let (sequence, hash) = said.split_once(' ')?;
        let hash = HEXLOWER.decode(hash.as_bytes()).ok()?.try_into().ok()?;
        Some(Head { sequence: sequence.parse().ok()?, hash })
    });
    let heads = heads.collect::<Option<Vec<_>>>()?;
    (heads.len() == count).then_some((log, heads))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_last_is_read_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.head");
        let file = LaneFile::open(path.clone()).unwrap();
        assert!(matches!(LaneFile::open(path.clone()), Err(OpenError::HeadFileInUse { .. })));
        assert_eq!(file.read().unwrap(), Kept::Missing);
        let head = |sequence| Head { sequence, hash: [7; 32] };
        file.replace("log", &[head(0), head(0), head(0)]).unwrap();
        file.write(1, &head(i64::MAX)).unwrap();
        file.write(2, &head(5)).unwrap();
        file.sync();
        assert_eq!(file.read().unwrap(), Kept::Seen("log".to_owned(), vec![head(0), head(i64::MAX), head(5)]));
        let written = std::fs::read(&path).unwrap();
        assert_eq!(written.len(), 4 * LINE);
        for place in 0..written.len() {
            let mut changed = written.clone();
            changed[place] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert_eq!(file.read().unwrap(), Kept::Unreadable, "byte {place}");
        }
        for end in [0, 1, LINE, 3 * LINE, 4 * LINE - 1] {
            std::fs::write(&path, &written[..end]).unwrap();
            assert_eq!(file.read().unwrap(), Kept::Unreadable, "cut at {end}");
        }
    }
}
