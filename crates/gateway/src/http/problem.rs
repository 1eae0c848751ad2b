//! The one catalogue of refusals: here everything that can go wrong below becomes what a caller is told.
//! Three owners meet: what the domain refuses, what the store cannot do, and what Payoneer answers.

use crate::engine::Error;
use crate::port::traffic::Why;
use crate::port::{Turned, throttle};
use api::problem::Provider;
use api::{Code, Outcome, Problem, Retry};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use store::Fault;

/// The longest detail told, in characters: a caller's own text may be quoted in it.
const DETAIL_MAX: usize = 300;

/// A refusal on its way out. The request id is added, and the document written, around the handlers.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    /// What the caller is told.
    pub(crate) problem: Box<Problem>,
    /// `Retry-After`, in seconds.
    pub(crate) retry_after: Option<u32>,
    /// What only the log is told.
    pub(crate) cause: Option<String>,
}

impl Refused {
    /// A mistake of ours; the caller learns nothing of it but the request id.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        let detail = "something went wrong inside; the request id finds it in the log";
        Self::from(Problem::new(Code::Internal, detail)).because(cause)
    }

    /// A field that is not acceptable.
    pub(crate) fn field(field: impl Into<String>, reason: impl core::fmt::Display) -> Self {
        Problem::new(Code::InvalidField, reason.to_string()).with_field(field).into()
    }

    /// Nothing by this name; the same text whether it never existed or belongs to another program.
    pub(crate) fn not_found(noun: &str) -> Self {
        Problem::new(Code::NotFound, format!("there is no such {noun}")).into()
    }

    /// The service is shutting down; another node, or this one after its restart, will take the same request.
    pub(crate) fn draining() -> Self {
        let refused = Self::from(Problem::new(Code::Draining, "repeat the request with the same key in a moment"));
        Self { retry_after: Some(5), ..refused }
    }

    /// The HTTP status it will have.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn because(self, cause: impl Into<String>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }
}

impl From<Problem> for Refused {
    fn from(mut problem: Problem) -> Self {
        if let Some((end, _)) = problem.detail.char_indices().nth(DETAIL_MAX) {
            problem.detail.truncate(end);
        }
        Self { problem: Box::new(problem), retry_after: None, cause: None }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { noun } => Self::not_found(noun),
            Error::KeyReused => {
                let detail =
                    "this Idempotency-Key was used for a request with another body; use a new key for a new request";
                Problem::new(Code::IdempotencyKeyReused, detail).into()
            }
            Error::KeyInUse { retry_after } => {
                let detail = "repeat the same request with the same key after the time in Retry-After";
                let refused = Self::from(Problem::new(Code::IdempotencyKeyInUse, detail));
                Self { retry_after: Some(u32::try_from(retry_after.seconds()).unwrap_or(1).max(1)), ..refused }
            }
            Error::ReferenceTaken { object, id } => {
                let detail = format!("this client_reference_id belongs to {object} {id}, for ever");
                let problem = Problem::new(Code::ClientReferenceIdTaken, detail).with_field("client_reference_id");
                problem.with_resource(object, id).into()
            }
            Error::PurposeBusy { charge } => {
                let detail = format!("charge {charge} for the same purpose is undecided; wait until it is settled");
                let problem = Problem::new(Code::PurposeBusy, detail).with_field("purpose");
                problem.with_resource("charge", charge.as_str()).into()
            }
            Error::PayeeNotAuthorized { payee_id, mandate } => {
                let stand = mandate.map_or("not known here".to_owned(), |state| format!("{state}, not active"));
                let detail = format!("the mandate of this payee is {stand}; nothing was sent to Payoneer");
                let problem = Problem::new(Code::PayeeNotAuthorized, detail).with_field("payee_id");
                problem.with_authorize(payee_id.as_str()).into()
            }
            Error::NoReturnUrl => {
                let detail = "the program has no return_url of its own, so the request must give one";
                Problem::new(Code::MissingField, detail).with_field("return_url").into()
            }
            Error::AmountNotOnWire(reason) => Self::field("amount", reason),
            Error::RefundExists { refund } => {
                let detail = format!("refund {refund} of this charge exists already");
                Problem::new(Code::RefundExists, detail).with_resource("refund", refund.as_str()).into()
            }
            Error::Refusal { refusal, object, id } => of_refusal(&refusal, object, &id),
            Error::Unreachable { object, id, cause } => {
                let detail = format!("Payoneer could not be reached; of this {object} nothing was sent");
                let retry = if object == "refund" { Retry::NewKeyLater } else { Retry::SameKey };
                let problem = Problem::new(Code::PayoneerUnreachable, detail).with_resource(object, id);
                Self::from(problem.with_retry(retry)).because(cause)
            }
            Error::TurnedAway(turned) => of_turned(turned),
            Error::Payoneer(error) => of_query(&error),
            Error::Store(fault) => of_fault(&fault),
            Error::Misconfigured(cause) => Self::internal(cause),
        }
    }
}

