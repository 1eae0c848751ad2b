//! The only place where the domain, the store and Payoneer meet: load, decide, commit; talk to Payoneer outside any
//! transaction; decide again, commit. No HTTP, no SQL and no arithmetic on money here.

mod attempts;
mod audit;
mod authorizations;
mod callbacks;
mod changes;
mod charges;
mod checkouts;
mod deliveries;
mod error;
mod events;
mod jobs;
mod keys;
mod nodes;
mod payees;
mod payouts;
mod quarantines;
mod refunds;
mod resend;
mod resolve;
mod settlements;
mod wake;
mod webhook_endpoints;

pub use authorizations::NewAuthorization;
pub use callbacks::{Arrival, Received};
pub use charges::{ChargeFilter, ChargeView, NewCharge};
pub use checkouts::{CheckoutView, NewCheckout};
pub use deliveries::{Replay, Replayed};
pub use error::Error;
pub use events::After;
pub(crate) use jobs::Run;
pub(crate) use keys::key_told;
pub use keys::{KeyText, NewKey, issue};
pub use payouts::{NewPayout, PayoutFilter};
pub use quarantines::Compared;
pub use refunds::NewRefund;
pub use settlements::{About, Operator, Said};
pub use webhook_endpoints::{EndpointChange, NewEndpoint};

use crate::master_key::MasterKey;
use crate::metrics::Metrics;
use crate::port::traffic::Why;
use crate::port::{Balance, Load, Payoneer, Room};
use crate::programs::{Connect, Connected, Programs};
use crate::source::Source;
use domain::capability::Standing;
use domain::program::Program;
use domain::{ProgramId, Span, Time};
use std::sync::Arc;
use store::{Batch, Fault, Store, Trust};
use tokio::sync::{Notify, Semaphore};

/// How often a commit is tried again after somebody else was first. Each try reads and decides anew.
const COMMIT_TRIES: usize = 8;

/// What an engine is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
    /// What secrets hang on.
    pub master: MasterKey,
    /// How a program's line to Payoneer is made.
    pub connect: Box<Connect>,
    /// The address under which browsers and Payoneer reach this gateway, without a slash at the end.
    pub public_url: String,
    /// After this long an attempt still `sending` has lost its owner. Longer than any money call can take.
    pub attempt_lifetime: Span,
    /// Where everything is counted.
    pub metrics: Arc<Metrics>,
}

/// The engine.
pub struct Engine {
    store: Store,
    source: Arc<dyn Source>,
    master: MasterKey,
    programs: Programs,
    public_url: String,
    attempt_lifetime: Span,
    metrics: Arc<Metrics>,
    /// This process, as attempts and leases name it.
    node: String,
    started_at: Time,
    /// Rung when a job may have become due.
    bell: Notify,
    /// Rung when a delivery may have become due.
    delivery_bell: Notify,
    /// How many more wishes of merchants may be written down just now.
    wishes: Arc<Semaphore>,
    /// How many more uses of keys may be written down just now.
    touches: Arc<Semaphore>,
}

/// Something that was made now, or had been made by an earlier request with the same key.
#[derive(Debug, Clone)]
pub struct Made<T> {
    /// The thing as it is now.
    pub resource: T,
    /// Whether an earlier request made it.
    pub replayed: bool,
}

pub use store::cells::Page;

