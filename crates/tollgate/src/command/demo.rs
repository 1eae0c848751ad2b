//! `tollgate demo`: reads its settings and hands over to the demo itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::Context;
use super::sandbox as sandbox_command;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, Scope};
use crate::demo::Setup;
use crate::exit::Exit;
use crate::{demo, logging};

/// Run both and walk a whole payment through them, step by step.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate demo                                walk, then stay up to click through by hand
  tollgate demo --once                         walk, then exit: 0 if every step succeeded
  tollgate demo --once --json                  one object per step
  tollgate demo --listen 127.0.0.1:0           on free ports
  tollgate demo --data demo-data               keep what happened for the next demo

Everything is an imitation: no account, no network, no money.")]
pub(crate) struct Demo {
    /// Exit after the walk.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    flags: Flags<DemoScope>,
}

/// The settings of `demo`.
#[derive(Debug)]
pub(crate) struct DemoScope;

impl Scope for DemoScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::DEMO, settings::LOG];
}

impl Demo {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        logging::start_quietly(&config)?;
        let setup = setup(&config)?;
        super::block_on(demo::run(setup, self.once, context.json))
    }
}

fn setup(config: &Config) -> anyhow::Result<Setup> {
    let listen: SocketAddr = config.value(&settings::DEMO_LISTEN)?;
    let beside = SocketAddr::from((Ipv4Addr::LOCALHOST, if listen.port() == 0 { 0 } else { 8090 }));
    let sandbox = sandbox::Options {
        listen: config.optional(&settings::DEMO_SANDBOX_LISTEN)?.unwrap_or(beside),
        allow_public: false,
        public_url: None,
        state_path: None,
        ..sandbox_command::options(config)?
    };
    Ok(Setup { listen, sandbox, data: config.optional::<PathBuf>(&settings::DEMO_DATA)? })
}
