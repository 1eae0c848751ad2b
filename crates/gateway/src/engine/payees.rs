//! Payees and their mandates: what Payoneer last said, how fresh that is, and asking again.

use super::authorizations::verify_subject;
use super::{Engine, Error, Page};
use crate::programs::Connected;
use domain::attempt::Evidence;
use domain::event::EventType;
use domain::job::{self, Job};
use domain::mandate::{Command, Mandate, Observed, State};
use domain::program::Program;
use domain::{MandateId, PayeeId, Span, Time};
use payoneer::Error as Trouble;
use std::sync::atomic::{AtomicBool, Ordering};
use store::Batch;

/// Payoneer is not asked about the same payee more often than this on behalf of people who wait.
const FRESH: Span = Span::from_secs(2);

/// How often Payoneer is asked while the mandate keeps changing under the question.
const LOOK_TRIES: usize = 3;
/// When Payoneer is asked whether a release took place: later than the release itself can take.
const ASK_AFTER_RELEASE: Span = Span::from_secs(60);

/// Where a mandate stands, and since when.
fn stands(mandate: Option<&Mandate>) -> Option<(State, Time)> {
    mandate.map(|mandate| (mandate.state, mandate.updated_at))
}

impl Engine {
    /// What is known of a payee, without asking Payoneer.
    pub async fn payee(&self, program: &Program, payee_id: &PayeeId) -> Result<Mandate, Error> {
        let mandate = self.store.read_one(store::mandates::by_payee(&program.id, payee_id)).await?;
        mandate.ok_or(Error::NotFound { noun: "payee" })
    }

    /// Payees, newest first.
    pub async fn payees(&self, program: &Program, page: &Page) -> Result<Vec<Mandate>, Error> {
        Ok(self.store.read(store::mandates::page(&program.id, page)).await?)
    }

    /// Asks Payoneer about a payee now. A payee that neither of us knows is not remembered.
    pub async fn refresh_payee(&self, program: &Program, payee_id: &PayeeId) -> Result<Mandate, Error> {
        let line = self.line(&program.id).await?;
        self.look(&line, payee_id).await?.ok_or(Error::NotFound { noun: "payee" })
    }

    /// Ends the mandate at Payoneer and here.
    pub async fn revoke_payee(&self, program: &Program, payee_id: &PayeeId) -> Result<Mandate, Error> {
        let line = self.line(&program.id).await?;
        let mandate = self.payee(program, payee_id).await?;
        // Whatever becomes of us or of the answer on the way: Payoneer is asked afterwards where the payee stands.
        let mut question = self.changes(&program.id, self.now());
        question.job(&Job::at(job::Kind::Verify, &verify_subject(&mandate), self.now() + ASK_AFTER_RELEASE));
        self.store.commit(question.finish()).await?;
        match line.payoneer.release(payee_id).await {
            // A payee whom Payoneer does not know is as released as can be.
            Ok(()) | Err(Trouble::Refused(payoneer::Problem { code: payoneer::Code::PayeeNotFound, .. })) => {}
            Err(error) => return Err(Error::Payoneer(error)),
        }
        self.decide(|| async { self.plan_mandate(program, payee_id, Command::Revoke).await }).await?;
        self.payee(program, payee_id).await
    }

    /// Refuses unless the payee can be charged. An active mandate is believed; anything else is asked about again,
    /// because the payee may have come through Payoneer's page a moment ago, or long before this gateway existed.
    pub(super) async fn must_be_active(&self, line: &Connected, payee_id: &PayeeId) -> Result<(), Error> {
        let mandate = self.look_unless_fresh(line, payee_id).await?;
        let state = mandate.map(|m| m.state);
        if state == Some(State::Active) {
            return Ok(());
        }
        Err(Error::PayeeNotAuthorized { payee_id: payee_id.clone(), mandate: state })
    }

    /// What is known of a payee; Payoneer is asked first where that may have changed and was not asked just now.
    pub(super) async fn look_unless_fresh(
        &self,
        line: &Connected,
        payee_id: &PayeeId,
    ) -> Result<Option<Mandate>, Error> {
        let known = self.store.read_one(store::mandates::by_payee(&line.program.id, payee_id)).await?;
        let now = self.now();
        let settled = |m: &Mandate| {
            m.state == State::Active || m.last_verified_at.is_some_and(|at| now - at < FRESH && at <= now)
        };
        match known {
            Some(mandate) if settled(&mandate) => Ok(Some(mandate)),
            _ => self.look(line, payee_id).await,
        }
    }

    /// Asks Payoneer about a payee and records the answer, with what follows for open authorization sessions.
    ///
    /// An answer during which the mandate changed may be older than that change, such as a release: then it says
    /// nothing, and Payoneer is asked again.
    pub(super) async fn look(&self, line: &Connected, payee_id: &PayeeId) -> Result<Option<Mandate>, Error> {
        let program = &line.program;
        let by_payee = || store::mandates::by_payee(&program.id, payee_id);
        for _ in 0..LOOK_TRIES {
            let before = self.store.read_one(by_payee()).await?;
            let asked_at = self.now();
            let observed = line.payoneer.payee(payee_id).await?;
            let outdated = AtomicBool::new(false);
            self.decide(|| async {
                let known = self.store.read_one(by_payee()).await?;
                let nothing_new = match &known {
                    None => observed == Observed::NotFound,
                    // Somebody who asked at the same time has written the same answer already.
                    Some(mandate) => {
                        mandate.last_verified_at.is_some_and(|at| at >= asked_at)
                            && mandate.decide(observed.into(), asked_at).1.is_none()
                    }
                };
                let changed = stands(known.as_ref()) != stands(before.as_ref());
                outdated.store(changed && !nothing_new, Ordering::Relaxed);
                if nothing_new || changed {
                    return Ok(None);
                }
                self.plan_mandate(program, payee_id, observed.into()).await
            })
            .await?;
            if !outdated.into_inner() {
                break;
            }
        }
        Ok(self.store.read_one(by_payee()).await?)
    }

    /// What a command about a payee would write.
    pub(super) async fn plan_mandate(
        &self,
        program: &Program,
        payee_id: &PayeeId,
        command: Command,
    ) -> Result<Option<Batch>, Error> {
        let now = self.now();
        let known = self.store.read_one(store::mandates::by_payee(&program.id, payee_id)).await?;
        let mut changes = self.changes(&program.id, now);
        let before = known.clone().unwrap_or_else(|| {
            let id = MandateId::new(now, self.source.randomness());
            Mandate::new(id, program.id.clone(), payee_id.clone(), now)
        });
        let (after, event) = before.decide(command, now);
        match command {
            Command::SeeActive | Command::SeePending | Command::SeeInactive | Command::SeeNotFound => {
                changes.by(Evidence::StatusQuery);
            }
            Command::Revoke => {
                changes.by(Evidence::Reply);
            }
            Command::Request | Command::Expire => {}
        }
        changes.write(match known {
            Some(_) => store::mandates::update(&after),
            None => store::mandates::insert(&after),
        });
        let event = event.or_else(|| known.is_none().then_some(EventType::MandatePending));
        if let Some(event) = event {
            changes.mandate_event(event, &after);
        }
        let sessions = self.store.read(store::authorizations::open_of_payee(&program.id, payee_id)).await?;
        for session in sessions {
            if let Some((session, event)) = session.follow(after.state, now) {
                changes.authorization(&session, event);
            }
        }
        Ok(Some(changes.finish()))
    }
}
