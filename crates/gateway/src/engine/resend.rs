//! Sending the same bytes again under the same reference, to find out what became of them: only where probes have proven
//! that Payoneer takes a reference once and for ever. A refusal never settles here, for the first request may still come.

use super::attempts::Asked;
use super::jobs::Run;
use super::resolve::of_charge;
use super::{Engine, Error};
use crate::programs::Connected;
use domain::attempt::{Attempt, DUPLICATE_REFERENCE, Evidence, Finding};
use domain::capability::Capability;
use domain::program::Program;
use domain::{Span, attempt};
use store::{Fault, Trust};

/// Whether an attempt was sent again, and what follows.
pub(super) enum Again {
    /// It was not.
    Not,
    /// Somebody else was first, or Payoneer is not to be asked now.
    Later(Run),
    /// It was, and this is what it showed.
    Learnt(Finding),
}

impl Engine {
    /// Sends an attempt again if a look left it open, it is its time, and it is proven that this cannot charge twice.
    pub(super) async fn resend_if_proven(
        &self,
        line: &Connected,
        before: &Attempt,
        seen: &Finding,
    ) -> Result<Again, Error> {
        let now = self.now();
        let is_open = matches!(seen, Finding::Unknown(_));
        // A database that went back in time does not know what was sent under this reference.
        let may_send = self.store.trust() == Trust::Sound;
        if !is_open || !may_send || !before.may_resend(now) || !self.is_ref_unique_forever(&line.program).await? {
            return Ok(Again::Not);
        }
        let Ok(room) = line.payoneer.admit().await else { return Ok(Again::Not) };
        // The commit counts it before it leaves; the attempt stays unknown whatever happens to this process.
        let counted = before.resend(now);
        let mut changes = self.changes(&before.program, now);
        changes.attempt(&counted, before);
        let permit = match self.permit(changes.finish(), &counted, Asked::NOT).await {
            Ok(permit) => permit,
            Err(Fault::Stale) => {
                let why = "somebody else was first".to_owned();
                return Ok(Again::Later(Run::Again(now + Span::from_secs(1), why)));
            }
            Err(fault) => return Err(Error::Store(fault)),
        };
        tracing::info!(attempt = %before.id, resends = counted.resends, "sent again under the same reference");
        let sent = line.payoneer.send(&counted, permit).await;
        drop(room);
        Ok(Again::Learnt(match sent.finding {
            Finding::Succeeded(Evidence::Reply) => Finding::Succeeded(Evidence::Reply),
            Finding::Unknown(doubt) if doubt.starts_with(DUPLICATE_REFERENCE) => {
                match line.payoneer.charge(&before.reference).await {
                    Ok(seen) => of_charge(&counted, &seen),
                    Err(error) => Finding::Unknown(format!("sent again: it is there, but {error}")),
                }
            }
            // What refuses this one says nothing about the first, which may still arrive.
            other => Finding::Unknown(format!("sent again: {}", in_words(&other))),
        }))
    }

    async fn is_ref_unique_forever(&self, program: &Program) -> Result<bool, Error> {
        let found = self.capabilities(program).await?;
        Ok(found.iter().any(|standing| standing.capability == Capability::RefUniqueForever && standing.proven))
    }
}

fn in_words(finding: &Finding) -> String {
    match finding {
        Finding::Unknown(why) | Finding::NeverSent(why) => why.clone(),
        Finding::Declined(_, attempt::Failure { code, description, .. }) => {
            format!("refused with {code}, {description}")
        }
        Finding::Succeeded(_) => "done".to_owned(),
    }
}
