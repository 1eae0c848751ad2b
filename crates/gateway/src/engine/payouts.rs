//! Payouts: money to a payee, once per request, then watched until Payoneer has executed it.

use super::attempts::after_send;
use super::{Engine, Error, Made, Page};
use crate::port::Room;
use crate::programs::Connected;
use domain::attempt::{Attempt, Kind};
use domain::idempotency::{Operation, Used};
use domain::job::{self, Job};
use domain::payout::{Command, Payout, State};
use domain::program::Program;
use domain::{Description, IdempotencyKey, Money, PayeeId, PayoutId, Reference};
use store::Fault;

/// What a payout is asked for with.
#[derive(Debug, Clone)]
pub struct NewPayout {
    /// Who is paid.
    pub payee_id: PayeeId,
    /// How much.
    pub money: Money,
    /// What the payee reads.
    pub description: Description,
    /// The merchant's own reference.
    pub client_reference_id: Option<Reference>,
    /// What makes a repeat recognisable.
    pub key: IdempotencyKey,
    /// SHA-256 of what was asked for.
    pub fingerprint: Vec<u8>,
}

/// Which payouts a list shows. Without any of it: all.
#[derive(Debug, Clone, Default)]
pub struct PayoutFilter {
    /// Only with this status.
    pub status: Option<store::payouts::Status>,
    /// Only to this payee.
    pub payee_id: Option<PayeeId>,
    /// Only the one with this reference, in any case.
    pub client_reference_id: Option<Reference>,
    /// Only the one asked for under this key.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Engine {
    /// Pays a payee, once for this key and once for this reference, and waits for Payoneer's answer.
    pub async fn create_payout(&self, program: &Program, new: NewPayout) -> Result<Made<Payout>, Error> {
        let line = self.line(&program.id).await?;
        new.money.hundredths()?;
        if let Some(used) = self.store.read_one(store::idempotency::by_key(&program.id, &new.key)).await? {
            return self.repeat_payout(&line, &used, &new.fingerprint).await;
        }
        let room = self.admit(&line).await?;
        let payout = self.plan_new_payout(&line, &new)?;
        let body = line.payoneer.payout_body(&payout).map_err(Error::Misconfigured)?;
        let subject = (payout.id.as_str(), Kind::Payout, 1);
        let mut attempt = self.new_attempt(&program.id, subject, &payout.reference, body);
        let asked = self.ask_first(&line, &mut attempt).await?;
        let used = Used {
            program: program.id.clone(),
            key: new.key.clone(),
            operation: Operation::Payout,
            fingerprint: new.fingerprint.clone(),
            subject: payout.id.to_string(),
            created_at: payout.created_at,
        };
        let decision = payout.decide(&Command::Send, Some(&attempt), payout.created_at);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "payout", &payout.id))?;
        let stored = Payout { version: 1, ..decision.next.clone() };
        let mut changes = self.changes(&program.id, payout.created_at);
        changes.write(store::idempotency::insert(&used)).write(store::payouts::insert(&stored));
        changes.write(store::attempts::insert(&attempt)).payout_follows(&decision);
        match self.permit(changes.finish(), &attempt, asked).await {
            Ok(permit) => self.send_payout(&line, &payout.id, (&attempt, permit, room), false).await,
            Err(Fault::Duplicate(_) | Fault::Stale) => self.lost_payout(program, &new).await,
            Err(fault) => Err(Error::Store(fault)),
        }
    }

    fn plan_new_payout(&self, line: &Connected, new: &NewPayout) -> Result<Payout, Error> {
        let now = self.now();
        let program = &line.program.id;
        let derived = || self.master.reference("payout", program, &new.key);
        let reference = new.client_reference_id.clone().or_else(derived);
        let reference = reference.ok_or_else(|| Error::Misconfigured("no reference could be derived".to_owned()))?;
        Ok(Payout {
            id: PayoutId::new(now, self.source.randomness()),
            program: program.clone(),
            payee_id: new.payee_id.clone(),
            money: new.money,
            description: new.description.clone(),
            client_reference_id: new.client_reference_id.clone(),
            reference,
            idempotency_key: new.key.clone(),
            provider_payout_id: None,
            state: State::Created,
            unknown: false,
            attention_since: None,
            failure: None,
            looks: 0,
            version: 0,
            created_at: now,
            updated_at: now,
        })
    }

    async fn send_payout(
        &self,
        line: &Connected,
        id: &PayoutId,
        (attempt, permit, room): (&Attempt, store::SendPermit, Room),
        replayed: bool,
    ) -> Result<Made<Payout>, Error> {
        self.launch(line, attempt, (permit, room)).await?;
        let payout = self.payout(&line.program, id).await.map_err(after_send)?;
        if payout.state == State::Created {
            let cause = payout.failure.as_ref().map_or_else(String::new, |f| f.description.clone());
            return Err(Error::Unreachable { object: "payout", id: id.to_string(), cause });
        }
        Ok(Made { resource: payout, replayed })
    }

    /// Another request was first: answer as its repeat or name the conflict.
    async fn lost_payout(&self, program: &Program, new: &NewPayout) -> Result<Made<Payout>, Error> {
        if let Some(used) = self.store.read_one(store::idempotency::by_key(&program.id, &new.key)).await? {
            return self.replay_payout(program, &used, &new.fingerprint).await;
        }
        if let Some(reference) = &new.client_reference_id
            && let Some(other) = self.store.read_one(store::payouts::by_reference(&program.id, reference)).await?
        {
            return Err(Error::ReferenceTaken { object: "payout", id: other.id.to_string() });
        }
        Err(Error::Store(Fault::Stale))
    }

    /// The same request again: the same payout. Only one of which certainly nothing was sent sets out once more.
    async fn repeat_payout(&self, line: &Connected, used: &Used, fingerprint: &[u8]) -> Result<Made<Payout>, Error> {
        let made = self.replay_payout(&line.program, used, fingerprint).await?;
        if made.resource.state != State::Created {
            return Ok(made);
        }
        let payout = made.resource;
        let room = self.admit(line).await?;
        let latest = self.store.read_one(store::attempts::latest(payout.id.as_str(), Kind::Payout)).await?;
        let latest = latest.ok_or(Error::NotFound { noun: "attempt" })?;
        let subject = (payout.id.as_str(), Kind::Payout, latest.number + 1);
        let mut attempt = self.new_attempt(&line.program.id, subject, &payout.reference, latest.body);
        let asked = self.ask_first(line, &mut attempt).await?;
        let now = self.now();
        let decision = payout.decide(&Command::Send, Some(&attempt), now);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "payout", &payout.id))?;
        let mut changes = self.changes(&line.program.id, now);
        changes.write(store::attempts::insert(&attempt)).payout(&decision);
        match self.permit(changes.finish(), &attempt, asked).await {
            Ok(permit) => self.send_payout(line, &payout.id, (&attempt, permit, room), true).await,
            Err(Fault::Duplicate(_) | Fault::Stale) => self.replay_payout(&line.program, used, fingerprint).await,
            Err(fault) => Err(Error::Store(fault)),
        }
    }

    async fn replay_payout(&self, program: &Program, used: &Used, fingerprint: &[u8]) -> Result<Made<Payout>, Error> {
        let id = PayoutId::parse(&used.subject).filter(|_| used.is_same(Operation::Payout, fingerprint));
        let id = id.ok_or(Error::KeyReused)?;
        // The attempts first: what was settled between two reads must not be told as still going on.
        self.must_not_be_running(&self.store.read(store::attempts::of_subject(id.as_str())).await?)?;
        let payout = self.payout(program, &id).await?;
        Ok(Made { resource: payout, replayed: true })
    }

    /// One payout.
    pub async fn payout(&self, program: &Program, id: &PayoutId) -> Result<Payout, Error> {
        let payout = self.store.read_one(store::payouts::by_id(&program.id, id)).await?;
        payout.ok_or(Error::NotFound { noun: "payout" })
    }

    /// Payouts, newest first.
    pub async fn payouts(&self, program: &Program, page: &Page) -> Result<Vec<Payout>, Error> {
        Ok(self.store.read(store::payouts::page(&program.id, page)).await?)
    }

    /// As [`Self::payouts`], only those that the filter lets through.
    pub async fn find_payouts(
        &self,
        program: &Program,
        filter: &PayoutFilter,
        page: &Page,
    ) -> Result<Vec<Payout>, Error> {
        let by_name = match (&filter.client_reference_id, &filter.idempotency_key) {
            (Some(reference), _) => store::payouts::by_reference(&program.id, reference),
            (None, Some(key)) => store::payouts::by_key(&program.id, key),
            (None, None) => {
                let query = store::payouts::page_of(&program.id, filter.payee_id.as_ref(), filter.status, page);
                return Ok(self.store.read(query).await?);
            }
        };
        let shown = |p: &Payout| {
            page.before.as_deref().is_none_or(|before| p.id.as_str() < before)
                && filter.payee_id.as_ref().is_none_or(|payee| *payee == p.payee_id)
                && filter.idempotency_key.as_ref().is_none_or(|key| *key == p.idempotency_key)
                && filter.status.is_none_or(|status| store::payouts::Status::parse(p.status()) == Some(status))
        };
        Ok(self.store.read(by_name).await?.into_iter().filter(shown).collect())
    }

    /// As [`Self::payouts`], only those that a person must look at.
    pub async fn parked_payouts(&self, program: &Program, page: &Page) -> Result<Vec<Payout>, Error> {
        Ok(self.store.read(store::payouts::page_of_attention(&program.id, page)).await?)
    }

    /// Takes a payout back: at once while nothing was sent, else by asking Payoneer, which refuses once it is executed.
    pub async fn cancel_payout(&self, program: &Program, id: &PayoutId) -> Result<Payout, Error> {
        let payout = self.payout(program, id).await?;
        match payout.state {
            State::Canceled => return Ok(payout),
            State::Pending => self.ask_to_cancel(program, &payout).await?,
            State::Created => {
                let decision = payout.decide(&Command::Cancel, None, self.now());
                let decision = decision.map_err(|refusal| Error::refusal(refusal, "payout", id))?;
                let mut changes = self.changes(&program.id, self.now());
                changes.payout(&decision);
                self.store.commit(changes.finish()).await?;
            }
            // What is undecided must be decided first; what was executed only Payoneer can take back.
            State::Processing | State::Paid | State::Failed => return Err(not_cancelable(&payout)),
        }
        self.payout(program, id).await
    }

    async fn ask_to_cancel(&self, program: &Program, payout: &Payout) -> Result<(), Error> {
        let line = self.line(&program.id).await?;
        let room = self.admit(&line).await?;
        let latest = self.store.read_one(store::attempts::latest(payout.id.as_str(), Kind::PayoutCancel)).await?;
        let number = latest.map_or(1, |latest| latest.number + 1);
        let subject = (payout.id.as_str(), Kind::PayoutCancel, number);
        let body = line.payoneer.cancel_body();
        let mut attempt = self.new_attempt(&program.id, subject, &payout.reference, body);
        let asked = self.ask_first(&line, &mut attempt).await?;
        let mut changes = self.changes(&program.id, attempt.sent_at);
        changes.write(store::attempts::insert(&attempt));
        changes.job(&Job::at(job::Kind::Resolve, attempt.id.as_str(), attempt.deadline));
        match self.permit(changes.finish(), &attempt, asked).await {
            Ok(permit) => self.launch(&line, &attempt, (permit, room)).await?,
            // Another cancel is on its way; its outcome is this one's.
            Err(Fault::Duplicate(_)) => return Ok(()),
            Err(fault) => return Err(Error::Store(fault)),
        }
        let settled = self.store.read_one(store::attempts::by_id(attempt.id.as_str())).await?;
        match settled.and_then(|attempt| attempt.failure) {
            None => Ok(()),
            Some(failure) if failure.code == "payoneer_unreachable" => {
                let (object, id) = ("payout", payout.id.to_string());
                Err(Error::Unreachable { object, id, cause: failure.description })
            }
            Some(_) => Err(not_cancelable(payout)),
        }
    }
}

fn not_cancelable(payout: &Payout) -> Error {
    let refusal = domain::Refusal::Impossible { noun: "payout", state: payout.state.as_str(), step: "be canceled" };
    Error::refusal(refusal, "payout", &payout.id)
}
