//! `tollgate serve`: reads the gateway's settings, starts it, waits for a
//! signal, stops it. What the gateway does is in the `gateway` crate.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gateway::{Gateway, Location, OnIoError, StartError};
use url::Url;

use super::Context;
use super::admin::{head_file, timeouts};
use super::sandbox::in_use;
use crate::config::settings::{self, Setting};
use crate::config::{Config, Flags, PerSecond, Scope, Span};
use crate::exit::{Exit, Stop};
use crate::ready::{Ready, ReadyFile};
use crate::signal::Signals;
use crate::traces::Traces;
use crate::{logging, master_key, print};

/// Run the gateway: the HTTP API, the callback inbox, the hosted checkout.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate serve
  tollgate serve --listen 127.0.0.1:0 --ready-file ready.json
  tollgate serve --metrics-listen 127.0.0.1:9464 --lame-duck 5s
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
        let traces = Traces::configured(&config)?;
        logging::start_with(&config, &traces)?;
        let options = options(&config)?;
        let ready_file = config.optional::<PathBuf>(&settings::SERVE_READY_FILE)?;
        // What is left of the traces is sent when everything else has ended.
        super::block_on(run(options, ready_file, context.json))
    }
}

fn options(config: &Config) -> anyhow::Result<gateway::Options> {
    let database: Location = config.value(&settings::DATABASE)?;
    let listen = config.value(&settings::SERVE_LISTEN)?;
    let public_url = config.optional::<Url>(&settings::SERVE_PUBLIC_URL)?;
    let payoneer = timeouts(config)?;
    let grace = config.value::<Span>(&settings::SERVE_GRACE)?.0;
    let mut options = gateway::Options::new(listen, database, master_key::find(config)?);
    options.public_url = public_url.map(|url| url.to_string());
    options.on_io_error = OnIoError::Call(Arc::new(end));
    options.head_file = head_file(config, &options.database)?;
    options.payoneer = payoneer;
    options.settle_by = config.value(&settings::SERVE_SETTLE_BY)?;
    options.rate_limit = config.optional::<PerSecond>(&settings::SERVE_RATE_LIMIT)?.map(|limit| limit.0);
    options.grace = grace;
    options.metrics_listen = config.optional(&settings::SERVE_METRICS)?;
    options.lame_duck = config.optional::<Span>(&settings::SERVE_LAME_DUCK)?.map_or(Duration::ZERO, |span| span.0);
    options.webhooks.allow_private = config.value(&settings::SERVE_WEBHOOK_ALLOW_PRIVATE)?;
    Ok(options)
}

/// Ends the process, because nothing that was read or written after an I/O error can be trusted: the next start reads
/// what is really on the disk. No tidying up: that would touch the disk again.
fn end(cause: &str) {
    eprintln!("tollgate: the disk under the database fails: {cause}");
    std::process::exit(Exit::Storage as i32);
}

async fn run(options: gateway::Options, ready_file: Option<PathBuf>, json: bool) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let ready_file = ReadyFile::prepare(ready_file)?;
    let database = options.database.clone();
    let gateway = Gateway::start(options).await.map_err(|error| stopped(&error))?;
    let metrics = gateway.metrics_addr().map(|addr| format!("http://{addr}/metrics"));
    let ready = Ready {
        face: "serve",
        listen: gateway.addr(),
        url: gateway.url(),
        metrics: metrics.as_deref(),
        pid: std::process::id(),
    };
    ready_file.write(&ready)?;
    if json {
        print::json_line(&ready)?;
    } else {
        let url = gateway.url();
        print::facts(&[
            ("Gateway", url.to_owned()),
            ("API", format!("{url}/v1/")),
            ("Health", format!("{url}/healthz, {url}/readyz")),
            ("Metrics", metrics.unwrap_or_else(|| "off; --metrics-listen turns them on".to_owned())),
            ("Database", database.to_string()),
        ])?;
    }
    let signal = signals.first().await;
    tracing::info!(signal, "the gateway stops after what is in flight");
    signals.exit_on_second();
    gateway.shutdown().await;
    Ok(Exit::Success)
}

/// Why the gateway did not start, with what to do about it.
pub(crate) fn stopped(error: &StartError) -> Stop {
    match error {
        StartError::Listen { addr, source } if source.kind() == ErrorKind::AddrInUse => in_use(*addr, "--listen"),
        StartError::Listen { .. } => Stop::new(Exit::Listen, error.to_string()),
        StartError::Open(_) => Stop::new(Exit::Storage, error.to_string()),
        StartError::Webhooks(_) => Stop::new(Exit::Failure, error.to_string()),
        StartError::TakeOver(_) => Stop::new(Exit::Storage, error.to_string())
            .advise("Nothing was sent. If the key was changed, start with the key that the database was made with."),
    }
}
