//! What people decide about an attempt of which nobody else can say what happened: a proposal, and when it settles.
//! What a settlement then does to the attempt, and to money, is decided where every finding is.

use crate::attempt::{Evidence, Failure, Finding};
use crate::audit::Actor;
use crate::id::{ApiKeyId, SettlementId};
use crate::words::Note;
use crate::{AttemptId, ProgramId, Refusal, Time};

text_enum! {
    /// What became of the attempt, in an operator's word.
    pub enum Verdict {
        /// Payoneer did it.
        Succeeded = "succeeded",
        /// Payoneer did not and will not.
        Failed = "failed",
    }
}

text_enum! {
    /// Where a settlement stands.
    pub enum State {
        /// One operator has spoken; another must agree.
        Proposed = "proposed",
        /// It settled the attempt. Final.
        Settled = "settled",
        /// It was taken back. Final.
        Withdrawn = "withdrawn",
        /// Evidence of Payoneer's came first. Final.
        Overtaken = "overtaken",
    }
}

text_enum! {
    /// How many persons it takes.
    pub enum SettleBy {
        /// One.
        One = "one",
        /// Two, with keys that do not go back to the same one.
        Two = "two",
    }
}

/// What one operator said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Who.
    pub by: Actor,
    /// Which key theirs goes back to: keys of one origin are one person's.
    pub origin: ApiKeyId,
    /// Why it is right to decide.
    pub reason: Note,
    /// What shows it, such as a line of Payoneer's report; `None` where a proposal is taken back.
    pub evidence: Option<Note>,
    /// When.
    pub at: Time,
}

/// A proposal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Its id.
    pub id: SettlementId,
    /// The program whose money it is.
    pub program: ProgramId,
    /// The attempt that it settles.
    pub attempt: AttemptId,
    /// The id of the charge, refund or payout of that attempt.
    pub subject: String,
    /// What became of the attempt.
    pub verdict: Verdict,
    /// Where it stands.
    pub state: State,
    /// The first operator's word.
    pub proposal: Word,
    /// The word that ended it: the second operator's, or of whoever took it back. None where one is enough, or where
    /// evidence came first.
    pub answer: Option<Word>,
    /// When it ended.
    pub closed_at: Option<Time>,
}

/// What an operator's word leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is a proposal now.
    Propose(Settlement),
    /// It settles.
    Settle(Settlement),
    /// The same person said the same before.
    Nothing,
}

/// The code of a failure that people have decided on.
pub const FAILURE: &str = "settled_by_operator";

impl Settlement {
    /// A first word, not yet weighed.
    pub fn new(id: SettlementId, program: ProgramId, attempt: AttemptId, subject: &str, said: (Verdict, Word)) -> Self {
        let (verdict, proposal) = said;
        let subject = subject.to_owned();
        Self { id, program, attempt, subject, verdict, state: State::Proposed, proposal, answer: None, closed_at: None }
    }

    /// What this new word leads to, beside the proposal that is open.
    ///
    /// Whoever wants to say something else must first take back what is proposed: a [`Refusal::Disputed`] until then.
    pub fn weigh(self, open: Option<&Self>, rule: SettleBy) -> Result<Step, Refusal> {
        let at = self.proposal.at;
        match (open, rule) {
            (Some(open), _) if open.verdict != self.verdict => Err(Refusal::Disputed),
            (Some(open), SettleBy::Two) if open.proposal.origin == self.proposal.origin => Ok(Step::Nothing),
            (Some(open), _) => Ok(Step::Settle(Self {
                state: State::Settled,
                answer: Some(self.proposal),
                closed_at: Some(at),
                ..open.clone()
            })),
            (None, SettleBy::Two) => Ok(Step::Propose(self)),
            (None, SettleBy::One) => Ok(Step::Settle(Self { state: State::Settled, closed_at: Some(at), ..self })),
        }
    }

    /// The proposal, taken back.
    #[must_use]
    pub fn withdraw(&self, word: Word) -> Self {
        Self { state: State::Withdrawn, closed_at: Some(word.at), answer: Some(word), ..self.clone() }
    }

    /// What it says of the attempt.
    pub fn finding(&self) -> Finding {
        match self.verdict {
            Verdict::Succeeded => Finding::Succeeded(Evidence::Operator),
            Verdict::Failed => Finding::Declined(
                Evidence::Operator,
                Failure {
                    code: FAILURE.to_owned(),
                    description: self.proposal.reason.to_string(),
                    ..Failure::default()
                },
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(verdict: Verdict, origin: u8) -> Settlement {
        let at = Time::from_micros(i64::from(origin));
        let origin = ApiKeyId::new(at, [origin; 10]);
        let note = |text: &str| Note::parse(text).unwrap();
        let word = Word {
            by: Actor::stored(origin.to_string()),
            origin,
            reason: note("the report shows it"),
            evidence: Some(note("line 7")),
            at,
        };
        let (program, attempt) = (ProgramId::new(at, [1; 10]), AttemptId::new(at, [2; 10]));
        Settlement::new(SettlementId::new(at, [3; 10]), program, attempt, "ch_1", (verdict, word))
    }

    #[test]
    fn two_persons_who_agree_settle_and_nobody_else_does() {
        use Verdict::{Failed, Succeeded};
        let Ok(Step::Propose(open)) = said(Succeeded, 1).weigh(None, SettleBy::Two) else { panic!("a proposal") };
        assert_eq!(open.state, State::Proposed);
        assert_eq!(said(Succeeded, 1).weigh(Some(&open), SettleBy::Two), Ok(Step::Nothing));
        for origin in [1, 2] {
            assert_eq!(said(Failed, origin).weigh(Some(&open), SettleBy::Two), Err(Refusal::Disputed));
        }
        let Ok(Step::Settle(settled)) = said(Succeeded, 2).weigh(Some(&open), SettleBy::Two) else { panic!("settled") };
        assert_eq!((settled.state, &settled.proposal), (State::Settled, &open.proposal));
        assert_ne!(settled.answer.unwrap().origin, open.proposal.origin);
    }

    #[test]
    fn where_one_is_enough_one_settles_but_does_not_overrule() {
        let Ok(Step::Settle(alone)) = said(Verdict::Failed, 1).weigh(None, SettleBy::One) else { panic!("settled") };
        assert_eq!((alone.state, alone.answer.is_none(), alone.closed_at.is_some()), (State::Settled, true, true));
        assert!(matches!(alone.finding(), Finding::Declined(Evidence::Operator, failure) if failure.code == FAILURE));
        let open = said(Verdict::Succeeded, 1);
        assert_eq!(said(Verdict::Failed, 2).weigh(Some(&open), SettleBy::One), Err(Refusal::Disputed));
    }
}
