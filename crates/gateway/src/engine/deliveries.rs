//! Deliveries: whose turn it is, what a request holds, what its answer came to, and having things sent again.
//! The requests themselves are made by the deliverer.

use super::webhook_endpoints::{only, plan_disabling};
use super::{Engine, Error, Page};
use crate::deliver::{Letter, Reply};
use crate::view;
use api::webhook;
use bytes::Bytes;
use domain::delivery::{Answer, Delivery, DeliveryId, Learnt, State, Try};
use domain::event::EventType;
use domain::program::Program;
use domain::webhook_endpoint::{Health, Kinds, WebhookEndpoint};
use domain::{Span, Time, WebhookEndpointId};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use store::deliveries::Filter;
use store::events::{Range, Told};
use store::webhook_endpoints::Stored;
use store::{Batch, Fault};

/// How many tries of a delivery are shown; there are fewer unless it was sent again and again.
const TRIES_SHOWN: i64 = 100;
/// How many events one call replays.
const REPLAY_MAX: i64 = 1_000;

/// What is to be sent again.
#[derive(Debug, Clone, Copy)]
pub enum Replay {
    /// Every event of a range that the endpoint listens to, whether it was sent before or not.
    Events(Range),
    /// Every delivery that failed since then.
    FailedSince(Time),
}

/// What a replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many deliveries are due again.
    pub deliveries: usize,
    /// Whether that is all.
    pub is_complete: bool,
    /// Where to go on if it is not, for a range.
    pub next_after: Option<i64>,
}

impl Engine {
    /// Deliveries, newest event first.
    pub async fn deliveries(&self, program: &Program, filter: &Filter, page: &Page) -> Result<Vec<Delivery>, Error> {
        Ok(self.store.read(store::deliveries::page(&program.id, filter, page)).await?)
    }

    /// One delivery.
    pub async fn delivery(&self, program: &Program, id: &DeliveryId) -> Result<Delivery, Error> {
        let delivery = self.store.read_one(store::deliveries::by_id(&program.id, id)).await?;
        delivery.ok_or(Error::NotFound { noun: "delivery" })
    }

    /// What was tried, the latest first.
    pub async fn tries(&self, id: &DeliveryId) -> Result<Vec<Try>, Error> {
        Ok(self.store.read(store::deliveries::tries(id, TRIES_SHOWN)).await?)
    }

    /// Has one event sent to one endpoint once more, now.
    pub async fn resend(&self, program: &Program, id: &DeliveryId) -> Result<Delivery, Error> {
        let delivery = self.delivery(program, id).await?;
        self.served_endpoint(program, &delivery.endpoint).await?;
        let again = Delivery { begun_at: self.now(), ..delivery };
        self.store.commit(only(store::deliveries::again(&again))).await?;
        self.ring();
        self.delivery(program, id).await
    }

    /// Has many events sent to one endpoint once more.
    pub async fn replay(&self, program: &Program, id: &WebhookEndpointId, replay: Replay) -> Result<Replayed, Error> {
        let endpoint = self.served_endpoint(program, id).await?;
        let replayed = match replay {
            Replay::FailedSince(since) => {
                let again = store::deliveries::failed_again(id, since, self.now(), REPLAY_MAX);
                let deliveries = self.store.take(again).await?.len();
                let is_complete = i64::try_from(deliveries).is_ok_and(|deliveries| deliveries < REPLAY_MAX);
                Replayed { deliveries, is_complete, next_after: None }
            }
            Replay::Events(range) => self.replay_range(&endpoint, &range).await?,
        };
        self.ring();
        Ok(replayed)
    }

    async fn replay_range(&self, endpoint: &WebhookEndpoint, range: &Range) -> Result<Replayed, Error> {
        let told = self.store.read(store::events::told(&endpoint.program, range, REPLAY_MAX)).await?;
        let now = self.now();
        let again = |told: &Told| {
            store::deliveries::again(&Delivery {
                id: DeliveryId::of(&told.id, &endpoint.id),
                program: endpoint.program.clone(),
                endpoint: endpoint.id.clone(),
                event: told.id.clone(),
                sequence: told.sequence,
                state: State::Pending,
                tries: 0,
                failures: 0,
                begun_at: now,
                due_at: now,
                created_at: now,
                updated_at: now,
            })
        };
        let batch: Batch = told.iter().filter(|told| wants(&endpoint.kinds, told.kind)).map(again).collect();
        let deliveries = batch.len();
        self.store.commit(batch).await?;
        let is_complete = i64::try_from(told.len()).is_ok_and(|read| read < REPLAY_MAX);
        let next_after = told.last().filter(|_| !is_complete).map(|told| told.sequence);
        Ok(Replayed { deliveries, is_complete, next_after })
    }

