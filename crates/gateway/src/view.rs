//! From domain to wire: what a merchant is shown of each noun. Pure functions over references.
//! No decision is made here, and nothing that is secret is passed on.

mod events;
mod webhooks;

pub(crate) use events::event;
pub(crate) use webhooks::{delivery, webhook_endpoint};

use domain::api_key::ApiKey;
use domain::attempt::{self, Attempt, Evidence, Failure};
use domain::audit::Entry;
use domain::capability::{Capability, Standing};
use domain::program::Program;
use domain::settlement::{Settlement, Word};
use domain::{Money, Outcome, Time, authorization, callback, charge, checkout, mandate, payout, refund};
use payoneer::Code;

/// A charge with its trips to Payoneer (none in lists).
pub(crate) fn charge(charge: &charge::Charge, attempts: &[Attempt]) -> api::Charge {
    api::Charge {
        id: charge.id.to_string(),
        object: "charge".to_owned(),
        payee_id: charge.payee_id.to_string(),
        amount: amount(charge.money),
        currency: charge.money.currency().to_string(),
        description: charge.description.to_string(),
        client_reference_id: charge.client_reference_id.as_ref().map(ToString::to_string),
        reference: charge.reference.to_string(),
        idempotency_key: charge.idempotency_key.to_string(),
        purpose: charge.purpose.as_ref().map(ToString::to_string),
        metadata: charge.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        status: charge_status(charge),
        outcome: outcome(charge.outcome()),
        attention_since: charge.attention_since.map(time),
        settlement: None,
        failure: charge.failure.as_ref().map(failure),
        refund: charge.refund.as_ref().map(ToString::to_string),
        attempts: attempts.iter().map(attempt).collect(),
        created_at: time(charge.created_at),
        updated_at: time(charge.updated_at),
    }
}

/// A process that serves from the database.
pub(crate) fn node(node: &store::nodes::Node) -> api::Node {
    api::Node {
        id: node.id.clone(),
        object: "node".to_owned(),
        version: node.version.clone(),
        started_at: time(node.started_at),
        last_seen: time(node.last_seen),
    }
}

const fn charge_status(charge: &charge::Charge) -> api::ChargeStatus {
    use charge::State;
    if charge.unknown {
        return api::ChargeStatus::Unknown;
    }
    match charge.state {
        State::Created => api::ChargeStatus::Created,
        State::Processing => api::ChargeStatus::Processing,
        State::RequiresAction => api::ChargeStatus::RequiresAction,
        State::Succeeded => api::ChargeStatus::Succeeded,
        State::Failed => api::ChargeStatus::Failed,
        State::Canceled => api::ChargeStatus::Canceled,
        State::RefundPending => api::ChargeStatus::RefundPending,
        State::Refunded => api::ChargeStatus::Refunded,
    }
}

/// One trip to Payoneer. The exchange itself stays inside: it is for operators.
pub(crate) fn attempt(attempt: &Attempt) -> api::Attempt {
    api::Attempt {
        id: attempt.id.to_string(),
        object: "attempt".to_owned(),
        kind: attempt.kind.to_string(),
        number: attempt.number,
        status: match attempt.state {
            attempt::State::Planned => api::AttemptStatus::Planned,
            attempt::State::Sending => api::AttemptStatus::Sending,
            attempt::State::Challenged => api::AttemptStatus::Challenged,
            attempt::State::Unknown => api::AttemptStatus::Unknown,
            attempt::State::Succeeded => api::AttemptStatus::Succeeded,
            attempt::State::Declined => api::AttemptStatus::Declined,
            attempt::State::NeverSent => api::AttemptStatus::NeverSent,
            attempt::State::Expired => api::AttemptStatus::Expired,
        },
        sent_at: time(attempt.sent_at),
        settled_at: attempt.settled_at.map(time),
        evidence: attempt.evidence.map(|evidence| match evidence {
            Evidence::Reply => api::charge::Evidence::Reply,
            Evidence::StatusQuery => api::charge::Evidence::StatusQuery,
            Evidence::Transport => api::charge::Evidence::Transport,
            Evidence::Operator => api::charge::Evidence::Operator,
        }),
        doubt: attempt.doubt.clone(),
        seen: attempt.seen.clone(),
        failure: attempt.failure.as_ref().map(failure),
        looks: attempt.looks,
    }
}

