//! Gathers what one decision writes - rows, event, deliveries, jobs, journal - into one batch, so that it is committed
//! whole. Nothing is decided here.

use super::Engine;
use crate::view;
use domain::attempt::{Attempt, Evidence};
use domain::audit::{Action, Actor, Entry};
use domain::authorization::AuthorizationSession;
use domain::charge::{self, Charge};
use domain::checkout::CheckoutSession;
use domain::event::{self, Event, EventType, Proof};
use domain::id::AuditEntryId;
use domain::job::Job;
use domain::journal::Transfer;
use domain::mandate::Mandate;
use domain::{EventId, JournalEntryId, ProgramId, Time, payout, refund};
use serde::Serialize;
use serde_json::Value;
use store::{Batch, Write};

/// What is about to be committed.
pub(super) struct Changes<'a> {
    engine: &'a Engine,
    program: &'a ProgramId,
    now: Time,
    batch: Batch,
    proof: Option<Proof>,
    last_event: Option<EventId>,
}

impl Engine {
    /// An empty set of changes of a program, as of now.
    pub(super) fn changes<'a>(&'a self, program: &'a ProgramId, now: Time) -> Changes<'a> {
        Changes { engine: self, program, now, batch: Batch::new(), proof: None, last_event: None }
    }
}

impl Changes<'_> {
    pub(super) fn finish(self) -> Batch {
        self.batch
    }

    pub(super) fn write(&mut self, write: Write) -> &mut Self {
        self.batch.push(write);
        self
    }

    pub(super) fn job(&mut self, job: &Job) -> &mut Self {
        let mut byte = [0];
        self.engine.source.fill(&mut byte);
        let moved = job.jitter.of(job.due_at - self.now, byte[0]);
        self.write(store::jobs::put(&Job { due_at: job.due_at + moved, ..job.clone() }, self.now))
    }

    pub(super) fn event(&mut self, kind: EventType, subject: &str, resource: &impl Serialize) -> &mut Self {
        let event = Event {
            id: EventId::new(self.now, self.engine.source.randomness()),
            program: self.program.clone(),
            kind,
            subject: subject.to_owned(),
            version: event::VERSION,
            data: serde_json::to_string(resource).unwrap_or_else(|_| "null".to_owned()),
            proof: self.proof.clone(),
            created_at: self.now,
        };
        self.last_event = Some(event.id.clone());
        self.write(store::events::insert(&event)).write(store::deliveries::of_event(&event))
    }

    /// An administrative change, by whom and why, with what matters of the thing before and afterwards.
    pub(super) fn audit(
        &mut self,
        action: Action,
        subject: &str,
        (actor, reason): (&Actor, Option<&str>),
        (before, after): (Option<Value>, Option<Value>),
    ) -> &mut Self {
        self.write(store::audit::insert(&Entry {
            id: AuditEntryId::new(self.now, self.engine.source.randomness()),
            program: Some(self.program.clone()),
            actor: actor.clone(),
            action,
            subject: subject.to_owned(),
            reason: reason.map(ToOwned::to_owned),
            before: before.map(|value| value.to_string()),
            after: after.map(|value| value.to_string()),
            at: self.now,
        }))
    }

    /// The event that was told last.
    pub(super) const fn last_event(&self) -> Option<&EventId> {
        self.last_event.as_ref()
    }

    /// The events that follow rest on this kind of evidence.
    pub(super) fn by(&mut self, evidence: Evidence) -> &mut Self {
        self.proof = Some(Proof { evidence, attempt: None });
        self
    }

    /// An attempt moved; the events that follow rest on what settled it.
    pub(super) fn attempt(&mut self, after: &Attempt, before: &Attempt) -> &mut Self {
        self.proof = after.evidence.map(|evidence| Proof { evidence, attempt: Some(after.id.clone()) });
        self.write(store::attempts::update(after, before))
    }

    /// A charge moved, with everything that follows from it.
    pub(super) fn charge(&mut self, decision: &charge::Decision, attempts: &[Attempt]) -> &mut Self {
        self.write(store::charges::update(&decision.next));
        self.charge_follows(decision, attempts)
    }

    /// What follows from a charge's move, beside its own row.
    pub(super) fn charge_follows(&mut self, decision: &charge::Decision, attempts: &[Attempt]) -> &mut Self {
        if let Some(kind) = decision.event {
            self.charge_event(kind, &decision.next, attempts);
        }
        self.follows(&decision.jobs, decision.transfer.as_ref())
    }

    pub(super) fn charge_event(&mut self, kind: EventType, charge: &Charge, attempts: &[Attempt]) -> &mut Self {
        self.event(kind, charge.id.as_str(), &view::charge(charge, attempts))
    }

    pub(super) fn refund(&mut self, decision: &refund::Decision) -> &mut Self {
        self.write(store::refunds::update(&decision.next));
        if let Some(kind) = decision.event {
            self.event(kind, decision.next.id.as_str(), &view::refund(&decision.next));
        }
        self.follows(&decision.jobs, None)
    }

    pub(super) fn payout(&mut self, decision: &payout::Decision) -> &mut Self {
        self.write(store::payouts::update(&decision.next));
        self.payout_follows(decision)
    }

    pub(super) fn payout_follows(&mut self, decision: &payout::Decision) -> &mut Self {
        if let Some(kind) = decision.event {
            self.event(kind, decision.next.id.as_str(), &view::payout(&decision.next));
        }
        self.follows(&decision.jobs, decision.transfer.as_ref())
    }

    fn follows(&mut self, jobs: &[Job], transfer: Option<&Transfer>) -> &mut Self {
        for job in jobs {
            self.job(job);
        }
        if let Some(transfer) = transfer {
            let id = JournalEntryId::new(self.now, self.engine.source.randomness());
            self.write(store::journal::insert(&id, self.program, transfer, self.now));
        }
        self
    }

    pub(super) fn mandate_event(&mut self, kind: EventType, mandate: &Mandate) -> &mut Self {
        self.event(kind, mandate.id.as_str(), &view::payee(mandate, self.now))
    }

    pub(super) fn authorization(&mut self, session: &AuthorizationSession, kind: EventType) -> &mut Self {
        self.write(store::authorizations::update(session));
        self.event(kind, session.id.as_str(), &view::authorization_session(session))
    }

    pub(super) fn checkout(&mut self, session: &CheckoutSession, kind: EventType) -> &mut Self {
        self.write(store::checkouts::update(session));
        self.event(kind, session.id.as_str(), &view::checkout_session(session, &self.engine.public_url))
    }
}
