//! One trip of a payee to Payoneer's hosted page. It ends when the mandate shows what came of it.
//! The mandate itself, which outlives every trip, is in `mandate`.

use crate::event::EventType;
use crate::{AuthorizationSessionId, PayeeId, ProgramId, Refusal, Span, Time, mandate};

/// How long a trip may take before it is given up.
pub const LIFETIME: Span = Span::from_secs(24 * 3_600);

text_enum! {
    /// Where an authorization session stands.
    pub enum State {
        /// The payee may be on Payoneer's page.
        Open = "open",
        /// The mandate became active.
        Completed = "completed",
        /// Nothing came of it in time.
        Expired = "expired",
        /// The merchant called it off.
        Canceled = "canceled",
        /// Payoneer, or the payee, said no.
        Failed = "failed",
    }
}

/// An authorization session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationSession {
    /// Its id.
    pub id: AuthorizationSessionId,
    /// The program that asks.
    pub program: ProgramId,
    /// The payee who is asked.
    pub payee_id: PayeeId,
    /// The unguessable last part of the address that Payoneer sends the browser back to.
    pub token: String,
    /// Payoneer's page.
    pub url: String,
    /// Where the browser goes in the end, and nowhere else.
    pub return_url: String,
    /// Where it stands.
    pub state: State,
    /// Counts the writes.
    pub version: i64,
    /// When it will be given up.
    pub expires_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

impl AuthorizationSession {
    /// What the payee's mandate means for an open session; `None` when nothing changes.
    pub fn follow(&self, mandate: mandate::State, now: Time) -> Option<(Self, EventType)> {
        if self.state != State::Open {
            return None;
        }
        let (state, event) = match mandate {
            mandate::State::Active => (State::Completed, EventType::AuthorizationSessionCompleted),
            mandate::State::Declined | mandate::State::Suspended => {
                (State::Failed, EventType::AuthorizationSessionFailed)
            }
            mandate::State::Pending | mandate::State::InReview | mandate::State::Revoked | mandate::State::Expired => {
                return None;
            }
        };
        Some((self.moved(state, now), event))
    }

    /// The merchant calls it off.
    pub fn cancel(&self, now: Time) -> Result<(Self, EventType), Refusal> {
        self.end(State::Canceled, "be canceled", now).map(|next| (next, EventType::AuthorizationSessionCanceled))
    }

    /// Its time is over.
    pub fn expire(&self, now: Time) -> Result<(Self, EventType), Refusal> {
        self.end(State::Expired, "expire", now).map(|next| (next, EventType::AuthorizationSessionExpired))
    }

    fn end(&self, state: State, step: &'static str, now: Time) -> Result<Self, Refusal> {
        match self.state {
            State::Open => Ok(self.moved(state, now)),
            State::Completed | State::Expired | State::Canceled | State::Failed => {
                Err(Refusal::Impossible { noun: "authorization session", state: self.state.as_str(), step })
            }
        }
    }

    fn moved(&self, state: State, now: Time) -> Self {
        Self { state, version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(state: State) -> AuthorizationSession {
        let at = Time::from_micros(1);
        AuthorizationSession {
            id: AuthorizationSessionId::new(at, [1; 10]),
            program: ProgramId::new(at, [2; 10]),
            payee_id: PayeeId::parse("ID123").unwrap(),
            token: String::new(),
            url: String::new(),
            return_url: String::new(),
            state,
            version: 1,
            expires_at: at + LIFETIME,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn only_an_open_session_follows_the_mandate() {
        let at = Time::from_micros(2);
        let (done, event) = session(State::Open).follow(mandate::State::Active, at).unwrap();
        assert_eq!((done.state, event), (State::Completed, EventType::AuthorizationSessionCompleted));
        assert_eq!(session(State::Open).follow(mandate::State::InReview, at), None);
        for state in State::ALL.iter().filter(|s| **s != State::Open) {
            assert_eq!(session(*state).follow(mandate::State::Active, at), None);
            assert!(session(*state).cancel(at).is_err() && session(*state).expire(at).is_err());
        }
    }
}
