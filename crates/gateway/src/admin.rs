//! Administration of programs and API keys, straight on the database: for the command line, beside a running gateway.
//! A running gateway notices changes within seconds.

use crate::engine::{Compared, Engine, Error, Parts, issue};
use crate::master_key::MasterKey;
use crate::metrics::Metrics;
use crate::port::v2;
use crate::probe::{self, Prober};
use crate::programs::{PayoneerTimeouts, over_http, password, password_place};
use crate::source::{Source, SystemSource};
use domain::api_key::{ApiKey, Scope};
use domain::capability::{Answered, Capability, Standing};
use domain::id::ApiKeyId;
use domain::program::{Dialect, Environment, Program};
use domain::{ProgramId, Span};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;
use std::sync::Arc;
use store::quarantines::{self, Quarantine};
use store::{Batch, Fault, HeadFile, OpenError, Store};

/// The administrator's door.
pub struct Admin {
    store: Store,
    source: Arc<dyn Source>,
    master: MasterKey,
    engine: Arc<Engine>,
    timeouts: PayoneerTimeouts,
}

/// What a program is added with.
#[derive(Debug, Clone)]
pub struct NewProgram {
    /// The merchant's name for it, which a payee sees at checkout.
    pub name: String,
    /// Payoneer's number of it.
    pub program_id: String,
    /// Where it lives.
    pub environment: Environment,
    /// The API user name.
    pub username: String,
    /// The API password.
    pub api_password: SecretString,
    /// Where a payee goes after authorisation when a session names no other place.
    pub return_url: Option<String>,
}

/// What about a program is to be changed; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// A new API user name.
    pub username: Option<String>,
    /// A new API password.
    pub api_password: Option<SecretString>,
}

/// Why administration did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no such program, or several go by that name.
    #[error("no program, or more than one, goes by {0:?}; `tollgate program list` shows the ids")]
    NoSuchProgram(String),
    /// There is no such key, or it is revoked already.
    #[error("no valid key has the id {0:?}; `tollgate key list` shows the ids")]
    NoSuchKey(String),
    /// The same account at Payoneer was added before.
    #[error("program {0} of this environment was added before; rotate its credentials instead")]
    Exists(String),
    /// There is no quarantine to leave.
    #[error("the database is not in quarantine")]
    NotInQuarantine,
    /// Something given makes no sense.
    #[error("{field}: {reason}")]
    Invalid {
        /// What was given.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine or the store said no.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl From<Fault> for AdminError {
    fn from(fault: Fault) -> Self {
        Self::Engine(Error::Store(fault))
    }
}

fn invalid(field: &'static str, reason: &impl ToString) -> AdminError {
    AdminError::Invalid { field, reason: reason.to_string() }
}

impl Admin {
    /// Opens the database, beside a gateway that may be running on it.
    pub fn open(
        database: &Path,
        head_file: HeadFile,
        master: MasterKey,
        source: Arc<dyn Source>,
        timeouts: PayoneerTimeouts,
        public_url: &str,
    ) -> Result<Self, AdminError> {
        let store = Store::open(&store::Options { head_file, ..store::Options::sqlite(database) })?;
        Ok(Self::on(store, master, source, timeouts, public_url))
    }

    /// Administers a store that is open already.
    pub fn on(
        store: Store,
        master: MasterKey,
        source: Arc<dyn Source>,
        timeouts: PayoneerTimeouts,
        public_url: &str,
    ) -> Self {
        let metrics = Arc::new(Metrics::default());
        let engine = Engine::new(Parts {
            store: store.clone(),
            source: Arc::clone(&source),
            master: master.clone(),
            connect: over_http(timeouts, Arc::clone(&source), Arc::clone(&metrics)),
            public_url: public_url.trim_end_matches('/').to_owned(),
            attempt_lifetime: Span::ZERO,
            metrics,
        });
        Self { store, source, master, engine, timeouts }
    }

