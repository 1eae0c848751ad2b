//! Finding out what became of an attempt, by asking Payoneer about its reference, and confirming what settled on thin
//! evidence. Nothing here lets time, silence or a callback decide.

use super::jobs::Run;
use super::resend::Again;
use super::{Engine, Error};
use crate::port::{ChargeSeen, PayoutSeen, PayoutStage, Sent};
use crate::programs::Connected;
use domain::attempt::{self, Attempt, Evidence, Failure, Finding, Kind};
use domain::event::EventType;
use domain::job::Lease;
use domain::{Span, charge, schedule};
use store::Batch;

/// A charge is confirmed for about a month; a status that never comes is then left to reconciliation.
pub(super) const CONFIRMATIONS: i64 = 44;

impl Engine {
    /// Finds out what became of an attempt, by asking; by sending the same again only where `resend` may. Never by
    /// waiting long enough.
    pub(super) async fn resolve(&self, lease: &Lease) -> Result<Run, Error> {
        let attempt = self.store.read_one(store::attempts::by_id(&lease.subject)).await?;
        let Some(attempt) = attempt.filter(|a| !a.state.is_final()) else { return Ok(Run::Done(Batch::new())) };
        if attempt.state == attempt::State::Sending {
            if attempt.deadline > self.now() {
                return Ok(Run::Again(attempt.deadline, "still being sent".to_owned()));
            }
            let lost = "owner_lost: no answer was recorded before the deadline";
            return self.learnt(&attempt, Finding::Unknown(lost.to_owned()), lease).await;
        }
        // A look that was asked for while another one was under way; only the schedule's first are closer together.
        if (lease.wakes > 0 || attempt.looks >= schedule::CLOSE_LOOKS)
            && let Some(due_at) = attempt.wake(self.now()).map(|job| job.due_at).filter(|at| *at > self.now())
        {
            return Ok(Run::Again(due_at, "looked at a moment ago".to_owned()));
        }
        let line = match self.line(&attempt.program).await {
            Ok(line) => line,
            Err(Error::Store(fault)) => return Err(Error::Store(fault)),
            // Whatever keeps us from asking, the attempt grows older and becomes a person's business.
            Err(error) => {
                let finding = Finding::Unknown(format!("Payoneer could not be asked: {error}"));
                return self.learnt(&attempt, finding, lease).await;
            }
        };
        let finding = match self.ask(&line, &attempt).await {
            // However long we are held back, the day after which it is a person's business ends.
            Err(Error::Payoneer(error)) if !attempt.is_overdue(self.now()) => return Ok(self.held(&error)),
            Err(Error::Payoneer(error)) => Finding::Unknown(error.to_string()),
            other => other?,
        };
        match self.resend_if_proven(&line, &attempt, &finding).await? {
            Again::Not => self.learnt(&attempt, finding, lease).await,
            Again::Later(run) => Ok(run),
            Again::Learnt(finding) => self.learnt(&attempt, finding, lease).await,
        }
    }

    /// What Payoneer says about an attempt just now; an error where nothing was asked.
    async fn ask(&self, line: &Connected, attempt: &Attempt) -> Result<Finding, Error> {
        Ok(match attempt.kind {
            Kind::Charge | Kind::Refund => match line.payoneer.charge(&attempt.reference).await {
                Ok(seen) if attempt.kind == Kind::Charge => of_charge(attempt, &seen),
                Ok(seen) => of_refund(&seen),
                Err(error @ payoneer::Error::Held { .. }) => return Err(Error::Payoneer(error)),
                Err(error) => Finding::Unknown(error.to_string()),
            },
            Kind::Payout | Kind::PayoutCancel => match line.payoneer.payout(&attempt.reference).await {
                Ok(seen) if attempt.kind == Kind::Payout => self.of_payout(attempt, &seen).await?,
                Ok(seen) => of_payout_cancel(&seen),
                Err(error @ payoneer::Error::Held { .. }) => return Err(Error::Payoneer(error)),
                Err(error) => Finding::Unknown(error.to_string()),
            },
        })
    }

    /// Nothing was asked, so nothing was seen: the same look again, when it may be.
    pub(super) fn held(&self, error: &payoneer::Error) -> Run {
        let seconds = error.retry_after_seconds().and_then(|seconds| i64::try_from(seconds).ok());
        Run::Again(self.now() + Span::from_secs(seconds.unwrap_or(1)), error.to_string())
    }

    async fn learnt(&self, attempt: &Attempt, finding: Finding, lease: &Lease) -> Result<Run, Error> {
        if !matches!(finding, Finding::Unknown(_)) {
            self.metrics.settled(attempt.kind.as_str(), lease.called);
        }
        tracing::info!(attempt = %attempt.id, kind = %attempt.kind, finding = finding.name(), "looked");
        let sent = Sent { finding, exchange: None, provider_payout_id: None };
        Ok(Run::Done(self.plan(&attempt.id, &sent).await?.unwrap_or_default()))
    }

