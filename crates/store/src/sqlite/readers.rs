//! The readers: a few connections that cannot write, used away from the async threads.
//! A reader is made when it is first needed and kept for the next read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::connection::{self, Db};
use super::errors::{self, Mishap, Uniques};
use crate::{Fault, FromRow, Query};

/// The pool of connections that only read.
pub(super) struct Readers {
    shared: Arc<Shared>,
    room: Arc<Semaphore>,
    count: u32,
}

struct Shared {
    file: PathBuf,
    busy: Duration,
    idle: Mutex<Vec<Db>>,
}

impl Readers {
    pub(super) fn new(file: PathBuf, busy: Duration, count: usize) -> Self {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        Self {
            shared: Arc::new(Shared { file, busy, idle: Mutex::default() }),
            room: Arc::new(Semaphore::new(count as usize)),
            count,
        }
    }

    pub(super) async fn read<R: FromRow>(&self, query: Query<R>, limit: usize) -> Result<Vec<R>, Mishap> {
        let seat = Arc::clone(&self.room).acquire_owned().await;
        let seat = seat.map_err(|_| super::closed())?;
        let shared = Arc::clone(&self.shared);
        let reading = tokio::task::spawn_blocking(move || {
            let rows = shared.read(&query, limit);
            drop(seat);
            rows
        });
        match reading.await {
            Ok(rows) => rows,
            Err(error) => Err(Fault::Down(format!("a read was broken off: {error}")).into()),
        }
    }

    /// Waits for the reads that run, lets no more in and closes the connections.
    pub(super) async fn close(&self) {
        let all = self.room.acquire_many(self.count).await;
        self.room.close();
        drop(all);
        self.shared.idle().clear();
    }
}

impl Shared {
    fn read<R>(&self, query: &Query<R>, limit: usize) -> Result<Vec<R>, Mishap> {
        let idle = self.idle().pop();
        let db = match idle {
            Some(db) => db,
            None => self.open()?,
        };
        let rows = db.read(query, limit);
        let sick = rows.as_ref().is_err_and(|mishap| mishap.disk.is_some());
        if !sick {
            self.idle().push(db);
        }
        rows
    }

    fn open(&self) -> Result<Db, Mishap> {
        let uniques = Arc::new(Uniques::default());
        match connection::file_for_reading(&self.file, self.busy) {
            Ok(opened) => Ok(Db::new(opened, uniques)),
            Err(error) => Err(errors::sort(&error, &uniques)),
        }
    }

    // A panic cannot leave a half-done list behind, so a poisoned lock is as good as any.
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Db>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
