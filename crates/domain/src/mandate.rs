//! A payee's standing permission to be charged, and how what Payoneer says about the payee changes it.
//! Only a status query or the merchant's own act changes a mandate; a callback merely makes us ask.

use crate::event::EventType;
use crate::{MandateId, PayeeId, ProgramId, Time};

text_enum! {
    /// Where a mandate stands.
    pub enum State {
        /// The payee has been sent to Payoneer and has not finished there.
        Pending = "pending",
        /// The payee has finished and Payoneer has not decided.
        InReview = "in_review",
        /// The payee can be charged.
        Active = "active",
        /// It was active; Payoneer has blocked the payee.
        Suspended = "suspended",
        /// Payoneer, or the payee, said no.
        Declined = "declined",
        /// It was withdrawn: see [`Mandate::revoked_by`].
        Revoked = "revoked",
        /// The payee never finished.
        Expired = "expired",
    }
}

text_enum! {
    /// Who withdrew a mandate.
    pub enum RevokedBy {
        /// The merchant released the payee.
        Merchant = "merchant",
        /// Payoneer no longer knows the payee under this program.
        Payoneer = "payoneer",
    }
}

text_enum! {
    /// What a status query showed.
    pub enum Observed {
        /// Payoneer calls the payee active.
        Active = "active",
        /// Payoneer has not decided yet.
        Pending = "pending",
        /// Payoneer calls the payee inactive.
        Inactive = "inactive",
        /// Payoneer does not know the payee under this program.
        NotFound = "not_found",
    }
}

text_enum! {
    /// What can happen to a mandate.
    pub enum Command {
        /// The payee is sent to Payoneer's page.
        Request = "request",
        /// A status query showed an active payee.
        SeeActive = "see_active",
        /// A status query showed a payee in review.
        SeePending = "see_pending",
        /// A status query showed an inactive payee.
        SeeInactive = "see_inactive",
        /// A status query showed no such payee.
        SeeNotFound = "see_not_found",
        /// Payoneer confirmed that it released the payee for us.
        Revoke = "revoke",
        /// The last authorization session ran out.
        Expire = "expire",
    }
}

impl From<Observed> for Command {
    fn from(observed: Observed) -> Self {
        match observed {
            Observed::Active => Self::SeeActive,
            Observed::Pending => Self::SeePending,
            Observed::Inactive => Self::SeeInactive,
            Observed::NotFound => Self::SeeNotFound,
        }
    }
}

/// A mandate: one per payee and program, for ever; a payee who comes back reopens the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mandate {
    /// Its id.
    pub id: MandateId,
    /// The program that may charge.
    pub program: ProgramId,
    /// The payee who may be charged.
    pub payee_id: PayeeId,
    /// Where it stands.
    pub state: State,
    /// Who withdrew it, when it is revoked.
    pub revoked_by: Option<RevokedBy>,
    /// When it first became active in its present life.
    pub activated_at: Option<Time>,
    /// When Payoneer last answered about this payee.
    pub last_verified_at: Option<Time>,
    /// Counts the writes.
    pub version: i64,
    /// When the payee was first seen.
    pub created_at: Time,
    /// When the state last changed.
    pub updated_at: Time,
}

