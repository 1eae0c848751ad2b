//! Money taken from a payee's Payoneer balance: the states a merchant sees, and the one table that moves between them.
//! What is known about single trips to Payoneer lives in `attempt`.

use crate::attempt::{Attempt, Failure, Finding};
use crate::event::EventType;
use crate::job::{self, Job};
use crate::journal::{Account, Transfer};
use crate::words::Purpose;
use crate::{
    ChargeId, Description, IdempotencyKey, Money, Outcome, PayeeId, ProgramId, Reference, RefundId, Refusal, Time,
    schedule,
};

text_enum! {
    /// Where a charge stands. While its attempt is unknown it is shown as `unknown` instead: see [`Charge::status`].
    pub enum State {
        /// Recorded; certainly nothing of it has been sent.
        Created = "created",
        /// On its way to Payoneer.
        Processing = "processing",
        /// The payee must act first (v4 challenge).
        RequiresAction = "requires_action",
        /// The money was taken.
        Succeeded = "succeeded",
        /// Payoneer refused; no money moved.
        Failed = "failed",
        /// The merchant withdrew it before anything was sent.
        Canceled = "canceled",
        /// A refund is on its way.
        RefundPending = "refund_pending",
        /// The money was given back.
        Refunded = "refunded",
    }
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Its id.
    pub id: ChargeId,
    /// The program it is made for.
    pub program: ProgramId,
    /// Who pays.
    pub payee_id: PayeeId,
    /// How much.
    pub money: Money,
    /// What the payee reads.
    pub description: Description,
    /// The merchant's own reference, where given.
    pub client_reference_id: Option<Reference>,
    /// The reference that Payoneer sees: the merchant's, else derived from the idempotency key.
    pub reference: Reference,
    /// The key under which it was asked for.
    pub idempotency_key: IdempotencyKey,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// The merchant's own JSON object, as text.
    pub metadata: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Whether its attempt is unknown.
    pub unknown: bool,
    /// Since when it has been unknown for so long that a person must look.
    pub attention_since: Option<Time>,
    /// Why it failed, or why nothing could be sent.
    pub failure: Option<Failure>,
    /// Its latest refund.
    pub refund: Option<RefundId>,
    /// Counts the writes.
    pub version: i64,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// What can happen to a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Its attempt gets a permit to send.
    Send,
    /// Something was learnt about its attempt.
    Learn(Finding),
    /// The merchant withdraws it.
    Cancel,
    /// A refund sets out.
    Refund(RefundId),
    /// The refund is known to have been done, or Payoneer shows the charge as given back.
    Reverse,
    /// The refund is known not to have been done.
    KeepAfterAll,
}

impl Command {
    const fn name(&self) -> &'static str {
        match self {
            Self::Send => "be sent",
            Self::Learn(finding) => finding.name(),
            Self::Cancel => "be canceled",
            Self::Refund(_) => "be refunded",
            Self::Reverse => "be reversed",
            Self::KeepAfterAll => "be kept",
        }
    }
}

/// What a command leads to. Everything in it is one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The charge afterwards.
    pub next: Charge,
    /// The fact to publish, where something changed that a merchant sees.
    pub event: Option<EventType>,
    /// Work that must follow.
    pub jobs: Vec<Job>,
    /// Money that moved.
    pub transfer: Option<Transfer>,
}

impl Charge {
    /// What a merchant is shown: the state, or `unknown` while an attempt is.
    pub const fn status(&self) -> &'static str {
        if self.unknown { "unknown" } else { self.state.as_str() }
    }

    /// Whether money moved, as far as anyone knows.
    pub const fn outcome(&self) -> Outcome {
        match self.state {
            State::Created | State::Failed | State::Canceled => Outcome::None,
            State::Processing | State::RequiresAction => Outcome::Unknown,
            State::Succeeded | State::RefundPending | State::Refunded => Outcome::Done,
        }
    }

    /// Decides what the command leads to. Pure: the same arguments give the same decision.
    pub fn decide(&self, command: &Command, attempt: Option<&Attempt>, now: Time) -> Result<Decision, Refusal> {
        let (state, unknown) = next(self.state, command)?;
        let attention_since = attempt.filter(|_| unknown).and_then(|attempt| attempt.attention_since);
        let mut next =
            Self { state, unknown, attention_since, version: self.version + 1, updated_at: now, ..self.clone() };
        let mut jobs = Vec::new();
        let mut transfer = None;
        match command {
            Command::Send => {
                next.failure = None;
                if let Some(attempt) = attempt {
                    // The safety net: written with the intent, so that no crash can lose the question.
                    jobs.push(Job::at(job::Kind::Resolve, attempt.id.as_str(), attempt.deadline));
                }
            }
            Command::Learn(Finding::Succeeded(_)) => {
                transfer = Some(self.transfer(Account::Payee(self.payee_id.clone()), Account::Program));
                jobs.push(Job::at(job::Kind::Confirm, self.id.as_str(), now + schedule::CONFIRM_AFTER));
            }
            Command::Learn(Finding::Declined(_, failure)) => next.failure = Some(failure.clone()),
            Command::Learn(Finding::NeverSent(_)) => {
                next.failure = attempt.and_then(|attempt| attempt.failure.clone());
            }
            Command::Learn(Finding::Unknown(_)) => {
                jobs.extend(attempt.and_then(|attempt| attempt.look_again(now)));
            }
            Command::Refund(refund) => next.refund = Some(refund.clone()),
            Command::Reverse => {
                transfer = Some(self.transfer(Account::Program, Account::Payee(self.payee_id.clone())));
            }
            // A confirmation that came due while the refund was on its way found nothing to confirm.
            Command::KeepAfterAll => {
                jobs.push(Job::at(job::Kind::Confirm, self.id.as_str(), now + schedule::CONFIRM_AFTER));
            }
            Command::Cancel => {}
        }
        let event = if self.status() != next.status() {
            Some(event_of(state, unknown))
        } else if self.attention_since.is_none() && next.attention_since.is_some() {
            Some(EventType::ChargeNeedsAttention)
        } else {
            None
        };
        Ok(Decision { next, event, jobs, transfer })
    }

    fn transfer(&self, debit: Account, credit: Account) -> Transfer {
        Transfer { subject: self.id.to_string(), debit, credit, money: self.money }
    }
}

