//! Settling by operators what nobody else could decide, taking a proposal back, and looking now because somebody asks.
//! When words of people make a settlement is the domain's decision; what follows for money is that of any finding.

use super::jobs::Run;
use super::resolve::CONFIRMATIONS;
use super::{ChargeView, Engine, Error};
use crate::port::{ChargeSeen, Sent};
use domain::attempt::{self, Attempt, Evidence, Kind};
use domain::audit::{Action, Actor};
use domain::charge::{self, Charge};
use domain::event::EventType;
use domain::id::{ApiKeyId, SettlementId};
use domain::job::{self, Job, Lease};
use domain::program::Program;
use domain::settlement::{SettleBy, Settlement, Step, Verdict, Word};
use domain::words::Note;
use domain::{ChargeId, Refusal, schedule};
use serde_json::json;
use store::Batch;

/// So many events of a charge are looked through; it has far fewer.
const EVENTS_LOOKED_AT: i64 = 1_000;

/// A person with a key that may administer.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Who, as the audit log names them.
    pub actor: Actor,
    /// The key that theirs goes back to.
    pub origin: ApiKeyId,
}

/// What an operator says.
#[derive(Debug, Clone)]
pub struct Said {
    /// What became of it.
    pub verdict: Verdict,
    /// Why it is right to decide.
    pub reason: Note,
    /// What shows it.
    pub evidence: Note,
}

/// What it is said about: the attempt of this kind of the charge, refund or payout with this id.
pub type About<'a> = (Kind, &'a str);

impl Engine {
    /// Records what an operator says about something unknown; settles it where `rule` is then satisfied. The same word
    /// of the same person again, or about what operators have settled so already, changes nothing.
    pub async fn settle_by_operator(
        &self,
        program: &Program,
        operator: &Operator,
        about: About<'_>,
        said: &Said,
        rule: SettleBy,
    ) -> Result<(), Error> {
        self.decide(|| self.plan_word(program, operator, about, said, rule)).await
    }

    async fn plan_word(
        &self,
        program: &Program,
        operator: &Operator,
        about: About<'_>,
        said: &Said,
        rule: SettleBy,
    ) -> Result<Option<Batch>, Error> {
        let before = self.attempt_about(program, about).await?;
        if before.state != attempt::State::Unknown {
            return if is_settled_so(&before, said.verdict) { Ok(None) } else { Err(not_unknown(&before)) };
        }
        let open = self.store.read_one(store::settlements::open_of_attempt(&before.id)).await?;
        let now = self.now();
        let word = Word {
            by: operator.actor.clone(),
            origin: operator.origin.clone(),
            reason: said.reason.clone(),
            evidence: Some(said.evidence.clone()),
            at: now,
        };
        let id = SettlementId::new(now, self.source.randomness());
        let new = Settlement::new(id, program.id.clone(), before.id.clone(), &before.subject, (said.verdict, word));
        let refused = |refusal| Error::refusal(refusal, noun(before.kind), &before.subject);
        let mut changes = self.changes(&program.id, now);
        let was = json!({ "status": "unknown", "attempt": before.id.as_str() });
        let became = json!({ "as": said.verdict.as_str(), "evidence": said.evidence.as_str() });
        let audited = (&operator.actor, Some(said.reason.as_str()));
        match new.weigh(open.as_ref(), rule).map_err(refused)? {
            Step::Nothing => return Ok(None),
            Step::Propose(proposal) => {
                changes.write(store::settlements::insert(&proposal));
                changes.audit(Action::SettlementProposed, &before.subject, audited, (Some(was), Some(became)));
            }
            Step::Settle(settled) => {
                let finding = settled.finding();
                let after = before.learn(&finding, now).map_err(refused)?;
                // First the words, then the attempt that hangs on them: the database looks at that order.
                changes.write(match open {
                    Some(_) => store::settlements::close(&settled),
                    None => store::settlements::insert(&settled),
                });
                changes.audit(Action::SettlementMade, &before.subject, audited, (Some(was), Some(became)));
                let sent = Sent { finding, exchange: None, provider_payout_id: None };
                self.follow(&mut changes, &before, after, &sent).await?;
                if before.kind == Kind::Charge && said.verdict == Verdict::Failed && !before.is_contested() {
                    // People may be wrong: Payoneer is asked on, and a charge that was taken after all is told.
                    let due_at = now + schedule::CONFIRM_AFTER;
                    changes.job(&Job::at(job::Kind::Confirm, &before.subject, due_at));
                }
                tracing::warn!(attempt = %before.id, by = %operator.actor, verdict = %said.verdict, "settled by operators");
            }
        }
        Ok(Some(changes.finish()))
    }

