//! `/v1/authorization_sessions`: send a payee to Payoneer's page and know what came of it.

use super::caller::{ChargeCaller, ReadCaller};
use super::document::{self, Route};
use super::fields;
use super::json::{Json, Nothing};
use super::made::created;
use super::one::One;
use super::problem::Refused;
use super::query::Segment;
use crate::app::App;
use crate::engine::NewAuthorization;
use crate::port::Contact;
use crate::view;
use api::authorization_session::Account;
use api::{AuthorizationSession, Code, CreateAuthorizationSession};
use axum::extract::State;
use axum::response::Response;
use domain::AuthorizationSessionId;
use domain::api_key::Scope;
use serde_json::json;
use std::sync::Arc;

/// `POST /v1/authorization_sessions`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Json(body): Json<CreateAuthorizationSession>,
) -> Result<Response, Refused> {
    let payee_id = fields::payee_id(&body.payee_id)?;
    let return_url = body.return_url.as_deref();
    let return_url = return_url.map(|url| fields::web_address("return_url", url, &caller.program)).transpose()?;
    let contact = match body.contact {
        Some(contact) => Contact {
            first_name: fields::name("contact.first_name", contact.first_name)?,
            last_name: fields::name("contact.last_name", contact.last_name)?,
            email: fields::email("contact.email", contact.email)?,
        },
        None => Contact::default(),
    };
    let new = NewAuthorization {
        payee_id,
        return_url,
        language: body.language.map(|language| language.as_str().to_owned()),
        existing_account: body.account == Some(Account::Existing),
        contact,
    };
    let session = view::authorization_session(&app.engine.authorize(&caller.program, new).await?);
    Ok(created(format!("/v1/authorization_sessions/{}", session.id), session))
}

/// `GET /v1/authorization_sessions/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<One<AuthorizationSession>, Refused> {
    let session = app.engine.authorization(&caller.program, &parse(&id)?).await?;
    Ok(One(view::authorization_session(&session)))
}

/// `POST /v1/authorization_sessions/{id}/cancel`
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<axum::Json<AuthorizationSession>, Refused> {
    let session = app.engine.cancel_authorization(&caller.program, &parse(&id)?).await?;
    Ok(axum::Json(view::authorization_session(&session)))
}

fn parse(id: &str) -> Result<AuthorizationSessionId, Refused> {
    AuthorizationSessionId::parse(id).ok_or_else(|| Refused::not_found("authorization session"))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let examples = [
        ("shortest", json!({ "payee_id": "user-7" })),
        (
            "filled_in",
            json!({
                "payee_id": "user-8",
                "return_url": "https://shop.example/authorized",
                "language": "zh",
                "account": "new",
                "contact": { "first_name": "Na", "last_name": "Li", "email": "li.na@shop.example" },
            }),
        ),
    ];
    let asked = [Code::PayoneerError, Code::PayoneerUnreachable, Code::PayoneerBusy, Code::PayoneerDown];
    vec![
        document::post("/v1/authorization_sessions", "Send a payee to Payoneer's page")
            .about("Answers with the address of Payoneer's page. Send the payee's browser there; it comes back to `return_url`.")
            .needs(Scope::Charge)
            .body::<CreateAuthorizationSession>(&examples)
            .creates::<AuthorizationSession>("The session. Send the browser to its `url`.")
            .refuses(&asked),
        document::get("/v1/authorization_sessions/{id}", "Look at an authorization session")
            .needs(Scope::Read)
            .shows::<AuthorizationSession>("The session."),
        document::post("/v1/authorization_sessions/{id}/cancel", "Call an authorization session off")
            .needs(Scope::Charge)
            .empty_body()
            .answers::<AuthorizationSession>("The session, now `canceled`.")
            .refuses(&[Code::SessionClosed]),
    ]
}
