//! `tollgate backup`: a checked copy of the database. Arguments and output
//! only; how a database is copied is the store's business.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gateway::Location;
use serde_json::json;

use super::Context;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, Scope};
use crate::exit::{Exit, Stop};
use crate::print;

/// How long to wait for another process that holds the database.
const BUSY: Duration = Duration::from_secs(10);

/// The settings of a backup: only where the database is.
#[derive(Debug)]
pub(crate) struct BackupScope;

impl Scope for BackupScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::STORE];
}

/// Copy the database into a file, beside a running gateway.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate backup /backups/tollgate-$(date +%F).db

The gateway goes on working meanwhile. The copy shows one moment, is checked from end to end before it
gets its name, and never overwrites a file. Keep the key file apart from it, and leave the head file out
of backups: by it the gateway notices that an old copy was put back.

To put a copy back: stop the gateway, remove the database's `-wal` and `-shm` files, copy the file to
the database's place, start the gateway and follow `tollgate quarantine status`.")]
pub(crate) struct Backup {
    /// The new file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    flags: Flags<BackupScope>,
}

impl Backup {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let Location::Sqlite(database) = config.value(&settings::DATABASE)? else {
            let advice = "pg_dump copies it, beside running gateways too";
            return Err(Stop::new(Exit::Usage, "the database is PostgreSQL's".to_owned()).advise(advice).into());
        };
        let made = gateway::backup(&database, &self.file, BUSY).map_err(|error| {
            let exit = match &error {
                gateway::BackupError::Open(_) => Exit::Storage,
                gateway::BackupError::Exists(_) => Exit::Usage,
                _ => Exit::Failure,
            };
            Stop::new(exit, error.to_string())
        })?;
        if context.json {
            print::json(&json!({ "file": made.file, "bytes": made.bytes, "commits": made.commits }))?;
        } else {
            print::line(format_args!(
                "{}: {} bytes, whole, up to commit {}",
                made.file.display(),
                made.bytes,
                made.commits
            ))?;
        }
        Ok(Exit::Success)
    }
}
