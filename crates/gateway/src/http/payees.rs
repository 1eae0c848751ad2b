//! `/v1/payees`: who can be charged, and how fresh that knowledge is.

use super::caller::{ChargeCaller, ReadCaller};
use super::json::Nothing;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::view;
use api::{List, Payee};
use axum::Json;
use axum::extract::State;
use domain::PayeeId;
use std::sync::Arc;

/// `GET /v1/payees`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<Json<List<Payee>>, Refused> {
    let wanted = Wanted::take(&mut params)?;
    params.finish()?;
    let mandates = app.engine.payees(&caller.program, &wanted.page()).await?;
    let now = app.engine.now();
    Ok(wanted.list(&mandates, |mandate| mandate.id.to_string(), |mandate| view::payee(mandate, now)))
}

/// `GET /v1/payees/{payee_id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(payee_id): Segment,
) -> Result<Json<Payee>, Refused> {
    let mandate = app.engine.payee(&caller.program, &parse(&payee_id)?).await?;
    Ok(Json(view::payee(&mandate, app.engine.now())))
}

/// `POST /v1/payees/{payee_id}/refresh`: asks Payoneer now.
pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(payee_id): Segment,
    Nothing: Nothing,
) -> Result<Json<Payee>, Refused> {
    let mandate = app.engine.refresh_payee(&caller.program, &parse(&payee_id)?).await?;
    Ok(Json(view::payee(&mandate, app.engine.now())))
}

/// `POST /v1/payees/{payee_id}/revoke`: releases the payee at Payoneer.
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(payee_id): Segment,
    Nothing: Nothing,
) -> Result<Json<Payee>, Refused> {
    let mandate = app.engine.revoke_payee(&caller.program, &parse(&payee_id)?).await?;
    Ok(Json(view::payee(&mandate, app.engine.now())))
}

fn parse(payee_id: &str) -> Result<PayeeId, Refused> {
    PayeeId::parse(payee_id).map_err(|_| Refused::not_found("payee"))
}
