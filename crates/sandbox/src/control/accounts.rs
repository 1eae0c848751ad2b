//! Accounts and balances: people's, and the program's.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, List, Money, Page, Params};
use crate::world::{Account, Amount, Currency, NewAccount, Profile, Time, World};

/// An account without its password.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    id: String,
    email: String,
    profile: Profile,
    balances: BTreeMap<Currency, Amount>,
    payees: Vec<String>,
    created_at: Time,
}

impl Seen {
    fn new(world: &World, account: &Account) -> Self {
        let payees = world.payees().filter(|p| p.account == account.id);
        Self {
            id: account.id.clone(),
            email: account.email.clone(),
            profile: account.profile.clone(),
            balances: world.account_balances(&account.id),
            payees: payees.map(|p| p.id.clone()).collect(),
            created_at: account.created_at,
        }
    }

    fn find(world: &World, id: &str) -> Result<Json<Self>, Problem> {
        let account = world.account(id).ok_or_else(|| Problem::not_found("account"))?;
        Ok(Json(Self::new(world, account)))
    }
}

pub(super) async fn list(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Seen>>, Problem> {
    app.read(|w| page.of(w.accounts(), |a| a.id.clone(), |s| Some(s.to_owned())).map(|l| l.map(|a| Seen::new(w, a))))
        .map(Json)
}

pub(super) async fn show(State(app): Shared, Path(id): Path<String>) -> Result<Json<Seen>, Problem> {
    app.read(|w| Seen::find(w, &id))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    email: String,
    password: String,
    #[serde(default)]
    profile: Profile,
    #[serde(default)]
    balance: Amount,
}

pub(super) async fn create(State(app): Shared, Input(open): Input<Open>) -> Result<(StatusCode, Json<Seen>), Problem> {
    let Open { email, password, profile, balance } = open;
    let opened = app.change(|w| {
        let account = w.open_account(NewAccount { email, password, profile, balance })?;
        Seen::find(w, &account.id)
    });
    Ok((StatusCode::CREATED, opened.await?))
}

pub(super) async fn fund(
    State(app): Shared,
    Path(id): Path<String>,
    Input(money): Input<Money>,
) -> Result<Json<Seen>, Problem> {
    app.change(|w| {
        w.fund_account(&id, money.amount, money.currency)?;
        Seen::find(w, &id)
    })
    .await
}

pub(super) async fn drain(
    State(app): Shared,
    Path(id): Path<String>,
    Input(money): Input<Money>,
) -> Result<Json<Seen>, Problem> {
    app.change(|w| {
        w.drain_account(&id, money.amount, money.currency)?;
        Seen::find(w, &id)
    })
    .await
}

/// The merchant's program and what it holds.
#[derive(Debug, Serialize)]
pub(super) struct ProgramSeen {
    id: String,
    username: String,
    balance: Amount,
    currency: Currency,
}

impl ProgramSeen {
    fn new(world: &World, username: &str) -> Json<Self> {
        let program = world.program();
        Json(Self {
            id: program.id.clone(),
            username: username.to_owned(),
            balance: world.program_balance(),
            currency: program.currency,
        })
    }
}

pub(super) async fn program(State(app): Shared) -> Json<ProgramSeen> {
    app.read(|w| ProgramSeen::new(w, app.username()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FundProgram {
    amount: Amount,
}

pub(super) async fn fund_program(
    State(app): Shared,
    Input(fund): Input<FundProgram>,
) -> Result<Json<ProgramSeen>, Problem> {
    app.change(|w| {
        w.fund_program(fund.amount)?;
        Ok(ProgramSeen::new(w, app.username()))
    })
    .await
}
