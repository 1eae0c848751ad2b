//! The SQL of settlements: what operators said about attempts that stay unknown.

use crate::{BadRow, FromRow, Query, Row, Write, args, cells};
use domain::audit::Actor;
use domain::settlement::{Settlement, State, Word};
use domain::{AttemptId, Time};

const OPEN_OF_ATTEMPT: &str = "select * from settlement where attempt = $1 and state = 'proposed'";
const STANDING: &str = "select * from settlement where subject = $1 and state in ('proposed', 'settled') \
    order by id desc limit 1";
// Only while the attempt is unknown: what was decided in the meantime needs no proposal.
const INSERT: &str = "insert into settlement (id, program, attempt, subject, verdict, state, proposed_by, \
    proposed_origin, reason, evidence, proposed_at, answered_by, answered_origin, answer_reason, answer_evidence, \
    answered_at, closed_at) select $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, \
    $9::text, $10::text, $11::bigint, $12::text, $13::text, $14::text, $15::text, $16::bigint, $17::bigint \
    where exists (select 1 from attempt where id = $3::text and state = 'unknown' for update)";
const CLOSE: &str = "update settlement set state = $1, answered_by = $2, answered_origin = $3, answer_reason = $4, \
    answer_evidence = $5, answered_at = $6, closed_at = $7 where id = $8 and state = 'proposed'";
const OVERTAKE: &str =
    "update settlement set state = 'overtaken', closed_at = $1 where attempt = $2 and state = 'proposed'";

pub(crate) const STATEMENTS: &[&str] = &[OPEN_OF_ATTEMPT, STANDING, INSERT, CLOSE, OVERTAKE];

/// The proposal about an attempt that waits for another operator.
pub fn open_of_attempt(attempt: &AttemptId) -> Query<Settlement> {
    Query::new(OPEN_OF_ATTEMPT, args![attempt.as_str()])
}

/// The open proposal about a charge, refund or payout, or the settlement that was made.
pub fn standing(subject: &str) -> Query<Settlement> {
    Query::new(STANDING, args![subject])
}

/// A new one; stale if its attempt is no longer unknown, a duplicate if another one is open.
pub fn insert(s: &Settlement) -> Write {
    let (by, origin, reason, evidence, at) = cells_of(s.answer.as_ref());
    let args = args![
        s.id.as_str(),
        s.program.as_str(),
        s.attempt.as_str(),
        s.subject.as_str(),
        s.verdict.as_str(),
        s.state.as_str(),
        s.proposal.by.as_str(),
        s.proposal.origin.as_str(),
        s.proposal.reason.as_str(),
        s.proposal.evidence.as_ref().map(domain::words::Note::as_str),
        s.proposal.at.micros(),
        by,
        origin,
        reason,
        evidence,
        at,
        s.closed_at.map(Time::micros),
    ];
    Write::one(INSERT, args)
}

/// An open one as it ends; stale if it has ended already.
pub fn close(s: &Settlement) -> Write {
    let (by, origin, reason, evidence, at) = cells_of(s.answer.as_ref());
    let closed_at = s.closed_at.map(Time::micros);
    Write::one(CLOSE, args![s.state.as_str(), by, origin, reason, evidence, at, closed_at, s.id.as_str()])
}

/// Evidence of Payoneer's settled the attempt; a proposal about it, if one is open, needs no answer any more.
pub fn overtake(attempt: &AttemptId, at: Time) -> Write {
    Write::any(OVERTAKE, args![at.micros(), attempt.as_str()])
}

type Cells<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<i64>);

fn cells_of(word: Option<&Word>) -> Cells<'_> {
    let Some(word) = word else { return (None, None, None, None, None) };
    let evidence = word.evidence.as_ref().map(domain::words::Note::as_str);
    (Some(word.by.as_str()), Some(word.origin.as_str()), Some(word.reason.as_str()), evidence, Some(word.at.micros()))
}

impl FromRow for Settlement {
    fn from_row(row: &Row<'_>) -> Result<Self, BadRow> {
        let answer = match row.opt_text("answered_by")? {
            None => None,
            Some(by) => Some(Word {
                by: Actor::stored(by),
                origin: row.parse("answered_origin")?,
                reason: row.parse("answer_reason")?,
                evidence: row.opt_parse("answer_evidence")?,
                at: cells::time(row, "answered_at")?,
            }),
        };
        Ok(Self {
            id: row.parse("id")?,
            program: row.parse("program")?,
            attempt: row.parse("attempt")?,
            subject: row.text("subject")?,
            verdict: row.parse("verdict")?,
            state: row.parse::<State>("state")?,
            proposal: Word {
                by: Actor::stored(row.text("proposed_by")?),
                origin: row.parse("proposed_origin")?,
                reason: row.parse("reason")?,
                evidence: Some(row.parse("evidence")?),
                at: cells::time(row, "proposed_at")?,
            },
            answer,
            closed_at: cells::opt_time(row, "closed_at")?,
        })
    }
}
