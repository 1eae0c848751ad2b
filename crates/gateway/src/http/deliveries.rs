//! `/v1/deliveries`: what was sent to whom, every try of it, and sending one again.

use super::caller::{AdminCaller, ReadCaller};
use super::json::Nothing;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::view;
use api::{Delivery, List};
use axum::Json;
use axum::extract::State;
use domain::{DeliveryId, EventId, WebhookEndpointId, delivery};
use std::sync::Arc;
use store::deliveries::Filter;

/// `GET /v1/deliveries`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<Json<List<Delivery>>, Refused> {
    let wanted = Wanted::take(&mut params)?;
    let filter = Filter {
        event: params.read("event", "the id of an event", EventId::parse)?,
        endpoint: params.read("endpoint", "the id of a webhook endpoint", WebhookEndpointId::parse)?,
        state: params.read("status", "a status, such as `failed`", delivery::State::parse)?,
    };
    params.finish()?;
    let deliveries = app.engine.deliveries(&caller.program, &filter, &wanted.page()).await?;
    Ok(wanted.list(&deliveries, |delivery| delivery.id.to_string(), |delivery| view::delivery(delivery, &[])))
}

/// `GET /v1/deliveries/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<Json<Delivery>, Refused> {
    let delivery = app.engine.delivery(&caller.program, &parse(&id)?).await?;
    let tries = app.engine.tries(&delivery.id).await?;
    Ok(Json(view::delivery(&delivery, &tries)))
}

/// `POST /v1/deliveries/{id}/resend`
pub(super) async fn resend(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Json<Delivery>, Refused> {
    Ok(Json(view::delivery(&app.engine.resend(&caller.program, &parse(&id)?).await?, &[])))
}

fn parse(id: &str) -> Result<DeliveryId, Refused> {
    DeliveryId::parse(id).ok_or_else(|| Refused::not_found("delivery"))
}
