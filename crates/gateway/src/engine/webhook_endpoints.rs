//! Webhook endpoints: making, changing and ending them, their secrets, and trying one out.
//! Secrets leave this room sealed, shown once to whoever asked for one, or as signatures.

use super::changes::Changes;
use super::{Engine, Error, Page};
use crate::view;
use domain::audit::{Action, Actor};
use domain::delivery::{Delivery, DeliveryId};
use domain::event::EventType;
use domain::program::Program;
use domain::webhook_endpoint::{Health, Kinds, Reason, State, WebhookEndpoint};
use domain::{Refusal, Span, Time, WebhookEndpointId};
use std::collections::BTreeMap;
use store::Batch;
use store::webhook_endpoints::{Sealed, Stored};
use zeroize::Zeroizing;

/// How many endpoints a program may have.
const ENDPOINTS_MAX: i64 = 1_000;
/// How many deliveries to a deleted endpoint are ended in one commit.
const CANCELS: i64 = 1_000;
/// How often that is done at most.
const CANCEL_ROUNDS: usize = 10_000;

/// What an endpoint is made with. The address was checked already.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// Where events go.
    pub url: String,
    /// The merchant's name for it; may be empty.
    pub description: String,
    /// Which events go there.
    pub kinds: Kinds,
    /// Headers for each request: names in lower case, and their values.
    pub headers: BTreeMap<String, String>,
}

/// What about an endpoint is to be changed; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct EndpointChange {
    /// Another address.
    pub url: Option<String>,
    /// Another name.
    pub description: Option<String>,
    /// Another choice of events.
    pub kinds: Option<Kinds>,
    /// Other headers, instead of all that there were.
    pub headers: Option<BTreeMap<String, String>>,
}

/// The place of an endpoint's secret, which its sealed form is bound to; of the old one, too.
fn secret_place(id: &WebhookEndpointId) -> String {
    format!("webhook_endpoint/{id}/secret")
}

/// The place of an endpoint's headers.
fn headers_place(id: &WebhookEndpointId) -> String {
    format!("webhook_endpoint/{id}/headers")
}

