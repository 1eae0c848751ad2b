//! The administrator's door for `program` and `key`: opened as configured, with
//! errors put into words and exit codes. What is done behind it is theirs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use gateway::source::SystemSource;
use gateway::{Admin, AdminError, HeadFile, Location, PayoneerTimeouts};
use url::Url;

use crate::config::settings::{self, Setting};
use crate::config::{Config, ConfigError, Scope, Span};
use crate::exit::{Exit, Stop};
use crate::master_key;

/// The settings of every command that administers.
#[derive(Debug)]
pub(crate) struct AdminScope;

impl Scope for AdminScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::STORE, settings::ADMIN];
}

/// Opens the database, beside a gateway that may be running.
pub(crate) fn open(config: &Config) -> anyhow::Result<Admin> {
    let database: Location = config.value(&settings::DATABASE)?;
    let public_url = match config.optional::<Url>(&settings::SERVE_PUBLIC_URL)? {
        Some(url) => url.to_string(),
        None => format!("http://{}", config.value::<SocketAddr>(&settings::SERVE_LISTEN)?),
    };
    let timeouts = timeouts(config)?;
    let key = master_key::find(config)?;
    // A node keeps the head; whoever administers a shared database beside it sends nothing.
    let head_file = match &database {
        Location::Postgres(_) => HeadFile::Off,
        Location::Sqlite(_) | Location::Memory => head_file(config, &database)?,
    };
    let admin =
        Admin::open(database, head_file, key, Arc::new(SystemSource), timeouts, &public_url).map_err(stopped)?;
    Ok(admin.acting_as(&user()))
}

/// Who runs this command, as the machine names them; whoever may write the database may also say otherwise.
fn user() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| "unnamed".to_owned())
}

/// Where the head of the database is kept.
pub(crate) fn head_file(config: &Config, database: &Location) -> Result<HeadFile, ConfigError> {
    let usual = match database {
        Location::Postgres(_) => HeadFile::At(PathBuf::from("tollgate.head")),
        Location::Sqlite(_) | Location::Memory => HeadFile::Beside,
    };
    Ok(config.optional::<PathBuf>(&settings::HEAD_FILE)?.map_or(usual, HeadFile::At))
}

/// How long calls to Payoneer may take, as configured.
pub(crate) fn timeouts(config: &Config) -> Result<PayoneerTimeouts, ConfigError> {
    Ok(PayoneerTimeouts {
        connect: config.value::<Span>(&settings::PAYONEER_CONNECT)?.0,
        money: config.value::<Span>(&settings::PAYONEER_MONEY)?.0,
        query: config.value::<Span>(&settings::PAYONEER_QUERY)?.0,
    })
}

/// The error in words, with its exit code.
#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
pub(crate) fn stopped(error: AdminError) -> Stop {
    let exit = match &error {
        AdminError::Open(_) => Exit::Storage,
        AdminError::Invalid { .. } => Exit::Usage,
        _ => Exit::Failure,
    };
    Stop::new(exit, error.to_string())
}
