//! `/v1/webhook_endpoints`: where a merchant wants events, secrets, trying out, sending again.

use super::caller::AdminCaller;
use super::document::{self, Route};
use super::json::{Json, Nothing};
use super::made::created;
use super::one::One;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use super::webhook_fields as fields;
use crate::app::App;
use crate::engine::{EndpointChange, NewEndpoint};
use crate::view;
use api::{
    Code, CreateWebhookEndpoint, Delivery, List, Replay, Replayed, RotateSecret, UpdateWebhookEndpoint, WebhookEndpoint,
};
use axum::Json as Body;
use axum::extract::State;
use axum::response::Response;
use domain::WebhookEndpointId;
use domain::api_key::Scope;
use serde_json::json;
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
    let (endpoint, secret) = app.engine.create_endpoint(&caller.program, &caller.operator().actor, new).await?;
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
) -> Result<One<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.endpoint(&caller.program, &parse(&id)?).await?;
    Ok(One(view::webhook_endpoint(&endpoint, None)))
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
    let endpoint = app.engine.change_endpoint(&caller.program, &caller.operator().actor, &parse(&id)?, &change).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `DELETE /v1/webhook_endpoints/{id}`
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.delete_endpoint(&caller.program, &caller.operator().actor, &parse(&id)?).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `POST /v1/webhook_endpoints/{id}/enable`
pub(super) async fn enable(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.enable_endpoint(&caller.program, &caller.operator().actor, &parse(&id)?).await?;
    Ok(Body(view::webhook_endpoint(&endpoint, None)))
}

/// `POST /v1/webhook_endpoints/{id}/disable`
pub(super) async fn disable(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<Body<WebhookEndpoint>, Refused> {
    let endpoint = app.engine.disable_endpoint(&caller.program, &caller.operator().actor, &parse(&id)?).await?;
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
    let (endpoint, secret) =
        app.engine.rotate_secret(&caller.program, &caller.operator().actor, &parse(&id)?, overlap).await?;
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

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let shortest = json!({ "url": "https://shop.example/hooks" });
    let choosy = json!({
        "url": "https://shop.example/hooks/charges",
        "types": ["charge.succeeded", "charge.failed", "refund.*"],
        "description": "The shop's accounts",
        "headers": { "authorization": "Bearer made-up" },
    });
    let address = |path, summary| document::post(path, summary).needs(Scope::Admin).refuses(&[Code::Conflict]);
    vec![
        document::post("/v1/webhook_endpoints", "Have events sent to an address")
            .about("The answer holds the secret that signs what is sent, and it alone does: keep it.")
            .needs(Scope::Admin)
            .body::<CreateWebhookEndpoint>(&[("shortest", shortest), ("choosy", choosy)])
            .creates::<WebhookEndpoint>("The endpoint, with its secret.")
            .refuses(&[Code::Conflict]),
        document::get("/v1/webhook_endpoints", "List webhook endpoints")
            .about("Newest first.")
            .needs(Scope::Admin)
            .query(document::page())
            .lists::<WebhookEndpoint>("A page of endpoints."),
        document::get("/v1/webhook_endpoints/{id}", "Look at a webhook endpoint")
            .needs(Scope::Admin)
            .shows::<WebhookEndpoint>("The endpoint."),
        document::other("patch", "/v1/webhook_endpoints/{id}", "Change a webhook endpoint")
            .about("What is not given stays as it is.")
            .needs(Scope::Admin)
            .body::<UpdateWebhookEndpoint>(&[("fewer_events", json!({ "types": ["charge.*"] }))])
            .answers::<WebhookEndpoint>("The endpoint as it is now.")
            .refuses(&[Code::Conflict]),
        document::other("delete", "/v1/webhook_endpoints/{id}", "Delete a webhook endpoint")
            .about("For ever: nothing more is sent to it, whatever is due.")
            .needs(Scope::Admin)
            .answers::<WebhookEndpoint>("The endpoint, now `deleted`.")
            .refuses(&[Code::Conflict]),
        address("/v1/webhook_endpoints/{id}/enable", "Send events to an endpoint again")
            .empty_body()
            .answers::<WebhookEndpoint>("The endpoint, now `enabled`."),
        address("/v1/webhook_endpoints/{id}/disable", "Send nothing to an endpoint for now")
            .empty_body()
            .answers::<WebhookEndpoint>("The endpoint, now `disabled`. What is due waits."),
        address("/v1/webhook_endpoints/{id}/rotate_secret", "Give an endpoint a new secret")
            .about("For a while both secrets sign, so that the receiver can change over.")
            .body::<RotateSecret>(&[("an_hour", json!({ "overlap_seconds": 3600 }))])
            .answers::<WebhookEndpoint>("The endpoint, with its new secret."),
        address("/v1/webhook_endpoints/{id}/test", "Send an endpoint an event to try it out")
            .empty_body()
            .answers::<Delivery>("The delivery of the event; look at it in a moment."),
        address("/v1/webhook_endpoints/{id}/replay", "Send an endpoint events again")
            .about("Either a range of events, or every delivery that failed since an instant.")
            .body::<Replay>(&[("what_failed", json!({ "failed_since": "2026-11-24T00:00:00Z" }))])
            .answers::<Replayed>("How much is sent again."),
    ]
}
