//! One trip of a charge, refund or payout to Payoneer, and what may be concluded about it.
//! The rule of rules lives here: only evidence settles an attempt, and nothing settles it twice.

use crate::job::Job;
use crate::{AttemptId, ProgramId, Reference, Refusal, Span, Time, schedule};

text_enum! {
    /// Where an attempt stands.
    pub enum State {
        /// Recorded, nothing sent.
        Planned = "planned",
        /// Its one permit to send is out; until an answer is recorded nobody can say what happened.
        Sending = "sending",
        /// Payoneer wants the payee to confirm first (v4).
        Challenged = "challenged",
        /// Sent or possibly sent, and no definite answer.
        Unknown = "unknown",
        /// Payoneer did it. Final.
        Succeeded = "succeeded",
        /// Payoneer definitely refused. Final.
        Declined = "declined",
        /// Not one byte of the request left. Final.
        NeverSent = "never_sent",
        /// A quote that was never committed (v4). Final.
        Expired = "expired",
    }
}

impl State {
    /// Whether this attempt forbids another one beside it. The store enforces the same with a unique index.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Planned | Self::Sending | Self::Challenged | Self::Unknown | Self::Succeeded => true,
            Self::Declined | Self::NeverSent | Self::Expired => false,
        }
    }

    /// Whether nothing may change any more.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Planned | Self::Sending | Self::Challenged | Self::Unknown => false,
            Self::Succeeded | Self::Declined | Self::NeverSent | Self::Expired => true,
        }
    }
}

text_enum! {
    /// Which call an attempt makes.
    pub enum Kind {
        /// Take money from a payee.
        Charge = "charge",
        /// Give the whole of a charge back (v2: cancel).
        Refund = "refund",
        /// Send money to a payee.
        Payout = "payout",
        /// Take back a payout that has not been executed.
        PayoutCancel = "payout_cancel",
    }
}

text_enum! {
    /// What kind of proof settled an attempt. A callback is none.
    pub enum Evidence {
        /// A well-formed reply to our own request.
        Reply = "reply",
        /// An answer to a status query.
        StatusQuery = "status_query",
        /// The same process saw that no byte left.
        Transport = "transport",
        /// Named operators: two, unless the gateway is told that one is enough.
        Operator = "operator",
    }
}

/// A definite refusal, in Payoneer's words where it spoke.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failure {
    /// Our word for it, or Payoneer's number as text.
    pub code: String,
    /// What Payoneer said, or what happened.
    pub description: String,
    /// Payoneer's hint.
    pub hint: Option<String>,
    /// Payoneer's number for the exchange, by which its support finds it.
    pub audit_id: Option<i64>,
}

/// What has been learnt about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Payoneer did it.
    Succeeded(Evidence),
    /// Payoneer did not and will not.
    Declined(Evidence, Failure),
    /// No byte left this process.
    NeverSent(String),
    /// Nothing definite; the text says why, for people.
    Unknown(String),
}

impl Finding {
    /// Whether people decided it, not Payoneer.
    pub const fn is_by_operator(&self) -> bool {
        matches!(self, Self::Succeeded(Evidence::Operator) | Self::Declined(Evidence::Operator, _))
    }

    /// The name of the finding, for logs and refusals.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Succeeded(_) => "succeed",
            Self::Declined(..) => "be declined",
            Self::NeverSent(_) => "be never sent",
            Self::Unknown(_) => "be unknown",
        }
    }
}

/// One trip to Payoneer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The program whose money it is.
    pub program: ProgramId,
    /// The id of the charge, refund or payout it serves.
    pub subject: String,
    /// Which call it makes.
    pub kind: Kind,
    /// 1 for the first attempt of its subject.
    pub number: i64,
    /// The reference that Payoneer knows it by; never changes.
    pub reference: Reference,
    /// The request body, byte for byte as it is sent.
    pub body: Vec<u8>,
    /// Where it stands.
    pub state: State,
    /// Counts the writes; a writer that saw an older epoch has lost.
    pub epoch: i64,
    /// The process that holds the permit.
    pub owner: String,
    /// After this instant an attempt still `sending` has lost its owner.
    pub deadline: Time,
    /// When the permit was given out.
    pub sent_at: Time,
    /// When it became final.
    pub settled_at: Option<Time>,
    /// What settled it.
    pub evidence: Option<Evidence>,
    /// Why it became unknown: a word of ours, then words for people. Kept for good once set.
    pub doubt: Option<String>,
    /// What the latest look at its status showed, in words for people.
    pub seen: Option<String>,
    /// Why it was declined or never sent.
    pub failure: Option<Failure>,
    /// What Payoneer answered, as JSON text for people; capped, without credentials.
    pub exchange: Option<String>,
    /// How many times its status was queried since it became unknown.
    pub looks: i64,
    /// How many times the same bytes were sent again while it was unknown.
    pub resends: i64,
    /// When they last were.
    pub resent_at: Option<Time>,
    /// When it was last looked at.
    pub looked_at: Option<Time>,
    /// Since when nobody can say what happened; `None` once it is settled.
    pub unknown_since: Option<Time>,
    /// Since when it has been unknown for so long that a person must look; `None` once it is settled.
    pub attention_since: Option<Time>,
    /// The trace context of the request that it serves, as W3C writes it; for operators, never for decisions.
    pub trace: Option<String>,
}

