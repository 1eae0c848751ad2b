//! `/v1/charges`: take money from a payee, look at it, withdraw what was never sent, give it back.

use super::caller::{ChargeCaller, ReadCaller};
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
use crate::engine::{ChargeFilter, ChargeView, NewCharge, NewRefund};
use crate::view;
use api::{Charge, ChargeStatus, Code, CreateCharge, List, Problem, Refund};
use axum::extract::State;
use axum::http::StatusCode;
use domain::api_key::Scope;
use domain::attempt::{Attempt, Evidence};
use domain::idempotency::Operation;
use domain::program::Program;
use domain::{ChargeId, IdempotencyKey, Outcome, PayeeId, Reference};
use serde_json::json;
use std::sync::Arc;
use store::charges::Status;

/// `POST /v1/charges`
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Key(key): Key,
    Json(body): Json<CreateCharge>,
) -> Result<Answer<Charge>, Refused> {
    let new = new_charge(&body, key)?;
    let made = to_the_end(&app, |engine| async move { engine.create_charge(&caller.program, new).await }).await?;
    let is_definite = made.resource.charge.outcome() != Outcome::Unknown;
    let charge = show(&made.resource);
    let path = format!("/v1/charges/{}", charge.id);
    Ok(Answer { body: charge, path, is_definite, is_replay: made.replayed })
}

fn new_charge(body: &CreateCharge, key: IdempotencyKey) -> Result<NewCharge, Refused> {
    let payee_id = fields::payee_id(&body.payee_id)?;
    let money = fields::money(&body.amount, &body.currency)?;
    let description = fields::description(&body.description)?;
    let client_reference_id = fields::client_reference_id(body.client_reference_id.as_deref())?;
    let purpose = fields::purpose(body.purpose.as_deref())?;
    let metadata = fields::metadata(body.metadata.as_ref())?;
    let fingerprint = Fingerprint::of(Operation::Charge)
        .with("payee_id", &payee_id)
        .with("money", &money)
        .with("description", &description)
        .with_option("client_reference_id", client_reference_id.as_ref())
        .with_option("purpose", purpose.as_ref())
        .with_option("metadata", metadata.as_ref())
        .finish();
    Ok(NewCharge { payee_id, money, description, client_reference_id, purpose, metadata, key, fingerprint })
}

/// Reads the body of a `POST /v1/charges` as the handler does, without a server: what makes a repeat of it recognisable,
/// or why it is refused. For whoever tests the reading with many bodies.
pub fn read_create_charge(body: &[u8]) -> Result<Vec<u8>, Box<Problem>> {
    let key = IdempotencyKey::parse("read-only").map_err(|_| Refused::internal("a key that is none").problem)?;
    let read = super::json::parse(body).and_then(|body| new_charge(&body, key));
    read.map(|new| new.fingerprint).map_err(|refused| refused.problem)
}

/// `GET /v1/charges`
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    mut params: Params,
) -> Result<axum::Json<List<Charge>>, Refused> {
    let wanted = Wanted::within(&mut params, ChargeId::PREFIX)?;
    let filter = ChargeFilter {
        status: params.read("status", "the status of a charge, such as `succeeded`", Status::parse)?,
        payee_id: params.read("payee_id", "a payee id", |text| PayeeId::parse(text).ok())?,
        client_reference_id: params.read("client_reference_id", "a reference", |text| Reference::parse(text).ok())?,
        needs_attention: params.read("needs_attention", "`true`", only_true)?.is_some(),
        idempotency_key: params.read("idempotency_key", "a key", |text| IdempotencyKey::parse(text).ok())?,
    };
    params.finish()?;
    if filter.needs_attention && filter.status.is_some() {
        return Err(Refused::field("?status", "cannot stand beside `needs_attention`, which shows what is unknown"));
    }
    let charges = app.engine.charges(&caller.program, &filter, &wanted.page()).await?;
    Ok(wanted.list(&charges, |charge| charge.id.to_string(), |charge| view::charge(charge, &[])))
}

/// `GET /v1/charges/{id}`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: ReadCaller,
    Segment(id): Segment,
) -> Result<One<Charge>, Refused> {
    Ok(One(shown(&app, &caller.program, &parse(&id)?).await?))
}

/// `POST /v1/charges/{id}/refresh`: has Payoneer asked soon. 202 if it will be, 200 if there is nothing to ask.
pub(super) async fn refresh(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<(StatusCode, axum::Json<Charge>), Refused> {
    let (view, is_asked) = app.engine.refresh_charge(&caller.program, &parse(&id)?).await?;
    Ok((if is_asked { StatusCode::ACCEPTED } else { StatusCode::OK }, axum::Json(show(&view))))
}

/// `POST /v1/charges/{id}/cancel`
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(id): Segment,
    Nothing: Nothing,
) -> Result<axum::Json<Charge>, Refused> {
    Ok(axum::Json(show(&app.engine.cancel_charge(&caller.program, &parse(&id)?).await?)))
}

