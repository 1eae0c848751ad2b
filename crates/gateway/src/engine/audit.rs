//! The audit log, as administrators read it. Its entries are written in the commits of the changes they tell of.

use super::{Engine, Error, Page};
use domain::audit::Entry;
use domain::program::Program;

impl Engine {
    /// What was changed about a program, or about the whole installation, in the order of the commits, newest first.
    pub async fn audit(&self, program: &Program, page: &Page) -> Result<Vec<Entry>, Error> {
        let before = match &page.before {
            None => None,
            Some(id) => {
                let place = self.store.read_one(store::audit::place(&program.id, id)).await?;
                Some(place.ok_or(Error::NotFound { noun: "audit entry" })?)
            }
        };
        Ok(self.store.read(store::audit::page(&program.id, before, page.limit)).await?)
    }
}
