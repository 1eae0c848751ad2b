//! The hosted page `/partners/lp.aspx`: sign-up or log-in, consent, and the way back to the merchant.
//! What a step means for the payee is the world's business; here it is asked for and shown.

mod answers;
mod ask;
mod countries;
mod here;
mod person;
pub(super) mod rules;
mod show;
mod take;
mod views;
mod visit;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};

use self::ask::Ask;
use self::here::Here;
use self::visit::Visits;
use crate::App;

/// The hosted page's route.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new().route(ask::PATH, get(see).post(send)).layer(Extension(Arc::new(Visits::default())))
}

async fn see(
    State(app): State<Arc<App>>,
    Extension(visits): Extension<Arc<Visits>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let ask = Ask::read(query.as_deref(), &headers, &[]);
    Here::find(app, visits, ask).map_or_else(|answer| *answer, |here| show::show(&here))
}

async fn send(
    State(app): State<Arc<App>>,
    Extension(visits): Extension<Arc<Visits>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let ask = Ask::read(query.as_deref(), &headers, &body);
    match Here::find(app, visits, ask) {
        Ok(here) => take::take(&here).await,
        Err(answer) => *answer,
    }
}
