//! Checkout sessions: authorise where needed, confirm, pay once. The charge is an ordinary one, under a key of ours.

use super::{ChargeView, Engine, Error, NewAuthorization, NewCharge};
use crate::port::Contact;
use domain::authorization::AuthorizationSession;
use domain::charge::{self, Charge};
use domain::checkout::{CheckoutSession, State};
use domain::job::{self, Job};
use domain::mandate::Mandate;
use domain::program::Program;
use domain::{CheckoutSessionId, Description, IdempotencyKey, Money, PayeeId, Reference, Refusal, Span};
use sha2::{Digest as _, Sha256};

/// How long a checkout can be paid when nothing else is said.
const LIFETIME: Span = Span::from_secs(24 * 3_600);

/// What a checkout is opened with.
#[derive(Debug, Clone)]
pub struct NewCheckout {
    /// Who pays.
    pub payee_id: PayeeId,
    /// How much.
    pub money: Money,
    /// What for.
    pub description: Description,
    /// The merchant's own reference for the charge.
    pub client_reference_id: Option<Reference>,
    /// Where the browser goes after payment.
    pub success_url: String,
    /// Where the browser goes when the payee gives up.
    pub cancel_url: Option<String>,
    /// `en` or `zh`.
    pub language: Option<String>,
    /// How long it can be paid.
    pub lifetime: Option<Span>,
}

/// A checkout session with everything its page shows.
#[derive(Debug, Clone)]
pub struct CheckoutView {
    /// Who is paid.
    pub program: Program,
    /// The session.
    pub session: CheckoutSession,
    /// The payee's mandate, if there is one.
    pub mandate: Option<Mandate>,
    /// The latest charge begun.
    pub charge: Option<Charge>,
}

impl Engine {
    /// The address of a session's page.
    pub fn checkout_url(&self, session: &CheckoutSession) -> String {
        format!("{}/checkout/{}", self.public_url, session.token)
    }

    /// Opens a checkout.
    pub async fn open_checkout(&self, program: &Program, new: NewCheckout) -> Result<CheckoutSession, Error> {
        new.money.hundredths()?;
        let now = self.now();
        let session = CheckoutSession {
            id: CheckoutSessionId::new(now, self.source.randomness()),
            program: program.id.clone(),
            payee_id: new.payee_id,
            token: self.source.token(),
            money: new.money,
            description: new.description,
            client_reference_id: new.client_reference_id,
            success_url: new.success_url,
            cancel_url: new.cancel_url,
            language: new.language,
            tries: 0,
            charge: None,
            state: State::Open,
            version: 1,
            expires_at: now + new.lifetime.unwrap_or(LIFETIME),
            created_at: now,
            updated_at: now,
        };
        let mut changes = self.changes(&program.id, now);
        changes.write(store::checkouts::insert(&session));
        changes.job(&Job::at(job::Kind::ExpireCheckout, session.id.as_str(), session.expires_at));
        self.store.commit(changes.finish()).await?;
        Ok(session)
    }

    /// One checkout session.
    pub async fn checkout(&self, program: &Program, id: &CheckoutSessionId) -> Result<CheckoutSession, Error> {
        let session = self.store.read_one(store::checkouts::by_id(&program.id, id)).await?;
        session.ok_or(Error::NotFound { noun: "checkout_session" })
    }

    /// Closes a checkout that nobody has paid.
    pub async fn expire_checkout(&self, program: &Program, id: &CheckoutSessionId) -> Result<CheckoutSession, Error> {
        self.decide(|| async {
            let session = self.checkout(program, id).await?;
            if session.state == State::Expired {
                return Ok(None);
            }
            let now = self.now();
            let ended = session.expire(now);
            let (ended, event) = ended.map_err(|refusal| Error::refusal(refusal, "checkout_session", id))?;
            let mut changes = self.changes(&program.id, now);
            changes.checkout(&ended, event);
            Ok(Some(changes.finish()))
        })
        .await?;
        self.checkout(program, id).await
    }

