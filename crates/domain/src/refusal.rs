//! Every way in which the domain says no. Texts are for logs; the edge has its own catalogue.

use crate::mandate;

/// Why a command was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The payee has not authorised this merchant, or no longer does.
    #[error("the payee's mandate is {0}, not active")]
    MandateNotActive(mandate::State),
    /// The state machine has no such step.
    #[error("a {noun} that is {state} cannot {step}")]
    Impossible {
        /// Which kind of thing.
        noun: &'static str,
        /// The state it is in.
        state: &'static str,
        /// The step that was asked for.
        step: &'static str,
    },
    /// What was learnt contradicts what is settled: nothing is overwritten, somebody must look.
    #[error("a {noun} is settled as {state}, yet it was now found to {step}")]
    Contradiction {
        /// Which kind of thing.
        noun: &'static str,
        /// The state it is settled in.
        state: &'static str,
        /// What was found.
        step: &'static str,
    },
    /// Another operator's proposal says otherwise; it must be taken back first.
    #[error("another proposal is open and says otherwise")]
    Disputed,
}
