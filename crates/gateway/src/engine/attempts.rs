//! Sending, and recording what came of it: the heart of "never twice, never lost".
//! A permit is used up here and nowhere else; what a finding leads to is the domain's decision.

use super::changes::Changes;
use super::{Engine, Error};
use crate::port::{ChargeSeen, PayoutSeen, PayoutStage, Room, Sent};
use crate::programs::Connected;
use crate::trace;
use domain::attempt::{Attempt, DUPLICATE_REFERENCE, Evidence, Finding, Kind, State};
use domain::event::EventType;
use domain::job::{self, Job};
use domain::{AttemptId, ProgramId, Reference, Refusal, charge, payout, refund, schedule};
use store::{Batch, Fault, Intent, SendPermit, Trust};

/// Whether Payoneer was asked about the reference of an attempt before its intent was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked(bool);

impl Asked {
    /// Nobody asked; no permit from a restored database.
    pub(super) const NOT: Self = Self(false);
}

/// Once something may have left, no trouble of ours may be reported as "nothing happened".
pub(super) fn after_send(error: Error) -> Error {
    match error {
        Error::Store(fault) => Error::Store(Fault::Unknown(format!("sent, but what came of it is not known: {fault}"))),
        other => other,
    }
}

impl Engine {
    /// A first or further attempt, already `sending`: it is written so that no crash can forget that it may have left.
    pub(super) fn new_attempt(
        &self,
        program: &ProgramId,
        (subject, kind, number): (&str, Kind, i64),
        reference: &Reference,
        body: Vec<u8>,
    ) -> Attempt {
        let now = self.now();
        Attempt {
            id: AttemptId::new(now, self.source.randomness()),
            program: program.clone(),
            subject: subject.to_owned(),
            kind,
            number,
            reference: reference.clone(),
            body,
            state: State::Sending,
            epoch: 1,
            owner: self.node.clone(),
            deadline: now + self.attempt_lifetime,
            sent_at: now,
            settled_at: None,
            evidence: None,
            doubt: None,
            seen: None,
            failure: None,
            exchange: None,
            looks: 0,
            resends: 0,
            resent_at: None,
            looked_at: None,
            unknown_since: None,
            attention_since: None,
            trace: trace::context(),
        }
    }

    /// Makes the intent durable and hands out the one permit to send it.
    pub(super) async fn permit(&self, batch: Batch, attempt: &Attempt, asked: Asked) -> Result<SendPermit, Fault> {
        let (epoch, body) = (attempt.epoch, attempt.body.clone());
        let intent = Intent { attempt: attempt.id.to_string(), epoch, body, asked: asked.0 };
        store::crash_point::reach("intent.before_commit");
        let permit = self.store.commit_intent(batch, intent).await;
        store::crash_point::reach("intent.after_commit");
        permit
    }

    /// A restored database may have forgotten that this reference was sent, so Payoneer is asked before it is used.
    /// What is found there is contested from the start and never sent: see [`Self::launch`].
    pub(super) async fn ask_first(&self, line: &Connected, attempt: &mut Attempt) -> Result<Asked, Error> {
        if self.store.trust() != Trust::Restored {
            return Ok(Asked::NOT);
        }
        let seen = match attempt.kind {
            Kind::Charge => match line.payoneer.charge(&attempt.reference).await? {
                ChargeSeen::NotFound => None,
                seen => Some(format!("{seen:?}")),
            },
            // The charge is known to be there; only that it was given back already was perhaps forgotten.
            Kind::Refund => match line.payoneer.charge(&attempt.reference).await? {
                seen @ (ChargeSeen::Refunded | ChargeSeen::Cancelled) => Some(format!("{seen:?}")),
                ChargeSeen::Transferred | ChargeSeen::Other(_) | ChargeSeen::NotFound => None,
            },
            Kind::Payout => match line.payoneer.payout(&attempt.reference).await? {
                PayoutSeen::NotFound => None,
                PayoutSeen::Found { stage, .. } => Some(format!("{stage:?}")),
            },
            Kind::PayoutCancel => match line.payoneer.payout(&attempt.reference).await? {
                PayoutSeen::Found { stage: PayoutStage::Cancelled, .. } => Some("Cancelled".to_owned()),
                PayoutSeen::Found { .. } | PayoutSeen::NotFound => None,
            },
        };
        if let Some(seen) = seen {
            tracing::warn!(attempt = %attempt.id, reference = %attempt.reference, seen, "forgotten by the database");
            let doubt =
                format!("{DUPLICATE_REFERENCE}: Payoneer knew it before this restored database sent it ({seen})");
            attempt.doubt = Some(doubt);
        }
        // The question took its time.
        attempt.sent_at = self.now();
        attempt.deadline = attempt.sent_at + self.attempt_lifetime;
        Ok(Asked(true))
    }