/// What was turned away before anything was written down.
fn of_turned(turned: Turned) -> Refused {
    let code = match turned.why {
        Why::Down => Code::PayoneerDown,
        Why::Paused | Why::Full => Code::PayoneerBusy,
    };
    let detail = format!("{turned}; nothing was recorded and nothing was sent");
    let refused = Refused::from(Problem::new(code, detail));
    Refused { retry_after: u32::try_from(throttle::whole_seconds(turned.retry_after)).ok(), ..refused }
}

/// What the state machines refused.
fn of_refusal(refusal: &Refusal, object: &'static str, id: &str) -> Refused {
    let code = match (object, refusal) {
        (_, Refusal::MandateNotActive(_)) => Code::PayeeNotAuthorized,
        (_, Refusal::Disputed) => Code::SettlementDisputed,
        (_, Refusal::Impossible { step: "be settled by people", .. }) => Code::NotUnknown,
        ("charge", Refusal::Impossible { step: "be refunded", .. }) => Code::ChargeNotRefundable,
        ("charge", Refusal::Impossible { step: "be canceled", .. }) => Code::ChargeNotCancelable,
        ("payout", Refusal::Impossible { .. }) => Code::PayoutNotCancelable,
        ("authorization_session" | "checkout_session", Refusal::Impossible { .. }) => Code::SessionClosed,
        (_, Refusal::Impossible { .. } | Refusal::Contradiction { .. }) => Code::Conflict,
    };
    Problem::new(code, refusal.to_string()).with_resource(object, id).into()
}

/// What the database could not do. Its own texts are for the log.
fn of_fault(fault: &Fault) -> Refused {
    match fault {
        Fault::Down(_) => {
            let detail = "the database is not available; nothing was written and nothing was sent";
            Refused::from(Problem::new(Code::StoreUnavailable, detail)).because(fault.to_string())
        }
        Fault::Quarantined => {
            let detail = "the gateway's database may be an old copy, so nothing is sent until its operator has looked; \
                nothing was written and nothing was sent";
            Problem::new(Code::Quarantined, detail).into()
        }
        Fault::Stale => {
            let detail = "too many requests change the same thing at once; nothing was written";
            Refused::from(Problem::new(Code::StoreUnavailable, detail)).because(fault.to_string())
        }
        Fault::Unknown(_) => {
            let detail = "it is not known whether the request was recorded; repeat it with the same key";
            let problem = Problem::new(Code::StoreUnavailable, detail).with_outcome(Outcome::Unknown);
            Refused::from(problem).because(fault.to_string())
        }
        Fault::Duplicate(_) | Fault::Refused(_) | Fault::Corrupt(_) => Refused::internal(fault.to_string()),
    }
}

