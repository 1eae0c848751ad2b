//! `/v1/payouts`: send money to a payee, look at it, take it back while Payoneer still allows.

use super::caller::{PayoutCaller, ReadCaller};
use super::document::{self, Route};
use super::fields;
use super::idempotency::{Fingerprint, Key};
use super::json::{Json, Nothing};
use super::made::{Answer, to_the_end};
use super::one::One;
use super::page::Wanted;
use super::problem::Refused;
use super::query::{Params, Segment, only_true};
use super::settlements;
use crate::app::App;
use crate::engine::{NewPayout, PayoutFilter};
use crate::view;
use api::{Code, CreatePayout, List, Payout, PayoutStatus};
use axum::extract::State;
use domain::api_key::Scope;
use domain::idempotency::Operation;
use domain::program::Program;
use domain::{IdempotencyKey, Outcome, PayeeId, PayoutId, Reference};
use serde_json::json;
use std::sync::Arc;
use store::payouts::Status;

/// `POST /v1/payouts`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: PayoutCaller,
    Key(key): Key,
    Json(body): Json<CreatePayout>,
) -> Result<Answer<Payout>, Refused> {
    let new = new_payout(&body, key)?;
    let made = to_the_end(&app, |engine| async move { engine.create_payout(&caller.program, new).await }).await?;
    let is_definite = made.resource.outcome() != Outcome::Unknown;
    let payout = view::payout(&made.resource);
    let path = format!("/v1/payouts/{}", payout.id);
    Ok(Answer { body: payout, path, is_definite, is_replay: made.replayed })
}

fn new_payout(body: &CreatePayout, key: IdempotencyKey) -> Result<NewPayout, Refused> {
    let payee_id = fields::payee_id(&body.payee_id)?;
    let money = fields::money(&body.amount, &body.currency)?;
    let description = fields::description(&body.description)?;
    let client_reference_id = fields::client_reference_id(body.client_reference_id.as_deref())?;
    let fingerprint = Fingerprint::of(Operation::Payout)
        .with("payee_id", &payee_id)
        .with("money", &money)
        .with("description", &description)
        .with_option("client_reference_id", client_reference_id.as_ref())
        .finish();
    Ok(NewPayout { payee_id, money, description, client_reference_id, key, fingerprint })
}

/// `GET /v1/payouts`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<axum::Json<List<Payout>>, Refused> {
    let wanted = Wanted::within(&mut params, PayoutId::PREFIX)?;
    let needs_attention = params.read("needs_attention", "`true`", only_true)?.is_some();
    let filter = PayoutFilter {
        status: params.read("status", "the status of a payout, such as `paid`", Status::parse)?,
        payee_id: params.read("payee_id", "a payee id", |text| PayeeId::parse(text).ok())?,
        client_reference_id: params.read("client_reference_id", "a reference", |text| Reference::parse(text).ok())?,
        idempotency_key: params.read("idempotency_key", "a key", |text| IdempotencyKey::parse(text).ok())?,
    };
    params.finish()?;
    let payouts = match (needs_attention, &filter) {
        (true, PayoutFilter { status: None, payee_id: None, client_reference_id: None, idempotency_key: None }) => {
            app.engine.parked_payouts(&caller.program, &wanted.page()).await?
        }
        (true, _) => return Err(Refused::field("?needs_attention", "cannot stand beside another filter of payouts")),
        (false, filter) => app.engine.find_payouts(&caller.program, filter, &wanted.page()).await?,
    };
    Ok(wanted.list(&payouts, |payout| payout.id.to_string(), view::payout))
}

/// `GET /v1/payouts/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<One<Payout>, Refused> {
    Ok(One(shown(&app, &caller.program, &parse(&id)?).await?))
}

/// A payout with everything that is known of it; whoever reads something unknown has it looked at.
pub(super) async fn shown(app: &App, program: &Program, id: &PayoutId) -> Result<Payout, Refused> {
    let payout = app.engine.payout(program, id).await?;
    app.engine.wish_to_know_of(payout.unknown, payout.id.as_str());
    let settlement = settlements::standing(app, id.as_str()).await?;
    Ok(Payout { settlement, ..view::payout(&payout) })
}

/// `POST /v1/payouts/{id}/cancel`
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: PayoutCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<axum::Json<Payout>, Refused> {
    let id = parse(&id)?;
    let payout = to_the_end(&app, |engine| async move { engine.cancel_payout(&caller.program, &id).await }).await?;
    Ok(axum::Json(view::payout(&payout)))
}

pub(super) fn parse(id: &str) -> Result<PayoutId, Refused> {
    PayoutId::parse(id).ok_or_else(|| Refused::not_found("payout"))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let shortest =
        json!({ "payee_id": "Test123", "amount": "3.50", "currency": "USD", "description": "Refund of a deposit" });
    let filters = [
        document::word::<PayoutStatus>("status", "Only payouts that stand here."),
        document::text("payee_id", "Only payouts to this payee.", json!({})),
        document::text("client_reference_id", "The payout with this reference.", json!({})),
        document::text("idempotency_key", "The payout that was asked for under this key.", json!({})),
        document::switch("needs_attention", "Only payouts that have been unknown for too long."),
    ];
    vec![
        document::post("/v1/payouts", "Pay a payee")
            .needs(Scope::Payout)
            .keyed()
            .body::<CreatePayout>(&[("shortest", shortest)])
            .moves::<Payout>()
            .refuses(&[Code::ClientReferenceIdTaken])
            .refuses(document::SENDS),
        document::get("/v1/payouts", "List payouts")
            .about("Newest first.")
            .needs(Scope::Read)
            .query(document::page())
            .query(document::range())
            .query(filters)
            .lists::<Payout>("A page of payouts."),
        document::get("/v1/payouts/{id}", "Look at a payout").needs(Scope::Read).shows::<Payout>("The payout."),
        document::post("/v1/payouts/{id}/cancel", "Take a payout back")
            .about("While Payoneer still allows it.")
            .needs(Scope::Payout)
            .empty_body()
            .answers::<Payout>("The payout as it is now: the cancel may take effect later.")
            .refuses(&[Code::PayoutNotCancelable, Code::Draining])
            .refuses(document::SENDS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payout_asked_for_today_is_recognised_for_ever() {
        let body = r#"{"payee_id":"ID123","amount":"1.2","currency":"USD","description":"Charge test"}"#;
        let new = new_payout(&serde_json::from_str(body).unwrap(), IdempotencyKey::parse("k").unwrap()).unwrap();
        let shown = data_encoding::HEXLOWER.encode(&new.fingerprint);
        assert_eq!(shown, "fec7f378c8fec10368696833112c3fd429e438cd69112df14a559f2499a5e5aa");
    }
}
