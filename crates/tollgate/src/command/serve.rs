//! `tollgate serve`: reads the gateway's settings, starts it, waits for a
//! signal, stops it. What the gateway does is in the `gateway` crate.

use clap::Args;

use super::Context;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, Scope};
use crate::exit::Exit;
use crate::logging;

/// Run the gateway: the HTTP API, the callback inbox, the hosted checkout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate serve
  tollgate serve --listen 127.0.0.1:0 --ready-file ready.json
  tollgate serve --database sqlite:/var/lib/tollgate/tollgate.db --public-url https://pay.example.com

SIGTERM or Ctrl-C stops it after the charges in flight; a second one stops it at once.")]
pub(crate) struct Serve {
    #[command(flatten)]
    flags: Flags<ServeScope>,
}

/// The settings of `serve`.
#[derive(Debug)]
pub(crate) struct ServeScope;

impl Scope for ServeScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::SERVE, settings::STORE, settings::LOG];
}

impl Serve {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        logging::start(&config)?;
        anyhow::bail!("the gateway is not wired in yet")
    }
}
