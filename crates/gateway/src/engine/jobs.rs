//! What each kind of job does. A run ends in a batch to be committed together with the end of the job, or in a reason
//! to try again later; it never holds a transaction open, and a lost lease simply means that the commit does not happen.

use super::{Engine, Error, callbacks};
use crate::metrics::AUTHORIZATION_SESSION;
use crate::port::{PayoutSeen, PayoutStage};
use crate::trace;
use domain::attempt::Evidence;
use domain::callback::State;
use domain::job::{self, Job, Lease};
use domain::mandate::Command;
use domain::{PayeeId, ProgramId, Reference, Span, Time, payout, schedule};
use payoneer::callback::{Event, Notice, ipcn, webhook};
use store::Batch;
use tracing::Instrument as _;

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Run {
    /// The job is over, with this effect.
    Done(Batch),
    /// The job is due again then, with this reason.
    Again(Time, String),
}

/// What callbacks can make us ask about one payee: one query in this time.
const CALLBACK_BUDGET: Span = Span::from_secs(1);

impl Engine {
    /// Runs one job, as a part of the trace of the request that it goes back to.
    pub(crate) async fn run(&self, lease: &Lease) -> Result<Run, Error> {
        let began_by = if trace::IS_ON { self.trace_of(lease).await? } else { None };
        self.run_kind(lease).instrument(trace::job(lease.kind, began_by.as_deref())).await
    }

    async fn trace_of(&self, lease: &Lease) -> Result<Option<String>, Error> {
        let attempt = match lease.kind {
            job::Kind::Resolve => self.store.read_one(store::attempts::by_id(&lease.subject)).await?,
            job::Kind::Confirm | job::Kind::WatchPayout => {
                self.store.read_one(store::attempts::of_subject(&lease.subject)).await?
            }
            _ => None,
        };
        Ok(attempt.and_then(|attempt| attempt.trace))
    }

    async fn run_kind(&self, lease: &Lease) -> Result<Run, Error> {
        match lease.kind {
            job::Kind::Resolve => self.resolve(lease).await,
            job::Kind::Confirm => self.confirm(lease).await,
            job::Kind::WatchPayout => self.watch_payout(lease).await,
            job::Kind::Digest => self.digest(lease).await,
            job::Kind::Verify => self.verify(lease).await,
            job::Kind::ExpireAuthorization => self.expire_session(lease).await,
            job::Kind::ExpireCheckout => self.expire_checkout_session(lease).await,
        }
    }

    async fn watch_payout(&self, lease: &Lease) -> Result<Run, Error> {
        let Some(payout) = self.store.read_one(store::payouts::any_by_id(&lease.subject)).await? else {
            return Ok(Run::Done(Batch::new()));
        };
        if !matches!(payout.state, payout::State::Pending | payout::State::Paid) {
            return Ok(Run::Done(Batch::new()));
        }
        let line = self.line(&payout.program).await?;
        let seen = line.payoneer.payout(&payout.reference).await?;
        let command = match (seen, payout.state) {
            (PayoutSeen::Found { stage: PayoutStage::Cancelled, .. }, _) => payout::Command::Cancel,
            (_, payout::State::Paid) => return Ok(Run::Done(Batch::new())),
            (PayoutSeen::Found { stage: PayoutStage::Paid, .. }, _) => payout::Command::Pay,
            (PayoutSeen::Found { stage: PayoutStage::Waiting(_), .. } | PayoutSeen::NotFound, _) => {
                payout::Command::Wait
            }
        };
        let now = self.now();
        let decision = payout.decide(&command, None, now);
        let mut changes = self.changes(&payout.program, now);
        changes.by(Evidence::StatusQuery);
        changes.payout(&decision.map_err(|refusal| Error::refusal(refusal, "payout", &payout.id))?);
        Ok(Run::Done(changes.finish()))
    }

    /// Asks Payoneer about a payee; again while somebody is on Payoneer's page.
    async fn verify(&self, lease: &Lease) -> Result<Run, Error> {
        let Some((program, payee_id)) = parse_payee(&lease.subject) else { return Ok(Run::Done(Batch::new())) };
        let line = self.line(&program).await?;
        let open = || self.store.read(store::authorizations::open_of_payee(&program, &payee_id));
        let was_open = !open().await?.is_empty();
        self.look(&line, &payee_id).await?;
        if open().await?.is_empty() {
            if was_open {
                self.metrics.settled(AUTHORIZATION_SESSION, lease.called);
            }
            return Ok(Run::Done(Batch::new()));
        }
        let due_at = self.now() + schedule::verification(lease.runs + 1);
        Ok(Run::Again(due_at, "the payee has not come through Payoneer's page yet".to_owned()))
    }

