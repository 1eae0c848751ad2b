//! Puts the demo's services up and takes them down: sandbox, gateway and shop
//! on embedded storage, a program with its credentials, callbacks pasted where
//! a merchant would paste them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use domain::api_key::Scope;
use domain::program::{Environment, Program};
use gateway::source::SystemSource;
use gateway::{Admin, Gateway, HeadFile, NewProgram, PayoneerTimeouts};
use sandbox::Sandbox;
use sandbox::world::{Settings, Style};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::merchant::Merchant;
use super::payoneer_side::PayoneerSide;
use super::shop::{self, Shop};
use crate::command::{admin, sandbox as sandbox_command, serve};
use crate::master_key;

/// What the demo is set up with.
pub(crate) struct Setup {
    /// Where the gateway listens.
    pub(crate) listen: SocketAddr,
    /// What the sandbox is started with.
    pub(crate) sandbox: sandbox::Options,
    /// Where everything is kept; a folder that is removed in the end if not given.
    pub(crate) data: Option<PathBuf>,
}

/// Everything, running.
pub(crate) struct Stage {
    sandbox: Sandbox,
    gateway: Gateway,
    shop: Shop,
    merchant: Merchant,
    /// The same program at earlier addresses of the sandbox, from earlier demos on the same data.
    earlier: Vec<Merchant>,
    payoneer: PayoneerSide,
    payee_id: String,
    checkout: String,
    /// Removed when dropped, after all else.
    _folder: Option<TempDir>,
}

/// Where to click next.
#[derive(Debug, Serialize)]
pub(super) struct Places {
    pub(super) shop: String,
    pub(super) checkout: String,
    pub(super) back_office: String,
    pub(super) api: String,
    pub(super) api_key: String,
}

impl Stage {
    /// Starts everything.
    pub(crate) async fn set(setup: Setup) -> anyhow::Result<Self> {
        let folder = match &setup.data {
            Some(_) => None,
            None => Some(TempDir::with_prefix("tollgate-demo-").context("cannot make a temporary folder")?),
        };
        let path = setup.data.or_else(|| folder.as_ref().map(|folder| folder.path().to_owned())).unwrap_or_default();
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        let mut options = setup.sandbox;
        options.state_path = Some(path.join("sandbox.json"));
        let (program_id, username) = (options.program_id.clone(), options.username.clone());
        let api_password = options.api_password.clone();
        let sandbox =
            Sandbox::start(options).await.map_err(|error| sandbox_command::stopped(&error, "--sandbox-listen"))?;
        let database = path.join("tollgate.db");
        let key = master_key::in_file(&path.join("tollgate.key"), &database)?;
        let mut options = gateway::Options::new(setup.listen, database.as_path(), key.clone());
        options.webhooks.allow_private = true;
        let gateway = Gateway::start(options).await.map_err(|error| serve::stopped(&error))?;

        let source = Arc::new(SystemSource);
        let admin =
            Admin::open(database.as_path(), HeadFile::Beside, key, source, PayoneerTimeouts::default(), gateway.url());
        let admin = admin.map_err(admin::stopped)?;
        let program = NewProgram {
            name: "Demo Shop".to_owned(),
            program_id: program_id.clone(),
            environment: Environment::Url(sandbox.url().to_owned()),
            username: username.clone(),
            api_password: api_password.clone(),
            return_url: None,
        };
        let mut merchants = Vec::new();
        let programs = programs(&admin, program).await?;
        for program in &programs {
            merchants.push(Merchant::new(gateway.url(), key_for(&admin, program).await?)?);
        }
        let callback_url = programs.last().map(|program| admin.callback_url(program)).unwrap_or_default();
        admin.close().await;
        paste_callbacks(&sandbox, &callback_url)?;
        let merchant = merchants.pop().context("no program")?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let shop = Shop::open(listener, merchant.clone())?;
        let payoneer = PayoneerSide::new(sandbox.url(), &program_id, username, api_password)?;
        let payee_id = new_payee(&merchant, &payoneer).await?;
        let checkout = merchant.gateway.create_checkout_session(&shop::purchase(shop.url(), "by-hand")).await?.url;
        Ok(Self { sandbox, gateway, shop, merchant, earlier: merchants, payoneer, payee_id, checkout, _folder: folder })
    }

    pub(super) fn gateway_url(&self) -> &str {
        self.gateway.url()
    }

    pub(super) fn sandbox_url(&self) -> &str {
        self.sandbox.url()
    }

    pub(super) fn payee_id(&self) -> &str {
        &self.payee_id
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(super) fn shop(&self) -> &Shop {
        &self.shop
    }

    pub(super) fn merchant(&self) -> &Merchant {
        &self.merchant
    }

    /// This program and the same one at earlier addresses: all that the sandbox's books can know of.
    pub(super) fn books(&self) -> impl Iterator<Item = &Merchant> {
        self.earlier.iter().chain([&self.merchant])
    }

    pub(super) fn payoneer(&self) -> &PayoneerSide {
        &self.payoneer
    }

    /// Where to click next.
    pub(super) fn places(&self) -> Places {
        Places {
            shop: format!("{}/", self.shop.url()),
            checkout: self.checkout.clone(),
            back_office: format!("{}/backoffice/", self.sandbox.url()),
            api: format!("{}/v1/", self.gateway.url()),
            // Opens nothing but this demo, for as long as it runs.
            api_key: self.merchant.key.expose_secret().to_owned(),
        }
    }

    /// Stops everything, the gateway first, so that nothing it still sends is lost.
    pub(crate) async fn strike(self) {
        self.shop.close();
        self.gateway.shutdown().await;
        self.sandbox.shutdown().await;
    }
}

/// The sandbox's program at every address it ever had on this data, the one of today last and added if it is new.
async fn programs(admin: &Admin, new: NewProgram) -> anyhow::Result<Vec<Program>> {
    let mut programs = admin.programs().await.map_err(admin::stopped)?;
    programs.retain(|program| program.program_id == new.program_id);
    match programs.iter().position(|program| program.environment == new.environment) {
        Some(known) => {
            let today = programs.remove(known);
            programs.push(today);
        }
        None => programs.push(admin.add_program(new).await.map_err(admin::stopped)?),
    }
    Ok(programs)
}

async fn key_for(admin: &Admin, program: &Program) -> anyhow::Result<SecretString> {
    let scopes = vec![Scope::Read, Scope::Charge, Scope::Payout];
    let (_, text) = admin.create_key(program, "demo", scopes).await.map_err(admin::stopped)?;
    Ok(text)
}

/// What a merchant does in the developer options of Payoneer's back office.
fn paste_callbacks(sandbox: &Sandbox, callback_url: &str) -> anyhow::Result<()> {
    sandbox.with_world(|world| {
        let mut settings = world.settings().clone();
        "Demo Shop".clone_into(&mut settings.merchant_name);
        settings.callbacks = Settings::example_callbacks(callback_url, Style::Get);
        world.set_settings(settings)
    })?;
    Ok(())
}

/// The first user id that neither side has seen: an earlier demo on the same data used the ones before.
async fn new_payee(merchant: &Merchant, payoneer: &PayoneerSide) -> anyhow::Result<String> {
    for number in 1..10_000 {
        let payee_id = format!("user-{number}");
        if merchant.payee(&payee_id).await?.is_none() && payoneer.status(&payee_id).await?.status.is_none() {
            return Ok(payee_id);
        }
    }
    anyhow::bail!("10000 demos on the same data are enough: choose another folder for --data")
}
