//! A running sandbox: started in process, looked into, and shut down.
//! Puts the parts together; each part's work is elsewhere.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::{Access, App};
use crate::deliver::{self, Sender};
use crate::faults::{BadRule, Chaos, Faults, NewRule, Profile};
use crate::options::{Options, StartClock, StartError};
use crate::save::{self, Saver};
use crate::verdict::Verdict;
use crate::world::{ClockMode, Currency, Intent, NewIntent, Program, Refusal, Time, World};
use crate::{http, server, source};

/// A running sandbox. Dropping it stops it at once; [`Sandbox::shutdown`] lets what is under way end.
#[derive(Debug)]
pub struct Sandbox {
    app: Arc<App>,
    address: SocketAddr,
    stop: CancellationToken,
    /// Told when nothing changes the world any more.
    last_save: CancellationToken,
    _stop_on_drop: [DropGuard; 2],
    serving: JoinHandle<()>,
    delivering: JoinHandle<()>,
    saving: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox. It serves when this returns.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        options.check()?;
        let mut world = world(&options)?;
        if let Some(profile) = options.chaos.as_deref().and_then(Profile::named) {
            let seed = options.seed.unwrap_or_else(|| world.seed());
            world.faults_mut().set_chaos(profile.chaos(seed));
        }
        let listener = listen(options.listen).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address: options.listen, source })?;
        let public_url = options.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let access = Access {
            public_url: public_url.unwrap_or_else(|| format!("http://{address}")),
            username: options.username,
            api_password: options.api_password,
            watermark: options.watermark,
            any_host: options.allow_public,
        };
        let sender = Sender::new().map_err(|e| StartError::System(e.to_string()))?;
        let app = Arc::new(App::new(world, sender, Saver::new(options.state_path), access));
        let (stop, last_save) = (CancellationToken::new(), CancellationToken::new());
        let serving = tokio::spawn(server::serve(listener, http::router(&app), stop.clone()));
        let delivering = tokio::spawn(deliver::run(Arc::clone(&app), stop.clone()));
        let saving = tokio::spawn({
            let (app, last_save) = (Arc::clone(&app), last_save.clone());
            async move { app.saver.run(last_save, || app.snapshot()).await }
        });
        tracing::info!(%address, seed = app.read(World::seed), "the sandbox serves");
        let guards = [stop.clone().drop_guard(), last_save.clone().drop_guard()];
        Ok(Self { app, address, stop, last_save, _stop_on_drop: guards, serving, delivering, saving })
    }

    /// The address that browsers and merchants use, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.app.public_url()
    }

    /// The address listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Looks into the world or changes it, in process. Callbacks that become due are sent.
    pub fn with_world<R>(&self, work: impl FnOnce(&mut World) -> R) -> R {
        self.app.touch(work)
    }

    /// The faults as they are now, with what fired; see [`Faults::assert_fired`].
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.app.read(|w| w.faults().clone())
    }

    /// Adds a rule by which calls go wrong; gives its id.
    pub fn add_fault(&self, new: NewRule) -> Result<String, BadRule> {
        self.app.touch(|w| w.faults_mut().add(new))
    }

    /// Puts chaos in force, or ends it.
    pub fn set_chaos(&self, chaos: Option<Chaos>) {
        self.app.touch(|w| w.faults_mut().set_chaos(chaos));
    }

    /// Moves the clock to `to` and returns when everything that was due by then has happened, callbacks included.
    pub async fn advance_to(&self, to: Time) {
        deliver::advance(&self.app, to).await;
    }

    /// Sends every callback that is due now and waits until no try is under way.
    pub async fn settle_callbacks(&self) {
        deliver::drain(&self.app).await;
    }

    /// Notes what the client under test means to do, or what it says became of it; see [`World::note_intent`].
    pub fn intent(&self, intent: NewIntent) -> Result<Intent, Refusal> {
        self.app.touch(|w| w.note_intent(intent))
    }

    /// Judges the client under test by what it did so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.app.read(Verdict::of)
    }

    /// Asks for a clean verdict.
    ///
    /// # Panics
    /// With every finding, when there is a violation: this is an assertion for tests.
    #[track_caller]
    pub fn assert_clean(&self) {
        let verdict = self.verdict();
        assert!(verdict.clean, "{verdict}");
    }

    /// Stops: no new connections, what is under way ends (5 seconds at most), the state file is written.
    pub async fn shutdown(self) {
        let _verdict = self.conclude().await;
    }

    /// Stops as [`Sandbox::shutdown`] does, and judges the client by everything that was served.
    pub async fn conclude(self) -> Verdict {
        self.stop.cancel();
        // A task that panicked has nothing left to wait for.
        let _ = self.serving.await;
        let _ = self.delivering.await;
        let verdict = self.app.read(Verdict::of);
        self.last_save.cancel();
        let _ = self.saving.await;
        verdict
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => StartError::InUse(address),
        _ => StartError::Listen { address, source },
    })
}

fn world(options: &Options) -> Result<World, StartError> {
    let Some(path) = &options.state_path else { return fresh(options) };
    let trouble = |why: String| StartError::State { path: path.clone(), why };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let world = World::from_snapshot(&text).map_err(|e| trouble(e.to_string()))?;
            if world.program().id != options.program_id {
                return Err(trouble(format!("belongs to program {}", world.program().id)));
            }
            Ok(world)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let world = fresh(options)?;
            write(path, &world).map_err(trouble)?;
            Ok(world)
        }
        Err(error) => Err(trouble(error.to_string())),
    }
}

/// Writes the first state, so that a path that cannot be written is known before anybody relies on it.
fn write(path: &Path, world: &World) -> Result<(), String> {
    let text = world.snapshot().map_err(|e| e.to_string())?;
    save::replace(path, text.as_bytes()).map_err(|e| e.to_string())
}

fn fresh(options: &Options) -> Result<World, StartError> {
    let seed = match options.seed {
        Some(seed) => seed,
        None => source::seed().map_err(|e| StartError::System(format!("no randomness: {e}")))?,
    };
    let (mode, now) = match options.clock {
        StartClock::Real => (ClockMode::Real, source::now()),
        StartClock::Manual(at) => (ClockMode::Manual, at),
    };
    let program = Program { id: options.program_id.clone(), currency: Currency::USD };
    World::new(program, options.settings.clone(), seed, mode, now).map_err(|e| StartError::Settings(e.to_string()))
}