/// How often one attempt is sent again at most.
pub const RESENDS_MAX: i64 = 3;

/// How far apart the times are at which an attempt is sent, at least.
pub const RESEND_AFTER: Span = Span::from_secs(60);

/// The doubt of an attempt whose reference Payoneer already knew: somebody's money call, perhaps not ours.
pub const DUPLICATE_REFERENCE: &str = "duplicate_reference";

/// The doubt of an attempt whose reply speaks of another reference, payee, amount or currency.
pub const MISMATCH: &str = "mismatch";

impl Attempt {
    /// Whether a bare "done" under this reference may be about somebody else's request. Then only an answer that
    /// names payee, amount and currency, or two operators, can settle it.
    pub fn is_contested(&self) -> bool {
        self.doubt.as_deref().is_some_and(|doubt| doubt.starts_with(DUPLICATE_REFERENCE) || doubt.starts_with(MISMATCH))
    }

    /// Whether the same bytes may be sent again under the same reference to find out what became of them. Only where
    /// it is proven that Payoneer takes a reference once and for ever; and never while the reference may be somebody
    /// else's.
    pub fn may_resend(&self, now: Time) -> bool {
        let last = self.resent_at.unwrap_or(self.sent_at);
        self.kind == Kind::Charge
            && self.state == State::Unknown
            && !self.is_contested()
            && self.resends < RESENDS_MAX
            && now - last >= RESEND_AFTER
    }

    /// The attempt when it is about to be sent again: still unknown, so that a crash leaves it so, and counted.
    #[must_use]
    pub fn resend(&self, now: Time) -> Self {
        Self { epoch: self.epoch + 1, resends: self.resends + 1, resent_at: Some(now), ..self.clone() }
    }

    /// Whether it has become a person's business and nobody has been told.
    pub fn is_overdue(&self, now: Time) -> bool {
        self.attention_since.is_none()
            && self.unknown_since.is_some_and(|since| now - since >= schedule::ATTENTION_AFTER)
    }

    /// The next look by schedule; `None` for what is not unknown, and once the schedule is over.
    pub fn look_again(&self, now: Time) -> Option<Job> {
        let since = self.unknown_since?;
        let due_at = schedule::next_look(since, now)?;
        let look = Job::look(self.id.as_str(), due_at);
        // When it becomes a person's business is promised; chance must not move it.
        Some(if due_at == since + schedule::ATTENTION_AFTER { look.exactly() } else { look })
    }

    /// The look that somebody asks for; `None` for what is not unknown.
    pub fn wake(&self, now: Time) -> Option<Job> {
        (self.state == State::Unknown)
            .then(|| Job::look(self.id.as_str(), schedule::wake(self.looked_at, now)).exactly())
    }

    /// The attempt after what was learnt, or the reason why that cannot be.
    ///
    /// A finding that agrees with a settled attempt changes nothing and is an [`Refusal::Impossible`]; one that
    /// disagrees is a [`Refusal::Contradiction`].
    pub fn learn(&self, finding: &Finding, now: Time) -> Result<Self, Refusal> {
        let state = next(self.state, finding)?;
        if finding.is_by_operator() && self.state != State::Unknown {
            return Err(Refusal::Impossible { noun: "attempt", state: self.state.as_str(), step: finding.name() });
        }
        let mut after = Self { state, epoch: self.epoch + 1, ..self.clone() };
        match finding {
            Finding::Succeeded(evidence) => after.evidence = Some(*evidence),
            Finding::Declined(evidence, failure) => {
                after.evidence = Some(*evidence);
                after.failure = Some(failure.clone());
            }
            Finding::NeverSent(cause) => {
                after.evidence = Some(Evidence::Transport);
                after.failure = Some(Failure {
                    code: "payoneer_unreachable".to_owned(),
                    description: cause.clone(),
                    ..Failure::default()
                });
            }
            Finding::Unknown(doubt) => {
                if self.state == State::Unknown {
                    after.looks += 1;
                    after.looked_at = Some(now);
                    after.seen = Some(doubt.clone());
                } else if !self.is_contested() {
                    after.doubt = Some(doubt.clone());
                }
                let since = *after.unknown_since.get_or_insert(now);
                if now - since >= schedule::ATTENTION_AFTER {
                    after.attention_since.get_or_insert(now);
                }
            }
        }
        if state.is_final() {
            after.unknown_since = None;
            after.attention_since = None;
        }
        after.settled_at = state.is_final().then_some(now);
        Ok(after)
    }
}