/// A refund.
pub(crate) fn refund(refund: &refund::Refund) -> api::Refund {
    api::Refund {
        id: refund.id.to_string(),
        object: "refund".to_owned(),
        charge: refund.charge.to_string(),
        amount: amount(refund.money),
        currency: refund.money.currency().to_string(),
        idempotency_key: refund.idempotency_key.to_string(),
        status: match (refund.unknown, refund.state) {
            (true, _) => api::RefundStatus::Unknown,
            (false, refund::State::Processing) => api::RefundStatus::Processing,
            (false, refund::State::Succeeded) => api::RefundStatus::Succeeded,
            (false, refund::State::Failed) => api::RefundStatus::Failed,
        },
        outcome: outcome(refund.outcome()),
        attention_since: refund.attention_since.map(time),
        settlement: None,
        failure: refund.failure.as_ref().map(failure),
        created_at: time(refund.created_at),
        updated_at: time(refund.updated_at),
    }
}

/// What operators said: an open proposal, or the settlement that was made.
pub(crate) fn settlement(settlement: &Settlement) -> api::Settlement {
    let Word { by, reason, evidence, at, .. } = &settlement.proposal;
    api::Settlement {
        id: settlement.id.to_string(),
        object: "settlement".to_owned(),
        attempt: settlement.attempt.to_string(),
        status: api::SettlementStatus::parse(settlement.state.as_str()),
        verdict: api::Verdict::parse(settlement.verdict.as_str()),
        reason: reason.to_string(),
        evidence: evidence.as_ref().map(ToString::to_string).unwrap_or_default(),
        proposed_by: by.to_string(),
        proposed_at: time(*at),
        settled_by: settlement.answer.as_ref().map(|word| word.by.to_string()),
        settled_at: settlement.closed_at.map(time),
    }
}

/// An API key, without anything by which its text could be found.
pub(crate) fn api_key(key: &ApiKey) -> api::ApiKey {
    api::ApiKey {
        id: key.id.to_string(),
        object: "api_key".to_owned(),
        name: key.name.clone(),
        scopes: key.scopes.iter().map(|scope| api::Scope::parse(scope.as_str())).collect(),
        origin: key.origin.to_string(),
        created_at: time(key.created_at),
        expires_at: key.expires_at.map(time),
        last_used_at: key.last_used_at.map(time),
        revoked_at: key.revoked_at.map(time),
    }
}

/// A key just made, with the text that is shown this once.
pub(crate) fn made_api_key(key: &ApiKey, secret: String) -> api::MadeApiKey {
    let api::ApiKey { id, object, name, scopes, origin, created_at, expires_at, .. } = api_key(key);
    api::MadeApiKey { id, object, secret, name, scopes, origin, created_at, expires_at }
}

/// An entry of the audit log.
pub(crate) fn audit_entry(entry: &Entry) -> api::AuditEntry {
    let object = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok());
    api::AuditEntry {
        id: entry.id.to_string(),
        object: "audit_entry".to_owned(),
        actor: entry.actor.to_string(),
        action: entry.action.to_string(),
        subject: entry.subject.clone(),
        reason: entry.reason.clone(),
        before: object(&entry.before),
        after: object(&entry.after),
        created_at: time(entry.at),
    }
}

/// A payout.
pub(crate) fn payout(payout: &payout::Payout) -> api::Payout {
    api::Payout {
        id: payout.id.to_string(),
        object: "payout".to_owned(),
        payee_id: payout.payee_id.to_string(),
        amount: amount(payout.money),
        currency: payout.money.currency().to_string(),
        description: payout.description.to_string(),
        client_reference_id: payout.client_reference_id.as_ref().map(ToString::to_string),
        reference: payout.reference.to_string(),
        idempotency_key: payout.idempotency_key.to_string(),
        provider_payout_id: payout.provider_payout_id.clone(),
        status: match (payout.unknown, payout.state) {
            (true, _) => api::PayoutStatus::Unknown,
            (false, payout::State::Created) => api::PayoutStatus::Created,
            (false, payout::State::Processing) => api::PayoutStatus::Processing,
            (false, payout::State::Pending) => api::PayoutStatus::Pending,
            (false, payout::State::Paid) => api::PayoutStatus::Paid,
            (false, payout::State::Failed) => api::PayoutStatus::Failed,
            (false, payout::State::Canceled) => api::PayoutStatus::Canceled,
        },
        outcome: outcome(payout.outcome()),
        attention_since: payout.attention_since.map(time),
        settlement: None,
        failure: payout.failure.as_ref().map(failure),
        created_at: time(payout.created_at),
        updated_at: time(payout.updated_at),
    }
}

