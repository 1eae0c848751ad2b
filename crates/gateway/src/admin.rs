//! Administration of programs and API keys, straight on the database: for the command line, beside a running gateway.
//! A running gateway notices changes within seconds.

use crate::engine::{Compared, Engine, Error, NewKey, Page, Parts};
use crate::master_key::MasterKey;
use crate::metrics::Metrics;
use crate::port::v2;
use crate::probe::{self, Prober};
use crate::programs::{PayoneerTimeouts, over_http, password, password_place};
use crate::source::{Source, SystemSource};
use domain::api_key::{ApiKey, Scope};
use domain::audit::{Action, Actor, Entry};
use domain::capability::{Answered, Capability, Standing};
use domain::id::{ApiKeyId, AuditEntryId};
use domain::program::{Dialect, Environment, Program};
use domain::{ProgramId, Span, Time};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;
use store::quarantines::{self, Quarantine};
use store::{Batch, Fault, HeadFile, Location, OpenError, Store, Trust, Write};

/// The administrator's door.
pub struct Admin {
    store: Store,
    source: Arc<dyn Source>,
    master: MasterKey,
    engine: Arc<Engine>,
    timeouts: PayoneerTimeouts,
    actor: Actor,
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

/// What matters of a thing before and after a change, without secrets.
#[derive(Default)]
struct Change {
    before: Option<Value>,
    after: Option<Value>,
}

impl Change {
    fn new(before: Value, after: Value) -> Self {
        Self { before: Some(before), after: Some(after) }
    }

    fn made(after: Value) -> Self {
        Self { before: None, after: Some(after) }
    }

    fn ended(before: Value) -> Self {
        Self { before: Some(before), after: None }
    }
}

/// What the audit log tells of a program. The callback token and the password are secrets, and not in it.
fn told(program: &Program) -> Value {
    json!({
        "name": program.name, "program_id": program.program_id, "environment": program.environment.as_str(),
        "username": program.username, "return_url": program.return_url, "version": program.version,
    })
}

fn invalid(field: &'static str, reason: &impl ToString) -> AdminError {
    AdminError::Invalid { field, reason: reason.to_string() }
}

impl Admin {
    /// Opens the database, beside a gateway that may be running on it.
    pub fn open(
        database: impl Into<Location>,
        head_file: HeadFile,
        master: MasterKey,
        source: Arc<dyn Source>,
        timeouts: PayoneerTimeouts,
        public_url: &str,
    ) -> Result<Self, AdminError> {
        let store = Store::open(&store::Options { head_file, ..store::Options::at(database.into()) })?;
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
        Self { store, source, master, engine, timeouts, actor: Actor::console("unnamed") }
    }

    /// The same door, for this user of the machine: the audit log names them.
    #[must_use]
    pub fn acting_as(self, user: &str) -> Self {
        Self { actor: Actor::console(user), ..self }
    }