/// The table of an attempt: (state, finding) to state.
fn next(state: State, finding: &Finding) -> Result<State, Refusal> {
    use Finding as F;
    use State as S;
    let impossible = || Refusal::Impossible { noun: "attempt", state: state.as_str(), step: finding.name() };
    let contradiction = || Refusal::Contradiction { noun: "attempt", state: state.as_str(), step: finding.name() };
    match (state, finding) {
        (S::Sending | S::Challenged | S::Unknown, F::Succeeded(_)) => Ok(S::Succeeded),
        (S::Sending | S::Challenged | S::Unknown, F::Declined(..)) => Ok(S::Declined),
        (S::Sending | S::Challenged | S::Unknown, F::Unknown(_)) => Ok(S::Unknown),
        // Only the process that held the permit can know this, and only before anybody took it for lost.
        (S::Sending, F::NeverSent(_)) => Ok(S::NeverSent),
        (S::Challenged | S::Unknown, F::NeverSent(_)) => Err(impossible()),
        // Nothing has been sent, so nothing can be found.
        (S::Planned, F::Succeeded(_) | F::Declined(..) | F::NeverSent(_) | F::Unknown(_)) => Err(impossible()),
        (S::Succeeded, F::Succeeded(_) | F::Unknown(_)) => Err(impossible()),
        (S::Succeeded, F::Declined(..) | F::NeverSent(_)) => Err(contradiction()),
        (S::Declined, F::Declined(..) | F::Unknown(_)) => Err(impossible()),
        (S::Declined, F::Succeeded(_) | F::NeverSent(_)) => Err(contradiction()),
        (S::NeverSent, F::NeverSent(_) | F::Unknown(_)) => Err(impossible()),
        (S::NeverSent, F::Succeeded(_) | F::Declined(..)) => Err(contradiction()),
        (S::Expired, F::Unknown(_) | F::Declined(..)) => Err(impossible()),
        (S::Expired, F::Succeeded(_) | F::NeverSent(_)) => Err(contradiction()),
    }
}

/// One finding of each kind, for printing the table and for exhaustive tests.
pub(crate) fn findings() -> Vec<Finding> {
    vec![
        Finding::Succeeded(Evidence::Reply),
        Finding::Declined(Evidence::Reply, Failure::default()),
        Finding::NeverSent(String::new()),
        Finding::Unknown(String::new()),
    ]
}

/// The table as (state, step, next state or none), for `docs/states.md`.
pub(crate) fn table() -> Vec<(State, &'static str, Option<State>)> {
    State::ALL
        .iter()
        .flat_map(|state| findings().into_iter().map(|f| (*state, f.name(), next(*state, &f).ok())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_state_has_no_exit() {
        for state in State::ALL.iter().filter(|s| s.is_final()) {
            for finding in findings() {
                assert!(next(*state, &finding).is_err(), "{state} {finding:?}");
            }
        }
    }

    #[test]
    fn unknown_leaves_only_by_proof() {
        assert!(next(State::Unknown, &Finding::NeverSent(String::new())).is_err());
        assert_eq!(next(State::Unknown, &Finding::Unknown(String::new())), Ok(State::Unknown));
    }

    #[test]
    fn a_contradiction_is_told_from_a_repetition() {
        let declined = Finding::Declined(Evidence::StatusQuery, Failure::default());
        assert!(matches!(next(State::Succeeded, &declined), Err(Refusal::Contradiction { .. })));
        let again = Finding::Succeeded(Evidence::StatusQuery);
        assert!(matches!(next(State::Succeeded, &again), Err(Refusal::Impossible { .. })));
    }

    #[test]
    fn every_final_state_but_success_makes_room_for_another_attempt() {
        for state in State::ALL {
            assert_eq!(state.is_live(), !state.is_final() || *state == State::Succeeded, "{state}");
        }
    }
}
