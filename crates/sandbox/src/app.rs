//! The one shared state of a running sandbox: the world behind a lock, and what must happen after it changed.
//! Every reader and writer of the world goes through here; nothing here knows HTTP.

use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio::sync::Notify;

use crate::deliver::Sender;
use crate::save::Saver;
use crate::source;
use crate::v2::{self, Context};
use crate::world::{Time, World};

/// The shared state of a running sandbox.
#[derive(Debug)]
pub struct App {
    world: Mutex<World>,
    /// Woken when callbacks may be due or the clock was touched.
    pub(crate) wake: Notify,
    /// Told when the clock may have moved.
    moved: Notify,
    /// Held while somebody advances the clock: one at a time.
    pub(crate) advancing: tokio::sync::Mutex<()>,
    pub(crate) sender: Sender,
    pub(crate) saver: Saver,
    pub(crate) access: Access,
}

/// Where the sandbox is reached, and by whom.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) public_url: String,
    /// The namespace's name; empty for the sandbox's own world.
    pub(crate) namespace: String,
    pub(crate) username: String,
    pub(crate) api_password: SecretString,
    /// Whether any name may stand in `Host`, not only loopback ones and the public URL's.
    pub(crate) any_host: bool,
}

impl App {
    pub(crate) fn new(world: World, sender: Sender, saver: Saver, access: Access) -> Self {
        Self {
            world: Mutex::new(world),
            wake: Notify::new(),
            moved: Notify::new(),
            advancing: tokio::sync::Mutex::new(()),
            sender,
            saver,
            access,
        }
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // No code panics half-way through a change; a poisoned lock still guards a whole world.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if !world.follow(source::now()).is_empty() {
            self.noted();
        }
        self.catch_up(&mut world);
        world
    }

    /// Lets calls take effect whose time has come.
    fn catch_up(&self, world: &mut World) {
        v2::catch_up(world, Context { public_url: &self.access.public_url });
    }

    /// Waits until the virtual clock says `at`, whatever moves it.
    pub(crate) async fn until(&self, at: Time) {
        loop {
            let moved = self.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            let (now, wait) = self.read(|w| (w.now(), w.clock().wait_for(at)));
            if now >= at {
                return;
            }
            match wait {
                None => moved.await,
                Some(wait) => {
                    tokio::select! {
                        () = moved => {}
                        () = tokio::time::sleep(wait) => {}
                    }
                }
            }
        }
    }

    /// Lets the state file follow and due callbacks go.
    pub(crate) fn noted(&self) {
        self.saver.changed();
        self.wake.notify_one();
    }

    /// Looks at the world as it is now.
    pub fn read<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the world without waiting until the state file is written.
    pub fn touch<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.lock();
        let result = change(&mut world);
        self.catch_up(&mut world);
        self.noted();
        self.moved.notify_waiters();
        result
    }

    /// Changes what need not outlive the process, such as the log and the count of answers.
    pub(crate) fn note<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        change(&mut self.lock())
    }

    /// Changes the world; when there is a state file, the change is in it on return.
    pub async fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let result = self.touch(change);
        self.saver.written().await;
        result
    }

    /// The sandbox's own address as browsers and merchants reach it, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        &self.access.public_url
    }

    /// The username of the program's Basic authentication.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.access.username
    }

    /// The namespace's name; empty for the sandbox's own world.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.access.namespace
    }

    /// The address of the hosted page for a link's token.
    #[must_use]
    pub fn link_url(&self, token: &str) -> String {
        format!("{}/partners/lp.aspx?token={token}", self.public_url())
    }

    /// The whole world as text; nothing when it cannot be put into words.
    pub(crate) fn snapshot(&self) -> Option<String> {
        self.read(World::snapshot).inspect_err(|error| tracing::error!(%error, "no snapshot")).ok()
    }
}
