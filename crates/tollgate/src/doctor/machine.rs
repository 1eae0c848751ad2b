//! The checks of this machine: configuration, key, database, disk. Nothing is
//! made and nothing is changed, and nobody outside is asked.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gateway::Location;
use url::Url;

use super::Examined;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Span};
use crate::master_key;

/// With less room than this a large commit may fail.
const DISK_FAILURE: u64 = 64 * 1024 * 1024;
/// With less room than this somebody should make some.
const DISK_WARNING: u64 = 1024 * 1024 * 1024;

/// Whether every setting can be read, and whether they fit together.
pub(crate) fn configuration(config: &Config) -> Examined {
    const NAME: &str = "configuration";
    let times: [&'static Setting; 5] = [
        &settings::PAYONEER_CONNECT,
        &settings::PAYONEER_MONEY,
        &settings::PAYONEER_QUERY,
        &settings::SERVE_GRACE,
        &settings::SERVE_LAME_DUCK,
    ];
    let mut wrong: Vec<String> = Vec::new();
    let mut note = |result: Result<(), String>| wrong.extend(result.err());
    for time in times {
        note(config.optional::<Span>(time).map(drop).map_err(|error| error.to_string()));
    }
    for address in [&settings::SERVE_LISTEN, &settings::SERVE_METRICS] {
        note(config.optional::<SocketAddr>(address).map(drop).map_err(|error| error.to_string()));
    }
    note(config.optional::<Url>(&settings::SERVE_PUBLIC_URL).map(drop).map_err(|error| error.to_string()));
    note(config.value::<Location>(&settings::DATABASE).map(drop).map_err(|error| error.to_string()));
    if !wrong.is_empty() {
        let mut check = Examined::failure(NAME, "some settings cannot be read");
        check.advice = wrong;
        return check;
    }
    let source = config.file().map_or("no configuration file".to_owned(), |path| path.display().to_string());
    let grace = config.value::<Span>(&settings::SERVE_GRACE);
    let money = config.value::<Span>(&settings::PAYONEER_MONEY);
    if let (Ok(grace), Ok(money)) = (grace, money)
        && grace.0 <= money.0
    {
        return Examined::warning(NAME, "a stop does not wait as long as a charge may take").advise(
            "Make serve.shutdown_grace longer than payoneer.money_timeout; what is cut off is resolved later.",
        );
    }
    Examined::ok(NAME, format!("every setting can be read ({source})"))
}

/// Whether the key is there, and only its owner can read it.
pub(crate) fn key(config: &Config) -> Examined {
    const NAME: &str = "master key";
    match master_key::look(config) {
        Ok(Some(_)) => Examined::ok(NAME, "the key is there and nobody else can read it"),
        Ok(None) => Examined::ok(NAME, "there is no key yet; the first start makes it"),
        Err(error) => Examined::failure(NAME, format!("{error:#}")),
    }
}

/// Whether the database is ours, whole and of a schema that this program knows.
pub(crate) fn database(file: &Path) -> Examined {
    const NAME: &str = "database";
    if std::fs::metadata(file).map_or(true, |found| found.len() == 0) {
        return Examined::ok(NAME, format!("{} does not exist yet; the first start makes it", file.display()));
    }
    match gateway::examine(file) {
        Ok(found) if found.schema < found.known => Examined::warning(
            NAME,
            format!("it is whole, but of schema {} where this program has {}", found.schema, found.known),
        )
        .advise("The next start of the gateway brings it up to date. Make a backup first."),
        Ok(found) => {
            Examined::ok(NAME, format!("schema {}, {} KiB, no damage found", found.schema, found.bytes / 1024))
        }
        Err(error @ gateway::OpenError::Damaged { .. }) => Examined::failure(NAME, error.to_string())
            .advise("Stop the gateway, keep the damaged file, and put the newest backup in its place.")
            .advise("The gateway notices that the backup is older and sends nothing until you have looked."),
        Err(error) => Examined::failure(NAME, error.to_string()),
    }
}

/// How much room there is where the database is.
pub(crate) fn disk(file: &Path) -> Examined {
    const NAME: &str = "disk";
    let folder = file.parent().filter(|folder| *folder != Path::new("")).map_or(PathBuf::from("."), Path::to_owned);
    let Ok(disk) = rustix::fs::statvfs(&folder) else {
        return Examined::failure(NAME, format!("the folder {} cannot be looked at", folder.display()));
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let finding = format!("{} MiB free in {}", free / (1024 * 1024), folder.display());
    match free {
        ..DISK_FAILURE => {
            Examined::failure(NAME, finding).advise("Make room: on a full disk nothing is sent any more.")
        }
        DISK_FAILURE..DISK_WARNING => Examined::warning(NAME, finding).advise("Make room before it is full."),
        _ => Examined::ok(NAME, finding),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    #[test]
    fn what_is_no_database_is_a_failure_and_what_is_not_there_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tollgate.db");
        assert_eq!(database(&file).level, Level::Ok);
        std::fs::write(&file, "this is no database").unwrap();
        let check = database(&file);
        assert_eq!(check.level, Level::Failure);
        assert!(check.finding.contains("not a tollgate database"), "{}", check.finding);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }

    #[test]
    fn room_is_counted_where_the_database_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(disk(&folder.path().join("tollgate.db")).finding.contains("MiB free"));
        assert_eq!(disk(&folder.path().join("nowhere/tollgate.db")).level, Level::Failure);
    }
}
