//! Sending callbacks to the merchant: bounded in number and time, no redirects, every try reported to the world.
//! When and what to send is decided by the world.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::App;
use crate::source;
use crate::world::{Callback, Dispatch, Fired, Outcome, Style, Time, World};

/// How many callbacks are under way at once.
const AT_ONCE: usize = 16;
/// The longest sleep between two looks at the clock.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// What sends callbacks.
#[derive(Debug)]
pub(crate) struct Sender {
    /// For `http`, without any root certificates: made in no time.
    plain: reqwest::Client,
    /// For `https`, with the system's: made when first needed.
    secure: OnceLock<reqwest::Client>,
    slots: Arc<Semaphore>,
    /// Woken when a try has ended.
    tried: Notify,
    tasks: TaskTracker,
}

impl Sender {
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        Ok(Self {
            plain: client().tls_certs_only([]).build()?,
            secure: OnceLock::new(),
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            tried: Notify::new(),
            tasks: TaskTracker::new(),
        })
    }

    fn client(&self, url: &str) -> Result<&reqwest::Client, Outcome> {
        let secure = url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        match (secure, self.secure.get()) {
            (false, _) => Ok(&self.plain),
            (true, Some(client)) => Ok(client),
            (true, None) => {
                let client = client().build().map_err(|_| Outcome::Failed("no root certificates".to_owned()))?;
                Ok(self.secure.get_or_init(|| client))
            }
        }
    }

    async fn attempt(&self, dispatch: &Dispatch) -> Outcome {
        let client = match self.client(&dispatch.url) {
            Ok(client) => client,
            Err(outcome) => return outcome,
        };
        let mut request = match dispatch.method {
            Style::Get => client.get(&dispatch.url),
            Style::Post => {
                let body = dispatch.body.clone().unwrap_or_default();
                client.post(&dispatch.url).header(CONTENT_TYPE, "application/json; charset=utf-8").body(body)
            }
        };
        if let Some(authorization) = &dispatch.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let timeout = Duration::from_millis(u64::from(dispatch.timeout_ms));
        match request.timeout(timeout).send().await {
            Ok(answer) => Outcome::Answered(answer.status().as_u16()),
            Err(error) => Outcome::Failed(reason(&error)),
        }
    }
}

/// What both clients have in common: one request per try, to the address itself.
fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .user_agent("Payoneer-IPCN (Tollgate sandbox)")
}

/// Why there was no answer, in words that do not repeat the address.
fn reason(error: &reqwest::Error) -> String {
    let what = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect"
    } else if error.is_builder() {
        "the address is not valid"
    } else {
        "the connection broke"
    };
    what.to_owned()
}

/// Begins every try whose time has come, as far as there are slots.
fn begin_due(app: &Arc<App>) {
    while app.read(World::has_due_callback) {
        let Ok(slot) = Arc::clone(&app.sender.slots).try_acquire_owned() else { return };
        let Some(dispatch) = app.touch(|w| w.take_due_callbacks(1)).pop() else { return };
        app.sender.tasks.spawn(finish(Arc::clone(app), dispatch, slot));
    }
}

async fn finish(app: Arc<App>, dispatch: Dispatch, slot: OwnedSemaphorePermit) {
    let outcome = app.sender.attempt(&dispatch).await;
    tracing::debug!(callback = dispatch.id, number = dispatch.number, ?outcome, "callback tried");
    // Before the world wakes others, who look for a free slot.
    drop(slot);
    app.touch(|w| w.record_try(dispatch.epoch, dispatch.id, outcome));
    app.sender.tried.notify_waiters();
}

/// Sends everything that is due and waits until no try is under way.
pub(crate) async fn drain(app: &Arc<App>) {
    loop {
        let tried = app.sender.tried.notified();
        tokio::pin!(tried);
        tried.as_mut().enable();
        begin_due(app);
        if app.read(World::is_sending) {
            tried.await;
        } else if !app.read(World::has_due_callback) {
            return;
        }
    }
}

/// Sends callbacks as they become due and lets the clock's transitions happen on time, until `stop`.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    loop {
        begin_due(&app);
        let wait = app.read(|w| w.next_due().filter(|_| !w.has_due_callback()).and_then(|at| w.clock().wait_for(at)));
        // Nothing is due, or every slot is taken and the next free one wakes us.
        let sleep = wait.map_or(LONGEST_SLEEP, |wait| wait.saturating_add(Duration::from_millis(1)));
        tokio::select! {
            () = stop.cancelled() => break,
            () = app.wake.notified() => {}
            () = tokio::time::sleep(sleep.min(LONGEST_SLEEP)) => {}
        }
    }
    app.sender.tasks.close();
    // Tries that are under way may end; what does not is tried again after the next start.
    let _ = tokio::time::timeout(Duration::from_secs(5), app.sender.tasks.wait()).await;
}

/// What advancing the clock caused.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Advanced {
    /// What time it is now.
    pub now: Time,
    /// The transitions that fired, in order.
    pub fired: Vec<Fired>,
    /// The exchanges whose calls had been put off by a fault and have taken effect now.
    pub late_calls: Vec<u64>,
    /// The callbacks that were tried meanwhile, and where they stand now.
    pub callbacks: Vec<Callback>,
}

/// Moves the clock to `to`, from one due thing to the next, sending callbacks on the way; returns when all is done.
pub(crate) async fn advance(app: &Arc<App>, to: Time) -> Advanced {
    let _turn = app.advancing.lock().await;
    let tries = |w: &World| w.callbacks().map(|c| (c.id, c.tries.len())).collect::<BTreeMap<_, _>>();
    let (before, put_off) = app.read(|w| (tries(w), w.postponed().collect::<Vec<_>>()));
    let mut fired = Vec::new();
    loop {
        drain(app).await;
        let next = app.read(World::next_due).filter(|at| *at <= to);
        fired.extend(app.touch(|w| {
            let fired = w.advance_to(next.unwrap_or(to));
            w.keep_lead(source::now());
            fired
        }));
        if next.is_none() {
            break;
        }
    }
    drain(app).await;
    app.read(|w| Advanced {
        now: w.now(),
        fired,
        late_calls: put_off.iter().copied().filter(|number| !w.postponed().any(|left| left == *number)).collect(),
        callbacks: w.callbacks().filter(|c| c.tries.len() > before.get(&c.id).copied().unwrap_or(0)).cloned().collect(),
    })
}