    /// An entry of the audit log, to be written in the commit of the change it tells of.
    fn audit(&self, action: Action, about: (Option<&ProgramId>, &str), reason: Option<&str>, change: Change) -> Write {
        let now = self.source.now();
        let (program, subject) = about;
        store::audit::insert(&Entry {
            id: AuditEntryId::new(now, self.source.randomness()),
            program: program.cloned(),
            actor: self.actor.clone(),
            action,
            subject: subject.to_owned(),
            reason: reason.map(ToOwned::to_owned),
            before: change.before.map(|value| value.to_string()),
            after: change.after.map(|value| value.to_string()),
            at: now,
        })
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
        let audit = self.audit(
            Action::ProgramAdded,
            (Some(&program.id), program.id.as_str()),
            None,
            Change::made(told(&program)),
        );
        let batch = Batch::new().with(store::programs::insert(&program, &sealed)).with(audit);
        match self.store.commit(batch).await {
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
        let mut after = told(&program);
        after["new_password"] = Value::Bool(rotation.api_password.is_some());
        let about = (Some(&program.id), program.id.as_str());
        let audit = self.audit(Action::ProgramChanged, about, None, Change::new(told(&before), after));
        self.store.commit(Batch::new().with(store::programs::update(&program, &sealed)).with(audit)).await?;
        Ok(program)
    }

    /// Asks Payoneer whether it answers the stored credentials.
    pub async fn check_program(&self, program: &Program) -> Result<(), AdminError> {
        Ok(self.engine.echo(program).await?)
    }

    /// A new API key that does not expire; its text is returned once and is stored nowhere.
    pub async fn create_key(
        &self,
        program: &Program,
        name: &str,
        scopes: Vec<Scope>,
    ) -> Result<(ApiKey, SecretString), AdminError> {
        self.create_key_for(program, name, scopes, None).await
    }

    /// As [`Self::create_key`], for a key that opens nothing any more after that time.
    pub async fn create_key_for(
        &self,
        program: &Program,
        name: &str,
        scopes: Vec<Scope>,
        expires_in: Option<Span>,
    ) -> Result<(ApiKey, SecretString), AdminError> {
        if scopes.is_empty() {
            return Err(invalid("scopes", &"at least one is needed"));
        }
        let new = NewKey { name: name.to_owned(), scopes, expires_in };
        // Made on the machine, so it goes back to nobody else's.
        let (key, text) = self.engine.new_key(program, new, None);
        let about = (Some(&program.id), key.id.as_str());
        let audit = self.audit(Action::KeyCreated, about, None, Change::made(crate::engine::key_told(&key)));
        self.store.commit(Batch::new().with(store::api_keys::insert(&key)).with(audit)).await?;
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
        let key = self.store.read_one(store::api_keys::by_id(&id)).await?.ok_or_else(no_such)?;
        let about = (Some(&key.program), id.as_str());
        let audit = self.audit(Action::KeyRevoked, about, None, Change::ended(crate::engine::key_told(&key)));
        let batch = Batch::new().with(store::api_keys::revoke(&id, self.source.now())).with(audit);
        match self.store.commit(batch).await {
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
        let before = self.engine.capabilities(program).await?;
        let mut batch = Batch::new();
        for answer in &answers {
            batch = batch.with(store::capabilities::probed(&program.id, now, answer));
        }
        for capability in Capability::ALL {
            let Some(proven) = capability.judged_by(&answers) else { continue };
            let shown = answers.iter().filter(|a| capability.needs().iter().any(|(probe, _)| *probe == a.probe));
            let exchanges: Vec<&str> = shown.map(|answer| answer.exchange.as_str()).collect();
            let evidence = format!("[{}]", exchanges.join(","));
            let was = before.iter().find(|standing| standing.capability == *capability).map(|standing| standing.proven);
            if was != Some(proven) {
                let change = Change::new(json!({ "proven": was }), json!({ "proven": proven }));
                let about = (Some(&program.id), capability.as_str());
                batch.push(self.audit(Action::CapabilityChanged, about, None, change));
            }
            let (program, capability) = (program.id.clone(), *capability);
            let standing = Standing { program, capability, proven, found_at: now, evidence };
            batch = batch.with(store::capabilities::put(&standing));
        }
        self.store.commit(batch).await?;
        Ok(answers)
    }

    /// When the newest callback of a program came, if one ever did.
    pub async fn newest_callback(&self, program: &Program) -> Result<Option<Time>, AdminError> {
        let page = Page { before: None, limit: 1 };
        let newest = self.engine.callbacks(program, &page).await?;
        Ok(newest.first().map(|callback| callback.last_received_at))
    }

    /// How far ahead of this machine's clock the newest event was written; zero or less where all is well.
    pub async fn newest_event_ahead(&self) -> Result<Option<Span>, AdminError> {
        let newest = self.store.read_one(store::events::newest()).await?;
        Ok(newest.map(|newest| newest.event.created_at - self.source.now()))
    }

    /// Whether the database can be trusted to know of everything that was sent.
    pub fn trust(&self) -> Trust {
        self.store.trust()
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
        let change = Change::made(json!({ "by": by }));
        let audit = self.audit(Action::QuarantineLeft, (None, "database"), Some(reason), change);
        let leave = quarantines::leave(by, reason, self.source.now());
        match self.store.commit(Batch::new().with(leave).with(audit)).await {
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
