//! What one exchange told the client, and where a request stands after several: the client's knowledge, step by step.
//! Looks at what could be read, never at what really happened.

use super::kind::Kind;
use crate::faults;
use crate::world::{Answered, Exchange, FaultMark};

/// What a client may conclude from one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// It was accepted, or, of a query, found.
    Accepted,
    /// It certainly had no effect.
    Refused,
    /// The reference was used before: something is there, and only a query tells what.
    Duplicate,
    /// A query knows nothing of the reference: no evidence, the request may still be on its way.
    NotFound,
    /// Nothing: no answer, half of one, or one that need not come from the application.
    Ambiguous,
}

/// Whether the fault leaves the true answer whole: a slow one, or what follows the answer.
fn leaves_the_answer(fault: &FaultMark) -> bool {
    let kind = faults::Kind::from_word(&fault.kind);
    kind.is_some_and(|k| k.is_aftermath() || matches!(k, faults::Kind::Pass | faults::Kind::Drip | faults::Kind::Delay))
}

/// Reads an exchange as a careful client would.
pub(super) fn read(exchange: &Exchange) -> Reading {
    let disturbed = exchange.fault.as_ref().is_some_and(|fault| !leaves_the_answer(fault));
    if exchange.answered != Answered::Whole || disturbed {
        return Reading::Ambiguous;
    }
    match (exchange.http_status, exchange.code) {
        (200, 0) => Reading::Accepted,
        (200 | 400..=499, 10704 | 10304) => Reading::Duplicate,
        (408 | 429, _) => Reading::Ambiguous,
        (200 | 400 | 404, 10311) => Reading::NotFound,
        // What the sandbox means by `{}`: it may as well be an outage, so it proves no refusal.
        (404, 404) => Reading::NotFound,
        (200 | 400..=499, _) => Reading::Refused,
        _ => Reading::Ambiguous,
    }
}

/// What a step was in the life of one request: the request itself, a question about it, or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It asks for money to move.
    Send,
    /// It asks what became of it.
    Look,
}

/// Where one request (a create or a cancel of one reference) stands, as far as its client can know.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing<'a> {
    /// The newest send.
    pub(super) sent: Option<&'a Exchange>,
    /// The send whose outcome is not known, since when.
    pub(super) open: Option<&'a Exchange>,
    /// Whether that is because of a duplicate-reference reply.
    pub(super) duplicate: bool,
    /// Whether a query was made since, answered or not.
    pub(super) asked: bool,
    /// Whether a query since was answered.
    pub(super) looked: bool,
    /// Whether a send or a query has shown that it was accepted.
    pub(super) accepted: bool,
    /// Whether the sandbox refuses a used reference for ever.
    references_once: bool,
    /// How often it was sent again while its outcome was unknown.
    again: u32,
    /// Whether some send may have taken effect.
    touched: bool,
}

/// How often a request may be sent again without an answered query, where a reference is taken once and for ever.
const MOST_AGAIN: u32 = 3;
/// How far apart such sends must be, in seconds.
const AGAIN_SECONDS: u64 = 60;

/// How long an outcome may stay unknown before that is late, in seconds.
pub(super) const LATE_SECONDS: u64 = 24 * 60 * 60;

impl<'a> Standing<'a> {
    /// Before the first exchange, in a sandbox that refuses a used reference for ever, or not.
    pub(super) fn under(references_once: bool) -> Self {
        Self { references_once, ..Self::default() }
    }

    /// Takes the next exchange about the reference; gives what is wrong with it, and the send that it follows badly.
    pub(super) fn step(&mut self, part: Part, exchange: &'a Exchange) -> Option<(Kind, &'a Exchange)> {
        match part {
            Part::Send => self.send(exchange),
            Part::Look => self.look(exchange),
        }
    }

    fn send(&mut self, exchange: &'a Exchange) -> Option<(Kind, &'a Exchange)> {
        let cancels = exchange.operation.starts_with("cancel");
        let fault = self.sent.filter(|_| self.touched).and_then(|earlier| {
            if !cancels && earlier.body_sha256 != exchange.body_sha256 {
                Some((Kind::SameReferenceOtherBytes, earlier))
            } else if self.open.is_some() && !self.looked && !self.may_go_again(earlier, exchange) {
                Some((Kind::ResentBlindly, earlier))
            } else if cancels && self.accepted && self.open.is_none() {
                Some((Kind::CancelSentAgain, earlier))
            } else {
                None
            }
        });
        self.again += u32::from(self.open.is_some());
        let reading = read(exchange);
        self.sent = Some(exchange);
        self.duplicate = reading == Reading::Duplicate;
        match reading {
            Reading::Accepted => (self.open, self.accepted) = (None, true),
            // A refused repeat shows that nothing was there before it either.
            Reading::Refused | Reading::NotFound => (self.open, self.touched) = (None, self.accepted),
            Reading::Duplicate | Reading::Ambiguous => {
                // A later doubt does not make an earlier one younger.
                self.open = self.open.or(Some(exchange));
                (self.asked, self.looked) = (false, false);
            }
        }
        self.touched |= matches!(reading, Reading::Accepted | Reading::Duplicate | Reading::Ambiguous);
        fault
    }

    /// Whether sending a charge again is what probes have proven harmless: asked about before, seldom, and not at once.
    fn may_go_again(&self, earlier: &Exchange, exchange: &Exchange) -> bool {
        exchange.operation == "create_charge"
            && self.references_once
            && self.asked
            && self.again < MOST_AGAIN
            && exchange.at >= earlier.at.plus_seconds(AGAIN_SECONDS)
    }

    fn look(&mut self, exchange: &'a Exchange) -> Option<(Kind, &'a Exchange)> {
        let open = self.open?;
        self.asked = true;
        match read(exchange) {
            Reading::Accepted => {
                self.open = None;
                self.accepted |= !open.operation.starts_with("cancel");
                let late = exchange.at > open.at.plus_seconds(LATE_SECONDS);
                late.then_some((Kind::ResolvedLate, open))
            }
            Reading::NotFound | Reading::Refused => {
                self.looked = true;
                None
            }
            Reading::Duplicate | Reading::Ambiguous => None,
        }
    }

    /// What is wrong with leaving it like this for good.
    pub(super) fn left(&self) -> Option<(Kind, &'a Exchange)> {
        self.open.map(|open| (if self.asked { Kind::Unresolved } else { Kind::NoStatusQuery }, open))
    }
}