    /// Sends what the permit allows and records what came of it.
    pub(super) async fn launch(
        &self,
        line: &Connected,
        attempt: &Attempt,
        (permit, room): (SendPermit, Room),
    ) -> Result<(), Error> {
        let sent = if let Some(doubt) = &attempt.doubt {
            // Contested before it was sent: the permit is dropped unused.
            Sent { finding: Finding::Unknown(doubt.clone()), exchange: None, provider_payout_id: None }
        } else {
            store::crash_point::reach("send.before");
            let sent = line.payoneer.send(attempt, permit).await;
            store::crash_point::reach("send.after_reply");
            sent
        };
        drop(room);
        tracing::info!(attempt = %attempt.id, kind = %attempt.kind, finding = sent.finding.name(), "sent");
        self.settle(&attempt.id, &sent).await.map_err(after_send)?;
        store::crash_point::reach("send.settled");
        Ok(())
    }

    /// Records a finding about an attempt, together with everything that follows from it.
    pub(super) async fn settle(&self, id: &AttemptId, sent: &Sent) -> Result<(), Error> {
        self.decide(|| self.plan(id, sent)).await
    }

    /// What recording the finding would write; nothing when it is recorded already.
    pub(super) async fn plan(&self, id: &AttemptId, sent: &Sent) -> Result<Option<Batch>, Error> {
        let before = self.store.read_one(store::attempts::by_id(id.as_str())).await?;
        let before = before.ok_or(Error::NotFound { noun: "attempt" })?;
        let now = self.now();
        let after = match before.learn(&sent.finding, now) {
            Ok(after) => after,
            Err(Refusal::Impossible { .. }) => return Ok(None),
            Err(refusal) => return self.contradicted(&before, &refusal).await,
        };
        let mut changes = self.changes(&before.program, now);
        self.follow(&mut changes, &before, after, sent).await?;
        store::crash_point::reach("settle.planned");
        Ok(Some(changes.finish()))
    }

    /// What is written when an attempt moves: itself, and everything that follows from it.
    pub(super) async fn follow(
        &self,
        changes: &mut Changes<'_>,
        before: &Attempt,
        mut after: Attempt,
        sent: &Sent,
    ) -> Result<(), Error> {
        if sent.exchange.is_some() {
            after.exchange.clone_from(&sent.exchange);
        }
        changes.attempt(&after, before);
        if after.state.is_final() {
            changes.write(store::jobs::withdraw(job::Kind::Resolve, after.id.as_str()));
        }
        if after.state.is_final() && before.state == State::Unknown {
            changes.write(store::settlements::overtake(&after.id, self.now()));
        }
        match before.kind {
            Kind::Charge => self.plan_charge(changes, &after, &sent.finding).await,
            Kind::Refund => self.plan_refund(changes, &after, &sent.finding).await,
            Kind::Payout => self.plan_payout(changes, &after, sent).await,
            Kind::PayoutCancel => self.plan_payout_cancel(changes, &after, &sent.finding).await,
        }
    }

