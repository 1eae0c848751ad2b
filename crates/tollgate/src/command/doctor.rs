//! `tollgate doctor`: looks at everything that a gateway needs and says in
//! plain words what to do. Arguments and output only; the checks are in `doctor`.

use std::net::SocketAddr;

use clap::Args;
use gateway::Location;
use serde::Serialize;
use url::Url;

use super::Context;
use super::admin;
use super::serve::ServeScope;
use crate::config::{Config, Flags, settings};
use crate::doctor::{Examined, Level, machine, outside};
use crate::exit::Exit;
use crate::print;

/// Look at everything that the gateway needs, and say what to do.
///
/// Checks the configuration, the master key, the database and its disk, the clocks, whether Payoneer answers the stored
/// credentials, and whether callbacks can come. Takes the flags of `serve`; may run beside a running gateway. Changes
/// nothing and moves no money.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate doctor
  tollgate doctor --public-url https://pay.shop.example
  tollgate doctor --json

Exit codes: 0 nothing is broken (there may be warnings), 1 something is.")]
pub(crate) struct Doctor {
    #[command(flatten)]
    flags: Flags<ServeScope>,
}

#[derive(Serialize)]
struct Report<'a> {
    healthy: bool,
    checks: &'a [Examined],
}

impl Doctor {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let checks = super::block_on(async { Ok(examine(&config).await) })?;
        let healthy = checks.iter().all(|check| check.level != Level::Failure);
        if context.json {
            print::json(&Report { healthy, checks: &checks })?;
        } else {
            show(&checks)?;
        }
        Ok(if healthy { Exit::Success } else { Exit::Failure })
    }
}

async fn examine(config: &Config) -> Vec<Examined> {
    let configuration = machine::configuration(config);
    let readable = configuration.level != Level::Failure;
    let mut checks = vec![configuration];
    let (true, Ok(place)) = (readable, config.value::<Location>(&settings::DATABASE)) else {
        checks.push(Examined::skipped("everything else", "the settings must be readable first"));
        return checks;
    };
    checks.push(machine::key(config));
    // A server looks after its own files; whether it lets us in is seen when it is asked about the programs.
    let file = if let Location::Sqlite(file) = &place { Some(file) } else { None };
    if let Some(file) = file {
        checks.push(machine::database(file));
        checks.push(machine::disk(file));
    }
    let usable =
        checks.iter().all(|check| check.level == Level::Ok || check.check == "disk" || check.check == "configuration");
    if !usable || file.is_some_and(|file| !file.exists()) {
        let why = if usable { "there is no database yet" } else { "the database and its key must be in order first" };
        checks.push(Examined::skipped("programs", why));
        return checks;
    }
    match admin::open(config) {
        Ok(admin) => {
            checks.extend(outside::history(&admin).await);
            let programs = admin.programs().await.unwrap_or_default();
            if programs.is_empty() {
                let check = Examined::warning("programs", "no program is stored yet");
                checks.push(check.advise("`tollgate program add` stores the account with Payoneer."));
            }
            for program in &programs {
                checks.extend(outside::program(&admin, program).await);
            }
            checks.push(outside::way_back(&public_url(config), &programs).await);
            admin.close().await;
        }
        Err(error) => checks.push(Examined::failure("database", format!("{error:#}"))),
    }
    checks
}

fn public_url(config: &Config) -> String {
    let listen = || config.value::<SocketAddr>(&settings::SERVE_LISTEN).map(|listen| format!("http://{listen}"));
    match config.optional::<Url>(&settings::SERVE_PUBLIC_URL) {
        Ok(Some(url)) => url.to_string(),
        _ => listen().unwrap_or_default(),
    }
}

fn show(checks: &[Examined]) -> std::io::Result<()> {
    let width = checks.iter().map(|check| check.check.len()).max().unwrap_or(0);
    for Examined { check, level, finding, advice } in checks {
        print::line(format_args!("{:8} {check:width$}  {finding}", level.as_str()))?;
        for advice in advice {
            print::line(format_args!("{:8} {:width$}  - {advice}", "", ""))?;
        }
    }
    let count = |level| checks.iter().filter(|check| check.level == level).count();
    let (failures, warnings) = (count(Level::Failure), count(Level::Warning));
    print::line(format_args!("\n{} checks, {failures} failures, {warnings} warnings", checks.len()))
}