impl Engine {
    /// A new endpoint, with its secret, which is shown this once.
    pub async fn create_endpoint(
        &self,
        program: &Program,
        by: &Actor,
        new: NewEndpoint,
    ) -> Result<(WebhookEndpoint, api::webhook::Secret), Error> {
        let there = self.store.read_one(store::webhook_endpoints::count(&program.id)).await?;
        if there.is_some_and(|count| count.0 >= ENDPOINTS_MAX) {
            let refusal = Refusal::Impossible {
                noun: "program",
                state: "at its limit of 1000 webhook endpoints",
                step: "have more",
            };
            return Err(Error::refusal(refusal, "program", &program.id));
        }
        let now = self.now();
        let id = WebhookEndpointId::new(now, self.source.randomness());
        let (secret, sealed_secret) = self.new_secret(&id)?;
        let endpoint = WebhookEndpoint {
            id: id.clone(),
            program: program.id.clone(),
            url: new.url,
            description: new.description,
            kinds: new.kinds,
            header_names: new.headers.keys().cloned().collect(),
            state: State::Enabled,
            reason: None,
            health: Health::default(),
            old_secret_until: None,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let sealed = Sealed { secret: sealed_secret, old_secret: None, headers: self.seal_headers(&id, &new.headers) };
        self.decide(|| async {
            // After a commit without an answer it may be there already.
            if self.store.read_one(store::webhook_endpoints::by_id(&program.id, &id)).await?.is_some() {
                return Ok(None);
            }
            let mut changes = self.changes(&program.id, now);
            changes.write(store::webhook_endpoints::insert(&endpoint, &sealed));
            changes.audit(Action::EndpointCreated, id.as_str(), (by, None), (None, Some(told(&endpoint))));
            changes.endpoint_event(EventType::WebhookEndpointCreated, &endpoint);
            Ok(Some(changes.finish()))
        })
        .await?;
        Ok((endpoint, secret))
    }

    /// One endpoint, unless it was deleted.
    pub async fn endpoint(&self, program: &Program, id: &WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
        Ok(self.stored_endpoint(program, id).await?.endpoint)
    }

    /// Endpoints, newest first, without those that were deleted.
    pub async fn endpoints(&self, program: &Program, page: &Page) -> Result<Vec<WebhookEndpoint>, Error> {
        let stored = self.store.read(store::webhook_endpoints::page(&program.id, page)).await?;
        Ok(stored.into_iter().map(|stored| stored.endpoint).collect())
    }

    pub(super) async fn stored_endpoint(&self, program: &Program, id: &WebhookEndpointId) -> Result<Stored, Error> {
        let stored = self.store.read_one(store::webhook_endpoints::by_id(&program.id, id)).await?;
        let there = stored.filter(|stored| stored.endpoint.state != State::Deleted);
        there.ok_or(Error::NotFound { noun: "webhook endpoint" })
    }

    /// Changes an endpoint. What is under way goes on as it began.
    pub async fn change_endpoint(
        &self,
        program: &Program,
        by: &Actor,
        id: &WebhookEndpointId,
        change: &EndpointChange,
    ) -> Result<WebhookEndpoint, Error> {
        let headers = change.headers.as_ref();
        let sealed_headers = headers.map(|headers| self.seal_headers(id, headers));
        self.decide(|| async {
            let Stored { endpoint, sealed, .. } = self.stored_endpoint(program, id).await?;
            let now = self.now();
            let mut next = endpoint.changed(now);
            next.url = change.url.clone().unwrap_or(next.url);
            next.description = change.description.clone().unwrap_or(next.description);
            next.kinds = change.kinds.clone().unwrap_or(next.kinds);
            next.header_names = headers.map_or(next.header_names, |headers| headers.keys().cloned().collect());
            let sealed = Sealed { headers: sealed_headers.clone().unwrap_or(sealed.headers), ..sealed };
            let mut changes = self.changes(&program.id, now);
            changes.write(store::webhook_endpoints::update(&next, &sealed));
            let about = (Some(told(&endpoint)), Some(told(&next)));
            changes.audit(Action::EndpointChanged, id.as_str(), (by, None), about);
            changes.endpoint_event(EventType::WebhookEndpointUpdated, &next);
            Ok(Some(changes.finish()))
        })
        .await?;
        self.endpoint(program, id).await
    }

    /// Has an endpoint served again; what waited for it is due at once.
    pub async fn enable_endpoint(
        &self,
        program: &Program,
        by: &Actor,
        id: &WebhookEndpointId,
    ) -> Result<WebhookEndpoint, Error> {
        self.move_endpoint(program, (by, Action::EndpointEnabled), id, WebhookEndpoint::enable).await?;
        self.endpoint(program, id).await
    }

    /// Has an endpoint served no more.
    pub async fn disable_endpoint(
        &self,
        program: &Program,
        by: &Actor,
        id: &WebhookEndpointId,
    ) -> Result<WebhookEndpoint, Error> {
        self.move_endpoint(program, (by, Action::EndpointDisabled), id, |endpoint, now| {
            endpoint.disable(Reason::Merchant, now)
        })
        .await?;
        self.endpoint(program, id).await
    }

    /// Ends an endpoint for ever, and what was on its way to it.
    pub async fn delete_endpoint(
        &self,
        program: &Program,
        by: &Actor,
        id: &WebhookEndpointId,
    ) -> Result<WebhookEndpoint, Error> {
        self.move_endpoint(program, (by, Action::EndpointDeleted), id, |endpoint, now| Ok(endpoint.delete(now)))
            .await?;
        for _ in 0..CANCEL_ROUNDS {
            let ended = self.store.take(store::deliveries::cancel(id, self.now(), CANCELS)).await?;
            if i64::try_from(ended.len()).is_ok_and(|ended| ended < CANCELS) {
                break;
            }
        }
        let stored = self.store.read_one(store::webhook_endpoints::by_id(&program.id, id)).await?;
        Ok(stored.ok_or(Error::NotFound { noun: "webhook endpoint" })?.endpoint)
    }

    async fn move_endpoint<F>(
        &self,
        program: &Program,
        (by, action): (&Actor, Action),
        id: &WebhookEndpointId,
        step: F,
    ) -> Result<(), Error>
    where
        F: Fn(&WebhookEndpoint, Time) -> Result<(WebhookEndpoint, Option<EventType>), Refusal>,
    {
        self.decide(|| async {
            let Stored { endpoint, sealed, .. } = self.stored_endpoint(program, id).await?;
            let now = self.now();
            let moved = step(&endpoint, now).map_err(|refusal| Error::refusal(refusal, "webhook_endpoint", id))?;
            let (next, Some(event)) = moved else { return Ok(None) };
            let mut changes = self.changes(&program.id, now);
            changes.audit(action, id.as_str(), (by, None), (Some(told(&endpoint)), Some(told(&next))));
            changes.endpoint(&next, &sealed, event);
            Ok(Some(changes.finish()))
        })
        .await
    }

    /// A new secret, shown this once; the one before it stays good for so long.
    pub async fn rotate_secret(
        &self,
        program: &Program,
        by: &Actor,
        id: &WebhookEndpointId,
        overlap: Span,
    ) -> Result<(WebhookEndpoint, api::webhook::Secret), Error> {
        let (secret, sealed_secret) = self.new_secret(id)?;
        self.decide(|| async {
            let Stored { endpoint, sealed, .. } = self.stored_endpoint(program, id).await?;
            // After a commit without an answer it may be there already; then the one before it must not be lost.
            if sealed.secret == sealed_secret {
                return Ok(None);
            }
            let now = self.now();
            let next = endpoint.rotate(overlap, now);
            let next = next.map_err(|refusal| Error::refusal(refusal, "webhook_endpoint", id))?;
            let old_secret = next.old_secret_until.map(|_| sealed.secret.clone());
            let sealed = Sealed { secret: sealed_secret.clone(), old_secret, headers: sealed.headers };
            let mut changes = self.changes(&program.id, now);
            changes.write(store::webhook_endpoints::update(&next, &sealed));
            changes.audit(Action::SecretRotated, id.as_str(), (by, None), (None, None));
            changes.endpoint_event(EventType::WebhookEndpointUpdated, &next);
            Ok(Some(changes.finish()))
        })
        .await?;
        Ok((self.endpoint(program, id).await?, secret))
    }

    /// Sends an endpoint an event made for it alone, to see whether it works.
    pub async fn test_endpoint(&self, program: &Program, id: &WebhookEndpointId) -> Result<Delivery, Error> {
        let endpoint = self.endpoint(program, id).await?;
        let able = endpoint.must_be_enabled("be tested");
        able.map_err(|refusal| Error::refusal(refusal, "webhook_endpoint", id))?;
        let mut changes = self.changes(&program.id, self.now());
        changes.endpoint_event(EventType::WebhookEndpointTested, &endpoint);
        let event = changes.last_event().cloned().ok_or(Error::NotFound { noun: "event" })?;
        self.store.commit(changes.finish()).await?;
        self.ring();
        self.delivery(program, &DeliveryId::of(&event, id)).await
    }

    fn new_secret(&self, id: &WebhookEndpointId) -> Result<(api::webhook::Secret, Vec<u8>), Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        self.source.fill(bytes.as_mut_slice());
        let secret = api::webhook::Secret::from_bytes(bytes.as_slice());
        let secret = secret.map_err(|error| Error::Misconfigured(error.to_string()))?;
        Ok((secret, self.master.seal(&secret_place(id), bytes.as_slice(), self.source.as_ref())))
    }