impl Engine {
    /// Puts the parts together. Nothing runs yet: see [`crate::work`].
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, source, master, connect, public_url, attempt_lifetime, metrics } = parts;
        let node = source.token();
        let started_at = source.now();
        let programs = Programs::new(store.clone(), master.clone(), connect);
        let (bell, delivery_bell) = (Notify::new(), Notify::new());
        let wishes = Arc::new(Semaphore::new(wake::WISHES));
        let touches = Arc::new(Semaphore::new(keys::TOUCHES));
        Arc::new(Self {
            store,
            source,
            master,
            programs,
            public_url,
            attempt_lifetime,
            metrics,
            node,
            started_at,
            bell,
            delivery_bell,
            wishes,
            touches,
        })
    }

    /// Now.
    pub fn now(&self) -> Time {
        self.source.now()
    }

    /// An unguessable text.
    pub fn token(&self) -> String {
        self.source.token()
    }

    /// The address under which browsers and Payoneer reach this gateway, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Where Payoneer's callbacks for a program should go, before any template's query.
    pub fn callback_url(&self, program: &Program) -> String {
        format!("{}/callbacks/payoneer/{}/{}", self.public_url, program.id, program.callback_token)
    }

    /// Whether the database answers and the programs in it can be served; how many there are.
    pub async fn check(&self) -> Result<usize, Error> {
        if let Some(reason) = self.store.down() {
            return Err(Error::Store(Fault::Down(reason)));
        }
        self.programs.renew().await
    }

    /// Whether Payoneer is being asked now, in a word: `open`, `paused` or `down`.
    pub async fn standing(&self, program: &Program) -> Result<&'static str, Error> {
        Ok(standing(self.line(&program.id).await?.payoneer.as_ref()))
    }

    /// How every open line stands, and how much is under way on it.
    pub(crate) fn loads(&self) -> Vec<(&'static str, Vec<Load>)> {
        let lines = self.programs.connected();
        lines.iter().map(|line| (standing(line.payoneer.as_ref()), line.payoneer.loads())).collect()
    }

    /// Where everything is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Room for one request that can move money.
    async fn admit(&self, line: &Connected) -> Result<Room, Error> {
        let room = line.payoneer.admit().await;
        if let Err(turned) = &room {
            self.metrics.turned_away(turned.why.as_str());
        }
        Ok(room?)
    }

    /// What was proven or refuted about Payoneer's behaviour for a program.
    pub async fn capabilities(&self, program: &Program) -> Result<Vec<Standing>, Error> {
        Ok(self.store.read(store::capabilities::of_program(&program.id)).await?)
    }

    /// Whether the database can be trusted to know of everything that was sent.
    pub fn trust(&self) -> Trust {
        self.store.trust()
    }

    /// What the program has at Payoneer.
    pub async fn balance(&self, program: &Program) -> Result<Balance, Error> {
        Ok(self.line(&program.id).await?.payoneer.balance().await?)
    }

    /// Asks Payoneer whether it answers the stored credentials.
    pub async fn echo(&self, program: &Program) -> Result<(), Error> {
        Ok(self.line(&program.id).await?.payoneer.echo().await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// This process, as attempts and leases name it.
    pub(crate) fn node(&self) -> &str {
        &self.node
    }

    /// Waits until a job may have become due.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(crate) fn ring(&self) {
        self.bell.notify_one();
        self.ring_deliverer();
    }

    /// Waits until a delivery may have become due.
    pub(crate) async fn delivery_rung(&self) {
        self.delivery_bell.notified().await;
    }

    pub(crate) fn ring_deliverer(&self) {
        self.delivery_bell.notify_one();
    }

    async fn line(&self, program: &ProgramId) -> Result<Arc<Connected>, Error> {
        self.programs.get(program).await?.ok_or(Error::NotFound { noun: "program" })
    }

    /// Reads, decides and commits until nobody else was first. `plan` answers `None` when there is nothing to write.
    ///
    /// After a commit without a definite answer `plan` reads what is really there, so nothing is written twice.
    async fn decide<F, P>(&self, mut plan: F) -> Result<(), Error>
    where
        F: FnMut() -> P,
        P: Future<Output = Result<Option<Batch>, Error>>,
    {
        let mut last = Fault::Stale;
        for _ in 0..COMMIT_TRIES {
            let Some(batch) = plan().await? else { return Ok(()) };
            match self.store.commit(batch).await {
                Ok(()) => {
                    self.ring();
                    return Ok(());
                }
                Err(fault @ (Fault::Stale | Fault::Unknown(_) | Fault::Duplicate(_))) => last = fault,
                Err(fault) => return Err(Error::Store(fault)),
            }
        }
        Err(Error::Store(last))
    }
}

/// Whether Payoneer is being asked now, in a word.
fn standing(line: &dyn Payoneer) -> &'static str {
    match line.closed().map(|turned| turned.why) {
        Some(Why::Down) => "down",
        Some(Why::Paused) => "paused",
        // Room comes and goes within moments.
        Some(Why::Full) | None => "open",
    }
}
