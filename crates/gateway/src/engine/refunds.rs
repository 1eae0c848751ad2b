//! Refunds: the whole of a charge goes back, by Payoneer's cancel. The charge and its refund move together.

use super::attempts::after_send;
use super::{Engine, Error, Made, Page};
use domain::attempt::Kind;
use domain::charge::Command;
use domain::idempotency::{Operation, Used};
use domain::job::{self, Job};
use domain::program::Program;
use domain::refund::{Refund, State};
use domain::{ChargeId, IdempotencyKey, RefundId};
use store::Fault;

/// What a refund is asked for with.
#[derive(Debug, Clone)]
pub struct NewRefund {
    /// Which charge to give back.
    pub charge: ChargeId,
    /// What makes a repeat recognisable.
    pub key: IdempotencyKey,
    /// SHA-256 of what was asked for.
    pub fingerprint: Vec<u8>,
}

impl Engine {
    /// Gives a charge back, once, and waits for Payoneer's answer.
    pub async fn create_refund(&self, program: &Program, new: NewRefund) -> Result<Made<Refund>, Error> {
        let line = self.line(&program.id).await?;
        if let Some(used) = self.store.read_one(store::idempotency::by_key(&program.id, &new.key)).await? {
            return self.replay_refund(program, &used, &new.fingerprint).await;
        }
        let view = self.charge(program, &new.charge).await?;
        if let Some(live) = self.store.read_one(store::refunds::live_of_charge(&new.charge)).await? {
            return Err(Error::RefundExists { refund: live.id });
        }
        let room = self.admit(&line).await?;
        let now = self.now();
        let refund = Refund {
            id: RefundId::new(now, self.source.randomness()),
            program: program.id.clone(),
            charge: new.charge.clone(),
            money: view.charge.money,
            idempotency_key: new.key.clone(),
            state: State::Processing,
            unknown: false,
            attention_since: None,
            failure: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let decision = view.charge.decide(&Command::Refund(refund.id.clone()), None, now);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "charge", &new.charge))?;
        let subject = (refund.id.as_str(), Kind::Refund, 1);
        let body = line.payoneer.cancel_body();
        let mut attempt = self.new_attempt(&program.id, subject, &view.charge.reference, body);
        let asked = self.ask_first(&line, &mut attempt).await?;
        let used = Used {
            program: program.id.clone(),
            key: new.key.clone(),
            operation: Operation::Refund,
            fingerprint: new.fingerprint.clone(),
            subject: refund.id.to_string(),
            created_at: now,
        };
        let mut changes = self.changes(&program.id, now);
        changes.write(store::idempotency::insert(&used)).write(store::refunds::insert(&refund));
        changes.write(store::attempts::insert(&attempt)).charge(&decision, &view.attempts);
        changes.event(domain::event::EventType::RefundProcessing, refund.id.as_str(), &crate::view::refund(&refund));
        changes.job(&Job::at(job::Kind::Resolve, attempt.id.as_str(), attempt.deadline));
        match self.permit(changes.finish(), &attempt, asked).await {
            Ok(permit) => {
                self.launch(&line, &attempt, (permit, room)).await?;
                let refund = self.refund(program, &refund.id).await.map_err(after_send)?;
                never_sent(&refund)?;
                Ok(Made { resource: refund, replayed: false })
            }
            Err(Fault::Duplicate(_) | Fault::Stale) => self.lost_refund(program, &new).await,
            Err(fault) => Err(Error::Store(fault)),
        }
    }

    /// Another request was first: answer as its repeat or name the conflict.
    async fn lost_refund(&self, program: &Program, new: &NewRefund) -> Result<Made<Refund>, Error> {
        if let Some(used) = self.store.read_one(store::idempotency::by_key(&program.id, &new.key)).await? {
            return self.replay_refund(program, &used, &new.fingerprint).await;
        }
        match self.store.read_one(store::refunds::live_of_charge(&new.charge)).await? {
            Some(live) => Err(Error::RefundExists { refund: live.id }),
            None => Err(Error::Store(Fault::Stale)),
        }
    }

    async fn replay_refund(&self, program: &Program, used: &Used, fingerprint: &[u8]) -> Result<Made<Refund>, Error> {
        let id = RefundId::parse(&used.subject).filter(|_| used.is_same(Operation::Refund, fingerprint));
        let id = id.ok_or(Error::KeyReused)?;
        // The attempts first: what was settled between two reads must not be told as still going on.
        self.must_not_be_running(&self.store.read(store::attempts::of_subject(id.as_str())).await?)?;
        let refund = self.refund(program, &id).await?;
        Ok(Made { resource: refund, replayed: true })
    }

    /// One refund.
    pub async fn refund(&self, program: &Program, id: &RefundId) -> Result<Refund, Error> {
        let refund = self.store.read_one(store::refunds::by_id(&program.id, id)).await?;
        refund.ok_or(Error::NotFound { noun: "refund" })
    }

    /// Refunds, newest first.
    pub async fn refunds(&self, program: &Program, page: &Page) -> Result<Vec<Refund>, Error> {
        Ok(self.store.read(store::refunds::page(&program.id, page)).await?)
    }

    /// As [`Self::refunds`], only those that a person must look at.
    pub async fn parked_refunds(&self, program: &Program, page: &Page) -> Result<Vec<Refund>, Error> {
        Ok(self.store.read(store::refunds::page_of_attention(&program.id, page)).await?)
    }
}

/// A refund that certainly never left is an error that says so; the charge stands, and a new key may try again.
fn never_sent(refund: &Refund) -> Result<(), Error> {
    match &refund.failure {
        Some(failure) if failure.code == "payoneer_unreachable" => {
            Err(Error::Unreachable { object: "refund", id: refund.id.to_string(), cause: failure.description.clone() })
        }
        _ => Ok(()),
    }
}
