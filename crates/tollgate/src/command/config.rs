//! `tollgate config`: every setting in force, with secrets masked, and where
//! each came from. Nothing is started and nothing is opened.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Context;
use super::demo::DemoScope;
use super::sandbox::SandboxScope;
use super::serve::ServeScope;
use crate::config::settings::{ALL, Fallback, Setting};
use crate::config::{Config, Flags, Origin, Scope};
use crate::exit::Exit;
use crate::print;

/// Show every setting in force and where it came from.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate config
  tollgate config serve --listen 127.0.0.1:0      as `serve` with this flag would see it
  TOLLGATE_LOG_FORMAT=json tollgate config --json

Sources, the first that speaks wins: flag, environment variable, configuration file, default.")]
pub(crate) struct Show {
    #[command(subcommand)]
    face: Option<Face>,
}

/// Which command's settings and flags.
#[derive(Debug, Subcommand)]
enum Face {
    /// The settings of `tollgate serve`; takes its flags.
    Serve(Flags<ServeScope>),
    /// The settings of `tollgate sandbox`; takes its flags.
    Sandbox(Flags<SandboxScope>),
    /// The settings of `tollgate demo`; takes its flags.
    Demo(Flags<DemoScope>),
}

struct NoFlags;

impl Scope for NoFlags {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[];
}

#[derive(Debug, Serialize)]
struct Shown {
    key: &'static str,
    value: Option<String>,
    /// How the value is worked out where none was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    derived: Option<&'static str>,
    origin: Origin,
}

impl Show {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let file = context.config_file;
        let (config, settings): (Config, Vec<&'static Setting>) = match self.face {
            Some(Face::Serve(flags)) => {
                let settings = ServeScope::SETTINGS.concat();
                (Config::load(file, flags)?, settings)
            }
            Some(Face::Sandbox(flags)) => {
                let settings = SandboxScope::SETTINGS.concat();
                (Config::load(file, flags)?, settings)
            }
            Some(Face::Demo(flags)) => {
                let settings = DemoScope::SETTINGS.concat();
                (Config::load(file, flags)?, settings)
            }
            None => (Config::load(file, Flags::<NoFlags>::none())?, ALL.to_vec()),
        };
        let shown = settings.into_iter().map(|setting| shown(&config, setting));
        let shown: Vec<Shown> = shown.collect();
        if context.json {
            print::json(&shown)?;
        } else {
            for_people(&config, shown)?;
        }
        Ok(Exit::Success)
    }
}

fn shown(config: &Config, setting: &'static Setting) -> Shown {
    let found = config.find(setting);
    let derived = match setting.fallback {
        Fallback::Derived(how) if found.is_none() => Some(how),
        Fallback::Derived(_) | Fallback::Text(_) | Fallback::Off => None,
    };
    Shown {
        key: setting.key,
        value: found.as_ref().map(|found| found.shown(setting)),
        derived,
        origin: found.map_or(Origin::Default, |found| found.origin),
    }
}

fn for_people(config: &Config, shown: Vec<Shown>) -> std::io::Result<()> {
    match config.file() {
        Some(file) => print::line(format_args!("Configuration file: {}\n", file.display()))?,
        None => print::line("No configuration file (./tollgate.toml is not there).\n")?,
    }
    let rows: Vec<[String; 3]> = shown
        .into_iter()
        .map(|shown| {
            let derived = || shown.derived.unwrap_or("(off)").to_owned();
            let value = shown.value.unwrap_or_else(derived);
            [shown.key.to_owned(), value, shown.origin.to_string()]
        })
        .collect();
    print::table(["setting", "value", "from"], &rows)
}
