//! A look at a database file that changes nothing in it: is it ours, is it whole, how far is its schema.
//! Nothing is served from it, so no lock is taken; a gateway may be running on it.

use std::path::Path;

use super::connection;
use super::place::Place;
use super::start::{applied, check, engine, recognise, strange};
use crate::migrate;
use crate::{Examination, OpenError, Options};

/// Looks at the file that these options name.
pub(crate) fn file(path: &Path, options: &Options) -> Result<Examination, OpenError> {
    let place = Place::find(path)?;
    let path = place.file();
    let length = place.whole_length();
    let opened = connection::file_for_reading(path, options.busy).map_err(|error| strange(path, &error))?;
    recognise(&opened, path)?;
    check(&opened, path, length)?;
    let found = applied(&opened)?;
    migrate::pending(options.migrations, &found)?;
    let size = |pragma| opened.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let bytes = size("page_count").and_then(|pages| Ok(pages.saturating_mul(size("page_size")?)));
    Ok(Examination {
        schema: found.last().map_or(0, |last| last.number),
        known: migrate::newest(options.migrations),
        bytes: bytes.map_err(|error| engine(&error))?,
    })
}
