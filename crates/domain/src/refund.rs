//! Money given back to a payee: always the whole of a charge, because Payoneer's v2 cancel knows no part.
//! The charge itself moves with it; the engine puts both into one commit.

use crate::attempt::{Attempt, Failure, Finding};
use crate::event::EventType;
use crate::job::Job;
use crate::{ChargeId, IdempotencyKey, Money, Outcome, ProgramId, RefundId, Refusal, Time};

text_enum! {
    /// Where a refund stands. While its attempt is unknown it is shown as `unknown`.
    pub enum State {
        /// On its way to Payoneer.
        Processing = "processing",
        /// The money was given back.
        Succeeded = "succeeded",
        /// It was not; the charge stands.
        Failed = "failed",
    }
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The program it is made for.
    pub program: ProgramId,
    /// The charge that is given back.
    pub charge: ChargeId,
    /// The whole amount of that charge.
    pub money: Money,
    /// The key under which it was asked for.
    pub idempotency_key: IdempotencyKey,
    /// Where it stands.
    pub state: State,
    /// Whether its attempt is unknown.
    pub unknown: bool,
    /// Since when it has been unknown for so long that a person must look.
    pub attention_since: Option<Time>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Counts the writes.
    pub version: i64,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// What a finding leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The refund afterwards.
    pub next: Refund,
    /// The fact to publish.
    pub event: Option<EventType>,
    /// Work that must follow.
    pub jobs: Vec<Job>,
}

impl Refund {
    /// What a merchant is shown.
    pub const fn status(&self) -> &'static str {
        if self.unknown { "unknown" } else { self.state.as_str() }
    }

    /// Whether the money went back, as far as anyone knows.
    pub const fn outcome(&self) -> Outcome {
        match self.state {
            State::Processing => Outcome::Unknown,
            State::Succeeded => Outcome::Done,
            State::Failed => Outcome::None,
        }
    }

    /// Decides what a finding about its attempt leads to.
    pub fn decide(&self, finding: &Finding, attempt: &Attempt, now: Time) -> Result<Decision, Refusal> {
        let (state, unknown) = next(self.state, finding)?;
        let failure = attempt.failure.clone().filter(|_| state == State::Failed);
        let attention_since = attempt.attention_since.filter(|_| unknown);
        let version = self.version + 1;
        let next = Self { state, unknown, attention_since, failure, version, updated_at: now, ..self.clone() };
        let jobs = attempt.look_again(now).filter(|_| unknown).into_iter().collect();
        let event = if self.status() != next.status() {
            Some(match (state, unknown) {
                (State::Processing, true) => EventType::RefundUnknown,
                (State::Processing, false) => EventType::RefundProcessing,
                (State::Succeeded, _) => EventType::RefundSucceeded,
                (State::Failed, _) => EventType::RefundFailed,
            })
        } else if self.attention_since.is_none() && next.attention_since.is_some() {
            Some(EventType::RefundNeedsAttention)
        } else {
            None
        };
        Ok(Decision { next, event, jobs })
    }
}

/// The table of a refund.
fn next(state: State, finding: &Finding) -> Result<(State, bool), Refusal> {
    use Finding as F;
    use State as S;
    match (state, finding) {
        (S::Processing, F::Succeeded(_)) => Ok((S::Succeeded, false)),
        (S::Processing, F::Declined(..) | F::NeverSent(_)) => Ok((S::Failed, false)),
        (S::Processing, F::Unknown(_)) => Ok((S::Processing, true)),
        (S::Succeeded, F::Succeeded(_) | F::Unknown(_))
        | (S::Failed, F::Declined(..) | F::NeverSent(_) | F::Unknown(_)) => {
            Err(Refusal::Impossible { noun: "refund", state: state.as_str(), step: finding.name() })
        }
        (S::Succeeded, F::Declined(..) | F::NeverSent(_)) | (S::Failed, F::Succeeded(_)) => {
            Err(Refusal::Contradiction { noun: "refund", state: state.as_str(), step: finding.name() })
        }
    }
}

/// The table as (state, step, next state or none), for `docs/states.md`.
pub(crate) fn table() -> Vec<(State, &'static str, Option<String>)> {
    State::ALL
        .iter()
        .flat_map(|state| {
            crate::attempt::findings().into_iter().map(|finding| {
                let after = next(*state, &finding).ok();
                let shown = after.map(|(s, unknown)| if unknown { format!("{s} (unknown)") } else { s.to_string() });
                (*state, finding.name(), shown)
            })
        })
        .collect()
}