    async fn served_endpoint(&self, program: &Program, id: &WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
        let endpoint = self.endpoint(program, id).await?;
        let able = endpoint.must_be_enabled("be sent anything");
        able.map_err(|refusal| Error::refusal(refusal, "webhook_endpoint", id))?;
        Ok(endpoint)
    }

    /// Whether any endpoint has something due that nobody is sending.
    pub(crate) async fn has_deliveries_due(&self) -> Result<bool, Error> {
        let due = self.store.read_one(store::webhook_endpoints::any_due(self.now())).await?;
        Ok(due.is_some_and(|count| count.0 > 0))
    }

    /// Takes the queues of up to `limit` endpoints with something due: of those that do well, or of those that do not.
    pub(crate) async fn lease_queues(&self, is_good: bool, length: Span, limit: usize) -> Result<Vec<Stored>, Error> {
        let now = self.now();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(self.store.take(store::webhook_endpoints::lease(is_good, &self.node, now, now + length, limit)).await?)
    }

    /// Gives a queue back.
    pub(crate) async fn release_queue(&self, leased: &Stored) -> Result<(), Fault> {
        let (id, now) = (&leased.endpoint.id, self.now());
        self.store.commit(only(store::webhook_endpoints::release(id, &self.node, leased.epoch, now))).await
    }

    /// What is to be sent to an endpoint now.
    pub(crate) async fn due_deliveries(&self, leased: &Stored, limit: i64) -> Result<Vec<Delivery>, Error> {
        Ok(self.store.read(store::deliveries::due(&leased.endpoint.id, self.now(), limit)).await?)
    }

    /// What is sent for a delivery: the event as `GET /v1/events` shows it, signed with every secret that is good.
    pub(crate) async fn letter(&self, leased: &Stored, delivery: &Delivery) -> Result<Letter, Error> {
        let event = self.store.read_one(store::events::by_id(&delivery.program, &delivery.event)).await?;
        let event = event.ok_or(Error::NotFound { noun: "event" })?;
        let body = Bytes::from(serde_json::to_vec(&view::event(&event)).unwrap_or_default());
        let url = leased.endpoint.url.clone();
        Ok(match self.sealed_headers(leased, event.event.id.as_str(), &body) {
            Ok(headers) => Letter { url, headers, body, flaw: None },
            Err(error) => {
                tracing::error!(endpoint = %leased.endpoint.id, %error, "this endpoint cannot be served");
                let flaw = Some("the gateway cannot open the endpoint's secrets".to_owned());
                Letter { url, headers: HeaderMap::new(), body, flaw }
            }
        })
    }

