//! `/v1/api_keys`: make keys of the program, see them, close them. A key's text is in one answer and nowhere else.

use super::caller::AdminCaller;
use super::document::{self, Route};
use super::fields;
use super::json::{Json, Nothing};
use super::made;
use super::one::One;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment};
use crate::app::App;
use crate::engine::NewKey;
use crate::view;
use api::{ApiKey, CreateApiKey, List, MadeApiKey};
use axum::extract::State;
use axum::response::Response;
use domain::api_key::Scope;
use domain::id::ApiKeyId;
use secrecy::ExposeSecret as _;
use serde_json::json;
use std::sync::Arc;

/// `POST /v1/api_keys`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Json(body): Json<CreateApiKey>,
) -> Result<Response, Refused> {
    let name = fields::key_name(&body.name)?;
    let mut scopes = Vec::new();
    for scope in &body.scopes {
        let scope = Scope::parse(scope.as_str());
        let scope = scope.ok_or_else(|| Refused::field("scopes", "must be `read`, `charge`, `payout` or `admin`"))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    if scopes.is_empty() {
        return Err(Refused::field("scopes", "at least one is needed"));
    }
    let new = NewKey { name, scopes, expires_in: fields::key_lifetime(body.expires_in_days)? };
    let (key, text) = app.engine.create_key(&caller.program, &caller.operator(), new).await?;
    let path = format!("/v1/api_keys/{}", key.id);
    let secret = text.expose_secret().to_owned();
    Ok(made::created(path, view::made_api_key(&key, secret)))
}

/// `GET /v1/api_keys`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    mut params: Params,
) -> Result<axum::Json<List<ApiKey>>, Refused> {
    let wanted = Wanted::take(&mut params)?;
    params.finish()?;
    let keys = app.engine.api_keys(&caller.program, &wanted.page()).await?;
    Ok(wanted.list(&keys, |key| key.id.to_string(), view::api_key))
}

/// `GET /v1/api_keys/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
) -> Result<One<ApiKey>, Refused> {
    Ok(One(view::api_key(&app.engine.api_key(&caller.program, &parse(&id)?).await?)))
}

/// `POST /v1/api_keys/{id}/revoke`
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    caller: AdminCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<axum::Json<ApiKey>, Refused> {
    let key = app.engine.revoke_key(&caller.program, &caller.operator(), &parse(&id)?).await?;
    Ok(axum::Json(view::api_key(&key)))
}

fn parse(id: &str) -> Result<ApiKeyId, Refused> {
    ApiKeyId::parse(id).ok_or_else(|| Refused::not_found("api key"))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let reports = json!({ "name": "reports", "scopes": ["read"], "expires_in_days": 90 });
    vec![
        document::post("/v1/api_keys", "Make an API key")
            .about("Of the same program. The key's text is in this answer and nowhere else.")
            .needs(Scope::Admin)
            .body::<CreateApiKey>(&[("reports", reports)])
            .creates::<MadeApiKey>("The key, with its text."),
        document::get("/v1/api_keys", "List API keys")
            .about("Newest first, closed ones too.")
            .needs(Scope::Admin)
            .query(document::page())
            .lists::<ApiKey>("A page of keys."),
        document::get("/v1/api_keys/{id}", "Show an API key").needs(Scope::Admin).shows::<ApiKey>("The key."),
        document::post("/v1/api_keys/{id}/revoke", "Close an API key for ever")
            .about("From the next request on. One that is closed already stays as it is.")
            .needs(Scope::Admin)
            .empty_body()
            .answers::<ApiKey>("The key, closed."),
    ]
}
