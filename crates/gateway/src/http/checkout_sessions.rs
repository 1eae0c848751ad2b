//! `/v1/checkout_sessions`: open a hosted checkout, look at it, close it.

use super::caller::{ChargeCaller, ReadCaller};
use super::document::{self, Route};
use super::fields;
use super::json::{Json, Nothing};
use super::made::created;
use super::one::One;
use super::problem::Refused;
use super::query::Segment;
use crate::app::App;
use crate::engine::NewCheckout;
use crate::view;
use api::{CheckoutSession, Code, CreateCheckoutSession};
use axum::extract::State;
use axum::response::Response;
use domain::CheckoutSessionId;
use domain::api_key::Scope;
use serde_json::json;
use std::sync::Arc;

/// `POST /v1/checkout_sessions`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Json(body): Json<CreateCheckoutSession>,
) -> Result<Response, Refused> {
    let program = &caller.program;
    let cancel_url = body.cancel_url.as_deref();
    let new = NewCheckout {
        payee_id: fields::payee_id(&body.payee_id)?,
        money: fields::money(&body.amount, &body.currency)?,
        description: fields::description(&body.description)?,
        client_reference_id: fields::client_reference_id(body.client_reference_id.as_deref())?,
        success_url: fields::web_address("success_url", &body.success_url, program)?,
        cancel_url: cancel_url.map(|url| fields::web_address("cancel_url", url, program)).transpose()?,
        language: body.language.map(|language| language.as_str().to_owned()),
        lifetime: fields::lifetime(body.expires_in_seconds)?,
    };
    let session = app.engine.open_checkout(program, new).await?;
    let session = view::checkout_session(&session, app.engine.public_url());
    Ok(created(format!("/v1/checkout_sessions/{}", session.id), session))
}

/// `GET /v1/checkout_sessions/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<One<CheckoutSession>, Refused> {
    let session = app.engine.checkout(&caller.program, &parse(&id)?).await?;
    Ok(One(view::checkout_session(&session, app.engine.public_url())))
}

/// `POST /v1/checkout_sessions/{id}/expire`
pub(super) async fn expire(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<axum::Json<CheckoutSession>, Refused> {
    let session = app.engine.expire_checkout(&caller.program, &parse(&id)?).await?;
    Ok(axum::Json(view::checkout_session(&session, app.engine.public_url())))
}

fn parse(id: &str) -> Result<CheckoutSessionId, Refused> {
    CheckoutSessionId::parse(id).ok_or_else(|| Refused::not_found("checkout session"))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let whole = json!({
        "payee_id": "Test123",
        "amount": "12.50",
        "currency": "USD",
        "description": "Order 4712",
        "success_url": "https://shop.example/paid",
        "cancel_url": "https://shop.example/basket",
        "client_reference_id": "order-4712",
        "language": "en",
        "expires_in_seconds": 3600,
    });
    vec![
        document::post("/v1/checkout_sessions", "Open a checkout")
            .about("A hosted page on which the payee authorises where needed, confirms and pays once.")
            .needs(Scope::Charge)
            .body::<CreateCheckoutSession>(&[("whole", whole)])
            .creates::<CheckoutSession>("The session. Send the browser to its `url`.")
            .refuses(&[Code::ClientReferenceIdTaken]),
        document::get("/v1/checkout_sessions/{id}", "Look at a checkout")
            .needs(Scope::Read)
            .shows::<CheckoutSession>("The session."),
        document::post("/v1/checkout_sessions/{id}/expire", "Close a checkout")
            .needs(Scope::Charge)
            .empty_body()
            .answers::<CheckoutSession>("The session, now `expired`.")
            .refuses(&[Code::SessionClosed]),
    ]
}