    /// Everything that a session's page shows; Payoneer is asked about a payee who is not active yet.
    pub async fn checkout_by_token(&self, token: &str) -> Result<Option<CheckoutView>, Error> {
        let Some(session) = self.store.read_one(store::checkouts::by_token(token)).await? else { return Ok(None) };
        let line = self.line(&session.program).await?;
        let mandate = match self.look_unless_fresh(&line, &session.payee_id).await {
            Ok(mandate) => mandate,
            Err(Error::Payoneer(_)) => {
                self.store.read_one(store::mandates::by_payee(&session.program, &session.payee_id)).await?
            }
            Err(error) => return Err(error),
        };
        let charge = match &session.charge {
            Some(id) => self.store.read_one(store::charges::by_id(&session.program, id)).await?,
            None => None,
        };
        Ok(Some(CheckoutView { program: line.program.clone(), session, mandate, charge }))
    }

    /// Sends the payee to Payoneer's page and, in the end, back to this checkout.
    pub async fn authorize_checkout(&self, view: &CheckoutView, language: &str) -> Result<AuthorizationSession, Error> {
        let new = NewAuthorization {
            payee_id: view.session.payee_id.clone(),
            return_url: Some(self.checkout_url(&view.session)),
            language: Some(language.to_owned()),
            existing_account: false,
            contact: Contact::default(),
        };
        self.authorize(&view.program, new).await
    }

    /// Pays a checkout. Another click while a charge is undecided, or after one succeeded, begins no other.
    pub async fn pay_checkout(&self, view: &CheckoutView) -> Result<CheckoutView, Error> {
        let session = &view.session;
        let undecided = view.charge.as_ref().is_some_and(|charge| match charge.state {
            charge::State::Failed | charge::State::Canceled | charge::State::Created => false,
            charge::State::Processing
            | charge::State::RequiresAction
            | charge::State::Succeeded
            | charge::State::RefundPending
            | charge::State::Refunded => true,
        });
        if !undecided {
            let now = self.now();
            if session.state != State::Open || session.expires_at <= now {
                let refusal =
                    Refusal::Impossible { noun: "checkout session", state: session.state.as_str(), step: "be paid" };
                return Err(Error::refusal(refusal, "checkout_session", &session.id));
            }
            self.charge_checkout(view).await?;
        }
        let view = self.checkout_by_token(&session.token).await?;
        view.ok_or(Error::NotFound { noun: "checkout_session" })
    }

    async fn charge_checkout(&self, view: &CheckoutView) -> Result<(), Error> {
        let session = &view.session;
        // A charge of which nothing was sent sets out again under its own key; after a failed one the next begins.
        let again = view.charge.as_ref().is_some_and(|charge| charge.state == charge::State::Created);
        let number = if again { session.tries } else { session.tries + 1 };
        let key = IdempotencyKey::parse(&format!("{}:{number}", session.id))
            .map_err(|e| Error::Misconfigured(e.to_string()))?;
        let new = NewCharge {
            payee_id: session.payee_id.clone(),
            money: session.money,
            description: session.description.clone(),
            client_reference_id: session.client_reference_id.as_ref().and_then(|r| numbered(r, number)),
            purpose: None,
            metadata: None,
            fingerprint: Sha256::digest(key.as_str()).to_vec(),
            key,
        };
        let made = self.charge_payee(&view.program, new, Some(session).filter(|_| !again)).await;
        match made.map(|made| made.resource) {
            Ok(ChargeView { .. }) => Ok(()),
            // Another click is waiting for Payoneer already; the page shows that.
            Err(Error::KeyInUse { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A reference is taken once and for ever, so a second charge of the same checkout needs one of its own.
fn numbered(reference: &Reference, number: i64) -> Option<Reference> {
    if number <= 1 { Some(reference.clone()) } else { Reference::parse(&format!("{reference}-{number}")).ok() }
}