impl Mandate {
    /// A mandate of a payee just seen for the first time.
    pub const fn new(id: MandateId, program: ProgramId, payee_id: PayeeId, now: Time) -> Self {
        Self {
            id,
            program,
            payee_id,
            state: State::Pending,
            revoked_by: None,
            activated_at: None,
            last_verified_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The mandate after the command, and the fact to publish if its state changed. Every command is legal in every
    /// state, because what Payoneer says about a payee cannot be refused.
    pub fn decide(&self, command: Command, now: Time) -> (Self, Option<EventType>) {
        let state = next(self.state, command);
        let mut after = Self { state, version: self.version + 1, ..self.clone() };
        match command {
            Command::SeeActive | Command::SeePending | Command::SeeInactive | Command::SeeNotFound => {
                after.last_verified_at = Some(now);
            }
            Command::Request | Command::Revoke | Command::Expire => {}
        }
        if state == self.state {
            return (after, None);
        }
        after.updated_at = now;
        after.revoked_by = match (state, command) {
            (State::Revoked, Command::Revoke) => Some(RevokedBy::Merchant),
            (State::Revoked, _) => Some(RevokedBy::Payoneer),
            _ => None,
        };
        if state == State::Active {
            after.activated_at = Some(now);
        }
        let event = match state {
            State::Pending => EventType::MandatePending,
            State::InReview => EventType::MandateInReview,
            State::Active => EventType::MandateActivated,
            State::Suspended => EventType::MandateSuspended,
            State::Declined => EventType::MandateDeclined,
            State::Revoked => EventType::MandateRevoked,
            State::Expired => EventType::MandateExpired,
        };
        (after, Some(event))
    }
}

/// The table of a mandate.
const fn next(state: State, command: Command) -> State {
    use Command as C;
    use State as S;
    match (state, command) {
        (_, C::SeeActive) => S::Active,
        (_, C::SeePending) => S::InReview,
        (S::Active | S::Suspended, C::SeeInactive) => S::Suspended,
        (S::Revoked, C::SeeInactive) => S::Revoked,
        (S::Pending | S::InReview | S::Declined | S::Expired, C::SeeInactive) => S::Declined,
        // Before the payee finishes the form Payoneer knows nobody by this id, so not found says nothing new.
        (S::Pending | S::Declined | S::Revoked | S::Expired, C::SeeNotFound) => state,
        (S::InReview | S::Active | S::Suspended, C::SeeNotFound) => S::Revoked,
        (S::Declined | S::Revoked | S::Expired, C::Request) => S::Pending,
        (S::Pending | S::InReview | S::Active | S::Suspended, C::Request) => state,
        (_, C::Revoke) => S::Revoked,
        (S::Pending, C::Expire) => S::Expired,
        (S::InReview | S::Active | S::Suspended | S::Declined | S::Revoked | S::Expired, C::Expire) => state,
    }
}

/// The table as (state, step, next state), for `docs/states.md`.
pub(crate) fn table() -> Vec<(State, &'static str, State)> {
    State::ALL.iter().flat_map(|s| Command::ALL.iter().map(|c| (*s, c.as_str(), next(*s, *c)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mandate(state: State) -> Mandate {
        let at = Time::from_micros(1);
        let id = MandateId::new(at, [1; 10]);
        Mandate { state, ..Mandate::new(id, ProgramId::new(at, [2; 10]), PayeeId::parse("ID123").unwrap(), at) }
    }

    #[test]
    fn only_what_payoneer_says_makes_a_mandate_active() {
        for state in State::ALL.iter().filter(|s| **s != State::Active) {
            for command in Command::ALL {
                let (after, _) = mandate(*state).decide(*command, Time::from_micros(2));
                assert_eq!(after.state == State::Active, *command == Command::SeeActive, "{state} {command}");
            }
        }
    }

    #[test]
    fn an_unchanged_answer_is_fresh_but_no_event() {
        let (after, event) = mandate(State::Active).decide(Command::SeeActive, Time::from_micros(9));
        assert_eq!((after.last_verified_at, event), (Some(Time::from_micros(9)), None));
        assert_eq!(after.updated_at, Time::from_micros(1));
    }

    #[test]
    fn who_withdrew_it_is_known_and_forgotten_when_the_payee_returns() {
        let (gone, event) = mandate(State::Active).decide(Command::SeeNotFound, Time::from_micros(2));
        assert_eq!((gone.revoked_by, event), (Some(RevokedBy::Payoneer), Some(EventType::MandateRevoked)));
        let (ours, _) = mandate(State::Active).decide(Command::Revoke, Time::from_micros(2));
        assert_eq!(ours.revoked_by, Some(RevokedBy::Merchant));
        let (back, event) = ours.decide(Command::Request, Time::from_micros(3));
        assert_eq!((back.state, back.revoked_by, event), (State::Pending, None, Some(EventType::MandatePending)));
    }
}
