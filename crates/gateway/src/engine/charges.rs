//! Charges: taken from a payee once per request, found again by every name they have.

use super::attempts::after_send;
use super::{Engine, Error, Made, Page};
use crate::programs::Connected;
use domain::attempt::{self, Attempt, Kind};
use domain::charge::{Charge, Command, State};
use domain::checkout::CheckoutSession;
use domain::idempotency::{Operation, Used};
use domain::program::Program;
use domain::words::Purpose;
use domain::{ChargeId, Description, IdempotencyKey, Money, PayeeId, Reference, Span};
use store::Fault;

/// What a charge is asked for with.
#[derive(Debug, Clone)]
pub struct NewCharge {
    /// Who pays.
    pub payee_id: PayeeId,
    /// How much.
    pub money: Money,
    /// What the payee reads.
    pub description: Description,
    /// The merchant's own reference.
    pub client_reference_id: Option<Reference>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// The merchant's own JSON object, as text.
    pub metadata: Option<String>,
    /// What makes a repeat recognisable.
    pub key: IdempotencyKey,
    /// SHA-256 of what was asked for.
    pub fingerprint: Vec<u8>,
}

/// A charge with its trips to Payoneer.
#[derive(Debug, Clone)]
pub struct ChargeView {
    /// The charge.
    pub charge: Charge,
    /// Its attempts, oldest first.
    pub attempts: Vec<Attempt>,
}

/// Which charges to list.
#[derive(Debug, Clone, Default)]
pub struct ChargeFilter {
    /// Only with this status.
    pub status: Option<store::charges::Status>,
    /// Only those that a person must look at, whatever `status` says: each of them is unknown.
    pub needs_attention: bool,
    /// Only of this payee.
    pub payee_id: Option<PayeeId>,
    /// Only the one with this reference, in any case.
    pub client_reference_id: Option<Reference>,
    /// Only the one asked for under this key.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Engine {
    /// Takes money from a payee, once for this key and once for this reference, and waits for Payoneer's answer.
    pub async fn create_charge(&self, program: &Program, new: NewCharge) -> Result<Made<ChargeView>, Error> {
        self.charge_payee(program, new, None).await
    }