/// `POST /v1/charges/{id}/refund`
pub(super) async fn refund(
    State(app): State<Arc<App>>,
    caller: ChargeCaller,
    Segment(id): Segment,
    Key(key): Key,
    Nothing: Nothing,
) -> Result<Answer<Refund>, Refused> {
    let charge = parse(&id)?;
    let fingerprint = Fingerprint::of(Operation::Refund).with("charge", &charge).finish();
    let new = NewRefund { charge, key, fingerprint };
    let made = to_the_end(&app, |engine| async move { engine.create_refund(&caller.program, new).await }).await?;
    let is_definite = made.resource.outcome() != Outcome::Unknown;
    let refund = view::refund(&made.resource);
    let path = format!("/v1/refunds/{}", refund.id);
    Ok(Answer { body: refund, path, is_definite, is_replay: made.replayed })
}

/// A charge with everything that is known of it; whoever reads something unknown has it looked at.
pub(super) async fn shown(app: &App, program: &Program, id: &ChargeId) -> Result<Charge, Refused> {
    let view = app.engine.charge(program, id).await?;
    app.engine.wish_to_know(&view.attempts);
    let by_operators = |attempt: &Attempt| attempt.evidence == Some(Evidence::Operator);
    let may_be_settled = view.charge.unknown || view.attempts.iter().any(by_operators);
    let settlement = if may_be_settled { settlements::standing(app, id.as_str()).await? } else { None };
    Ok(Charge { settlement, ..show(&view) })
}

fn show(view: &ChargeView) -> Charge {
    view::charge(&view.charge, &view.attempts)
}

pub(super) fn parse(id: &str) -> Result<ChargeId, Refused> {
    ChargeId::parse(id).ok_or_else(|| Refused::not_found("charge"))
}

/// What the document says of these routes.
pub(super) fn describe() -> Vec<Route> {
    let examples = [
        (
            "shortest",
            json!({ "payee_id": "Test123", "amount": "1.20", "currency": "USD", "description": "Order 4711" }),
        ),
        (
            "with_references",
            json!({
                "payee_id": "Test123",
                "amount": "2",
                "currency": "USD",
                "description": "Rent, November",
                "client_reference_id": "rent-2026-11",
                "purpose": "rent-2026-11",
                "metadata": { "flat": "12b" },
            }),
        ),
    ];
    let filters = [
        document::word::<ChargeStatus>("status", "Only charges that stand here."),
        document::text("payee_id", "Only charges of this payee.", json!({})),
        document::text("client_reference_id", "The charge with this reference.", json!({})),
        document::text("idempotency_key", "The charge that was asked for under this key.", json!({})),
        document::switch("needs_attention", "Only charges that have been unknown for too long."),
    ];
    vec![
        document::post("/v1/charges", "Charge a payee")
            .about(
                "Takes money from the payee's Payoneer balance. A refusal by Payoneer is an answer, not an error: the \
                 charge is then `failed` and says why. While the outcome is unknown the answer is 202; repeat with the \
                 same key, or look at the charge.",
            )
            .needs(Scope::Charge)
            .keyed()
            .body::<CreateCharge>(&examples)
            .moves::<Charge>()
            .refuses(&[Code::PayeeNotAuthorized, Code::ClientReferenceIdTaken, Code::PurposeBusy])
            .refuses(document::SENDS),
        document::get("/v1/charges", "List charges")
            .about("Newest first.")
            .needs(Scope::Read)
            .query(document::page())
            .query(document::range())
            .query(filters)
            .lists::<Charge>("A page of charges, without their attempts."),
        document::get("/v1/charges/{id}", "Look at a charge")
            .about("Looking at a charge whose outcome is unknown makes the gateway ask Payoneer soon.")
            .needs(Scope::Read)
            .shows::<Charge>("The charge with its attempts."),
        document::post("/v1/charges/{id}/cancel", "Withdraw a charge of which nothing was sent")
            .needs(Scope::Charge)
            .empty_body()
            .answers::<Charge>("The charge, now `canceled`.")
            .refuses(&[Code::ChargeNotCancelable]),
        document::post("/v1/charges/{id}/refund", "Give a charge back")
            .about("Always the whole of it: Payoneer knows no partial refund.")
            .needs(Scope::Charge)
            .keyed()
            .empty_body()
            .moves::<Refund>()
            .refuses(&[Code::ChargeNotRefundable, Code::RefundExists])
            .refuses(document::SENDS),
        document::post("/v1/charges/{id}/refresh", "Have Payoneer asked about a charge now")
            .needs(Scope::Charge)
            .empty_body()
            .answers::<Charge>("There is nothing to ask: it is known what became of it.")
            .or_later::<Charge>("Payoneer will be asked soon."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_asked_for_today_is_recognised_for_ever() {
        let body = r#"{"payee_id":"ID123","amount":"1.2","currency":"USD","description":"Charge test",
                       "client_reference_id":"test_88","purpose":"rent","metadata":{"a":"1"}}"#;
        let new = new_charge(&serde_json::from_str(body).unwrap(), IdempotencyKey::parse("k").unwrap()).unwrap();
        let shown = data_encoding::HEXLOWER.encode(&new.fingerprint);
        assert_eq!(shown, "684521f85411f3b9ef3641faedb533a6d449bb35b53cd0080b9e5de1114467dc");
    }
}
