//! `/v1/refunds`: look at what was given back. A refund is begun under its charge.

use super::caller::ReadCaller;
use super::document::{self, Route};
use super::one::One;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment, only_true};
use super::settlements;
use crate::app::App;
use crate::view;
use api::{List, Refund};
use axum::Json;
use axum::extract::State;
use domain::RefundId;
use domain::api_key::Scope;
use domain::program::Program;
use std::sync::Arc;

/// `GET /v1/refunds`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<Json<List<Refund>>, Refused> {
    let wanted = Wanted::within(&mut params, RefundId::PREFIX)?;
    let needs_attention = params.read("needs_attention", "`true`", only_true)?.is_some();
    params.finish()?;
    let refunds = if needs_attention {
        app.engine.parked_refunds(&caller.program, &wanted.page()).await?
    } else {
        app.engine.refunds(&caller.program, &wanted.page()).await?
    };
    Ok(wanted.list(&refunds, |refund| refund.id.to_string(), view::refund))
}

/// `GET /v1/refunds/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<One<Refund>, Refused> {
    Ok(One(shown(&app, &caller.program, &parse(&id)?).await?))
}

/// A refund with everything that is known of it; whoever reads something unknown has it looked at.
pub(super) async fn shown(app: &App, program: &Program, id: &RefundId) -> Result<Refund, Refused> {
    let refund = app.engine.refund(program, id).await?;
    app.engine.wish_to_know_of(refund.unknown, id.as_str());
    let settlement = settlements::standing(app, id.as_str()).await?;
    Ok(Refund { settlement, ..view::refund(&refund) })
}

pub(super) fn parse(id: &str) -> Result<RefundId, Refused> {
    RefundId::parse(id).ok_or_else(|| Refused::not_found("refund"))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    vec![
        document::get("/v1/refunds", "List refunds")
            .about("Newest first.")
            .needs(Scope::Read)
            .query(document::page())
            .query(document::range())
            .query([document::switch("needs_attention", "Only refunds that have been unknown for too long.")])
            .lists::<Refund>("A page of refunds."),
        document::get("/v1/refunds/{id}", "Look at a refund").needs(Scope::Read).shows::<Refund>("The refund."),
    ]
}
