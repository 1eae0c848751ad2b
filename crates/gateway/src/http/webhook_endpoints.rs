//! `/v1/webhook_endpoints`: where a merchant wants events, secrets, trying out, sending again.

use super::caller::AdminCaller;
use super::json::{Json, Nothing};
use super::made::created;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use super::webhook_fields as fields;
use crate::app::App;
use crate::engine::{EndpointChange, NewEndpoint};
use crate::view;
use api::{
    CreateWebhookEndpoint, Delivery, List, Replay, Replayed, RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint,
};
use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;
use domain::WebhookEndpointId;
use std::sync::Arc;

/// `POST /v1/webhook_endpoints`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Json(body): Json<CreateWebhookEndpoint>,
) -> Result<Response, Refused> {
    let new = NewEndpoint {
        url: fields::url(&body.url, app.webhooks)?,
        description: fields::description(body.description.unwrap_or_default())?,
        kinds: fields::kinds(body.types.as_deref().unwrap_or(&["*".to_owned()]))?,
        headers: fields::headers(&body.headers.unwrap_or_default())?,
    };
    let (endpoint, secret) = app.engine.create_endpoint(&caller.program, new).await?;
    let shown = view::webhook_endpoint(&endpoint, Some(&secret));
    Ok(created(format!("/v1/webhook_endpoints/{}", shown.id), shown))
}

/// `GET /v1/webhook_endpoints`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    mut params: Params,
) -> Result<Body<List<WebhookEndpoint>>, Refused> {
    let wanted = Wanted::take(&mut params)?;
    params.finish()?;
    let endpoints = app.engine.endpoints(&caller.program, &wanted.page()).await?;
    Ok(wanted.list(&endpoints, |endpoint| endpoint.id.to_string(), |endpoint| view::webhook_endpoint(endpoint, None)))
}

/// `GET /v1/webhook_endpoints/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.endpoint(&caller.program, &parse(&id)?).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `PATCH /v1/webhook_endpoints/{id}`
pub(super) async fn update(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<UpdateWebhookEndpoint>,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let change = EndpointChange {
        url: body.url.as_deref().map(|url| fields::url(url, app.webhooks)).transpose()?,
        description: body.description.map(fields::description).transpose()?,
        kinds: body.types.as_deref().map(fields::kinds).transpose()?,
        headers: body.headers.as_ref().map(fields::headers).transpose()?,
    };
    let endpoint = app.engine.change_endpoint(&caller.program, &parse(&id)?, &change).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `DELETE /v1/webhook_endpoints/{id}`
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.delete_endpoint(&caller.program, &parse(&id)?).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `POST /v1/webhook_endpoints/{id}/enable`
pub(super) async fn enable(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.enable_endpoint(&caller.program, &parse(&id)?).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `POST /v1/webhook_endpoints/{id}/disable`
pub(super) async fn disable(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.disable_endpoint(&caller.program, &parse(&id)?).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `POST /v1/webhook_endpoints/{id}/rotate_secret`
pub(super) async fn rotate_secret(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<RotateSecret>,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let overlap = fields::overlap(body.overlap_seconds)?;
    let (endpoint, secret) = app.engine.rotate_secret(&caller.program, &parse(&id)?, overlap).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, Some(&secret))))
}

/// `POST /v1/webhook_endpoints/{id}/test`
pub(super) async fn test(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Body<Delivery>, Refused> {
    let delivery = app.engine.test_endpoint(&caller.program, &parse(&id)?).await?;
    Ok(Body(view::delivery(&delivery, &[])))
}

/// `POST /v1/webhook_endpoints/{id}/replay`
pub(super) async fn replay(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Json(body): Json<Replay>,
) -> Result<Body<Replayed>, Refused> {
    let replayed = app.engine.replay(&caller.program, &parse(&id)?, fields::replay(&body)?).await?;
    Ok(Body(Replayed {
        object: "replay".to_owned(),
        deliveries: u64::try_from(replayed.deliveries).unwrap_or(u64::MAX),
        is_complete: replayed.is_complete,
        next_after_sequence: replayed.next_after,
    }))
}

fn parse(id: &str) -> Result<WebhookEndpointId, Refused> {
    WebhookEndpointId::parse(id).ok_or_else(|| Refused::not_found("webhook endpoint"))
}
