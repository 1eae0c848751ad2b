//! Namespaces: worlds beside each other in one sandbox, each with its own clock, faults, seed, journal and verdict.
//! The sandbox's own world is one of them, the one without a name. Beside each is kept what serves it, unopened.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::app::{Access, App};
use crate::deliver::{self, Advanced, Sender};
use crate::faults::{BadRule, Chaos, Faults, NewRule, Profile};
use crate::options::Options;
use crate::running::fresh;
use crate::save::Saver;
use crate::verdict::Verdict;
use crate::world::{Intent, NewIntent, Refusal, Time, World};

/// The most namespaces beside the sandbox's own world.
pub const MOST_NAMESPACES: usize = 100;
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 40;

/// One world of a sandbox, in process. Cheap to clone; clones are the same world.
#[derive(Clone, Debug)]
pub struct Namespace {
    pub(crate) app: Arc<App>,
}

impl Namespace {
    /// Its name; empty for the sandbox's own world.
    #[must_use]
    pub fn name(&self) -> &str {
        self.app.namespace()
    }

    /// The address that browsers and merchants use, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.app.public_url()
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

    /// Puts chaos in force, or ends it. Its choices are keyed by this namespace, whatever it names.
    pub fn set_chaos(&self, chaos: Option<Chaos>) {
        let chaos = chaos.map(|chaos| Chaos { namespace: self.name().to_owned(), ..chaos });
        self.app.touch(|w| w.faults_mut().set_chaos(chaos));
    }

    /// Moves the clock to `to` (never backwards); returns when everything that was due by then has happened, callbacks
    /// included, and tells what that was.
    pub async fn advance_to(&self, to: Time) -> Advanced {
        deliver::advance(&self.app, to).await
    }

    /// The same to the next thing that is due; nothing when nothing is.
    pub async fn advance_to_next(&self) -> Option<Advanced> {
        let next = self.app.read(World::next_due)?;
        Some(deliver::advance(&self.app, next).await)
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
}

/// All worlds of a sandbox.
#[derive(Debug)]
pub(crate) struct Namespaces {
    root: Namespace,
    options: Options,
    /// Makes what serves a world over HTTP.
    serve: fn(&Arc<App>) -> Router,
    stop: CancellationToken,
    delivering: TaskTracker,
    named: Mutex<BTreeMap<String, Named>>,
}

/// A namespace, and what ends its deliveries when it is deleted.
#[derive(Debug)]
struct Named {
    namespace: Namespace,
    router: Router,
    _stop_on_drop: DropGuard,
}

fn check(name: &str) -> Result<(), Refusal> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if plain && (1..=LONGEST_NAME).contains(&name.len()) && !name.starts_with('.') {
        return Ok(());
    }
    Err(Refusal::invalid("name", format!("must be 1 to {LONGEST_NAME} letters, digits, dashes, underscores or dots")))
}

impl Namespaces {
    /// The sandbox's own world alone. Others begin as it did, by the same options.
    pub(crate) fn new(
        root: Arc<App>,
        options: Options,
        serve: fn(&Arc<App>) -> Router,
        stop: CancellationToken,
    ) -> Self {
        let root = Namespace { app: root };
        Self { root, options, serve, stop, delivering: TaskTracker::new(), named: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Named>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sandbox's own world.
    pub(crate) fn root(&self) -> &Namespace {
        &self.root
    }

    /// Every namespace with a name.
    pub(crate) fn all(&self) -> Vec<Namespace> {
        self.lock().values().map(|named| named.namespace.clone()).collect()
    }

    /// The namespace of that name, if there is one.
    pub(crate) fn find(&self, name: &str) -> Option<Namespace> {
        self.lock().get(name).map(|named| named.namespace.clone())
    }

    /// What serves the namespace of that name, if there is one.
    pub(crate) fn router(&self, name: &str) -> Option<Router> {
        self.lock().get(name).map(|named| named.router.clone())
    }

    /// The namespace of that name, made when there is none; of another seed when said.
    pub(crate) fn open(&self, name: &str, seed: Option<u64>) -> Result<Namespace, Refusal> {
        check(name)?;
        let mut all = self.lock();
        if let Some(found) = all.get(name) {
            let namespace = found.namespace.clone();
            if seed.is_some_and(|seed| namespace.app.read(World::seed) != seed) {
                return Err(Refusal::conflict("namespace", "is there with another seed"));
            }
            return Ok(namespace);
        }
        if all.len() >= MOST_NAMESPACES || self.stop.is_cancelled() {
            return Err(Refusal::Full("namespaces"));
        }
        let seed = seed.or(self.options.seed).unwrap_or_else(|| self.root.app.read(World::seed));
        let namespace = Namespace { app: Arc::new(self.make(name, seed)?) };
        let stop = self.stop.child_token();
        self.delivering.spawn(deliver::run(Arc::clone(&namespace.app), stop.clone()));
        let router = (self.serve)(&namespace.app);
        let named = Named { namespace: namespace.clone(), router, _stop_on_drop: stop.drop_guard() };
        all.insert(name.to_owned(), named);
        Ok(namespace)
    }

    fn make(&self, name: &str, seed: u64) -> Result<App, Refusal> {
        let options = Options { seed: Some(seed), ..self.options.clone() };
        let failed = |why: String| Refusal::invalid("name", why);
        let mut world = fresh(&options).map_err(|error| failed(error.to_string()))?;
        if let Some(profile) = options.chaos.as_deref().and_then(Profile::named) {
            world.faults_mut().set_chaos(profile.chaos(seed, name));
        }
        let sender = Sender::new().map_err(|error| failed(error.to_string()))?;
        let root = &self.root.app.access;
        let access = Access {
            public_url: format!("{}/ns/{name}", root.public_url),
            namespace: name.to_owned(),
            username: root.username.clone(),
            api_password: root.api_password.clone(),
            any_host: root.any_host,
        };
        Ok(App::new(world, sender, Saver::new(None), access))
    }

    /// Forgets the namespace of that name; whether there was one.
    pub(crate) fn delete(&self, name: &str) -> bool {
        self.lock().remove(name).is_some()
    }

    /// Waits until no namespace delivers any more, once they were told to stop.
    pub(crate) async fn ended(&self) {
        self.delivering.close();
        self.delivering.wait().await;
    }
}