    /// Takes the open proposal back, whoever made it. With none open nothing changes.
    pub async fn withdraw_settlement(
        &self,
        program: &Program,
        operator: &Operator,
        about: About<'_>,
        reason: &Note,
    ) -> Result<(), Error> {
        self.decide(|| async {
            let attempt = self.attempt_about(program, about).await?;
            let open = self.store.read_one(store::settlements::open_of_attempt(&attempt.id)).await?;
            let Some(open) = open else { return Ok(None) };
            let now = self.now();
            let (by, origin) = (operator.actor.clone(), operator.origin.clone());
            let word = Word { by, origin, reason: reason.clone(), evidence: None, at: now };
            let mut changes = self.changes(&program.id, now);
            changes.write(store::settlements::close(&open.withdraw(word)));
            let was = json!({ "as": open.verdict.as_str(), "proposed_by": open.proposal.by.as_str() });
            let audited = (&operator.actor, Some(reason.as_str()));
            changes.audit(Action::SettlementWithdrawn, &attempt.subject, audited, (Some(was), None));
            Ok(Some(changes.finish()))
        })
        .await
    }

    /// The proposal that waits, or the settlement that was made, of a charge, refund or payout.
    pub async fn settlement(&self, subject: &str) -> Result<Option<Settlement>, Error> {
        Ok(self.store.read_one(store::settlements::standing(subject)).await?)
    }

    /// Has Payoneer asked about a charge soon, because somebody wants to know; at most once in a while, whoever asks.
    /// Answers the charge as it is before that, and whether Payoneer will be asked.
    pub async fn refresh_charge(&self, program: &Program, id: &ChargeId) -> Result<(ChargeView, bool), Error> {
        let view = self.charge(program, id).await?;
        let now = self.now();
        let mut looks: Vec<Job> = view.attempts.iter().filter_map(|attempt| attempt.wake(now)).collect();
        if matches!(view.charge.state, charge::State::Succeeded | charge::State::Refunded | charge::State::Failed) {
            looks.push(Job::at(job::Kind::Confirm, id.as_str(), now + schedule::LOOK_GAP).exactly());
        }
        if !looks.is_empty() {
            self.store.commit(looks.iter().map(|look| store::jobs::pull(look, now)).collect()).await?;
            self.ring();
        }
        Ok((view, !looks.is_empty()))
    }

    /// Payoneer refused a charge, or operators called it failed. If Payoneer shows that it was taken, that is a fact
    /// somebody must look at.
    pub(super) async fn watch_verdict(&self, lease: &Lease, charge: &Charge) -> Result<Run, Error> {
        let attempts = self.store.read(store::attempts::of_subject(charge.id.as_str())).await?;
        // What Payoneer refused is looked at once whenever something gives cause to; the word of people, for a month.
        let by_people = attempts.iter().any(|attempt| attempt.evidence == Some(Evidence::Operator));
        let line = self.line(&charge.program).await?;
        let now = self.now();
        match line.payoneer.charge(&charge.reference).await {
            Ok(ChargeSeen::Transferred | ChargeSeen::Refunded) => {
                tracing::error!(charge = %charge.id, by_people, "it failed, and Payoneer shows it as taken");
                let mut changes = self.changes(&charge.program, now);
                if !self.is_contradicted(charge).await? {
                    changes.charge_event(EventType::ChargeContradicted, charge, &attempts);
                }
                Ok(Run::Done(changes.finish()))
            }
            Ok(ChargeSeen::Cancelled) => Ok(Run::Done(Batch::new())),
            Err(error @ payoneer::Error::Held { .. }) => Ok(self.held(&error)),
            Ok(ChargeSeen::Other(_) | ChargeSeen::NotFound) | Err(_) if by_people && lease.runs < CONFIRMATIONS => {
                let due_at = now + schedule::look(lease.runs + 1);
                Ok(Run::Again(due_at, "Payoneer does not show the charge".to_owned()))
            }
            Ok(ChargeSeen::Other(_) | ChargeSeen::NotFound) | Err(_) => Ok(Run::Done(Batch::new())),
        }
    }

    /// Whether somebody was told already that Payoneer shows otherwise.
    pub(super) async fn is_contradicted(&self, charge: &Charge) -> Result<bool, Error> {
        let filter = store::events::Filter::Subject(charge.id.to_string());
        let told = self.store.read(store::events::after(&charge.program, 0, &filter, EVENTS_LOOKED_AT)).await?;
        Ok(told.iter().any(|stored| stored.event.kind == EventType::ChargeContradicted))
    }

    async fn attempt_about(&self, program: &Program, (kind, subject): About<'_>) -> Result<Attempt, Error> {
        let attempt = self.store.read_one(store::attempts::latest(subject, kind)).await?;
        attempt.filter(|attempt| attempt.program == program.id).ok_or(Error::NotFound { noun: noun(kind) })
    }
}

/// Whether people settled it with this verdict already.
fn is_settled_so(attempt: &Attempt, verdict: Verdict) -> bool {
    let state = match verdict {
        Verdict::Succeeded => attempt::State::Succeeded,
        Verdict::Failed => attempt::State::Declined,
    };
    attempt.evidence == Some(Evidence::Operator) && attempt.state == state
}

fn not_unknown(attempt: &Attempt) -> Error {
    let refusal = Refusal::Impossible { noun: "attempt", state: attempt.state.as_str(), step: "be settled by people" };
    Error::refusal(refusal, noun(attempt.kind), &attempt.subject)
}

const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Charge => "charge",
        Kind::Refund => "refund",
        Kind::Payout | Kind::PayoutCancel => "payout",
    }
}