/// The table of a charge: (state, command) to (state, whether it is unknown).
fn next(state: State, command: &Command) -> Result<(State, bool), Refusal> {
    use Command as C;
    use Finding as F;
    use State as S;
    let impossible = || Refusal::Impossible { noun: "charge", state: state.as_str(), step: command.name() };
    let contradiction = || Refusal::Contradiction { noun: "charge", state: state.as_str(), step: command.name() };
    match (state, command) {
        (S::Created, C::Send) => Ok((S::Processing, false)),
        (S::Created, C::Cancel) => Ok((S::Canceled, false)),
        (S::Created, C::Learn(_) | C::Refund(_) | C::Reverse | C::KeepAfterAll) => Err(impossible()),

        (S::Processing | S::RequiresAction, C::Learn(F::Succeeded(_))) => Ok((S::Succeeded, false)),
        (S::Processing | S::RequiresAction, C::Learn(F::Declined(..))) => Ok((S::Failed, false)),
        (S::Processing | S::RequiresAction, C::Learn(F::Unknown(_))) => Ok((S::Processing, true)),
        // Nothing left: the same key may try again.
        (S::Processing, C::Learn(F::NeverSent(_))) => Ok((S::Created, false)),
        (S::RequiresAction, C::Learn(F::NeverSent(_))) => Err(impossible()),
        (S::Processing | S::RequiresAction, C::Send | C::Cancel | C::Refund(_) | C::Reverse | C::KeepAfterAll) => {
            Err(impossible())
        }

        (S::Succeeded, C::Refund(_)) => Ok((S::RefundPending, false)),
        // Somebody gave the money back at Payoneer itself.
        (S::Succeeded | S::RefundPending, C::Reverse) => Ok((S::Refunded, false)),
        (S::RefundPending, C::KeepAfterAll) => Ok((S::Succeeded, false)),
        (S::Succeeded | S::RefundPending | S::Refunded, C::Learn(F::Declined(..) | F::NeverSent(_))) => {
            Err(contradiction())
        }
        (S::Succeeded | S::RefundPending | S::Refunded, C::Learn(F::Succeeded(_) | F::Unknown(_))) => Err(impossible()),
        (S::Succeeded, C::Send | C::Cancel | C::KeepAfterAll) => Err(impossible()),
        (S::RefundPending, C::Send | C::Cancel | C::Refund(_)) => Err(impossible()),
        (S::Refunded, C::Send | C::Cancel | C::Refund(_) | C::Reverse | C::KeepAfterAll) => Err(impossible()),

        (S::Failed | S::Canceled, C::Learn(F::Succeeded(_)) | C::Reverse) => Err(contradiction()),
        (S::Failed | S::Canceled, C::Learn(F::Declined(..) | F::NeverSent(_) | F::Unknown(_))) => Err(impossible()),
        (S::Failed | S::Canceled, C::Send | C::Cancel | C::Refund(_) | C::KeepAfterAll) => Err(impossible()),
    }
}

/// The one event that says "the charge is now in this state".
const fn event_of(state: State, unknown: bool) -> EventType {
    match (state, unknown) {
        (State::Processing | State::RequiresAction, true) => EventType::ChargeUnknown,
        (State::Created, _) => EventType::ChargeCreated,
        (State::Processing, false) => EventType::ChargeProcessing,
        (State::RequiresAction, false) => EventType::ChargeRequiresAction,
        (State::Succeeded, _) => EventType::ChargeSucceeded,
        (State::Failed, _) => EventType::ChargeFailed,
        (State::Canceled, _) => EventType::ChargeCanceled,
        (State::RefundPending, _) => EventType::ChargeRefundPending,
        (State::Refunded, _) => EventType::ChargeRefunded,
    }
}

