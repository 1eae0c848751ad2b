//! Every way in which the engine says no. What HTTP makes of it is `http/problem.rs`'s business.

use crate::port::Turned;
use domain::money::MoneyError;
use domain::{ChargeId, PayeeId, RefundId, Refusal, Span, mandate};
use store::Fault;

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing in this program.
    #[error("no such {noun}")]
    NotFound {
        /// What was asked for.
        noun: &'static str,
    },
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The first request with this key is still running.
    #[error("the first request with this idempotency key is still running")]
    KeyInUse {
        /// When to ask again.
        retry_after: Span,
    },
    /// The reference belongs to something else already, for ever.
    #[error("the client_reference_id belongs to {id} already")]
    ReferenceTaken {
        /// What it belongs to.
        object: &'static str,
        /// Its id.
        id: String,
    },
    /// Another charge for the same purpose is undecided.
    #[error("charge {charge} for the same purpose is undecided")]
    PurposeBusy {
        /// The undecided one.
        charge: ChargeId,
    },
    /// The payee has not authorised this merchant, or no longer does. Nothing was sent.
    #[error("payee {payee_id} has no active mandate")]
    PayeeNotAuthorized {
        /// Who.
        payee_id: PayeeId,
        /// Where the mandate stands, if there is one.
        mandate: Option<mandate::State>,
    },
    /// Payoneer's wire cannot carry the amount.
    #[error(transparent)]
    AmountNotOnWire(#[from] MoneyError),
    /// Neither the request nor the program says where the browser should go in the end.
    #[error("neither the request nor the program has a return_url")]
    NoReturnUrl,
    /// The charge is being given back, or was.
    #[error("refund {refund} of the charge exists already")]
    RefundExists {
        /// The refund.
        refund: RefundId,
    },
    /// The domain refused the step.
    #[error("{refusal}")]
    Refusal {
        /// Why.
        refusal: Refusal,
        /// What it is about.
        object: &'static str,
        /// Its id.
        id: String,
    },
    /// The request certainly never left this process.
    #[error("Payoneer could not be reached, nothing was sent: {cause}")]
    Unreachable {
        /// What was to be sent.
        object: &'static str,
        /// Its id.
        id: String,
        /// What happened.
        cause: String,
    },
    /// Payoneer is not to be asked for this now. Nothing was written down and nothing was sent.
    #[error("turned away: {0}")]
    TurnedAway(#[from] Turned),
    /// A query was refused, or got no answer. No money is concerned.
    #[error(transparent)]
    Payoneer(#[from] payoneer::Error),
    /// The store did not do it, or cannot say whether it did.
    #[error(transparent)]
    Store(#[from] Fault),
    /// Something in the configuration or the database does not fit. For logs, not for callers.
    #[error("{0}")]
    Misconfigured(String),
}

impl Error {
    pub(crate) fn refusal(refusal: Refusal, object: &'static str, id: &impl ToString) -> Self {
        Self::Refusal { refusal, object, id: id.to_string() }
    }
}
