//! Immutable facts of ours. An event is written in the same commit as the change it tells of.
//! What a payload looks like on the wire is the `api` crate's business.

use crate::attempt::Evidence;
use crate::{AttemptId, EventId, ProgramId, Time};

/// The version of the payload: what `data` looks like. Grows when a field changes its meaning or goes, not when one is
/// added.
pub const VERSION: i64 = 1;

text_enum! {
    /// What happened.
    pub enum EventType {
        /// A payee was sent to Payoneer's page.
        AuthorizationSessionCreated = "authorization_session.created",
        /// The payee came through it.
        AuthorizationSessionCompleted = "authorization_session.completed",
        /// Nothing came of it in time.
        AuthorizationSessionExpired = "authorization_session.expired",
        /// The merchant called it off.
        AuthorizationSessionCanceled = "authorization_session.canceled",
        /// Payoneer, or the payee, said no.
        AuthorizationSessionFailed = "authorization_session.failed",
        /// A payee is asked for a mandate.
        MandatePending = "mandate.pending",
        /// Payoneer is deciding.
        MandateInReview = "mandate.in_review",
        /// The payee can be charged.
        MandateActivated = "mandate.activated",
        /// Payoneer has blocked the payee.
        MandateSuspended = "mandate.suspended",
        /// Payoneer, or the payee, said no.
        MandateDeclined = "mandate.declined",
        /// The mandate was withdrawn.
        MandateRevoked = "mandate.revoked",
        /// The payee never finished.
        MandateExpired = "mandate.expired",
        /// A charge exists of which nothing has been sent (any more).
        ChargeCreated = "charge.created",
        /// A charge is on its way.
        ChargeProcessing = "charge.processing",
        /// The payee must act.
        ChargeRequiresAction = "charge.requires_action",
        /// Nobody can say whether the money was taken.
        ChargeUnknown = "charge.unknown",
        /// Nobody could find out for a day: somebody must look. It is still being looked at.
        ChargeNeedsAttention = "charge.needs_attention",
        /// The money was taken.
        ChargeSucceeded = "charge.succeeded",
        /// Payoneer refused.
        ChargeFailed = "charge.failed",
        /// The merchant withdrew it.
        ChargeCanceled = "charge.canceled",
        /// A refund is on its way.
        ChargeRefundPending = "charge.refund_pending",
        /// The money was given back.
        ChargeRefunded = "charge.refunded",
        /// What Payoneer says now contradicts what is settled: somebody must look.
        ChargeContradicted = "charge.contradicted",
        /// A refund is on its way.
        RefundProcessing = "refund.processing",
        /// Nobody can say whether the money was given back.
        RefundUnknown = "refund.unknown",
        /// Nobody could find out for a day: somebody must look.
        RefundNeedsAttention = "refund.needs_attention",
        /// The money was given back.
        RefundSucceeded = "refund.succeeded",
        /// It was not.
        RefundFailed = "refund.failed",
        /// A payout exists of which nothing has been sent (any more).
        PayoutCreated = "payout.created",
        /// A payout is on its way.
        PayoutProcessing = "payout.processing",
        /// Nobody can say whether Payoneer took the payout.
        PayoutUnknown = "payout.unknown",
        /// Nobody could find out about it, or about its cancel, for a day: somebody must look.
        PayoutNeedsAttention = "payout.needs_attention",
        /// Payoneer has accepted it.
        PayoutPending = "payout.pending",
        /// Payoneer has executed it.
        PayoutPaid = "payout.paid",
        /// Payoneer refused it.
        PayoutFailed = "payout.failed",
        /// It was taken back.
        PayoutCanceled = "payout.canceled",
        /// A checkout was paid.
        CheckoutSessionCompleted = "checkout_session.completed",
        /// A checkout can no longer be paid.
        CheckoutSessionExpired = "checkout_session.expired",
        /// There is a new webhook endpoint.
        WebhookEndpointCreated = "webhook_endpoint.created",
        /// Another address, choice of events or secret.
        WebhookEndpointUpdated = "webhook_endpoint.updated",
        /// An endpoint is served again.
        WebhookEndpointEnabled = "webhook_endpoint.enabled",
        /// An endpoint is not served any more: by the merchant's will, because it is gone, or after days of failure.
        WebhookEndpointDisabled = "webhook_endpoint.disabled",
        /// An endpoint is gone for ever.
        WebhookEndpointDeleted = "webhook_endpoint.deleted",
        /// Somebody wanted to see an endpoint work; sent to that endpoint alone.
        WebhookEndpointTested = "webhook_endpoint.tested",
    }
}

/// What an event rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The kind of evidence.
    pub evidence: Evidence,
    /// The attempt that it settled, if one.
    pub attempt: Option<AttemptId>,
}

/// An event as it is stored. Its sequence number is given by the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The program it belongs to.
    pub program: ProgramId,
    /// What happened.
    pub kind: EventType,
    /// The id of the thing it happened to.
    pub subject: String,
    /// The version of `data`.
    pub version: i64,
    /// The thing as it was afterwards, as JSON text.
    pub data: String,
    /// What settled it, where that was not our own or the merchant's decision.
    pub proof: Option<Proof>,
    /// When.
    pub created_at: Time,
}
