//! `tollgate migrate-store`: everything from an SQLite file into PostgreSQL.
//! Arguments and output only; how it is moved is the store's business.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gateway::{Address, CopyError, HeadFile};
use serde_json::json;

use super::Context;
use crate::exit::{Exit, Stop};
use crate::print;

/// How long to wait for a gateway that is just stopping.
const BUSY: Duration = Duration::from_secs(10);

/// Move everything from an SQLite file into an empty PostgreSQL database.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate migrate-store --from tollgate.db --to postgres://tollgate@db.example/tollgate

Stop the gateway first. Everything is written in one transaction, read back, and compared with the file
by counts and checksums before it is committed; the file is left as it is. Then start the gateway with
--database and the same key. Never start one on the file again: the two would not know of each other.")]
pub(crate) struct MigrateStore {
    /// The SQLite file.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The PostgreSQL database: postgres://USER:PASSWORD@HOST/DATABASE.
    #[arg(long, value_name = "ADDRESS", env = "TOLLGATE_MIGRATE_TO", hide_env_values = true)]
    to: String,
    /// The head file of the SQLite file, where it is not beside it.
    #[arg(long, value_name = "FILE")]
    head_file: Option<PathBuf>,
}

impl MigrateStore {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        // Not read by clap, which would quote a wrong address with its password.
        let to: Address = self.to.parse().map_err(|error| Stop::new(Exit::Usage, format!("--to {error}")))?;
        let from = match self.from.to_str().and_then(|text| text.strip_prefix("sqlite:")) {
            Some(path) => PathBuf::from(path),
            None => self.from,
        };
        if !from.is_file() {
            return Err(Stop::new(Exit::Usage, format!("--from {}: there is no such file", from.display())).into());
        }
        let head_file = self.head_file.map_or(HeadFile::Beside, HeadFile::At);
        let copied = gateway::copy_store(&from, head_file, &to, BUSY).map_err(|error| {
            let exit = if matches!(error, CopyError::NotEmpty { .. }) { Exit::Usage } else { Exit::Storage };
            Stop::new(exit, error.to_string())
        })?;
        if context.json {
            let tables: Vec<_> = copied
                .iter()
                .map(|table| json!({ "table": table.table, "rows": table.rows, "sha256": table.sha256 }))
                .collect();
            print::json(&json!({ "to": to.to_string(), "tables": tables }))?;
            return Ok(Exit::Success);
        }
        for table in &copied {
            print::line(format_args!("{:24} {:>10}  {}", table.table, table.rows, table.sha256))?;
        }
        let rows: u64 = copied.iter().map(|table| table.rows).sum();
        print::line(format_args!(
            "{rows} rows are in {to}, compared one by one. Do not start a gateway on the file again."
        ))?;
        Ok(Exit::Success)
    }
}
