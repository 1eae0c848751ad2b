//! `/v1/payees`: who can be charged, and how fresh that knowledge is.

use super::caller::{ChargeCaller, ReadCaller};
use super::document::{self, Route};
use super::json::Nothing;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::view;
use api::{Code, List, Payee};
use axum::Json;
use axum::extract::State;
use domain::PayeeId;
use domain::api_key::Scope;
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

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let asked = [Code::PayoneerError, Code::PayoneerUnreachable, Code::PayoneerBusy];
    vec![
        document::get("/v1/payees", "List payees")
            .about("Newest first.")
            .needs(Scope::Read)
            .query(document::page())
            .lists::<Payee>("A page of payees."),
        document::get("/v1/payees/{payee_id}", "Look at a payee")
            .about("Answers from the gateway's own copy and says in `mandate.age_seconds` how old it is.")
            .needs(Scope::Read)
            .answers::<Payee>("The payee and its mandate."),
        document::post("/v1/payees/{payee_id}/refresh", "Ask Payoneer about a payee now")
            .needs(Scope::Charge)
            .empty_body()
            .answers::<Payee>("The payee as Payoneer sees it now.")
            .refuses(&asked),
        document::post("/v1/payees/{payee_id}/revoke", "Release a payee")
            .about("Withdraws the mandate at Payoneer: the payee can no longer be charged.")
            .needs(Scope::Charge)
            .empty_body()
            .answers::<Payee>("The payee, its mandate now `revoked`.")
            .refuses(&asked)
            .refuses(&[Code::Conflict]),
    ]
}
