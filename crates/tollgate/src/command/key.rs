//! `tollgate key`: the API keys of the merchant's own software. Arguments and
//! output only; keys are made and checked in the gateway.

use clap::{Args, Subcommand, ValueEnum};
use domain::Span;
use domain::api_key::{ApiKey, Scope};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::Context;
use super::admin::{self, AdminScope, stopped};
use crate::config::{Config, Flags};
use crate::exit::Exit;
use crate::print;

/// Manage API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make a key. It is shown once and stored only as a hash.
    Create(Create),
    /// List the keys of a program.
    List(List),
    /// Close a key for ever, at once.
    Revoke(Revoke),
}

/// Make a key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate key create --program Shop --name backend
  tollgate key create --program Shop --name reports --scope read --expires-in-days 90")]
pub(crate) struct Create {
    /// The program: its id (`prg_...`), Payoneer's number or its name.
    #[arg(long)]
    program: String,
    /// What the key is for.
    #[arg(long)]
    name: String,
    /// What it may do; may be given several times.
    #[arg(long = "scope", value_enum, default_values_t = [KeyScope::Read, KeyScope::Charge, KeyScope::Payout])]
    scopes: Vec<KeyScope>,
    /// After how many days it opens nothing any more; never if not given.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    expires_in_days: Option<i64>,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// One permission of a key.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum KeyScope {
    /// See everything of the program.
    Read,
    /// Authorise payees, charge, refund, open checkouts.
    Charge,
    /// Pay out.
    Payout,
    /// Everything.
    Admin,
}

impl From<KeyScope> for Scope {
    fn from(scope: KeyScope) -> Self {
        match scope {
            KeyScope::Read => Self::Read,
            KeyScope::Charge => Self::Charge,
            KeyScope::Payout => Self::Payout,
            KeyScope::Admin => Self::Admin,
        }
    }
}

/// List the keys of a program.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The program: its id (`prg_...`), Payoneer's number or its name.
    #[arg(long)]
    program: String,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

/// Close a key for ever.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Its id, as `tollgate key list` shows it.
    key: String,
    #[command(flatten)]
    flags: Flags<AdminScope>,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    name: String,
    program: String,
    scopes: Vec<String>,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

impl From<&ApiKey> for Shown {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            program: key.program.to_string(),
            scopes: key.scopes.iter().map(ToString::to_string).collect(),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|time| time.to_string()),
            last_used_at: key.last_used_at.map(|time| time.to_string()),
            revoked_at: key.revoked_at.map(|time| time.to_string()),
        }
    }
}

/// A key just made, with the text that is shown this once.
#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    key: Shown,
    secret: &'a str,
}

impl Key {
    pub(crate) fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        match self {
            Self::Create(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Revoke(command) => command.run(context),
        }
    }
}

impl Create {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let mut scopes: Vec<Scope> = Vec::new();
        for scope in self.scopes.into_iter().map(Scope::from) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        let (key, text) = super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.program(&self.program).await.map_err(stopped)?;
            let expires_in = self.expires_in_days.map(|days| Span::from_secs(days * 86_400));
            let made = admin.create_key_for(&program, &self.name, scopes, expires_in).await.map_err(stopped)?;
            admin.close().await;
            Ok(made)
        })?;
        let shown = Shown::from(&key);
        if context.json {
            print::json(&Made { key: shown, secret: text.expose_secret() })?;
            return Ok(Exit::Success);
        }
        print::line(text.expose_secret())?;
        eprintln!(
            "\nKey {} for {} ({}).\nThis is the only time it is shown: store it now, for example as TOLLGATE_API_KEY.",
            shown.id,
            shown.program,
            shown.scopes.join(", ")
        );
        Ok(Exit::Success)
    }
}

impl List {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        let keys = super::block_on(async {
            let admin = admin::open(&config)?;
            let program = admin.program(&self.program).await.map_err(stopped)?;
            let keys = admin.keys(&program).await.map_err(stopped)?;
            admin.close().await;
            Ok(keys)
        })?;
        let keys: Vec<Shown> = keys.iter().map(Shown::from).collect();
        if context.json {
            print::json(&keys)?;
            return Ok(Exit::Success);
        }
        let never = |time: Option<String>| time.unwrap_or_else(|| "-".to_owned());
        let rows: Vec<[String; 7]> = keys
            .into_iter()
            .map(|key| {
                let scopes = key.scopes.join(", ");
                let [expires, used, revoked] = [key.expires_at, key.last_used_at, key.revoked_at].map(never);
                [key.id, key.name, scopes, key.created_at, expires, used, revoked]
            })
            .collect();
        print::table(["key", "name", "scopes", "created", "expires", "last used", "revoked"], &rows)?;
        Ok(Exit::Success)
    }
}

impl Revoke {
    fn run(self, context: &Context<'_>) -> anyhow::Result<Exit> {
        let config = Config::load(context.config_file, self.flags)?;
        super::block_on(async {
            let admin = admin::open(&config)?;
            admin.revoke_key(&self.key).await.map_err(stopped)?;
            admin.close().await;
            Ok(())
        })?;
        if context.json {
            print::json(&serde_json::json!({ "id": self.key, "revoked": true }))?;
        } else {
            print::line(format_args!("{} opens nothing any more.", self.key))?;
        }
        Ok(Exit::Success)
    }
}
