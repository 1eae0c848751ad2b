//! Money sent to a payee. Payoneer accepts a payout first and executes it later, and may still take it back after
//! that, so `paid` is not the end of the table.

use crate::attempt::{Attempt, Failure, Finding};
use crate::event::EventType;
use crate::job::{self, Job};
use crate::journal::{Account, Transfer};
use crate::{
    Description, IdempotencyKey, Money, Outcome, PayeeId, PayoutId, ProgramId, Reference, Refusal, Time, schedule,
};

text_enum! {
    /// Where a payout stands. While its attempt is unknown it is shown as `unknown`.
    pub enum State {
        /// Recorded; certainly nothing of it has been sent.
        Created = "created",
        /// On its way to Payoneer.
        Processing = "processing",
        /// Payoneer has accepted it and has not executed it yet.
        Pending = "pending",
        /// Payoneer has executed it.
        Paid = "paid",
        /// Payoneer refused it.
        Failed = "failed",
        /// It was taken back: by the merchant, or by a bank that rejected it late.
        Canceled = "canceled",
    }
}

/// A payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Its id.
    pub id: PayoutId,
    /// The program that pays.
    pub program: ProgramId,
    /// Who is paid.
    pub payee_id: PayeeId,
    /// How much.
    pub money: Money,
    /// What the payee reads.
    pub description: Description,
    /// The merchant's own reference, where given.
    pub client_reference_id: Option<Reference>,
    /// The reference that Payoneer sees.
    pub reference: Reference,
    /// The key under which it was asked for.
    pub idempotency_key: IdempotencyKey,
    /// Payoneer's number of it, once known.
    pub provider_payout_id: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Whether its attempt is unknown.
    pub unknown: bool,
    /// Since when it, or its cancel, has been unknown for so long that a person must look.
    pub attention_since: Option<Time>,
    /// Why it failed, or why nothing could be sent.
    pub failure: Option<Failure>,
    /// How many times Payoneer was asked whether it has been executed.
    pub looks: i64,
    /// Counts the writes.
    pub version: i64,
    /// When it was asked for.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// What can happen to a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Its attempt gets a permit to send.
    Send,
    /// Something was learnt about its attempt.
    Learn(Finding),
    /// A status query shows that it was executed.
    Pay,
    /// A status query shows that it was taken back, or Payoneer confirmed our cancel.
    Cancel,
    /// A status query shows it as still waiting.
    Wait,
    /// Its cancel has been unknown for so long since that instant that a person must look; `None` when it no longer is.
    Attend(Option<Time>),
}

impl Command {
    const fn name(&self) -> &'static str {
        match self {
            Self::Send => "be sent",
            Self::Learn(finding) => finding.name(),
            Self::Pay => "be paid",
            Self::Cancel => "be canceled",
            Self::Wait => "wait",
            Self::Attend(_) => "be attended",
        }
    }
}

/// What a command leads to. Everything in it is one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The payout afterwards.
    pub next: Payout,
    /// The fact to publish.
    pub event: Option<EventType>,
    /// Work that must follow.
    pub jobs: Vec<Job>,
    /// Money that moved.
    pub transfer: Option<Transfer>,
}

impl Payout {
    /// What a merchant is shown.
    pub const fn status(&self) -> &'static str {
        if self.unknown { "unknown" } else { self.state.as_str() }
    }

    /// Whether money moved, as far as anyone knows.
    pub const fn outcome(&self) -> Outcome {
        match self.state {
            State::Created | State::Failed | State::Canceled => Outcome::None,
            State::Processing => Outcome::Unknown,
            State::Pending | State::Paid => Outcome::Done,
        }
    }

    /// Decides what the command leads to.
    pub fn decide(&self, command: &Command, attempt: Option<&Attempt>, now: Time) -> Result<Decision, Refusal> {
        let (state, unknown) = next(self.state, command)?;
        let attention_since = match command {
            Command::Learn(_) => attempt.filter(|_| unknown).and_then(|attempt| attempt.attention_since),
            Command::Attend(since) => *since,
            Command::Send | Command::Pay | Command::Cancel => None,
            Command::Wait => self.attention_since,
        };
        let mut next =
            Self { state, unknown, attention_since, version: self.version + 1, updated_at: now, ..self.clone() };
        let mut jobs = Vec::new();
        match (command, attempt) {
            (Command::Send, Some(attempt)) => {
                next.failure = None;
                jobs.push(Job::at(job::Kind::Resolve, attempt.id.as_str(), attempt.deadline));
            }
            (Command::Learn(Finding::Unknown(_)), Some(attempt)) => {
                jobs.extend(attempt.look_again(now));
            }
            (Command::Learn(Finding::Declined(..) | Finding::NeverSent(_)), Some(attempt)) => {
                next.failure.clone_from(&attempt.failure);
            }
            (Command::Wait, _) => next.looks += 1,
            _ => {}
        }
        if state == State::Pending && !matches!(command, Command::Attend(_)) {
            jobs.push(Job::at(job::Kind::WatchPayout, self.id.as_str(), now + schedule::look(next.looks)));
        }
        let program = || (Account::Program, Account::Payee(self.payee_id.clone()));
        let transfer = match (held(self.state), held(state)) {
            (false, true) => Some(program()),
            (true, false) => Some((program().1, program().0)),
            (true, true) | (false, false) => None,
        }
        .map(|(debit, credit)| Transfer { subject: self.id.to_string(), debit, credit, money: self.money });
        let event = if self.status() != next.status() {
            Some(event_of(state, unknown))
        } else if self.attention_since.is_none() && next.attention_since.is_some() {
            Some(EventType::PayoutNeedsAttention)
        } else {
            None
        };
        Ok(Decision { next, event, jobs, transfer })
    }
}

