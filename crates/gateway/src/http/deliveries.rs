//! `/v1/deliveries`: what was sent to whom, every try of it, and sending one again.

use super::caller::{AdminCaller, ReadCaller};
use super::document::{self, Route};
use super::json::Nothing;
use super::one::One;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::view;
use api::{Code, Delivery, DeliveryStatus, List};
use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use domain::{DeliveryId, EventId, WebhookEndpointId, delivery};
use serde_json::json;
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
) -> Result<One<Delivery>, Refused> {
    let delivery = app.engine.delivery(&caller.program, &parse(&id)?).await?;
    let tries = app.engine.tries(&delivery.id).await?;
    Ok(One(view::delivery(&delivery, &tries)))
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

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let id = |prefix: &str| json!({ "pattern": format!("^{prefix}[0-9a-z]{{26}}$") });
    let filters = [
        document::text("event", "Only deliveries of the event with this id.", id(EventId::PREFIX)),
        document::text("endpoint", "Only deliveries to the endpoint with this id.", id(WebhookEndpointId::PREFIX)),
        document::word::<DeliveryStatus>("status", "Only deliveries that stand here."),
    ];
    vec![
        document::get("/v1/deliveries", "List deliveries")
            .about("Newest first.")
            .needs(Scope::Read)
            .query(document::page())
            .query(filters)
            .lists::<Delivery>("A page of deliveries, without their tries."),
        document::get("/v1/deliveries/{id}", "Look at a delivery")
            .needs(Scope::Read)
            .shows::<Delivery>("The delivery with its tries."),
        document::post("/v1/deliveries/{id}/resend", "Send a delivery again")
            .needs(Scope::Admin)
            .empty_body()
            .answers::<Delivery>("The delivery, `pending` again.")
            .refuses(&[Code::Conflict]),
    ]
}
