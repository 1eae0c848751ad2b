//! A charge as the gateway writes it: one batch with the intent, one with the outcome. The same rows and statements that
//! `engine/charges.rs` commits, made without a Payoneer. Nothing is measured here.

use domain::attempt::{Attempt, Evidence, Kind, State as AttemptState};
use domain::charge::{Charge, State};
use domain::event::{Event, EventType, VERSION};
use domain::idempotency::{Operation, Used};
use domain::job::{self, Job};
use domain::journal::{Account, Transfer};
use domain::program::{Dialect, Environment, Program};
use domain::{AttemptId, ChargeId, Currency, EventId, JournalEntryId, Money, PayeeId, ProgramId, Span, Time};
use domain::{Description, IdempotencyKey, Reference};
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Batch, Store};

/// As large as the gateway's events are.
const EVENT_BYTES: usize = 600;
/// Microseconds between two charges: about ten thousand a second.
const STEP: i64 = 100;

/// Makes charges, each later than the one before, so that ids are ordered by time as in life.
pub(crate) struct Maker {
    program: Program,
    began: Time,
    made: AtomicU64,
}

/// What is written for one charge.
pub(crate) struct Pair {
    /// Before anything is sent.
    pub(crate) intent: Batch,
    /// When the answer is there.
    pub(crate) outcome: Batch,
}

impl Maker {
    /// Stores a program and makes charges of it.
    pub(crate) async fn on(store: &Store) -> Result<Self, crate::Failed> {
        let began = Time::from_micros(1_790_000_000_000_000);
        let program = Program {
            id: ProgramId::new(began, [0; 10]),
            name: "Bench".to_owned(),
            program_id: "100012345".to_owned(),
            environment: Environment::Sandbox,
            dialect: Dialect::V2,
            username: "bench".to_owned(),
            return_url: None,
            callback_token: "bench".to_owned(),
            version: 1,
            created_at: began,
            updated_at: began,
        };
        store.commit(Batch::new().with(store::programs::insert(&program, &[0; 64]))).await?;
        Ok(Self { program, began, made: AtomicU64::new(0) })
    }

    /// Whose charges they are.
    pub(crate) const fn program(&self) -> &ProgramId {
        &self.program.id
    }

    /// The next charge.
    pub(crate) fn next(&self) -> Result<Pair, crate::Failed> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let now = self.began + Span::from_micros(i64::try_from(number)? * STEP);
        let mut randomness = [7; 10];
        randomness[2..].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let payee_id = PayeeId::parse(&format!("user-{}", number % 5_000))?;
        let charge = self.charge(number, ChargeId::new(now, randomness), &payee_id, now)?;
        let attempt = self.attempt(&charge, AttemptId::new(now, randomness), now);
        let event = |kind, randomness| Event {
            id: EventId::new(now, randomness),
            program: self.program.id.clone(),
            kind,
            subject: charge.id.to_string(),
            version: VERSION,
            data: format!("{{\"filler\":\"{}\"}}", "x".repeat(EVENT_BYTES)),
            proof: None,
            created_at: now,
        };
        let used = Used {
            program: self.program.id.clone(),
            key: charge.idempotency_key.clone(),
            operation: Operation::Charge,
            fingerprint: vec![7; 32],
            subject: charge.id.to_string(),
            created_at: now,
        };
        let resolve = Job::at(job::Kind::Resolve, attempt.id.as_str(), now + Span::from_secs(45));
        let begun = event(EventType::ChargeProcessing, randomness);
        let intent = Batch::new()
            .with(store::idempotency::insert(&used))
            .with(store::charges::insert(&charge))
            .with(store::attempts::insert(&attempt))
            .with(store::events::insert(&begun))
            .with(store::deliveries::of_event(&begun))
            .with(store::jobs::put(&resolve, now));

        let settled = Attempt {
            state: AttemptState::Succeeded,
            epoch: 2,
            settled_at: Some(now),
            evidence: Some(Evidence::Reply),
            exchange: Some(format!("{{\"http_status\":200,\"body_excerpt\":\"{}\"}}", "x".repeat(250))),
            ..attempt.clone()
        };
        let done = Charge { state: State::Succeeded, version: 2, updated_at: now, ..charge.clone() };
        let transfer = Transfer {
            subject: charge.id.to_string(),
            debit: Account::Payee(payee_id),
            credit: Account::Program,
            money: charge.money,
        };
        let confirm = Job::at(job::Kind::Confirm, charge.id.as_str(), now + Span::from_secs(2));
        let mut later = randomness;
        later[0] = 8;
        let ended = event(EventType::ChargeSucceeded, later);
        let outcome = Batch::new()
            .with(store::attempts::update(&settled, &attempt))
            .with(store::charges::update(&done))
            .with(store::events::insert(&ended))
            .with(store::deliveries::of_event(&ended))
            .with(store::journal::insert(&JournalEntryId::new(now, randomness), &self.program.id, &transfer, now))
            .with(store::jobs::withdraw(job::Kind::Resolve, attempt.id.as_str()))
            .with(store::jobs::put(&confirm, now));
        Ok(Pair { intent, outcome })
    }

    fn charge(&self, number: u64, id: ChargeId, payee_id: &PayeeId, now: Time) -> Result<Charge, crate::Failed> {
        Ok(Charge {
            id,
            program: self.program.id.clone(),
            payee_id: payee_id.clone(),
            money: Money::parse("12.50", Currency::parse("USD")?)?,
            description: Description::parse("A month of the bench")?,
            client_reference_id: None,
            reference: Reference::parse(&format!("bench{number:021}"))?,
            idempotency_key: IdempotencyKey::parse(&format!("order-{number:021}"))?,
            purpose: None,
            metadata: None,
            state: State::Processing,
            unknown: false,
            attention_since: None,
            failure: None,
            refund: None,
            version: 1,
            created_at: now,
            updated_at: now,
        })
    }

    fn attempt(&self, charge: &Charge, id: AttemptId, now: Time) -> Attempt {
        Attempt {
            id,
            program: self.program.id.clone(),
            subject: charge.id.to_string(),
            kind: Kind::Charge,
            number: 1,
            reference: charge.reference.clone(),
            body: vec![b'x'; 180],
            state: AttemptState::Sending,
            epoch: 1,
            owner: "bench".to_owned(),
            deadline: now + Span::from_secs(45),
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
            trace: None,
        }
    }
}