    async fn plan_charge(&self, changes: &mut Changes<'_>, attempt: &Attempt, finding: &Finding) -> Result<(), Error> {
        let charge = self.store.read_one(store::charges::any_by_id(&attempt.subject)).await?;
        let charge = charge.ok_or(Error::NotFound { noun: "charge" })?;
        let command = charge::Command::Learn(finding.clone());
        let now = self.now();
        let decision = charge.decide(&command, Some(attempt), now);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "charge", &charge.id))?;
        let attempts = self.with(attempt).await?;
        changes.charge(&decision, &attempts);
        if decision.next.state == charge::State::Succeeded
            && let Some(session) = self.store.read_one(store::checkouts::of_charge(&charge.id)).await?
            && let Ok((session, event)) = session.complete(now)
        {
            changes.checkout(&session, event);
        }
        Ok(())
    }

    async fn plan_refund(&self, changes: &mut Changes<'_>, attempt: &Attempt, finding: &Finding) -> Result<(), Error> {
        let refund = self.store.read_one(store::refunds::any_by_id(&attempt.subject)).await?;
        let refund = refund.ok_or(Error::NotFound { noun: "refund" })?;
        let charge = self.store.read_one(store::charges::any_by_id(refund.charge.as_str())).await?;
        let charge = charge.ok_or(Error::NotFound { noun: "charge" })?;
        let now = self.now();
        let decision = refund.decide(finding, attempt, now);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "refund", &refund.id))?;
        changes.refund(&decision);
        let command = match decision.next.state {
            refund::State::Processing => None,
            refund::State::Succeeded => Some(charge::Command::Reverse),
            refund::State::Failed => Some(charge::Command::KeepAfterAll),
        };
        // A status query may have shown the reversal first; then the charge has it already.
        if let Some(command) = command.filter(|_| charge.state == charge::State::RefundPending) {
            let decision = charge.decide(&command, None, now);
            let decision = decision.map_err(|refusal| Error::refusal(refusal, "charge", &charge.id))?;
            let attempts = self.store.read(store::attempts::of_subject(charge.id.as_str())).await?;
            changes.charge(&decision, &attempts);
            // A bare "code 0" is no more than that for a refund, either.
            if decision.next.state == charge::State::Refunded && attempt.evidence == Some(Evidence::Reply) {
                changes.job(&Job::at(job::Kind::Confirm, charge.id.as_str(), now + schedule::CONFIRM_AFTER));
            }
        }
        Ok(())
    }

    async fn plan_payout(&self, changes: &mut Changes<'_>, attempt: &Attempt, sent: &Sent) -> Result<(), Error> {
        let payout = self.store.read_one(store::payouts::any_by_id(&attempt.subject)).await?;
        let payout = payout.ok_or(Error::NotFound { noun: "payout" })?;
        let command = payout::Command::Learn(sent.finding.clone());
        let decision = payout.decide(&command, Some(attempt), self.now());
        let mut decision = decision.map_err(|refusal| Error::refusal(refusal, "payout", &payout.id))?;
        if sent.provider_payout_id.is_some() {
            decision.next.provider_payout_id.clone_from(&sent.provider_payout_id);
        }
        changes.payout(&decision);
        Ok(())
    }

    async fn plan_payout_cancel(
        &self,
        changes: &mut Changes<'_>,
        attempt: &Attempt,
        finding: &Finding,
    ) -> Result<(), Error> {
        let payout = self.store.read_one(store::payouts::any_by_id(&attempt.subject)).await?;
        let payout = payout.ok_or(Error::NotFound { noun: "payout" })?;
        let now = self.now();
        if let Some(look) = attempt.look_again(now) {
            changes.job(&look);
        }
        let command = match finding {
            Finding::Succeeded(_) if payout.state != payout::State::Canceled => payout::Command::Cancel,
            _ if payout.attention_since == attempt.attention_since => return Ok(()),
            _ => payout::Command::Attend(attempt.attention_since),
        };
        let decision = payout.decide(&command, None, now);
        changes.payout(&decision.map_err(|refusal| Error::refusal(refusal, "payout", &payout.id))?);
        Ok(())
    }

    /// The attempts of this one's subject, with this one as it will be.
    async fn with(&self, after: &Attempt) -> Result<Vec<Attempt>, Error> {
        let mut attempts = self.store.read(store::attempts::of_subject(&after.subject)).await?;
        for attempt in &mut attempts {
            if attempt.id == after.id {
                attempt.clone_from(after);
            }
        }
        Ok(attempts)
    }

    /// What was settled stays settled; that Payoneer now says otherwise is a fact somebody must look at.
    async fn contradicted(&self, attempt: &Attempt, refusal: &Refusal) -> Result<Option<Batch>, Error> {
        tracing::error!(attempt = %attempt.id, subject = %attempt.subject, %refusal, "contradiction");
        if attempt.kind != Kind::Charge {
            return Ok(None);
        }
        let Some(charge) = self.store.read_one(store::charges::any_by_id(&attempt.subject)).await? else {
            return Ok(None);
        };
        let attempts = self.store.read(store::attempts::of_subject(&attempt.subject)).await?;
        let mut changes = self.changes(&attempt.program, self.now());
        changes.charge_event(EventType::ChargeContradicted, &charge, &attempts);
        Ok(Some(changes.finish()))
    }

    /// After the process that held these permits has died: nobody can say any more what became of them.
    /// Only for the one process that owns the whole database. Answers how many there were.
    pub async fn adopt_orphans(&self) -> Result<usize, Error> {
        let orphans = self.store.read(store::attempts::orphans(&self.node)).await?;
        self.give_up(&orphans).await?;
        let free = Batch::new().with(store::jobs::free(&self.node)).with(store::webhook_endpoints::free(&self.node));
        self.store.commit(free).await?;
        Ok(orphans.len())
    }

    /// Nobody is left who could tell the outcome of these.
    pub(super) async fn give_up(&self, orphans: &[Attempt]) -> Result<(), Error> {
        for orphan in orphans {
            let finding = Finding::Unknown("owner_lost: the process that sent it ended without an answer".to_owned());
            let sent = Sent { finding, exchange: None, provider_payout_id: None };
            self.settle(&orphan.id, &sent).await?;
        }
        Ok(())
    }
}
