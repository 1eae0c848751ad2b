//! The one shared state of a running sandbox: the world behind a lock, and what must happen after it changed.
//! Every reader and writer of the world goes through here; nothing here knows HTTP.

use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;
use tokio::sync::Notify;

use crate::save::Saver;
use crate::source;
use crate::world::World;

/// The shared state of a running sandbox.
#[derive(Debug)]
pub struct App {
    world: Mutex<World>,
    /// Woken when callbacks may be due or the clock was touched.
    pub(crate) wake: Notify,
    /// Woken when a try of a callback has ended.
    pub(crate) tried: Notify,
    pub(crate) saver: Saver,
    pub(crate) public_url: String,
    pub(crate) username: String,
    pub(crate) api_password: SecretString,
    pub(crate) watermark: bool,
    /// Whether names other than loopback ones and the public URL's may stand in `Host`.
    pub(crate) any_host: bool,
}

/// What an [`App`] is made of beside the world.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) saver: Saver,
    pub(crate) public_url: String,
    pub(crate) username: String,
    pub(crate) api_password: SecretString,
    pub(crate) watermark: bool,
    pub(crate) any_host: bool,
}

impl App {
    pub(crate) fn new(world: World, parts: Parts) -> Self {
        let Parts { saver, public_url, username, api_password, watermark, any_host } = parts;
        Self {
            world: Mutex::new(world),
            wake: Notify::new(),
            tried: Notify::new(),
            saver,
            public_url,
            username,
            api_password,
            watermark,
            any_host,
        }
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // No code panics half-way through a change; a poisoned lock still guards a whole world.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.follow(source::now());
        world
    }

    /// Looks at the world as it is now.
    pub fn read<R>(&self, look: impl FnOnce(&World) -> R) -> R {
        look(&self.lock())
    }

    /// Changes the world without waiting until the state file is written.
    pub fn touch<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        let result = change(&mut self.lock());
        self.saver.changed();
        self.wake.notify_one();
        result
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
        &self.public_url
    }

    /// The username of the program's Basic authentication.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Whether pages carry the mark that says that nothing here is real.
    #[must_use]
    pub fn watermark(&self) -> bool {
        self.watermark
    }

    /// The address of the hosted page for a link's token.
    #[must_use]
    pub fn link_url(&self, token: &str) -> String {
        format!("{}/partners/lp.aspx?token={token}", self.public_url)
    }
}
