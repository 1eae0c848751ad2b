//! The merchant's back office: the seed's developer options, and a view of everything the sandbox holds.
//! Sections read the world and call its operator actions; none decides anything itself.

mod accounts;
mod behaviour;
mod developer;
mod faults;
mod frame;
mod inspector;
mod logs;
mod overview;
mod payees;
mod payments;
mod references;
mod sheet;
mod timeline;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use self::frame::Frame;
use super::reader::Reader;
use super::shell::{self, Shell};
use super::texts::OfficeText;
use crate::App;
use crate::world::Refusal;

/// The back office's routes.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/backoffice", get(overview::show))
        .route("/backoffice/", get(overview::show))
        .route("/backoffice/fund", get(overview::show).post(overview::fund))
        .route("/backoffice/developer", get(developer::show))
        .route("/backoffice/developer/redirect", get(developer::show).post(developer::redirect))
        .route("/backoffice/developer/callbacks", get(developer::show).post(developer::callbacks))
        .route("/backoffice/developer/fill", get(developer::show).post(developer::fill))
        .route("/backoffice/developer/signature", get(developer::show).post(developer::sign))
        .route("/backoffice/behaviour", get(behaviour::show).post(behaviour::save))
        .route("/backoffice/references", get(references::show).post(references::save))
        .route("/backoffice/faults", get(faults::show))
        .route("/backoffice/faults/scenario", get(faults::show).post(faults::scenario))
        .route("/backoffice/faults/chaos", get(faults::show).post(faults::chaos))
        .route("/backoffice/faults/add", get(faults::show).post(faults::add))
        .route("/backoffice/faults/remove", get(faults::show).post(faults::remove))
        .route("/backoffice/inspector", get(inspector::show).post(inspector::act))
        .route("/backoffice/payees", get(payees::show).post(payees::decide))
        .route("/backoffice/payees/link", get(payees::show).post(payees::link))
        .route("/backoffice/accounts", get(accounts::show).post(accounts::open))
        .route("/backoffice/accounts/fund", get(accounts::show).post(accounts::fund))
        .route("/backoffice/charges", get(payments::charges).post(payments::act_charge))
        .route("/backoffice/payouts", get(payments::payouts).post(payments::act_payout))
        .route("/backoffice/log", get(logs::log))
        .route("/backoffice/callbacks", get(logs::callbacks).post(logs::replay))
        .route("/backoffice/{*elsewhere}", get(nowhere))
}

/// The HTTP status that says what kind of refusal this is.
fn status_of(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::CONFLICT,
    }
}

#[derive(Template)]
#[template(path = "office/nowhere.html")]
struct Nowhere {
    shell: Shell,
    t: &'static OfficeText,
    frame: Frame,
}

async fn nowhere(State(app): State<Arc<App>>, reader: Reader) -> Response {
    let frame = Frame::new(&app, &reader, None, None);
    shell::page(StatusCode::NOT_FOUND, &Nowhere { shell: frame.shell, t: frame.t, frame })
}
