//! The control API under `/_sandbox/`: what an operator or a test may do, named on one page.
//! Every handler maps JSON to one method of the world and back.

mod accounts;
mod callbacks;
mod clock;
mod faults;
mod journal;
mod links;
mod namespaces;
mod payees;
mod payments;
pub(crate) mod problem;
mod settings;
mod state;
mod verdict;
mod wire;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::App;
use crate::namespace::Namespaces;

type Shared = axum::extract::State<Arc<App>>;

/// The routes about the worlds beside each other.
pub(crate) fn namespaces() -> Router<Arc<Namespaces>> {
    Router::new()
        .route("/_sandbox/namespaces", get(namespaces::list).post(namespaces::create))
        .route("/_sandbox/namespaces/{name}", get(namespaces::show).delete(namespaces::delete))
        .method_not_allowed_fallback(problem::wrong_method)
}

/// The routes of one world, relative to `/_sandbox`.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(state::health))
        .route("/settings", get(settings::show).patch(settings::patch))
        .route("/settings/callbacks", post(settings::fill_callbacks))
        .route("/accounts", get(accounts::list).post(accounts::create))
        .route("/accounts/{id}", get(accounts::show))
        .route("/accounts/{id}/fund", post(accounts::fund))
        .route("/accounts/{id}/drain", post(accounts::drain))
        .route("/program", get(accounts::program))
        .route("/program/fund", post(accounts::fund_program))
        .route("/links", get(links::list).post(links::create))
        .route("/links/{token}", get(links::show))
        .route("/links/{token}/complete", post(links::complete))
        .route("/payees", get(payees::list))
        .route("/payees/{id}", get(payees::show))
        .route("/payees/{id}/approve", post(payees::approve))
        .route("/payees/{id}/decline", post(payees::decline))
        .route("/payees/{id}/block", post(payees::block))
        .route("/payees/{id}/release", post(payees::release))
        .route("/charges", get(payments::charges))
        .route("/charges/{reference}", get(payments::charge))
        .route("/charges/{reference}/settle", post(payments::settle_charge))
        .route("/charges/{reference}/fail", post(payments::fail_charge))
        .route("/charges/{reference}/cancel", post(payments::cancel_charge))
        .route("/payouts", get(payments::payouts))
        .route("/payouts/{reference}", get(payments::payout))
        .route("/payouts/{reference}/settle", post(payments::settle_payout))
        .route("/payouts/{reference}/fail", post(payments::fail_payout))
        .route("/payouts/{reference}/cancel", post(payments::cancel_payout))
        .route("/clock", get(clock::show))
        .route("/clock/advance", post(clock::advance))
        .route("/clock/mode", post(clock::mode))
        .route("/callbacks", get(callbacks::list))
        .route("/callbacks/forge", post(callbacks::forge))
        .route("/callbacks/{id}", get(callbacks::show))
        .route("/callbacks/{id}/replay", post(callbacks::replay))
        .route("/journal", get(journal::entries))
        .route("/journal/check", get(journal::check))
        .route("/api-log", get(journal::api_log))
        .route("/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/faults/script", post(faults::add_script))
        .route("/faults/unfired", get(faults::unfired))
        .route("/faults/{id}", delete(faults::remove))
        .route("/chaos", get(faults::chaos).post(faults::set_chaos))
        .route("/scenarios", get(faults::scenarios))
        .route("/scenarios/{name}", post(faults::install))
        .route("/record", get(faults::record))
        .route("/exchanges", get(journal::exchanges))
        .route("/intents", get(verdict::intents).post(verdict::note_intent))
        .route("/verdict", get(verdict::show))
        .route("/provenance", get(journal::provenance))
        .route("/reset", post(state::reset))
        .route("/snapshot", get(state::snapshot))
        .route("/restore", post(state::restore))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::wrong_method)
}
