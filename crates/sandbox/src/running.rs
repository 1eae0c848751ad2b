//! A running sandbox: started in process, looked into, and shut down.
//! Puts the parts together; each part's work is elsewhere.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::{Access, App};
use crate::deliver::{self, Sender};
use crate::faults::Profile;
use crate::namespace::{Namespace, Namespaces};
use crate::options::{Options, StartClock, StartError};
use crate::save::{self, Saver};
use crate::verdict::Verdict;
use crate::world::{ClockMode, Currency, Program, Refusal, World};
use crate::{http, server, source};

/// A running sandbox, which is also its own world. Dropping it stops it at once; [`Sandbox::shutdown`] lets what is under
/// way end.
#[derive(Debug)]
pub struct Sandbox {
    namespaces: Arc<Namespaces>,
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
            world.faults_mut().set_chaos(profile.chaos(seed, ""));
        }
        let listener = listen(options.listen).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address: options.listen, source })?;
        let public_url = options.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let access = Access {
            public_url: public_url.unwrap_or_else(|| format!("http://{address}")),
            namespace: String::new(),
            username: options.username.clone(),
            api_password: options.api_password.clone(),
            any_host: options.allow_public,
        };
        let sender = Sender::new().map_err(|e| StartError::System(e.to_string()))?;
        let app = Arc::new(App::new(world, sender, Saver::new(options.state_path.clone()), access));
        let (stop, last_save) = (CancellationToken::new(), CancellationToken::new());
        let namespaces = Arc::new(Namespaces::new(Arc::clone(&app), options, http::world, stop.clone()));
        let serving = tokio::spawn(server::serve(listener, http::router(&namespaces), stop.clone()));
        let delivering = tokio::spawn(deliver::run(Arc::clone(&app), stop.clone()));
        let saving = tokio::spawn({
            let (app, last_save) = (Arc::clone(&app), last_save.clone());
            async move { app.saver.run(last_save, || app.snapshot()).await }
        });
        tracing::info!(%address, seed = app.read(World::seed), "the sandbox serves");
        let guards = [stop.clone().drop_guard(), last_save.clone().drop_guard()];
        Ok(Self { namespaces, address, stop, last_save, _stop_on_drop: guards, serving, delivering, saving })
    }

    /// The address listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The namespace of that name, made when there is none: a world of its own beside the sandbox's own one.
    pub fn namespace(&self, name: &str) -> Result<Namespace, Refusal> {
        self.namespaces.open(name, None)
    }

    /// Every namespace with a name.
    #[must_use]
    pub fn namespaces(&self) -> Vec<Namespace> {
        self.namespaces.all()
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
        self.namespaces.ended().await;
        let verdict = self.namespaces.root().verdict();
        self.last_save.cancel();
        let _ = self.saving.await;
        verdict
    }
}

impl Deref for Sandbox {
    type Target = Namespace;

    fn deref(&self) -> &Namespace {
        self.namespaces.root()
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
            let mut world = World::from_snapshot(&text).map_err(|e| trouble(e.to_string()))?;
            if world.program().id != options.program_id {
                return Err(trouble(format!("belongs to program {}", world.program().id)));
            }
            // A clock that follows real time has gone on meanwhile; one that runs faster goes on now.
            if world.clock().mode == ClockMode::Times {
                world.keep_lead(source::now());
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

/// A new world as the options want it.
pub(crate) fn fresh(options: &Options) -> Result<World, StartError> {
    let seed = match options.seed {
        Some(seed) => seed,
        None => source::seed().map_err(|e| StartError::System(format!("no randomness: {e}")))?,
    };
    let (mode, now) = match options.clock {
        StartClock::Real | StartClock::Times(_) => (ClockMode::Real, source::now()),
        StartClock::Manual(at) => (ClockMode::Manual, at),
    };
    let program = Program { id: options.program_id.clone(), currency: Currency::USD };
    let refused = |refusal: Refusal| StartError::Settings(refusal.to_string());
    let mut world = World::new(program, options.settings.clone(), seed, mode, now).map_err(refused)?;
    if let StartClock::Times(times) = options.clock {
        world.speed_clock(times, now).map_err(refused)?;
    }
    Ok(world)
}
