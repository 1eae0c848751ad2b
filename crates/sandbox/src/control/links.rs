//! Links to the hosted page: made and completed without a browser.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::Shared;
use super::problem::Problem;
use super::wire::{Input, List, Page, Params};
use crate::App;
use crate::world::{Completion, Link, LinkKind, NewAccount, NewLink, Payee, Profile, Review, Time, World};

/// A link with its address.
#[derive(Debug, Serialize)]
pub(super) struct Seen {
    token: String,
    url: String,
    kind: LinkKind,
    payee_id: String,
    session_id: Option<String>,
    redirect_url: Option<String>,
    redirect_seconds: Option<u16>,
    language_id: Option<u8>,
    created_at: Time,
    completed: Option<Completion>,
}

impl Seen {
    fn new(app: &App, link: &Link) -> Self {
        Self {
            token: link.token.clone(),
            url: app.link_url(&link.token),
            kind: link.kind,
            payee_id: link.payee_id.clone(),
            session_id: link.session_id.clone(),
            redirect_url: link.redirect_url.clone(),
            redirect_seconds: link.redirect_seconds,
            language_id: link.language_id,
            created_at: link.created_at,
            completed: link.completed.clone(),
        }
    }
}

pub(super) async fn list(State(app): Shared, Params(page): Params<Page>) -> Result<Json<List<Seen>>, Problem> {
    app.read(|w| {
        let wanted = w.links().filter(|l| page.wants(&l.payee_id));
        page.of(wanted, |l| l.token.clone(), |s| Some(s.to_owned())).map(|list| list.map(|l| Seen::new(&app, l)))
    })
    .map(Json)
}

pub(super) async fn show(State(app): Shared, Path(token): Path<String>) -> Result<Json<Seen>, Problem> {
    let found = app.read(|w| w.link(&token).map(|link| Seen::new(&app, link)));
    found.map(Json).ok_or_else(|| Problem::not_found("link"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Make {
    payee_id: String,
    session_id: Option<String>,
    redirect_url: Option<String>,
    redirect_seconds: Option<u16>,
}

pub(super) async fn create(State(app): Shared, Input(make): Input<Make>) -> Result<(StatusCode, Json<Seen>), Problem> {
    let new = NewLink {
        session_id: make.session_id,
        redirect_url: make.redirect_url,
        redirect_seconds: make.redirect_seconds,
        ..NewLink::plain(LinkKind::Registration, &make.payee_id)
    };
    let (link, _) = app.change(|w| w.make_link(new)).await?;
    Ok((StatusCode::CREATED, Json(Seen::new(&app, &link))))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Complete {
    /// What the review decides at once; nothing: what the settings say.
    outcome: Option<Review>,
    /// The id or e-mail address of the account to bind; nothing: a new one.
    account: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Completed {
    link: Seen,
    payee: Payee,
}

pub(super) async fn complete(
    State(app): Shared,
    Path(token): Path<String>,
    Input(complete): Input<Complete>,
) -> Result<Json<Completed>, Problem> {
    let (link, payee) = app
        .change(|w| {
            let link = w.link(&token).ok_or_else(|| Problem::not_found("link"))?.clone();
            // Looked at before an account is opened, so that a refusal changes nothing.
            w.check_completable(&token)?;
            let account = match complete.account {
                Some(named) => known(w, &named)?,
                None => open(w)?,
            };
            w.complete_link(&token, &account, complete.outcome)?;
            let payee = w.payee(&link.payee_id).ok_or_else(|| Problem::not_found("payee"))?.clone();
            let link = w.link(&token).cloned().unwrap_or(link);
            Ok::<_, Problem>((link, payee))
        })
        .await?;
    Ok(Json(Completed { link: Seen::new(&app, &link), payee }))
}

fn known(world: &World, named: &str) -> Result<String, Problem> {
    let account = world.account(named).or_else(|| world.account_by_email(named));
    Ok(account.ok_or_else(|| Problem::not_found("account"))?.id.clone())
}

/// Opens an account as signing up does. Nobody can log in to it: its password is drawn.
fn open(world: &mut World) -> Result<String, Problem> {
    let profile = Profile {
        first_name: "Sandbox".to_owned(),
        last_name: "Payee".to_owned(),
        date_of_birth: "1990-01-01".to_owned(),
        country: "US".to_owned(),
        ..Profile::default()
    };
    let (email, password) = world.draw_login();
    let balance = world.settings().opening_balance;
    Ok(world.open_account(NewAccount { email, password, profile, balance })?.id)
}
