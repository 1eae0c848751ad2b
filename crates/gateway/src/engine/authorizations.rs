//! Authorization sessions: sending a payee to Payoneer's page and knowing what came of it.

use super::{Engine, Error};
use crate::port::{Contact, LinkRequest};
use domain::authorization::{AuthorizationSession, LIFETIME, State};
use domain::event::EventType;
use domain::job::{self, Job};
use domain::mandate::{Command, Mandate};
use domain::program::Program;
use domain::{AuthorizationSessionId, MandateId, PayeeId, schedule};

/// What an authorization is asked for with.
#[derive(Debug, Clone)]
pub struct NewAuthorization {
    /// Who is asked.
    pub payee_id: PayeeId,
    /// Where the browser goes in the end; the program's return URL if not given.
    pub return_url: Option<String>,
    /// `en` or `zh`, where known.
    pub language: Option<String>,
    /// Whether Payoneer's page should begin with log-in.
    pub existing_account: bool,
    /// What is known of the payee already.
    pub contact: Contact,
}

impl Engine {
    /// Gets a link to Payoneer's page and remembers who was sent there.
    pub async fn authorize(&self, program: &Program, new: NewAuthorization) -> Result<AuthorizationSession, Error> {
        let line = self.line(&program.id).await?;
        let return_url = new.return_url.or_else(|| program.return_url.clone());
        let return_url = return_url.ok_or(Error::NoReturnUrl)?;
        let now = self.now();
        let id = AuthorizationSessionId::new(now, self.source.randomness());
        let token = self.source.token();
        let request = LinkRequest {
            payee_id: new.payee_id.clone(),
            session: id.to_string(),
            redirect_url: format!("{}/return/{token}", self.public_url),
            language: new.language,
            existing_account: new.existing_account,
            contact: new.contact,
        };
        let url = line.payoneer.link(&request).await?;
        let session = AuthorizationSession {
            id,
            program: program.id.clone(),
            payee_id: new.payee_id,
            token,
            url,
            return_url,
            state: State::Open,
            version: 1,
            expires_at: now + LIFETIME,
            created_at: now,
            updated_at: now,
        };
        self.decide(|| async { self.plan_authorization(program, &session).await }).await?;
        Ok(session)
    }

    async fn plan_authorization(
        &self,
        program: &Program,
        session: &AuthorizationSession,
    ) -> Result<Option<store::Batch>, Error> {
        // After a commit without an answer it may be there already.
        if self.store.read_one(store::authorizations::any_by_id(session.id.as_str())).await?.is_some() {
            return Ok(None);
        }
        let now = session.created_at;
        let mut changes = self.changes(&program.id, now);
        let known = self.store.read_one(store::mandates::by_payee(&program.id, &session.payee_id)).await?;
        let (mandate, event) = if let Some(mandate) = known {
            let (after, event) = mandate.decide(Command::Request, now);
            changes.write(store::mandates::update(&after));
            (after, event)
        } else {
            let id = MandateId::new(now, self.source.randomness());
            let mandate = Mandate::new(id, program.id.clone(), session.payee_id.clone(), now);
            changes.write(store::mandates::insert(&mandate));
            (mandate, Some(EventType::MandatePending))
        };
        if let Some(event) = event {
            changes.mandate_event(event, &mandate);
        }
        let created = EventType::AuthorizationSessionCreated;
        changes.write(store::authorizations::insert(session));
        changes.event(created, session.id.as_str(), &crate::view::authorization_session(session));
        // Polling is an equal source: the flow must end well even if no callback ever comes.
        changes.job(&Job::at(job::Kind::Verify, &verify_subject(&mandate), now + schedule::verification(0)));
        changes.job(&Job::at(job::Kind::ExpireAuthorization, session.id.as_str(), session.expires_at));
        Ok(Some(changes.finish()))
    }

    /// One authorization session.
    pub async fn authorization(
        &self,
        program: &Program,
        id: &AuthorizationSessionId,
    ) -> Result<AuthorizationSession, Error> {
        let session = self.store.read_one(store::authorizations::by_id(&program.id, id)).await?;
        session.ok_or(Error::NotFound { noun: "authorization_session" })
    }

    /// Calls an open session off. Payoneer's link itself cannot be withdrawn.
    pub async fn cancel_authorization(
        &self,
        program: &Program,
        id: &AuthorizationSessionId,
    ) -> Result<AuthorizationSession, Error> {
        self.decide(|| async {
            let session = self.authorization(program, id).await?;
            if session.state == State::Canceled {
                return Ok(None);
            }
            let now = self.now();
            let ended = session.cancel(now);
            let (ended, event) = ended.map_err(|refusal| Error::refusal(refusal, "authorization_session", id))?;
            let mut changes = self.changes(&program.id, now);
            changes.authorization(&ended, event);
            Ok(Some(changes.finish()))
        })
        .await?;
        self.authorization(program, id).await
    }

    /// The session that a browser comes back to, with what Payoneer says of the payee now.
    pub async fn authorization_by_token(
        &self,
        token: &str,
    ) -> Result<Option<(Program, AuthorizationSession, Mandate)>, Error> {
        let Some(session) = self.store.read_one(store::authorizations::by_token(token)).await? else {
            return Ok(None);
        };
        let line = self.line(&session.program).await?;
        // Payoneer out of reach is no reason to show the payee an error: what is known is shown.
        let mandate = match self.look_unless_fresh(&line, &session.payee_id).await {
            Ok(Some(mandate)) => mandate,
            Ok(None) | Err(Error::Payoneer(_)) => self.payee(&line.program, &session.payee_id).await?,
            Err(error) => return Err(error),
        };
        let session = self.authorization(&line.program, &session.id).await?;
        Ok(Some((line.program.clone(), session, mandate)))
    }
}

/// How a `verify` job names a payee.
pub(super) fn verify_subject(mandate: &Mandate) -> String {
    format!("{}/{}", mandate.program, mandate.payee_id)
}