/// Replays history: the state that an event leaves a charge in, and whether it is unknown.
/// `None` for events that are not about charges.
pub const fn apply(event: EventType) -> Option<(State, bool)> {
    match event {
        EventType::ChargeCreated => Some((State::Created, false)),
        EventType::ChargeProcessing => Some((State::Processing, false)),
        EventType::ChargeRequiresAction => Some((State::RequiresAction, false)),
        EventType::ChargeUnknown => Some((State::Processing, true)),
        EventType::ChargeSucceeded => Some((State::Succeeded, false)),
        EventType::ChargeFailed => Some((State::Failed, false)),
        EventType::ChargeCanceled => Some((State::Canceled, false)),
        EventType::ChargeRefundPending => Some((State::RefundPending, false)),
        EventType::ChargeRefunded => Some((State::Refunded, false)),
        _ => None,
    }
}

/// One command of each kind, for printing the table and for exhaustive tests.
fn commands() -> Vec<Command> {
    let refund = RefundId::new(Time::from_micros(0), [0; 10]);
    let mut all =
        vec![Command::Send, Command::Cancel, Command::Refund(refund), Command::Reverse, Command::KeepAfterAll];
    all.extend(crate::attempt::findings().into_iter().map(Command::Learn));
    all
}

/// The table as (state, step, next state or none), for `docs/states.md`.
pub(crate) fn table() -> Vec<(State, &'static str, Option<String>)> {
    State::ALL
        .iter()
        .flat_map(|state| {
            commands().into_iter().map(|command| {
                let after = next(*state, &command).ok();
                let shown = after.map(|(s, unknown)| if unknown { format!("{s} (unknown)") } else { s.to_string() });
                (*state, command.name(), shown)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempt::Evidence;
    use crate::{Currency, id};
    use proptest::prelude::*;

    fn charge(state: State) -> Charge {
        let at = Time::from_micros(1);
        Charge {
            id: ChargeId::new(at, [1; 10]),
            program: ProgramId::new(at, [2; 10]),
            payee_id: PayeeId::parse("ID123").unwrap(),
            money: Money::parse("1.2", Currency::parse("USD").unwrap()).unwrap(),
            description: Description::parse("Charge test").unwrap(),
            client_reference_id: None,
            reference: Reference::parse(&id::sortable(at, [3; 10])).unwrap(),
            idempotency_key: IdempotencyKey::parse("k").unwrap(),
            purpose: None,
            metadata: None,
            state,
            unknown: false,
            attention_since: None,
            failure: None,
            refund: None,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn money_moves_exactly_where_the_outcome_says_so() {
        for state in State::ALL {
            for command in commands() {
                let before = charge(*state);
                let Ok(decision) = before.decide(&command, None, Time::from_micros(2)) else { continue };
                let taken = |c: &Charge| c.outcome() == Outcome::Done && c.state != State::Refunded;
                assert_eq!(
                    decision.transfer.is_some(),
                    taken(&before) != taken(&decision.next),
                    "{state} {}",
                    command.name()
                );
            }
        }
    }

    #[test]
    fn success_takes_from_the_payee_and_asks_for_confirmation() {
        let command = Command::Learn(Finding::Succeeded(Evidence::Reply));
        let decision = charge(State::Processing).decide(&command, None, Time::from_micros(2)).unwrap();
        let transfer = decision.transfer.unwrap();
        assert_eq!(transfer.debit, Account::Payee(PayeeId::parse("ID123").unwrap()));
        assert_eq!(transfer.credit, Account::Program);
        assert_eq!(decision.event, Some(EventType::ChargeSucceeded));
        assert_eq!(decision.jobs[0].kind, job::Kind::Confirm);
    }

    #[test]
    fn a_charge_whose_refund_failed_is_confirmed_again() {
        let decision = charge(State::RefundPending).decide(&Command::KeepAfterAll, None, Time::from_micros(2)).unwrap();
        assert_eq!((decision.next.state, decision.jobs.len()), (State::Succeeded, 1));
        assert_eq!(decision.jobs[0].kind, job::Kind::Confirm);
    }

    #[test]
    fn a_settled_charge_cannot_be_sent_again() {
        for state in State::ALL.iter().filter(|s| **s != State::Created) {
            assert!(charge(*state).decide(&Command::Send, None, Time::from_micros(2)).is_err(), "{state}");
        }
    }

    proptest! {
        /// Whatever happens in whatever order, the events alone lead to the state that the row holds.
        #[test]
        fn history_replays_to_the_same_state(steps in prop::collection::vec(0..9_usize, 0..40)) {
            let mut now = charge(State::Created);
            let mut replayed = (State::Created, false);
            for step in steps {
                let command = &commands()[step];
                if let Ok(decision) = now.decide(command, None, Time::from_micros(2)) {
                    if let Some(after) = decision.event.and_then(apply) {
                        replayed = after;
                    }
                    now = decision.next;
                }
                prop_assert_eq!((now.state, now.unknown), replayed);
            }
        }
    }
}