    /// As [`Self::create_charge`]; a checkout session that begins the charge is written in the same commit.
    pub(super) async fn charge_payee(
        &self,
        program: &Program,
        new: NewCharge,
        checkout: Option<&CheckoutSession>,
    ) -> Result<Made<ChargeView>, Error> {
        let line = self.line(&program.id).await?;
        new.money.hundredths()?;
        if let Some(used) = self.store.read_one(store::idempotency::by_key(&program.id, &new.key)).await? {
            return self.repeat_charge(&line, &used, &new.fingerprint).await;
        }
        self.must_be_active(&line, &new.payee_id).await?;
        let room = self.admit(&line).await?;
        let (charge, mut attempt) = self.plan_new_charge(&line, &new)?;
        let asked = self.ask_first(&line, &mut attempt).await?;
        let used = Used {
            program: program.id.clone(),
            key: new.key.clone(),
            operation: Operation::Charge,
            fingerprint: new.fingerprint.clone(),
            subject: charge.id.to_string(),
            created_at: charge.created_at,
        };
        let decision = charge.decide(&Command::Send, Some(&attempt), charge.created_at);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "charge", &charge.id))?;
        // Written once, as it is after the decision: the charge was never anything else.
        let stored = Charge { version: 1, ..decision.next.clone() };
        let mut changes = self.changes(&program.id, charge.created_at);
        changes.write(store::idempotency::insert(&used)).write(store::charges::insert(&stored));
        changes.write(store::attempts::insert(&attempt));
        if let Some(session) = checkout {
            let begun = session.begin(charge.id.clone(), charge.created_at);
            let begun = begun.map_err(|refusal| Error::refusal(refusal, "checkout_session", &session.id))?;
            changes.write(store::checkouts::update(&begun));
        }
        changes.charge_follows(&decision, std::slice::from_ref(&attempt));
        match self.permit(changes.finish(), &attempt, asked).await {
            Ok(permit) => {
                self.launch(&line, &attempt, (permit, room)).await?;
                self.sent_charge(program, &charge.id, false).await
            }
            Err(Fault::Duplicate(_) | Fault::Stale) => self.lost_race(&line, &new).await,
            Err(fault) => Err(Error::Store(fault)),
        }
    }

    fn plan_new_charge(&self, line: &Connected, new: &NewCharge) -> Result<(Charge, Attempt), Error> {
        let now = self.now();
        let program = &line.program.id;
        let derived = || self.master.reference("charge", program, &new.key);
        let reference = new.client_reference_id.clone().or_else(derived);
        let reference = reference.ok_or_else(|| Error::Misconfigured("no reference could be derived".to_owned()))?;
        let charge = Charge {
            id: ChargeId::new(now, self.source.randomness()),
            program: program.clone(),
            payee_id: new.payee_id.clone(),
            money: new.money,
            description: new.description.clone(),
            client_reference_id: new.client_reference_id.clone(),
            reference: reference.clone(),
            idempotency_key: new.key.clone(),
            purpose: new.purpose.clone(),
            metadata: new.metadata.clone(),
            state: State::Created,
            unknown: false,
            attention_since: None,
            failure: None,
            refund: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let body = line.payoneer.charge_body(&charge).map_err(Error::Misconfigured)?;
        let attempt = self.new_attempt(program, (charge.id.as_str(), Kind::Charge, 1), &reference, body);
        Ok((charge, attempt))
    }

    /// A unique index was first: find out which request won, and answer as its repeat or name the conflict.
    async fn lost_race(&self, line: &Connected, new: &NewCharge) -> Result<Made<ChargeView>, Error> {
        let program = &line.program.id;
        if let Some(used) = self.store.read_one(store::idempotency::by_key(program, &new.key)).await? {
            return self.replay_charge(&line.program, &used, &new.fingerprint).await;
        }
        if let Some(reference) = &new.client_reference_id
            && let Some(other) = self.store.read_one(store::charges::by_reference(program, reference)).await?
        {
            return Err(Error::ReferenceTaken { object: "charge", id: other.id.to_string() });
        }
        if let Some(purpose) = &new.purpose
            && let Some(other) = self.store.read_one(store::charges::by_purpose(program, purpose.as_str())).await?
        {
            return Err(Error::PurposeBusy { charge: other.id });
        }
        Err(Error::Store(Fault::Stale))
    }

    /// The same request again: the same charge. Only one of which certainly nothing was sent sets out once more.
    async fn repeat_charge(
        &self,
        line: &Connected,
        used: &Used,
        fingerprint: &[u8],
    ) -> Result<Made<ChargeView>, Error> {
        let made = self.replay_charge(&line.program, used, fingerprint).await?;
        if made.resource.charge.state != State::Created {
            return Ok(made);
        }
        let charge = made.resource.charge;
        self.must_be_active(line, &charge.payee_id).await?;
        let room = self.admit(line).await?;
        let now = self.now();
        let number = made.resource.attempts.iter().map(|a| a.number).max().unwrap_or(0) + 1;
        let body = made.resource.attempts.first().map_or_else(Vec::new, |first| first.body.clone());
        let subject = (charge.id.as_str(), Kind::Charge, number);
        let mut attempt = self.new_attempt(&line.program.id, subject, &charge.reference, body);
        let asked = self.ask_first(line, &mut attempt).await?;
        let decision = charge.decide(&Command::Send, Some(&attempt), now);
        let decision = decision.map_err(|refusal| Error::refusal(refusal, "charge", &charge.id))?;
        let mut attempts = made.resource.attempts;
        attempts.push(attempt.clone());
        let mut changes = self.changes(&line.program.id, now);
        changes.write(store::attempts::insert(&attempt)).charge(&decision, &attempts);
        match self.permit(changes.finish(), &attempt, asked).await {
            Ok(permit) => {
                self.launch(line, &attempt, (permit, room)).await?;
                self.sent_charge(&line.program, &charge.id, true).await
            }
            // Another repeat was first.
            Err(Fault::Duplicate(_) | Fault::Stale) => self.replay_charge(&line.program, used, fingerprint).await,
            Err(fault) => Err(Error::Store(fault)),
        }
    }

    async fn replay_charge(
        &self,
        program: &Program,
        used: &Used,
        fingerprint: &[u8],
    ) -> Result<Made<ChargeView>, Error> {
        let id = ChargeId::parse(&used.subject).filter(|_| used.is_same(Operation::Charge, fingerprint));
        let id = id.ok_or(Error::KeyReused)?;
        self.must_not_be_running(&self.charge(program, &id).await?.attempts)?;
        // Read after its attempts: what was settled between two reads must not be told as still going on.
        Ok(Made { resource: self.charge(program, &id).await?, replayed: true })
    }

    /// While the first request is still waiting for Payoneer, a repeat has nothing to be told.
    pub(super) fn must_not_be_running(&self, attempts: &[Attempt]) -> Result<(), Error> {
        let now = self.now();
        let running = |a: &&Attempt| a.state == attempt::State::Sending && a.deadline > now;
        match attempts.iter().find(running) {
            Some(_) => Err(Error::KeyInUse { retry_after: Span::from_secs(1) }),
            None => Ok(()),
        }
    }

    /// The charge after a trip to Payoneer. One that certainly never left is an error that says so.
    async fn sent_charge(&self, program: &Program, id: &ChargeId, replayed: bool) -> Result<Made<ChargeView>, Error> {
        let view = self.charge(program, id).await.map_err(after_send)?;
        if view.charge.state == State::Created {
            let cause = view.charge.failure.as_ref().map_or_else(String::new, |f| f.description.clone());
            return Err(Error::Unreachable { object: "charge", id: id.to_string(), cause });
        }
        Ok(Made { resource: view, replayed })
    }

    /// One charge.
    pub async fn charge(&self, program: &Program, id: &ChargeId) -> Result<ChargeView, Error> {
        let charge = self.store.read_one(store::charges::by_id(&program.id, id)).await?;
        let charge = charge.ok_or(Error::NotFound { noun: "charge" })?;
        let attempts = self.store.read(store::attempts::of_subject(charge.id.as_str())).await?;
        Ok(ChargeView { charge, attempts })
    }

    /// Charges, newest first.
    pub async fn charges(&self, program: &Program, filter: &ChargeFilter, page: &Page) -> Result<Vec<Charge>, Error> {
        let by_name = match (&filter.client_reference_id, &filter.idempotency_key) {
            (Some(reference), _) => Some(store::charges::by_reference(&program.id, reference)),
            (None, Some(key)) => Some(store::charges::by_key(&program.id, key)),
            (None, None) => None,
        };
        let Some(query) = by_name else {
            if filter.needs_attention {
                let query = store::charges::page_of_attention(&program.id, filter.payee_id.as_ref(), page);
                return Ok(self.store.read(query).await?);
            }
            let filter = store::charges::Filter { payee_id: filter.payee_id.clone(), status: filter.status };
            return Ok(self.store.read(store::charges::page(&program.id, &filter, page)).await?);
        };
        let shown = |c: &Charge| {
            page.before.as_deref().is_none_or(|before| c.id.as_str() < before)
                && (!filter.needs_attention || c.attention_since.is_some())
                && filter.payee_id.as_ref().is_none_or(|payee| *payee == c.payee_id)
                && filter.idempotency_key.as_ref().is_none_or(|key| *key == c.idempotency_key)
                && filter.status.is_none_or(|status| store::charges::Status::parse(c.status()) == Some(status))
        };
        Ok(self.store.read(query).await?.into_iter().filter(shown).collect())
    }

    /// Withdraws a charge of which certainly nothing was sent.
    pub async fn cancel_charge(&self, program: &Program, id: &ChargeId) -> Result<ChargeView, Error> {
        self.decide(|| async {
            let view = self.charge(program, id).await?;
            if view.charge.state == State::Canceled {
                return Ok(None);
            }
            let now = self.now();
            let decision = view.charge.decide(&Command::Cancel, None, now);
            let decision = decision.map_err(|refusal| Error::refusal(refusal, "charge", id))?;
            let mut changes = self.changes(&program.id, now);
            changes.charge(&decision, &view.attempts);
            Ok(Some(changes.finish()))
        })
        .await?;
        self.charge(program, id).await
    }
}