/// A payee, and how fresh what is known of it is at this moment.
pub(crate) fn payee(mandate: &mandate::Mandate, now: Time) -> api::Payee {
    let seen = mandate.last_verified_at;
    api::Payee {
        id: mandate.payee_id.to_string(),
        object: "payee".to_owned(),
        payee_id: mandate.payee_id.to_string(),
        mandate: api::Mandate {
            id: mandate.id.to_string(),
            object: "mandate".to_owned(),
            status: match mandate.state {
                mandate::State::Pending => api::MandateStatus::Pending,
                mandate::State::InReview => api::MandateStatus::InReview,
                mandate::State::Active => api::MandateStatus::Active,
                mandate::State::Suspended => api::MandateStatus::Suspended,
                mandate::State::Declined => api::MandateStatus::Declined,
                mandate::State::Revoked => api::MandateStatus::Revoked,
                mandate::State::Expired => api::MandateStatus::Expired,
            },
            revoked_by: mandate.revoked_by.map(|who| match who {
                mandate::RevokedBy::Merchant => api::payee::RevokedBy::Merchant,
                mandate::RevokedBy::Payoneer => api::payee::RevokedBy::Payoneer,
            }),
            activated_at: mandate.activated_at.map(time),
            last_verified_at: seen.map(time),
            age_seconds: seen.map(|at| (now - at).seconds().max(0)),
            source: if seen.is_some() { api::payee::Source::StatusQuery } else { api::payee::Source::Gateway },
        },
        created_at: time(mandate.created_at),
        updated_at: time(mandate.updated_at),
    }
}

/// An authorization session.
pub(crate) fn authorization_session(session: &authorization::AuthorizationSession) -> api::AuthorizationSession {
    api::AuthorizationSession {
        id: session.id.to_string(),
        object: "authorization_session".to_owned(),
        payee_id: session.payee_id.to_string(),
        url: session.url.clone(),
        return_url: session.return_url.clone(),
        status: match session.state {
            authorization::State::Open => api::AuthorizationSessionStatus::Open,
            authorization::State::Completed => api::AuthorizationSessionStatus::Completed,
            authorization::State::Expired => api::AuthorizationSessionStatus::Expired,
            authorization::State::Canceled => api::AuthorizationSessionStatus::Canceled,
            authorization::State::Failed => api::AuthorizationSessionStatus::Failed,
        },
        expires_at: time(session.expires_at),
        created_at: time(session.created_at),
        updated_at: time(session.updated_at),
    }
}

/// A checkout session, with its page under the gateway's public address.
pub(crate) fn checkout_session(session: &checkout::CheckoutSession, public_url: &str) -> api::CheckoutSession {
    api::CheckoutSession {
        id: session.id.to_string(),
        object: "checkout_session".to_owned(),
        payee_id: session.payee_id.to_string(),
        amount: amount(session.money),
        currency: session.money.currency().to_string(),
        description: session.description.to_string(),
        client_reference_id: session.client_reference_id.as_ref().map(ToString::to_string),
        url: format!("{}/checkout/{}", public_url.trim_end_matches('/'), session.token),
        success_url: session.success_url.clone(),
        cancel_url: session.cancel_url.clone(),
        status: match session.state {
            checkout::State::Open => api::CheckoutSessionStatus::Open,
            checkout::State::Complete => api::CheckoutSessionStatus::Complete,
            checkout::State::Expired => api::CheckoutSessionStatus::Expired,
        },
        charge: session.charge.as_ref().map(ToString::to_string),
        expires_at: time(session.expires_at),
        created_at: time(session.created_at),
        updated_at: time(session.updated_at),
    }
}

