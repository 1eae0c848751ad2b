//! Accounts: who can log in on the hosted page and what they hold; opening, funding and draining them.
//! Money moves in the world's journal alone.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::format;
use super::super::reader::{Posted, Reader};
use super::super::shell::{self, Shell, see_other};
use super::super::texts::{AccountsText, OfficeText};
use super::frame::{Frame, Notice, Pager, Section, holds};
use super::sheet::Sheet;
use super::status_of;
use crate::App;
use crate::world::{Account, Amount, FIRST_PASSWORD, Kind, NewAccount, Profile, Refusal, World};

const PATH: &str = "/backoffice/accounts";
const FIELDS: [&str; 4] = ["email", "first_name", "last_name", "balance"];

#[derive(Template)]
#[template(path = "office/accounts.html")]
struct Accounts {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
    pager: Pager,
    rows: Vec<AccountRow>,
    sheet: Sheet,
}

struct AccountRow {
    id: String,
    email: String,
    holder: String,
    balances: Vec<String>,
    payees: Vec<String>,
    opened: String,
}

impl AccountRow {
    fn new(w: &World, account: &Account, payees: &BTreeMap<&str, Vec<&str>>) -> Self {
        let profile = &account.profile;
        let holder = match profile.kind {
            Kind::Company if !profile.company_name.is_empty() => profile.company_name.clone(),
            _ => format!("{} {}", profile.first_name, profile.last_name),
        };
        let mut balances: Vec<String> =
            w.account_balances(&account.id).iter().map(|(currency, amount)| format!("{amount} {currency}")).collect();
        if balances.is_empty() {
            balances.push(format!("{} {}", Amount::ZERO, w.program().currency));
        }
        let bound = payees.get(account.id.as_str());
        Self {
            id: account.id.clone(),
            email: account.email.clone(),
            holder,
            balances,
            payees: bound.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect()).unwrap_or_default(),
            opened: format::moment(account.created_at),
        }
    }
}

fn view(app: &Arc<App>, reader: &Reader, status: StatusCode, notice: Option<Notice>, sheet: Sheet) -> Response {
    let frame = Frame::new(app, reader, Some(Section::Accounts), notice);
    let (shell, t) = (frame.shell, frame.t);
    let (rows, pager) = app.read(|w| {
        let mut payees: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for payee in w.payees() {
            payees.entry(&payee.account).or_default().push(&payee.id);
        }
        let mut accounts: Vec<&Account> = w.accounts().collect();
        accounts.sort_by_key(|account| Reverse(account.created_at));
        let (accounts, pager) = Pager::cut(PATH, reader, t, accounts, |account, needle| {
            let p = &account.profile;
            holds(&[&account.id, &account.email, &p.first_name, &p.last_name, &p.company_name], needle)
        });
        let rows: Vec<AccountRow> = accounts.into_iter().map(|account| AccountRow::new(w, account, &payees)).collect();
        (rows, pager)
    });
    shell::page(status, &Accounts { shell, t, frame, pager, rows, sheet })
}

/// Shows the page.
pub(super) async fn show(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let t = &Shell::new(reader.lang).t.office.accounts;
    let notice = match reader.parameter("done") {
        "opened" => Some(Notice::done(t.created)),
        "fund" => Some(Notice::done(t.funded)),
        "drain" => Some(Notice::done(t.drained)),
        _ => None,
    };
    let mut sheet = Sheet::default();
    sheet.set("balance", "100.00");
    view(&app, &reader, StatusCode::OK, notice, sheet)
}

/// Opens an account.
pub(super) async fn open(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let mut form = Sheet::default();
    form.take(&posted, &FIELDS);
    let balance = match posted.field("balance") {
        "" => Some(Amount::ZERO),
        text => Amount::parse(text).ok(),
    };
    let Some(balance) = balance else {
        form.fault("balance", t.accounts.bad_amount);
        return view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, Some(Notice::trouble(t.check_form)), form);
    };
    let password = Some(posted.field("password")).filter(|password| !password.is_empty()).unwrap_or(FIRST_PASSWORD);
    let new = NewAccount {
        email: posted.field("email").to_owned(),
        password: password.to_owned(),
        profile: Profile {
            first_name: posted.field("first_name").to_owned(),
            last_name: posted.field("last_name").to_owned(),
            ..Profile::default()
        },
        balance,
    };
    match app.change(move |w| w.open_account(new)).await {
        Ok(_) => see_other(&format!("{PATH}?done=opened")),
        Err(refusal) => {
            let text = (t.refusal)(&refusal);
            let notice = if blame(&mut form, &refusal, &t.accounts) { t.check_form } else { &text };
            view(&app, &reader, status_of(&refusal), Some(Notice::trouble(notice)), form)
        }
    }
}

/// Puts a refusal beside the field it is about, if there is one.
fn blame(form: &mut Sheet, refusal: &Refusal, t: &AccountsText) -> bool {
    match refusal {
        Refusal::Conflict { field: "email", .. } => form.fault("email", t.taken_email),
        Refusal::Invalid { field: "email", .. } => form.fault("email", t.bad_email),
        Refusal::Invalid { field: "password", .. } => form.fault("password", t.bad_password),
        Refusal::Invalid { field: field @ ("first_name" | "last_name"), .. } => form.fault(field, t.bad_name),
        _ => return false,
    }
    true
}

/// Adds money to an account or takes some from it.
pub(super) async fn fund(State(app): State<Arc<App>>, reader: Reader, body: Bytes) -> Response {
    let posted = Posted::read(&body);
    let t = &Shell::new(reader.lang).t.office;
    let Ok(amount) = Amount::parse(posted.field("amount")) else {
        let notice = Some(Notice::trouble(t.accounts.bad_amount));
        return view(&app, &reader, StatusCode::UNPROCESSABLE_ENTITY, notice, Sheet::default());
    };
    let (id, action) = (posted.field("account_id"), posted.field("action"));
    let result = app
        .change(|w| {
            let currency = w.program().currency;
            if action == "drain" { w.drain_account(id, amount, currency) } else { w.fund_account(id, amount, currency) }
        })
        .await;
    match result {
        Ok(()) if action == "drain" => see_other(&format!("{PATH}?done=drain")),
        Ok(()) => see_other(&format!("{PATH}?done=fund")),
        Err(refusal) => {
            let notice = Some(Notice::trouble((t.refusal)(&refusal)));
            view(&app, &reader, status_of(&refusal), notice, Sheet::default())
        }
    }
}