    /// An answer is about our payout only if it agrees with all of it.
    async fn of_payout(&self, attempt: &Attempt, seen: &PayoutSeen) -> Result<Finding, Error> {
        let PayoutSeen::Found { payee_id, money, .. } = seen else {
            return Ok(Finding::Unknown("Payoneer shows no such payout, which proves nothing".to_owned()));
        };
        let payout = self.store.read_one(store::payouts::any_by_id(&attempt.subject)).await?;
        let payout = payout.ok_or(Error::NotFound { noun: "payout" })?;
        let same = payee_id.as_deref() == Some(payout.payee_id.as_str()) && *money == Some(payout.money);
        Ok(if same {
            Finding::Succeeded(Evidence::StatusQuery)
        } else {
            Finding::Unknown(
                "Payoneer shows a payout under this reference, but not of this payee and amount".to_owned(),
            )
        })
    }

    /// A bare "code 0" settled the charge or its refund; a status query says whether the money was really taken, or is
    /// really back.
    pub(super) async fn confirm(&self, lease: &Lease) -> Result<Run, Error> {
        let Some(charge) = self.store.read_one(store::charges::any_by_id(&lease.subject)).await? else {
            return Ok(Run::Done(Batch::new()));
        };
        match charge.state {
            charge::State::Succeeded | charge::State::Refunded => {}
            charge::State::Failed => return self.watch_verdict(lease, &charge).await,
            _ => return Ok(Run::Done(Batch::new())),
        }
        let line = self.line(&charge.program).await?;
        let now = self.now();
        let attempts = self.store.read(store::attempts::of_subject(charge.id.as_str())).await?;
        let mut changes = self.changes(&charge.program, now);
        changes.by(Evidence::StatusQuery);
        let is_back = charge.state == charge::State::Refunded;
        match line.payoneer.charge(&charge.reference).await {
            Ok(ChargeSeen::Transferred) if !is_back => {}
            Ok(ChargeSeen::Refunded | ChargeSeen::Cancelled) if is_back => {}
            Ok(ChargeSeen::Refunded) => {
                let decision = charge.decide(&charge::Command::Reverse, None, now);
                changes.charge(&decision.map_err(|refusal| Error::refusal(refusal, "charge", &charge.id))?, &attempts);
            }
            Ok(ChargeSeen::Cancelled) => {
                tracing::error!(charge = %charge.id, "Payoneer shows a settled charge as cancelled");
                changes.charge_event(EventType::ChargeContradicted, &charge, &attempts);
            }
            Err(error @ payoneer::Error::Held { .. }) => return Ok(self.held(&error)),
            Ok(_) | Err(_) if lease.runs < CONFIRMATIONS => {
                // The looks go on; that it takes so long is a person's business by now.
                if now - charge.updated_at >= schedule::ATTENTION_AFTER && !self.is_contradicted(&charge).await? {
                    tracing::error!(charge = %charge.id, "not confirmed by a status query after a day");
                    changes.charge_event(EventType::ChargeContradicted, &charge, &attempts);
                    self.store.commit(changes.finish()).await?;
                }
                let due_at = now + schedule::look(lease.runs + 1);
                let wanted = if is_back { "given back" } else { "transferred" };
                return Ok(Run::Again(due_at, format!("Payoneer does not show the charge as {wanted} yet")));
            }
            Ok(_) | Err(_) => tracing::error!(charge = %charge.id, "never confirmed by a status query"),
        }
        Ok(Run::Done(changes.finish()))
    }
}

/// What a charge's status proves about the attempt that made it.
pub(super) fn of_charge(attempt: &Attempt, seen: &ChargeSeen) -> Finding {
    match seen {
        _ if attempt.is_contested() => {
            Finding::Unknown(format!("{seen:?}, but the status does not say whose charge it is"))
        }
        // Given back is taken first; the confirmation that follows sees the rest.
        ChargeSeen::Transferred | ChargeSeen::Refunded => Finding::Succeeded(Evidence::StatusQuery),
        ChargeSeen::Cancelled => Finding::Declined(
            Evidence::StatusQuery,
            Failure {
                code: "cancelled".to_owned(),
                description: "Payoneer shows the charge as cancelled".to_owned(),
                ..Failure::default()
            },
        ),
        ChargeSeen::Other(word) => Finding::Unknown(format!("Payoneer shows the charge as {word:?}")),
        ChargeSeen::NotFound => Finding::Unknown("Payoneer shows no such charge, which proves nothing".to_owned()),
    }
}

/// What a charge's status proves about the attempt that gives it back. That it still stands proves nothing.
fn of_refund(seen: &ChargeSeen) -> Finding {
    match seen {
        ChargeSeen::Refunded | ChargeSeen::Cancelled => Finding::Succeeded(Evidence::StatusQuery),
        ChargeSeen::Transferred | ChargeSeen::Other(_) | ChargeSeen::NotFound => {
            Finding::Unknown(format!("Payoneer shows the charge as {seen:?}"))
        }
    }
}

/// What a payout's status proves about the attempt that takes it back.
fn of_payout_cancel(seen: &PayoutSeen) -> Finding {
    match seen {
        PayoutSeen::Found { stage: PayoutStage::Cancelled, .. } => Finding::Succeeded(Evidence::StatusQuery),
        PayoutSeen::Found { stage: PayoutStage::Paid, .. } => Finding::Declined(
            Evidence::StatusQuery,
            Failure {
                code: "paid".to_owned(),
                description: "Payoneer has executed the payout".to_owned(),
                ..Failure::default()
            },
        ),
        PayoutSeen::Found { stage: PayoutStage::Waiting(_), .. } | PayoutSeen::NotFound => {
            Finding::Unknown(format!("Payoneer shows the payout as {seen:?}"))
        }
    }
}
