//! A running gateway: store, engine, crew and HTTP put together, started and ended in the right order.
//! Nothing is decided here.

use crate::app::App;
use crate::deliver::guard::Rules;
use crate::deliver::{self, HttpCourier};
use crate::engine::{Engine, Error, Parts};
use crate::http::{Rates, Server};
use crate::master_key::MasterKey;
use crate::metrics::{Metrics, StoreWatch};
use crate::programs::{PayoneerTimeouts, over_http};
use crate::source::{Source, SystemSource};
use crate::work;
use domain::Span;
use domain::settlement::SettleBy;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::{HeadFile, Location, OnIoError, OpenError, Store};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How much longer than its time limit an attempt may stay `sending` before its owner counts as lost.
const ATTEMPT_MARGIN: Duration = Duration::from_secs(15);

/// How long a scrape in flight gets to finish at shutdown.
const SCRAPE: Duration = Duration::from_secs(2);

/// What a gateway is started with.
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where metrics are served, if anywhere; port 0 picks a free one.
    pub metrics_listen: Option<SocketAddr>,
    /// The address under which browsers and Payoneer reach it; `http://` and the listening address if not given.
    pub public_url: Option<String>,
    /// Where the database is.
    pub database: Location,
    /// Where the head of the database that was seen last is kept.
    pub head_file: HeadFile,
    /// What secrets hang on.
    pub master_key: MasterKey,
    /// How long calls to Payoneer may take.
    pub payoneer: PayoneerTimeouts,
    /// How long a stop goes on serving while `/readyz` already says no, so that whoever sends requests can notice.
    pub lame_duck: Duration,
    /// How many operators it takes to settle what stays unknown. Their word is the only evidence that is not Payoneer's
    /// own, so by default it takes two.
    pub settle_by: SettleBy,
    /// How many requests each API key may make in a second, and at once; no limit if not given.
    pub rate_limit: Option<u32>,
    /// How long requests in flight get to finish at shutdown.
    pub grace: Duration,
    /// What to do when the disk under the database fails.
    pub on_io_error: OnIoError,
    /// What holds for the addresses of webhook endpoints.
    pub webhooks: Rules,
    /// How long a receiver of webhooks may take until its answer begins; half a minute at most.
    pub webhook_timeout: Duration,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
}

impl Options {
    /// Everything but the necessary at its default.
    pub fn new(listen: SocketAddr, database: impl Into<Location>, master_key: MasterKey) -> Self {
        let payoneer = PayoneerTimeouts::default();
        Self {
            listen,
            metrics_listen: None,
            public_url: None,
            database: database.into(),
            head_file: HeadFile::Beside,
            master_key,
            payoneer,
            lame_duck: Duration::ZERO,
            settle_by: SettleBy::Two,
            rate_limit: None,
            grace: payoneer.money + Duration::from_secs(5),
            on_io_error: OnIoError::GoDown,
            webhooks: Rules::default(),
            webhook_timeout: deliver::PATIENCE,
            source: Arc::new(SystemSource),
        }
    }
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody listens there already, or the address is not ours.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The engine could not make order after an earlier end.
    #[error("the state left by an earlier run could not be taken over: {0}")]
    TakeOver(Error),
    /// TLS cannot be set up, so no webhook could be sent.
    #[error("webhooks could not be sent: {0}")]
    Webhooks(String),
}

async fn bind(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|source| StartError::Listen { addr, source })
}

/// A running gateway.
pub struct Gateway {
    server: Server,
    metrics_server: Option<Server>,
    app: Arc<App>,
    engine: Arc<Engine>,
    crew: JoinHandle<()>,
    deliverer: JoinHandle<()>,
    pulse: JoinHandle<()>,
    stop: CancellationToken,
    store: Store,
    lame_duck: Duration,
    grace: Duration,
}

