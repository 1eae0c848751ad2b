//! `tollgate sandbox`: reads the sandbox's settings, starts it, waits for a
//! signal, stops it. What the sandbox does is in the `sandbox` crate.

use clap::Args;

use super::Context;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, Scope};
use crate::exit::Exit;
use crate::logging;

/// Run the sandbox: an imitation of Payoneer that works offline.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate sandbox
  tollgate sandbox --listen 127.0.0.1:0 --ready-file ready.json --seed 7
  tollgate sandbox --state sandbox.json        keeps its state from one start to the next

Then open http://127.0.0.1:8090/ in a browser.")]
pub(crate) struct Sandbox {
    #[command(flatten)]
    flags: Flags<SandboxScope>,
}

/// The settings of `sandbox`.
#[derive(Debug)]
pub(crate) struct SandboxScope;

impl Scope for SandboxScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::SANDBOX, settings::LOG];
}

impl Sandbox {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        logging::start(&config)?;
        anyhow::bail!("the sandbox is not wired in yet")
    }
}