/// The one event that says "the payout is now in this state".
const fn event_of(state: State, unknown: bool) -> EventType {
    match (state, unknown) {
        (State::Processing, true) => EventType::PayoutUnknown,
        (State::Created, _) => EventType::PayoutCreated,
        (State::Processing, false) => EventType::PayoutProcessing,
        (State::Pending, _) => EventType::PayoutPending,
        (State::Paid, _) => EventType::PayoutPaid,
        (State::Failed, _) => EventType::PayoutFailed,
        (State::Canceled, _) => EventType::PayoutCanceled,
    }
}

/// Whether the money has left the program's balance: Payoneer takes it when it accepts the payout.
const fn held(state: State) -> bool {
    matches!(state, State::Pending | State::Paid)
}

/// The table of a payout.
fn next(state: State, command: &Command) -> Result<(State, bool), Refusal> {
    use Command as C;
    use Finding as F;
    use State as S;
    let impossible = || Refusal::Impossible { noun: "payout", state: state.as_str(), step: command.name() };
    let contradiction = || Refusal::Contradiction { noun: "payout", state: state.as_str(), step: command.name() };
    match (state, command) {
        (S::Created, C::Send) => Ok((S::Processing, false)),
        (S::Created, C::Cancel) => Ok((S::Canceled, false)),
        // Only the cancel of an accepted payout can be unknown beside it.
        (S::Pending | S::Paid | S::Canceled, C::Attend(_)) => Ok((state, false)),
        (S::Created | S::Processing | S::Failed, C::Attend(_)) => Err(impossible()),
        (S::Created, C::Learn(_) | C::Pay | C::Wait) => Err(impossible()),
        (S::Processing, C::Learn(F::Succeeded(_))) => Ok((S::Pending, false)),
        (S::Processing, C::Learn(F::Declined(..))) => Ok((S::Failed, false)),
        (S::Processing, C::Learn(F::NeverSent(_))) => Ok((S::Created, false)),
        (S::Processing, C::Learn(F::Unknown(_))) => Ok((S::Processing, true)),
        (S::Processing, C::Send | C::Pay | C::Cancel | C::Wait) => Err(impossible()),
        (S::Pending, C::Wait) => Ok((S::Pending, false)),
        (S::Pending, C::Pay) => Ok((S::Paid, false)),
        (S::Pending | S::Paid, C::Cancel) => Ok((S::Canceled, false)),
        (S::Pending | S::Paid, C::Learn(F::Declined(..) | F::NeverSent(_))) => Err(contradiction()),
        (S::Pending | S::Paid, C::Send | C::Learn(F::Succeeded(_) | F::Unknown(_))) => Err(impossible()),
        (S::Paid, C::Pay | C::Wait) => Err(impossible()),
        (S::Failed | S::Canceled, C::Learn(F::Succeeded(_)) | C::Pay) => Err(contradiction()),
        (
            S::Failed | S::Canceled,
            C::Send | C::Cancel | C::Wait | C::Learn(F::Declined(..) | F::NeverSent(_) | F::Unknown(_)),
        ) => Err(impossible()),
    }
}

/// The table as (state, step, next state or none), for `docs/states.md`.
pub(crate) fn table() -> Vec<(State, &'static str, Option<String>)> {
    let mut commands = vec![Command::Send, Command::Pay, Command::Cancel, Command::Wait, Command::Attend(None)];
    commands.extend(crate::attempt::findings().into_iter().map(Command::Learn));
    let step = |state: State, command: &Command| {
        let after = next(state, command).ok();
        after.map(|(s, unknown)| if unknown { format!("{s} (unknown)") } else { s.to_string() })
    };
    State::ALL.iter().flat_map(|s| commands.iter().map(move |c| (*s, c.name(), step(*s, c)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;
    use crate::attempt::Evidence;

    fn payout() -> Payout {
        let at = Time::from_micros(1);
        Payout {
            id: PayoutId::new(at, [1; 10]),
            program: ProgramId::new(at, [2; 10]),
            payee_id: PayeeId::parse("ID123").unwrap(),
            money: Money::parse("7", Currency::parse("USD").unwrap()).unwrap(),
            description: Description::parse("Payout").unwrap(),
            client_reference_id: None,
            reference: Reference::parse("r1").unwrap(),
            idempotency_key: IdempotencyKey::parse("k").unwrap(),
            provider_payout_id: None,
            state: State::Created,
            unknown: false,
            attention_since: None,
            failure: None,
            looks: 0,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn a_late_rejection_brings_the_money_back_once() {
        let at = Time::from_micros(2);
        let accepted = Command::Learn(Finding::Succeeded(Evidence::Reply));
        let mut now = payout();
        let mut moved = Vec::new();
        for command in [Command::Send, accepted, Command::Wait, Command::Pay, Command::Cancel] {
            let decision = now.decide(&command, None, at).unwrap();
            moved.extend(decision.transfer.map(|t| t.debit));
            now = decision.next;
        }
        assert_eq!(now.state, State::Canceled);
        assert_eq!(moved, [Account::Program, Account::Payee(PayeeId::parse("ID123").unwrap())]);
        assert!(now.decide(&Command::Cancel, None, at).is_err());
    }

    #[test]
    fn a_pending_payout_is_watched() {
        let at = Time::from_micros(2);
        let sent = payout().decide(&Command::Send, None, at).unwrap().next;
        let pending = sent.decide(&Command::Learn(Finding::Succeeded(Evidence::Reply)), None, at).unwrap();
        assert_eq!(pending.jobs[0].kind, job::Kind::WatchPayout);
        let waited = pending.next.decide(&Command::Wait, None, at).unwrap();
        assert!(waited.jobs[0].due_at > pending.jobs[0].due_at);
        assert_eq!(waited.event, None);
    }
}
