//! `/v1/balance`: what the program has at Payoneer, asked at this moment.

use super::caller::ReadCaller;
use super::document::{self, Route};
use super::problem::Refused;
use crate::app::App;
use crate::view;
use api::{Balance, Code};
use axum::Json;
use axum::extract::State;
use domain::api_key::Scope;
use std::sync::Arc;

/// `GET /v1/balance`
pub(super) async fn get(State(app): State<Arc<App>>, caller: ReadCaller) -> Result<Json<Balance>, Refused> {
    let balance = app.engine.balance(&caller.program).await?;
    Ok(Json(Balance {
        object: "balance".to_owned(),
        amount: view::amount(balance.money),
        currency: balance.money.currency().to_string(),
        fees_due: balance.fees_due.map(view::amount),
    }))
}

/// What the document says of this route.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/v1/balance", "Ask Payoneer for the program's balance")
            .needs(Scope::Read)
            .answers::<Balance>("The balance at this moment.")
            .refuses(&[Code::PayoneerError, Code::PayoneerUnreachable, Code::PayoneerBusy]),
    ]
}