    /// Interprets a callback and wakes the query that it calls for. Whatever it claims, nothing is believed.
    async fn digest(&self, lease: &Lease) -> Result<Run, Error> {
        let parsed = callbacks::parse_digest_subject(&lease.subject);
        let Some((program, digest)) = parsed else { return Ok(Run::Done(Batch::new())) };
        let Some(callback) = self.store.read_one(store::callbacks::by_digest(&program, &digest)).await? else {
            return Ok(Run::Done(Batch::new()));
        };
        let notice = interpret(&callback);
        let woken = self.woken_by(&program, &notice).await?;
        let state = if woken.is_empty() { State::Ignored } else { State::Digested };
        let summary = serde_json::json!({
            "event": notice.event.name(),
            "payee_id": notice.payee_id,
            "session_id": notice.session_id,
            "client_reference_id": notice.client_reference_id,
            "payment_id": notice.payment_id,
            "reason": notice.reason_description,
            "woke": woken.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(),
        });
        let now = self.now();
        let mut changes = self.changes(&program, now);
        changes.write(store::callbacks::digested(&callback.id, state, &summary.to_string()));
        for job in woken {
            changes.job(&job.by_callback());
        }
        self.metrics.digested(now - callback.last_received_at);
        Ok(Run::Done(changes.finish()))
    }

    /// The queries that a callback calls for: about things we know, and nothing else, so that a forger gains nothing.
    async fn woken_by(&self, program: &ProgramId, notice: &Notice) -> Result<Vec<Job>, Error> {
        let now = self.now();
        let mut woken = Vec::new();
        if let Some(payee_id) = notice.payee_id.as_deref().and_then(|text| PayeeId::parse(text).ok())
            && let Some(mandate) = self.store.read_one(store::mandates::by_payee(program, &payee_id)).await?
        {
            // However many callbacks come, a payee is asked about at most once in this time.
            let earliest = mandate.last_verified_at.map_or(now, |at| at + CALLBACK_BUDGET);
            let due_at = earliest.clamp(now, now + CALLBACK_BUDGET);
            woken.push(Job::at(job::Kind::Verify, &super::authorizations::verify_subject(&mandate), due_at));
        }
        let reference = notice.client_reference_id.as_deref().and_then(|text| Reference::parse(text).ok());
        if let Some(reference) = reference {
            if let Some(charge) = self.store.read_one(store::charges::by_reference(program, &reference)).await? {
                woken.extend(self.wake_attempts(charge.id.as_str(), now).await?);
                woken.extend(match &charge.refund {
                    Some(refund) => self.wake_attempts(refund.as_str(), now).await?,
                    None => Vec::new(),
                });
                // What is settled can wait: so many callbacks in this time make one query.
                woken.push(Job::at(job::Kind::Confirm, charge.id.as_str(), now + schedule::LOOK_GAP));
            }
            if let Some(payout) = self.store.read_one(store::payouts::by_reference(program, &reference)).await? {
                woken.extend(self.wake_attempts(payout.id.as_str(), now).await?);
                woken.push(Job::at(job::Kind::WatchPayout, payout.id.as_str(), now + schedule::LOOK_GAP));
            }
        }
        Ok(woken)
    }

    async fn expire_session(&self, lease: &Lease) -> Result<Run, Error> {
        let session = self.store.read_one(store::authorizations::any_by_id(&lease.subject)).await?;
        let Some(session) = session else { return Ok(Run::Done(Batch::new())) };
        let now = self.now();
        let Ok((ended, event)) = session.expire(now) else { return Ok(Run::Done(Batch::new())) };
        let mut changes = self.changes(&session.program, now);
        changes.authorization(&ended, event);
        let open = self.store.read(store::authorizations::open_of_payee(&session.program, &session.payee_id)).await?;
        if open.len() <= 1
            && let Some(mandate) =
                self.store.read_one(store::mandates::by_payee(&session.program, &session.payee_id)).await?
        {
            let (after, event) = mandate.decide(Command::Expire, now);
            if let Some(event) = event {
                changes.write(store::mandates::update(&after)).mandate_event(event, &after);
            }
        }
        Ok(Run::Done(changes.finish()))
    }

    async fn expire_checkout_session(&self, lease: &Lease) -> Result<Run, Error> {
        let session = self.store.read_one(store::checkouts::any_by_id(&lease.subject)).await?;
        let Some(session) = session else { return Ok(Run::Done(Batch::new())) };
        let now = self.now();
        let Ok((ended, event)) = session.expire(now) else { return Ok(Run::Done(Batch::new())) };
        let mut changes = self.changes(&session.program, now);
        changes.checkout(&ended, event);
        Ok(Run::Done(changes.finish()))
    }
}

/// Reads a callback in whichever form it came.
fn interpret(callback: &domain::callback::Callback) -> Notice {
    // What to ask depends on whom a callback names, not on what it claims, so an unknown event is read all the same.
    let event = callback.event.as_deref().and_then(|name| name.parse::<Event>().ok());
    if let Ok(notice) = webhook::read_body(event.unwrap_or(Event::Unrecognised), &callback.body) {
        return notice;
    }
    ipcn::read_query(&callback.query)
}

/// Reads what `verify_subject` wrote.
fn parse_payee(subject: &str) -> Option<(ProgramId, PayeeId)> {
    let (program, payee_id) = subject.split_once('/')?;
    Some((ProgramId::parse(program)?, PayeeId::parse(payee_id).ok()?))
}
