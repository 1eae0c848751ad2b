//! `tollgate sandbox`: reads the sandbox's settings, starts it, waits for a
//! signal, stops it. What the sandbox does is in the `sandbox` crate.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use sandbox::verdict::{Form, Verdict};
use sandbox::{Namespace, StartError};
use url::Url;

use super::Context;
use super::sandbox_at::Action;
use crate::config::settings::{self, Setting};
use crate::config::{Config, ConfigError, Flags, Scope};
use crate::exit::{Exit, Stop};
use crate::ready::{Ready, ReadyFile};
use crate::signal::Signals;
use crate::{logging, print};

/// Run the sandbox: an imitation of Payoneer that works offline.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  tollgate sandbox
  tollgate sandbox --listen 127.0.0.1:0 --ready-file ready.json --seed 7
  tollgate sandbox --chaos flaky --seed 7      lets calls go wrong, the same ones each time
  tollgate sandbox scenarios                   lists what can happen to a payment
  tollgate sandbox fault add --scenario reply_lost_after_charge
  tollgate sandbox --strict                    refuses where it would have to guess
  tollgate sandbox shrink --seed 7 --chaos hostile -- ./my-client {url}
  tollgate sandbox --state sandbox.json        keeps its state from one start to the next
  tollgate sandbox --verdict verdict.html      judges the client when it stops; exit status 5 on a violation

Then open http://127.0.0.1:8090/ in a browser."
)]
pub(crate) struct Sandbox {
    #[command(flatten)]
    flags: Flags<SandboxScope>,
    #[command(subcommand)]
    action: Option<Action>,
}

/// The settings of `sandbox`.
#[derive(Debug)]
pub(crate) struct SandboxScope;

impl Scope for SandboxScope {
    const SETTINGS: &'static [&'static [&'static Setting]] = &[settings::SANDBOX, settings::LOG];
}

impl Sandbox {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        if let Some(action) = self.action {
            return action.run(context);
        }
        let config = Config::load(context.config_file, self.flags)?;
        logging::start(&config)?;
        let options = options(&config)?;
        let ready_file = config.optional::<PathBuf>(&settings::SANDBOX_READY_FILE)?;
        let report = config.optional::<PathBuf>(&settings::SANDBOX_VERDICT)?.map(Report::to).transpose()?;
        super::block_on(run(options, ready_file, report, context.json))
    }
}

/// What the sandbox is started with, as configured.
pub(crate) fn options(config: &Config) -> Result<sandbox::Options, ConfigError> {
    let public_url = config.optional::<Url>(&settings::SANDBOX_PUBLIC_URL)?;
    let strict = config.value(&settings::SANDBOX_STRICT)?;
    Ok(sandbox::Options {
        listen: config.value(&settings::SANDBOX_LISTEN)?,
        allow_public: config.value(&settings::SANDBOX_ALLOW_PUBLIC)?,
        public_url: public_url.map(|url| url.as_str().trim_end_matches('/').to_owned()),
        program_id: config.value(&settings::SANDBOX_PROGRAM_ID)?,
        username: config.value(&settings::SANDBOX_USERNAME)?,
        api_password: config.value(&settings::SANDBOX_API_PASSWORD)?,
        seed: config.optional(&settings::SANDBOX_SEED)?,
        chaos: config.optional(&settings::SANDBOX_CHAOS)?,
        settings: sandbox::world::Settings { strict, ..sandbox::world::Settings::default() },
        state_path: config.optional(&settings::SANDBOX_STATE)?,
        ..sandbox::Options::default()
    })
}

async fn run(
    options: sandbox::Options,
    ready_file: Option<PathBuf>,
    report: Option<Report>,
    json: bool,
) -> anyhow::Result<Exit> {
    let mut signals = Signals::listen()?;
    let ready_file = ReadyFile::prepare(ready_file)?;
    let (program_id, username) = (options.program_id.clone(), options.username.clone());
    let sandbox = sandbox::Sandbox::start(options).await.map_err(|error| stopped(&error, "--listen"))?;
    let ready = Ready {
        face: "sandbox",
        listen: sandbox.address(),
        url: sandbox.url(),
        metrics: None,
        pid: std::process::id(),
    };
    ready_file.write(&ready)?;
    if json {
        print::json_line(&ready)?;
    } else {
        let url = sandbox.url();
        print::facts(&[
            ("Sandbox", url.to_owned()),
            ("API", format!("{url}/v2/programs/{program_id}/  (username {username})")),
            ("Back office", format!("{url}/backoffice/")),
            ("Seed", sandbox.with_world(|world| world.seed()).to_string()),
        ])?;
    }
    let signal = signals.first().await;
    tracing::info!(signal, "the sandbox stops");
    signals.exit_on_second();
    match report {
        None => {
            sandbox.shutdown().await;
            Ok(Exit::Success)
        }
        Some(report) => {
            let namespaces = sandbox.namespaces();
            let verdict = sandbox.conclude().await;
            report.write(&verdict, &namespaces)
        }
    }
}

/// The file that the verdict is written to when the sandbox stops.
#[derive(Debug)]
struct Report {
    path: PathBuf,
    form: Form,
}

impl Report {
    /// Looks at the path before anything is started, so that a run is not lost by it.
    fn to(path: PathBuf) -> Result<Self, Stop> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(Stop::new(Exit::Usage, format!("--verdict {}: no such folder", path.display())));
        }
        match Form::of(&path) {
            Some(form) => Ok(Self { path, form }),
            None => Err(Stop::new(Exit::Usage, format!("--verdict {}: what form is that?", path.display()))
                .advise("Let the name end with .json, .xml (JUnit) or .html.")),
        }
    }

    /// Writes what is judged of the sandbox's own world; a namespace's verdict is told only when it is not clean.
    fn write(&self, verdict: &Verdict, namespaces: &[Namespace]) -> anyhow::Result<Exit> {
        let text = verdict.written(self.form, None)?;
        std::fs::write(&self.path, text).with_context(|| format!("cannot write {}", self.path.display()))?;
        let mut exit = Exit::Success;
        if !verdict.clean {
            eprint!("tollgate: {verdict}");
            exit = Exit::Guilty;
        }
        for namespace in namespaces {
            let verdict = namespace.verdict();
            if !verdict.clean {
                eprint!("tollgate: namespace {}: {verdict}", namespace.name());
                exit = Exit::Guilty;
            }
        }
        Ok(exit)
    }
}

/// Why the sandbox did not start, with what to do about it.
pub(crate) fn stopped(error: &StartError, flag: &str) -> Stop {
    let message = error.to_string();
    match error {
        StartError::InUse(address) => in_use(*address, flag),
        StartError::NotLoopback(_) => Stop::new(Exit::Usage, message).advise(
            "The sandbox imitates a bank and asks nobody who they are: keep it on 127.0.0.1, or pass --allow-public.",
        ),
        StartError::Listen { .. } => Stop::new(Exit::Listen, message),
        StartError::Option { .. } | StartError::Settings(_) => Stop::new(Exit::Usage, message),
        StartError::State { .. } => Stop::new(Exit::Storage, message),
        StartError::System(_) => Stop::new(Exit::Failure, message),
    }
}

/// The message for an address that another program has.
pub(crate) fn in_use(address: SocketAddr, flag: &str) -> Stop {
    let ip = match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    Stop::new(Exit::Listen, format!("{address} is in use by another program (another Tollgate?)"))
        .advise(format!("Choose another address, or let a free port be taken: {flag} {ip}:0"))
}