    fn seal_headers(&self, id: &WebhookEndpointId, headers: &BTreeMap<String, String>) -> Option<Vec<u8>> {
        let text = Zeroizing::new(serde_json::to_vec(headers).unwrap_or_default());
        (!headers.is_empty()).then(|| self.master.seal(&headers_place(id), &text, self.source.as_ref()))
    }

    /// The secrets that sign what is sent now: the present one, and the one before it while that is good.
    pub(super) fn secrets(&self, stored: &Stored, now: Time) -> Result<Vec<api::webhook::Secret>, Error> {
        let Stored { endpoint, sealed, .. } = stored;
        let old = sealed.old_secret.as_ref().filter(|_| endpoint.old_secret_until.is_some_and(|until| now < until));
        let open = |sealed: &Vec<u8>| {
            let opened = self.master.open(&secret_place(&endpoint.id), sealed);
            let opened = opened.map_err(|error| Error::Misconfigured(error.to_string()))?;
            api::webhook::Secret::from_bytes(&opened).map_err(|error| Error::Misconfigured(error.to_string()))
        };
        std::iter::once(&sealed.secret).chain(old).map(open).collect()
    }

    /// The merchant's headers of an endpoint.
    pub(super) fn headers(&self, stored: &Stored) -> Result<BTreeMap<String, String>, Error> {
        let Some(sealed) = &stored.sealed.headers else { return Ok(BTreeMap::new()) };
        let opened = self.master.open(&headers_place(&stored.endpoint.id), sealed);
        let opened = opened.map_err(|error| Error::Misconfigured(error.to_string()))?;
        serde_json::from_slice(&opened).map_err(|error| Error::Misconfigured(error.to_string()))
    }
}

impl Changes<'_> {
    /// An endpoint moved.
    pub(super) fn endpoint(&mut self, next: &WebhookEndpoint, sealed: &Sealed, event: EventType) -> &mut Self {
        self.write(store::webhook_endpoints::update(next, sealed));
        if event == EventType::WebhookEndpointEnabled {
            self.write(store::webhook_endpoints::heal(&next.id));
        }
        self.endpoint_event(event, next)
    }

    fn endpoint_event(&mut self, event: EventType, endpoint: &WebhookEndpoint) -> &mut Self {
        self.event(event, endpoint.id.as_str(), &view::webhook_endpoint(endpoint, None))
    }
}

/// What the audit log tells of an endpoint. No secret is in it.
fn told(endpoint: &WebhookEndpoint) -> serde_json::Value {
    serde_json::json!({
        "url": endpoint.url, "types": endpoint.kinds.words(), "description": endpoint.description,
        "header_names": endpoint.header_names, "status": endpoint.state.as_str(),
    })
}

/// What an endpoint's disabling by its receiver, or for its failures, would write.
pub(super) fn plan_disabling(changes: &mut Changes<'_>, stored: &Stored, reason: Reason, now: Time) {
    if let Ok((next, Some(event))) = stored.endpoint.disable(reason, now) {
        changes.endpoint(&next, &stored.sealed, event);
    }
}

/// The batch of one write.
pub(super) fn only(write: store::Write) -> Batch {
    Batch::new().with(write)
}
