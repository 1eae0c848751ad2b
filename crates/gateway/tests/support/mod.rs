//! A whole house on loopback for tests: a real sandbox, a real gateway on a real SQLite file, and between them a line
//! that can lose what goes over it. No assertion lives here.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "shared by several test programs, each of which uses its own part and may end where something is missing"
)]

pub mod clock;
pub mod line;
pub mod receiver;

use domain::api_key::Scope;
use domain::program::{Environment, Program};
use domain::{PayeeId, Time};
pub use gateway::Options;
use gateway::engine::{Engine, NewCharge};
use gateway::source::{Source, SystemSource};
use gateway::{Admin, Gateway, MasterKey, NewProgram, PayoneerTimeouts};
use line::Line;
use sandbox::world::{Settings, Style};
use sandbox::{Options as SandboxOptions, Sandbox};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use store::{HeadFile, Location, Store};
use tempfile::TempDir;

/// The house.
pub struct House {
    pub sandbox: Sandbox,
    pub line: Line,
    pub gateway: Gateway,
    pub program: Program,
    pub key: SecretString,
    pub timeouts: PayoneerTimeouts,
    database: Location,
    dir: TempDir,
    source: Arc<dyn Source>,
}

/// A clock that stands until it is put forward.
pub struct StillClock(AtomicI64);

impl StillClock {
    /// A clock that shows the present.
    pub fn now_on() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(SystemSource.now().micros())))
    }

    /// What it shows, in seconds since 1970.
    pub fn seconds(&self) -> i64 {
        self.now().seconds()
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Source for StillClock {
    fn now(&self) -> Time {
        Time::from_micros(self.0.load(Ordering::SeqCst))
    }

    fn fill(&self, buffer: &mut [u8]) {
        SystemSource.fill(buffer);
    }
}

const MASTER: [u8; 32] = [9; 32];

/// Short enough for a test that waits for them, long enough for a slow machine.
const TIMEOUTS: PayoneerTimeouts =
    PayoneerTimeouts { connect: Duration::from_secs(2), money: Duration::from_secs(3), query: Duration::from_secs(5) };

impl House {
    /// A house with the sandbox's first program and one key that may do everything.
    pub async fn open() -> Self {
        Self::open_by(Arc::new(SystemSource)).await
    }

    /// As [`Self::open`], where the gateway has this clock.
    pub async fn open_by(source: Arc<dyn Source>) -> Self {
        Self::open_with(source, &|_| {}).await
    }

    /// As [`Self::open_by`], with the gateway started as this says.
    pub async fn open_with(source: Arc<dyn Source>, change: &(dyn Fn(&mut Options) + Sync)) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        Self::open_at(Location::Sqlite(dir.path().join("tollgate.db")), dir, source, change).await
    }

    /// A house whose gateway keeps everything in a PostgreSQL database of its own.
    pub async fn open_on_postgres() -> Self {
        let database = Location::Postgres(cluster::shared().fresh().parse().expect("an address"));
        Self::open_at(database, tempfile::tempdir().expect("a folder"), Arc::new(SystemSource), &|_| {}).await
    }

    async fn open_at(
        database: Location,
        dir: TempDir,
        source: Arc<dyn Source>,
        change: &(dyn Fn(&mut Options) + Sync),
    ) -> Self {
        let sandbox = Sandbox::start(SandboxOptions::for_tests()).await.expect("the sandbox starts");
        let line = Line::start(sandbox.address()).await;
        let admin = admin(&database);
        let program = admin.add_program(new_program(&line.url())).await.expect("a program");
        let (_, key) = admin.create_key(&program, "tests", vec![Scope::Admin]).await.expect("a key");
        admin.close().await;
        let gateway = start(&database, &source, change).await;
        let base = gateway.engine().callback_url(&program);
        sandbox.with_world(|world| {
            let callbacks = Settings::example_callbacks(&base, Style::Get);
            let settings = Settings { callbacks, ..world.settings().clone() };
            world.set_settings(settings).expect("settings");
        });
        Self { sandbox, line, gateway, program, key, timeouts: TIMEOUTS, database, dir, source }
    }

    pub fn engine(&self) -> &Arc<Engine> {
        self.gateway.engine()
    }

    pub fn admin(&self) -> Admin {
        admin(&self.database)
    }

    pub fn database(&self) -> PathBuf {
        self.dir.path().join("tollgate.db")
    }

    /// Ends the gateway gracefully and starts another one on the same database.
    pub async fn restart(mut self) -> Self {
        self.gateway.shutdown().await;
        self.gateway = start(&self.database, &self.source, &|_| {}).await;
        self
    }

    /// Another gateway on the same database.
    pub async fn another(&self) -> Gateway {
        start(&self.database, &self.source, &|_| {}).await
    }

    /// The store itself, beside the gateways.
    pub fn store(&self) -> Store {
        Store::open(&store::Options::at(self.database.clone())).expect("the database")
    }

    /// How many charges the sandbox has made.
    pub fn charges_at_payoneer(&self) -> usize {
        self.sandbox.with_world(|world| world.charges().count())
    }

    /// What the sandbox's first payee has, in text.
    pub fn purse(&self) -> String {
        self.sandbox.with_world(|world| {
            let account = world.payee(FIRST).map(|payee| payee.account.clone()).expect("the first payee");
            world.account_balances(&account).values().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        })
    }
}

/// The sandbox's first payee: active from the start, with 100.00 USD.
pub const FIRST: &str = "Test123";

fn admin(database: &Location) -> Admin {
    let master = MasterKey::new(MASTER);
    let source = Arc::new(SystemSource);
    Admin::open(database.clone(), HeadFile::Beside, master, source, TIMEOUTS, "http://127.0.0.1").expect("the database")
}

fn new_program(url: &str) -> NewProgram {
    NewProgram {
        name: "Test Merchant".to_owned(),
        program_id: "100012345".to_owned(),
        environment: Environment::Url(url.to_owned()),
        username: "demo".to_owned(),
        api_password: SecretString::from("demo-api-password"),
        return_url: Some("http://127.0.0.1:9/shop".to_owned()),
    }
}

async fn start(database: &Location, source: &Arc<dyn Source>, change: &(dyn Fn(&mut Options) + Sync)) -> Gateway {
    let listen = ([127, 0, 0, 1], 0).into();
    let mut options = Options::new(listen, database.clone(), MasterKey::new(MASTER));
    options.payoneer = TIMEOUTS;
    options.source = Arc::clone(source);
    options.webhooks.allow_private = true;
    options.webhook_timeout = Duration::from_secs(3);
    options.grace = Duration::from_secs(5);
    change(&mut options);
    Gateway::start(options).await.expect("the gateway starts")
}

/// A charge of the first payee.
pub fn charge(amount: &str, key: &str) -> NewCharge {
    let usd = domain::Currency::parse("USD").expect("a currency");
    NewCharge {
        payee_id: PayeeId::parse(FIRST).expect("a payee id"),
        money: domain::Money::parse(amount, usd).expect("an amount"),
        description: domain::Description::parse("Charge test").expect("a description"),
        client_reference_id: None,
        purpose: None,
        metadata: None,
        key: domain::IdempotencyKey::parse(key).expect("a key"),
        fingerprint: Sha256::digest(amount).to_vec(),
    }
}

/// Waits until the future answers something; a minute is for ever.
pub async fn eventually<T, F, P>(what: &str, mut look: F) -> T
where
    F: FnMut() -> P,
    P: Future<Output = Option<T>>,
{
    for _ in 0..1_200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never happened: {what}")
}