    fn sealed_headers(&self, leased: &Stored, id: &str, body: &[u8]) -> Result<HeaderMap, Error> {
        let odd = |what: &str| Error::Misconfigured(format!("{what} cannot be a header"));
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers(leased)? {
            let name = HeaderName::try_from(&name).map_err(|_| odd("a name"))?;
            let mut value = HeaderValue::try_from(&value).map_err(|_| odd("a value"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let now = self.now();
        let signature = webhook::sign(&self.secrets(leased, now)?, id, now.seconds(), body);
        for (name, value) in [
            (webhook::ID_HEADER, id.to_owned()),
            (webhook::TIMESTAMP_HEADER, now.seconds().to_string()),
            (webhook::SIGNATURE_HEADER, signature),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::try_from(value).map_err(|_| odd(name))?);
        }
        Ok(headers)
    }

    /// Records what came of a request, for the delivery and for the endpoint; [`Fault::Stale`] if the queue was taken
    /// by somebody else in the meantime.
    pub(crate) async fn record_try(
        &self,
        leased: &Stored,
        health: &Health,
        delivery: &Delivery,
        begun_at: Time,
        reply: &Reply,
    ) -> Result<Learnt, Error> {
        let now = self.now();
        let mut byte = [0];
        self.source.fill(&mut byte);
        let learnt = delivery.learn(health, &reply.answer, byte[0], now);
        let tried = Try {
            number: learnt.delivery.tries,
            at: begun_at,
            took: now - begun_at,
            status: match reply.answer {
                Answer::Status { code, .. } => Some(code),
                Answer::None(_) => None,
            },
            trouble: match reply.answer {
                Answer::Status { .. } => None,
                Answer::None(trouble) => Some(trouble),
            },
            said: reply.said.clone(),
        };
        self.decide(|| async {
            // After a commit without an answer it may be there already.
            let latest = self.store.read_one(store::deliveries::tries(&delivery.id, 1)).await?;
            if latest.is_some_and(|latest| latest == tried) {
                return Ok(None);
            }
            Ok(Some(self.plan_try(leased, &learnt, &tried, now).await?))
        })
        .await?;
        tell(&tried, &learnt);
        self.count_try(&tried, &learnt.delivery, now);
        Ok(learnt)
    }

    fn count_try(&self, tried: &Try, delivery: &Delivery, now: Time) {
        let outcome = match (tried.status, tried.trouble) {
            (Some(200..300), _) => "2xx",
            (Some(300..400), _) => "3xx",
            (Some(400..500), _) => "4xx",
            (Some(_), _) => "5xx",
            (None, Some(trouble)) => trouble.as_str(),
            (None, None) => "no_answer",
        };
        self.metrics.tried(outcome, tried.took);
        match delivery.state {
            State::Delivered => self.metrics.delivered(now - delivery.begun_at),
            State::Failed => self.metrics.given_up(),
            State::Pending | State::Canceled => {}
        }
    }

    /// The trace of the request that an event goes back to, if it is known.
    pub(crate) async fn trace_of_event(&self, delivery: &Delivery) -> Option<String> {
        let event = self.store.read_one(store::events::by_id(&delivery.program, &delivery.event)).await.ok()??;
        let attempts = self.store.read(store::attempts::of_subject(&event.event.subject)).await.ok()?;
        attempts.into_iter().find_map(|attempt| attempt.trace)
    }

    async fn plan_try(&self, leased: &Stored, learnt: &Learnt, tried: &Try, now: Time) -> Result<Batch, Error> {
        let (endpoint, delivery) = (&leased.endpoint, &learnt.delivery);
        let mut changes = self.changes(&endpoint.program, now);
        changes.write(store::webhook_endpoints::hold(&endpoint.id, &learnt.health, &self.node, leased.epoch));
        changes.write(store::deliveries::insert_try(&delivery.id, tried));
        changes.write(store::deliveries::update(delivery));
        if let Some(reason) = learnt.disable {
            let stored = self.store.read_one(store::webhook_endpoints::by_id(&endpoint.program, &endpoint.id)).await?;
            if let Some(stored) = stored {
                plan_disabling(&mut changes, &stored, reason, now);
            }
        }
        Ok(changes.finish())
    }
}

/// Whether a replay sends events of this kind. What was a test is not repeated.
fn wants(kinds: &Kinds, kind: EventType) -> bool {
    kind != EventType::WebhookEndpointTested && kinds.hold(kind)
}

/// The log line of a request. Neither the address nor what was said: either may hold a secret.
fn tell(tried: &Try, learnt: &Learnt) {
    let Learnt { delivery, health, disable } = learnt;
    let (status, trouble) = (tried.status, tried.trouble.map(domain::delivery::Trouble::as_str));
    let (endpoint, micros) = (&delivery.endpoint, tried.took.micros());
    match disable {
        Some(reason) => tracing::warn!(%endpoint, %reason, status, trouble, "the webhook endpoint was disabled"),
        None if health.is_good() => {
            tracing::debug!(%endpoint, delivery = %delivery.id, status, micros, "delivered");
        }
        None => {
            let tries = delivery.tries;
            tracing::info!(%endpoint, delivery = %delivery.id, tries, status, trouble, micros, "not delivered");
        }
    }
}