/// What a query to Payoneer came to. No money is concerned.
fn of_query(error: &payoneer::Error) -> Refused {
    let refused = match error {
        payoneer::Error::Refused(said) => {
            let retry = if said.code.needs_authorization() { Retry::AfterPayeeAction } else { Retry::AfterFix };
            let detail = format!("Payoneer refused the query with code {}", said.code);
            let problem = Problem::new(Code::PayoneerError, detail).with_retry(retry);
            Refused::from(problem.with_provider(Provider {
                code: said.code.to_string(),
                description: said.description.clone(),
                hint: said.hint.clone(),
                audit_id: said.audit_id,
            }))
        }
        payoneer::Error::Transport { .. } => {
            let problem = Problem::new(Code::PayoneerUnreachable, "Payoneer gave no whole answer to a query");
            Refused::from(problem.with_retry(Retry::SameKey))
        }
        payoneer::Error::Held { reason, retry_after_seconds } => {
            let problem = Problem::new(Code::PayoneerBusy, format!("{reason}; Payoneer was not asked"));
            Refused { retry_after: u32::try_from(*retry_after_seconds).ok(), ..problem.into() }
        }
        _ if error.is_unauthorized() => {
            let detail = "Payoneer refused this program's credentials; `tollgate program check` tells more";
            Refused::from(Problem::new(Code::PayoneerError, detail).with_retry(Retry::AfterFix))
        }
        _ => Refused::from(Problem::new(Code::PayoneerError, "Payoneer's answer to a query was not understood")),
    };
    refused.because(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ChargeId, PayeeId, Span, Time, mandate};

    fn refused(error: Error) -> Refused {
        Refused::from(error)
    }

    fn impossible(object: &'static str, step: &'static str) -> Refused {
        let refusal = Refusal::Impossible { noun: "thing", state: "settled", step };
        refused(Error::Refusal { refusal, object, id: "ch_1".to_owned() })
    }

    #[test]
    fn the_way_to_authorise_is_named() {
        let payee_id = PayeeId::parse("ID123").unwrap();
        let made = refused(Error::PayeeNotAuthorized { payee_id, mandate: Some(mandate::State::InReview) });
        let problem = *made.problem;
        assert_eq!((problem.code, problem.retry), (Code::PayeeNotAuthorized, Retry::AfterPayeeAction));
        assert!(problem.detail.contains("in_review"));
        let authorize = problem.authorize.unwrap();
        assert_eq!((authorize.method.as_str(), authorize.path.as_str()), ("POST", "/v1/authorization_sessions"));
        assert_eq!(authorize.body["payee_id"], "ID123");
    }

    #[test]
    fn each_impossible_step_has_its_code() {
        for (object, step, code) in [
            ("charge", "be refunded", Code::ChargeNotRefundable),
            ("charge", "be canceled", Code::ChargeNotCancelable),
            ("charge", "be sent", Code::Conflict),
            ("payout", "be canceled", Code::PayoutNotCancelable),
            ("authorization_session", "be canceled", Code::SessionClosed),
            ("checkout_session", "expire", Code::SessionClosed),
        ] {
            let made = impossible(object, step);
            assert_eq!((made.problem.code, made.problem.status), (code, 409), "{object} {step}");
            assert_eq!(made.problem.resource.unwrap().object, object);
        }
    }

    #[test]
    fn a_commit_without_an_answer_is_unknown_and_never_a_plain_failure() {
        let made = refused(Error::Store(Fault::Unknown("disk on fire".to_owned())));
        assert_eq!((made.problem.code, made.problem.outcome), (Code::StoreUnavailable, Outcome::Unknown));
        assert_eq!(made.problem.retry, Retry::SameKey);
        let down = refused(Error::Store(Fault::Down("disk on fire".to_owned())));
        assert_eq!((down.problem.code, down.problem.outcome), (Code::StoreUnavailable, Outcome::None));
        for made in [made, down] {
            assert!(!made.problem.detail.contains("disk on fire"), "the log is told, the caller is not");
            assert!(made.cause.unwrap().contains("disk on fire"));
        }
    }

    #[test]
    fn a_running_request_says_when_to_ask_again() {
        let made = refused(Error::KeyInUse { retry_after: Span::from_millis(10) });
        assert_eq!((made.problem.status, made.retry_after), (409, Some(1)));
        assert_eq!(made.problem.retry, Retry::AfterTime);
    }

    #[test]
    fn who_is_turned_away_is_told_when_to_come_back_and_that_nothing_was_sent() {
        for (why, code) in
            [(Why::Down, Code::PayoneerDown), (Why::Paused, Code::PayoneerBusy), (Why::Full, Code::PayoneerBusy)]
        {
            let made = refused(Error::TurnedAway(Turned { why, retry_after: Span::from_millis(2_001) }));
            assert_eq!((made.problem.code, made.problem.status, made.retry_after), (code, 503, Some(3)));
            assert_eq!((made.problem.outcome, made.problem.retry), (Outcome::None, Retry::AfterTime));
        }
    }

    #[test]
    fn what_was_never_sent_names_the_resource_and_the_same_key() {
        let unreachable = |object| Error::Unreachable { object, id: "x_1".to_owned(), cause: "refused".to_owned() };
        let charge = refused(unreachable("charge")).problem;
        assert_eq!((charge.status, charge.outcome, charge.retry), (503, Outcome::None, Retry::SameKey));
        assert_eq!(refused(unreachable("refund")).problem.retry, Retry::NewKeyLater);
        assert_eq!(charge.resource.unwrap().id, "x_1");
    }

    #[test]
    fn conflicts_name_what_they_conflict_with() {
        let charge = ChargeId::new(Time::from_micros(1), [1; 10]);
        let busy = refused(Error::PurposeBusy { charge: charge.clone() }).problem;
        assert_eq!(busy.resource.unwrap().id, charge.as_str());
        let taken = refused(Error::ReferenceTaken { object: "charge", id: "ch_9".to_owned() }).problem;
        assert_eq!((taken.code, taken.field.as_deref()), (Code::ClientReferenceIdTaken, Some("client_reference_id")));
    }

    #[test]
    fn what_payoneer_said_to_a_query_is_passed_on() {
        let said = payoneer::Problem {
            http_status: 404,
            code: payoneer::Code::PayeeNotFound,
            description: "Payee was not found".to_owned(),
            hint: Some("hint".to_owned()),
            audit_id: Some(38_935_299),
            retry_after_seconds: None,
        };
        let problem = *refused(Error::Payoneer(payoneer::Error::Refused(said))).problem;
        assert_eq!((problem.status, problem.outcome), (502, Outcome::None));
        let provider = problem.provider.unwrap();
        assert_eq!((provider.code.as_str(), provider.audit_id), ("10005", Some(38_935_299)));
    }

    #[test]
    fn a_long_quotation_is_cut_between_characters() {
        let made = Refused::field("amount", "额".repeat(1_000));
        assert_eq!(made.problem.detail.chars().count(), DETAIL_MAX);
    }
}