/// A callback as it came in, without the secret part of its address.
pub(crate) fn callback(callback: &callback::Callback) -> api::Callback {
    let event = callback.event.as_ref().map(|event| format!("/{event}")).unwrap_or_default();
    let query = if callback.query.is_empty() { String::new() } else { format!("?{}", callback.query) };
    api::Callback {
        id: callback.id.to_string(),
        object: "callback".to_owned(),
        method: callback.method.clone(),
        target: event + &query,
        body: data_encoding::BASE64.encode(&callback.body),
        times: callback.times,
        status: match callback.state {
            callback::State::Received => api::CallbackStatus::Received,
            callback::State::Digested => api::CallbackStatus::Digested,
            callback::State::Ignored => api::CallbackStatus::Ignored,
        },
        interpretation: callback.interpretation.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        received_at: time(callback.received_at),
        last_received_at: time(callback.last_received_at),
        created_at: time(callback.received_at),
        updated_at: time(callback.last_received_at),
    }
}

/// A program with what to paste into Payoneer's back office. `callback_url` ends in the unguessable token.
pub(crate) fn program(program: &Program, callback_url: &str) -> api::Program {
    let template = |event: payoneer::callback::Event| api::program::CallbackTemplate {
        event: event.name().to_owned(),
        url: format!("{callback_url}?{}", event.example_query()),
    };
    let events = payoneer::callback::Event::all().filter(|event| event.flag().is_some());
    api::Program {
        id: program.id.to_string(),
        object: "program".to_owned(),
        name: program.name.clone(),
        program_id: program.program_id.clone(),
        environment: program.environment.as_str().to_owned(),
        live: program.environment.is_live(),
        dialect: program.dialect.to_string(),
        return_url: program.return_url.clone(),
        callback_url: callback_url.to_owned(),
        callback_templates: events.map(template).collect(),
        payoneer: None,
        capabilities: Vec::new(),
        created_at: time(program.created_at),
        updated_at: time(program.updated_at),
    }
}

/// Every capability, with what was found of it.
pub(crate) fn capabilities(found: &[Standing]) -> Vec<api::program::Capability> {
    let shown = |capability: &Capability| {
        let standing = found.iter().find(|standing| standing.capability == *capability);
        api::program::Capability {
            name: capability.to_string(),
            proven: standing.is_some_and(|standing| standing.proven),
            found_at: standing.map(|standing| time(standing.found_at)),
        }
    };
    Capability::ALL.iter().map(shown).collect()
}

/// A definite refusal, with the advice that follows from its code.
pub(crate) fn failure(failure: &Failure) -> api::Failure {
    api::Failure {
        code: failure.code.clone(),
        description: failure.description.clone(),
        hint: failure.hint.clone(),
        audit_id: failure.audit_id,
        retry: retry_after(&failure.code),
    }
}

/// What may be tried after Payoneer's code, or our word where Payoneer did not speak.
fn retry_after(code: &str) -> api::Retry {
    if code == "payoneer_unreachable" {
        return api::Retry::SameKey;
    }
    let Ok(number) = code.parse::<i64>() else { return api::Retry::No };
    match Code::from(number) {
        Code::PayeeNotFound | Code::PayeeInactive | Code::PayeeNotAuthorized | Code::PayoutMethodInvalid => {
            api::Retry::AfterPayeeAction
        }
        Code::InsufficientBalance => api::Retry::NewKeyLater,
        Code::CurrencyInvalid | Code::CurrencyUnavailable | Code::AmountRefused => api::Retry::AfterFix,
        Code::Success | Code::PayoutExists | Code::PayoutNotFound | Code::ChargeExists | Code::Unknown(_) => {
            api::Retry::No
        }
    }
}

/// The decimal text of an amount.
pub(crate) fn amount(money: Money) -> api::Amount {
    api::Amount::new(money.amount())
}

/// An instant.
pub(crate) fn time(time: Time) -> api::Time {
    api::Time::new(time.to_string())
}

/// Whether money moved.
pub(crate) const fn outcome(outcome: Outcome) -> api::Outcome {
    match outcome {
        Outcome::None => api::Outcome::None,
        Outcome::Done => api::Outcome::Done,
        Outcome::Unknown => api::Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests;