    /// Adds a program.
    pub async fn add_program(&self, new: NewProgram) -> Result<Program, AdminError> {
        let now = self.source.now();
        let program = Program {
            id: ProgramId::new(now, self.source.randomness()),
            name: new.name,
            program_id: new.program_id,
            environment: new.environment,
            dialect: Dialect::V2,
            username: new.username,
            return_url: new.return_url,
            callback_token: self.source.token(),
            version: 1,
            created_at: now,
            updated_at: now,
        };
        check(&program, &new.api_password)?;
        let sealed = self.seal(&program, &new.api_password);
        match self.store.commit(Batch::new().with(store::programs::insert(&program, &sealed))).await {
            Ok(()) => Ok(program),
            Err(Fault::Duplicate(_)) => Err(AdminError::Exists(program.program_id)),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Every program.
    pub async fn programs(&self) -> Result<Vec<Program>, AdminError> {
        let all = self.store.read(store::programs::all()).await?;
        Ok(all.into_iter().map(|stored| stored.program).collect())
    }

    /// The program that goes by this text: our id, Payoneer's number, or its name.
    pub async fn program(&self, text: &str) -> Result<Program, AdminError> {
        let goes = |p: &Program| p.id.as_str() == text || p.program_id == text || p.name == text;
        let mut found = self.programs().await?.into_iter().filter(goes);
        match (found.next(), found.next()) {
            (Some(program), None) => Ok(program),
            _ => Err(AdminError::NoSuchProgram(text.to_owned())),
        }
    }

    /// Where Payoneer's callbacks for a program should go.
    pub fn callback_url(&self, program: &Program) -> String {
        self.engine.callback_url(program)
    }

    /// The program as its own keys see it, with the addresses to paste into Payoneer's back office.
    pub fn describe(&self, program: &Program) -> api::Program {
        crate::view::program(program, &self.callback_url(program))
    }

    /// Changes a program's credentials. A running gateway uses them within seconds.
    pub async fn rotate_program(&self, text: &str, rotation: Rotation) -> Result<Program, AdminError> {
        let before = self.program(text).await?;
        let stored = self.store.read_one(store::programs::by_id(&before.id)).await?;
        let stored = stored.ok_or_else(|| AdminError::NoSuchProgram(text.to_owned()))?;
        let mut program = stored.program;
        program.version += 1;
        program.updated_at = self.source.now();
        if let Some(username) = rotation.username {
            program.username = username;
        }
        let sealed = match &rotation.api_password {
            Some(password) => {
                check(&program, password)?;
                self.seal(&program, password)
            }
            None => stored.sealed,
        };
        self.store.commit(Batch::new().with(store::programs::update(&program, &sealed))).await?;
        Ok(program)
    }

    /// Asks Payoneer whether it answers the stored credentials.
    pub async fn check_program(&self, program: &Program) -> Result<(), AdminError> {
        Ok(self.engine.echo(program).await?)
    }

    /// A new API key; its text is returned once and is stored nowhere.
    pub async fn create_key(
        &self,
        program: &Program,
        name: &str,
        scopes: Vec<Scope>,
    ) -> Result<(ApiKey, SecretString), AdminError> {
        if scopes.is_empty() {
            return Err(invalid("scopes", &"at least one is needed"));
        }
        let now = self.source.now();
        let id = ApiKeyId::new(now, self.source.randomness());
        let (text, hash) = issue(&id, program.environment.is_live(), self.source.as_ref());
        let key = ApiKey {
            id,
            program: program.id.clone(),
            name: name.to_owned(),
            scopes,
            hash,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        self.store.commit(Batch::new().with(store::api_keys::insert(&key))).await?;
        Ok((key, text))
    }

    /// All keys of a program, revoked ones too.
    pub async fn keys(&self, program: &Program) -> Result<Vec<ApiKey>, AdminError> {
        Ok(self.store.read(store::api_keys::of_program(&program.id)).await?)
    }

    /// Closes a key for ever, at once.
    pub async fn revoke_key(&self, text: &str) -> Result<(), AdminError> {
        let no_such = || AdminError::NoSuchKey(text.to_owned());
        let id = ApiKeyId::parse(text).ok_or_else(no_such)?;
        match self.store.commit(Batch::new().with(store::api_keys::revoke(&id, self.source.now()))).await {
            Ok(()) => Ok(()),
            Err(Fault::Stale) => Err(no_such()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Every capability of a program, with what was found of it.
    pub async fn capabilities(&self, program: &Program) -> Result<Vec<api::program::Capability>, AdminError> {
        Ok(crate::view::capabilities(&self.engine.capabilities(program).await?))
    }

    /// Finds out how Payoneer behaves, by small charges of this payee in a sandbox, and records every answer and what
    /// it proves or refutes. Refuses whatever could be production.
    pub async fn probe(&self, program: &Program, payee_id: &str) -> Result<Vec<Answered>, AdminError> {
        if !probe::is_allowed(program) {
            return Err(invalid("program", &"only a sandbox is probed, for probing charges a payee"));
        }
        let payee_id = payoneer::PayeeId::new(payee_id).map_err(|e| invalid("payee", &e))?;
        let stored = self.store.read_one(store::programs::by_id(&program.id)).await?;
        let stored = stored.ok_or_else(|| AdminError::NoSuchProgram(program.id.to_string()))?;
        let password = password(&self.master, &stored)?;
        let client = v2::client(program, password, self.timeouts).map_err(|e| invalid("program", &e))?;
        let prober = Prober { client, payee_id, token: self.source.token() };
        let answers = prober.run().await.map_err(|e| AdminError::Engine(Error::Misconfigured(e)))?;
        let now = self.source.now();
        let mut batch = Batch::new();
        for answer in &answers {
            batch = batch.with(store::capabilities::probed(&program.id, now, answer));
        }
        for capability in Capability::ALL {
            let Some(proven) = capability.judged_by(&answers) else { continue };
            let shown = answers.iter().filter(|a| capability.needs().iter().any(|(probe, _)| *probe == a.probe));
            let exchanges: Vec<&str> = shown.map(|answer| answer.exchange.as_str()).collect();
            let evidence = format!("[{}]", exchanges.join(","));
            let (program, capability) = (program.id.clone(), *capability);
            let standing = Standing { program, capability, proven, found_at: now, evidence };
            batch = batch.with(store::capabilities::put(&standing));
        }
        self.store.commit(batch).await?;
        Ok(answers)
    }

    /// Every time the database was taken for one that went back in time, oldest first.
    pub async fn quarantines(&self) -> Result<Vec<Quarantine>, AdminError> {
        Ok(self.store.read(quarantines::all()).await?)
    }

    /// Asks Payoneer about everything that is not settled in the database.
    pub async fn reconcile(&self) -> Result<Vec<Compared>, AdminError> {
        Ok(self.engine.reconcile().await?)
    }

    /// Lets a database in quarantine go on. A running gateway notices at its next commit.
    pub async fn leave_quarantine(&self, by: &str, reason: &str) -> Result<(), AdminError> {
        for (field, text) in [("by", by), ("reason", reason)] {
            if text.trim().is_empty() || text.chars().count() > 500 {
                return Err(invalid(field, &"must have 1 to 500 characters"));
            }
        }
        match self.store.commit(Batch::new().with(quarantines::leave(by, reason, self.source.now()))).await {
            Ok(()) => Ok(()),
            Err(Fault::Stale) => Err(AdminError::NotInQuarantine),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    fn seal(&self, program: &Program, password: &SecretString) -> Vec<u8> {
        self.master.seal(&password_place(&program.id), password.expose_secret().as_bytes(), self.source.as_ref())
    }
}

/// Refuses at once what would only fail at the first call.
fn check(program: &Program, password: &SecretString) -> Result<(), AdminError> {
    if program.name.trim().is_empty() || program.name.chars().count() > 100 {
        return Err(invalid("name", &"must have 1 to 100 characters"));
    }
    if let Some(url) = &program.return_url {
        let parsed: url::Url = url.parse().map_err(|e| invalid("return_url", &e))?;
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
            return Err(invalid("return_url", &"must be an http or https address"));
        }
    }
    let connect = over_http(PayoneerTimeouts::default(), Arc::new(SystemSource), Arc::default());
    connect(program, password.clone()).map(|_| ()).map_err(|e| invalid("program", &e))
}
