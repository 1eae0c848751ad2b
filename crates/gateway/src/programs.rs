//! The programs this process serves, each with its open line to Payoneer.
//! The database is the truth; this is a copy that is renewed when asked to.

use crate::engine::Error;
use crate::master_key::MasterKey;
use crate::metrics::Metrics;
use crate::port::measured::Measured;
use crate::port::traffic::Limits;
use crate::port::{Payoneer, Throttle, V2};
use crate::source::Source;
use domain::ProgramId;
use domain::program::{Dialect, Environment, Program};
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use store::Store;

/// A program and its line to Payoneer.
pub(crate) struct Connected {
    /// The program.
    pub program: Program,
    /// The line.
    pub payoneer: Arc<dyn Payoneer>,
}

/// How long calls to Payoneer may take.
#[derive(Debug, Clone, Copy)]
pub struct PayoneerTimeouts {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// Until a request that can move money has its answer, from the first attempt to connect.
    pub money: Duration,
    /// Until a query has its answer.
    pub query: Duration,
}

impl Default for PayoneerTimeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), money: Duration::from_secs(30), query: Duration::from_secs(15) }
    }
}

/// Makes the line of a program. Replaced in simulations.
pub type Connect = dyn Fn(&Program, SecretString) -> Result<Arc<dyn Payoneer>, String> + Send + Sync;

/// All programs.
pub(crate) struct Programs {
    store: Store,
    master: MasterKey,
    connect: Box<Connect>,
    known: RwLock<HashMap<ProgramId, Arc<Connected>>>,
}

/// The place of a program's password, which its sealed form is bound to.
pub(crate) fn password_place(id: &ProgramId) -> String {
    format!("program/{id}/api_password")
}

/// The API password of a stored program.
pub(crate) fn password(master: &MasterKey, stored: &store::programs::Stored) -> Result<SecretString, Error> {
    let opened = master.open(&password_place(&stored.program.id), &stored.sealed);
    let text = opened
        .map_err(|e| Error::Misconfigured(e.to_string()))
        .and_then(|bytes| String::from_utf8(bytes.to_vec()).map_err(|e| Error::Misconfigured(e.to_string())))?;
    Ok(SecretString::from(text))
}

/// The line over HTTP, which asks no more than Payoneer can bear.
pub(crate) fn over_http(timeouts: PayoneerTimeouts, source: Arc<dyn Source>, metrics: Arc<Metrics>) -> Box<Connect> {
    Box::new(move |program, password| match program.dialect {
        Dialect::V2 => V2::new(program, password, timeouts).map(|line| {
            let measured = Measured::new(Arc::new(line), Arc::clone(&metrics), Arc::clone(&source));
            let held_back = Throttle::new(Arc::new(measured), Arc::clone(&source), Limits::default());
            Arc::new(held_back) as Arc<dyn Payoneer>
        }),
        Dialect::V4 => Err("the dialect v4 is not spoken yet".to_owned()),
    })
}

/// Payoneer's environment as its client names it.
pub(crate) fn environment(environment: &Environment) -> Result<payoneer::Environment, String> {
    Ok(match environment {
        Environment::Sandbox => payoneer::Environment::Sandbox,
        Environment::Production => payoneer::Environment::Production,
        Environment::Url(url) => payoneer::Environment::Custom(url.parse().map_err(|e| format!("{url}: {e}"))?),
    })
}

impl Programs {
    pub(crate) fn new(store: Store, master: MasterKey, connect: Box<Connect>) -> Self {
        Self { store, master, connect, known: RwLock::default() }
    }

    /// The program with this id, looked up in the database if it is not known yet.
    pub(crate) async fn get(&self, id: &ProgramId) -> Result<Option<Arc<Connected>>, Error> {
        if let Some(connected) = self.known(id) {
            return Ok(Some(connected));
        }
        let Some(stored) = self.store.read_one(store::programs::by_id(id)).await? else { return Ok(None) };
        self.put(&stored).map(Some)
    }

    /// Reads every program again, so that one that was added or rotated meanwhile is served as it is now.
    pub(crate) async fn renew(&self) -> Result<usize, Error> {
        let all = self.store.read(store::programs::all()).await?;
        for stored in &all {
            let current = self.known(&stored.program.id).is_some_and(|c| c.program.version == stored.program.version);
            if !current && let Err(error) = self.put(stored) {
                tracing::error!(program = %stored.program.id, %error, "this program cannot be served");
            }
        }
        Ok(all.len())
    }

    /// The programs whose lines are open.
    pub(crate) fn connected(&self) -> Vec<Arc<Connected>> {
        self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).values().cloned().collect()
    }

    fn known(&self, id: &ProgramId) -> Option<Arc<Connected>> {
        self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(id).cloned()
    }

    fn put(&self, stored: &store::programs::Stored) -> Result<Arc<Connected>, Error> {
        let program = stored.program.clone();
        let password = password(&self.master, stored)?;
        let payoneer = (self.connect)(&program, password).map_err(Error::Misconfigured)?;
        let connected = Arc::new(Connected { program, payoneer });
        let mut known = self.known.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.insert(connected.program.id.clone(), Arc::clone(&connected));
        Ok(connected)
    }
}