impl Gateway {
    /// Starts to serve. When this returns, requests are answered.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let listen = |source| StartError::Listen { addr: options.listen, source };
        // First the port: a second start beside a running gateway should say so before it touches the database.
        let listener = bind(options.listen).await?;
        let addr = listener.local_addr().map_err(listen)?;
        let metrics_listener = match options.metrics_listen {
            Some(addr) => Some(bind(addr).await?),
            None => None,
        };
        let metrics = Arc::new(Metrics::default());
        let store_options = store::Options {
            exclusive: true,
            head_file: options.head_file.clone(),
            on_io_error: options.on_io_error.clone(),
            watch: Some(Arc::new(StoreWatch::new(Arc::clone(&metrics), Arc::clone(&options.source)))),
            ..store::Options::at(options.database.clone())
        };
        let store = tokio::task::spawn_blocking(move || Store::open(&store_options)).await;
        let store = store.map_err(|e| listen(std::io::Error::other(e)))??;
        store::crash_point::reach("start.opened");
        let public_url = options.public_url.unwrap_or_else(|| format!("http://{addr}"));
        let lifetime = options.payoneer.money + ATTEMPT_MARGIN;
        let engine = Engine::new(Parts {
            store: store.clone(),
            source: Arc::clone(&options.source),
            master: options.master_key,
            connect: over_http(options.payoneer, Arc::clone(&options.source), Arc::clone(&metrics)),
            public_url: public_url.trim_end_matches('/').to_owned(),
            attempt_lifetime: Span::from_millis(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX / 1_000)),
            metrics,
        });
        store::crash_point::reach("start.before_adoption");
        let adopted = if store.is_shared() { engine.beat().await } else { engine.adopt_orphans().await };
        let orphans = adopted.map_err(StartError::TakeOver)?;
        store::crash_point::reach("start.after_adoption");
        if orphans > 0 {
            tracing::warn!(orphans, "attempts of an earlier run have no answer; they are being resolved");
        }
        engine.check().await.map_err(StartError::TakeOver)?;
        store::crash_point::reach("start.checked");
        let courier = HttpCourier::new(options.webhooks, options.webhook_timeout).map_err(StartError::Webhooks)?;
        let rates = Rates::new(options.rate_limit.unwrap_or(0));
        let app = App::new(Arc::clone(&engine), options.source, options.settle_by, options.webhooks, rates);
        let app = Arc::new(app);
        engine.metrics().started(engine.now());
        let server = Server::start(listener, Arc::clone(&app)).map_err(|source| StartError::Listen { addr, source })?;
        let metrics_server = metrics_listener.map(|listener| Server::of_metrics(listener, Arc::clone(&app)));
        let metrics_server = metrics_server.transpose().map_err(|source| StartError::Listen { addr, source })?;
        store::crash_point::reach("start.serving");
        let stop = CancellationToken::new();
        let crew = tokio::spawn(work::run(Arc::clone(&engine), stop.clone()));
        let deliverer = tokio::spawn(deliver::run(Arc::clone(&engine), Arc::new(courier), stop.clone()));
        let pulse = tokio::spawn(work::pulse(Arc::clone(&engine), stop.clone()));
        let Options { lame_duck, grace, .. } = options;
        Ok(Self { server, metrics_server, app, engine, crew, deliverer, pulse, stop, store, lame_duck, grace })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr()
    }

    /// The address it serves metrics on, if it does.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_server.as_ref().map(Server::addr)
    }

    /// The address under which browsers and Payoneer reach it.
    pub fn url(&self) -> &str {
        self.engine.public_url()
    }

    /// The engine, for whoever runs in the same process.
    pub const fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Ends gracefully: first whoever sends requests is told to go elsewhere, then no new requests, charges in flight to their end, then the jobs, then the database.
    pub async fn shutdown(self) {
        self.app.leave();
        if self.lame_duck > Duration::ZERO {
            tokio::time::sleep(self.lame_duck).await;
        }
        self.server.shutdown(self.grace).await;
        self.stop.cancel();
        // A job that hangs loses its lease, and a receiver that hangs is asked again; nothing is lost by not waiting
        // longer.
        let both = async { tokio::join!(self.crew, self.deliverer) };
        if tokio::time::timeout(self.grace, both).await.is_err() {
            tracing::warn!("jobs or deliveries cut off at shutdown");
        }
        // It waits for the database at most, and that has its own limits.
        let _ = self.pulse.await;
        if let Some(server) = self.metrics_server {
            server.shutdown(SCRAPE).await;
        }
        self.store.close().await;
    }
}
