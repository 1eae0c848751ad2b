//! A line that asks no more of Payoneer than it can bear: bounded places, a bounded queue before them, the pause that
//! Payoneer asked for, and the circuit that breaks while it is away. When to hold back is decided in `traffic`.

use super::traffic::{Entry, Limits, Sign, Traffic, Turned, Way, Why};
use super::{Answer, Balance, ChargeSeen, LinkRequest, Load, Payoneer, PayoutSeen, Sent};
use crate::source::Source;
use domain::attempt::Attempt;
use domain::charge::Charge;
use domain::mandate::Observed;
use domain::payout::Payout;
use domain::{PayeeId, Reference, Span};
use payoneer::{Error, Exchange};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::SendPermit;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests that can move money are under way at once, per program.
pub const MONEY_PLACES: usize = 32;
/// How many of them may wait for a place; the next one is turned away.
pub const MONEY_QUEUE: usize = 64;
/// How many status queries of charges and payouts are under way at once: a share that nothing else can take, so that
/// what is undecided is decided however many new charges come.
pub const STATUS_PLACES: usize = 16;
/// How many other queries are under way at once.
pub const OTHER_PLACES: usize = 16;
/// How many queries of each kind may wait for a place.
pub const QUERY_QUEUE: usize = 64;

const FULL: Turned = Turned { why: Why::Full, retry_after: Span::from_secs(1) };

/// Places, and a queue before them. Each wait ends, for whoever has a place has a time limit of its own.
struct Lane {
    name: &'static str,
    size: (usize, usize),
    places: Arc<Semaphore>,
    queue: Semaphore,
}

impl Lane {
    fn new(name: &'static str, places: usize, queue: usize) -> Self {
        let size = (places, queue);
        Self { name, size, places: Arc::new(Semaphore::new(places)), queue: Semaphore::new(queue) }
    }

    fn load(&self) -> Load {
        let (places, queue) = self.size;
        Load {
            lane: self.name,
            places,
            taken: places.saturating_sub(self.places.available_permits()),
            waiting: queue.saturating_sub(self.queue.available_permits()),
        }
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Turned> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let _waiting = self.queue.try_acquire().map_err(|_| FULL)?;
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| FULL)
    }
}

/// What all who use one program's line share.
struct Shared {
    traffic: Mutex<Traffic>,
    source: Arc<dyn Source>,
}

impl Shared {
    fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self, way: Way, sign: Option<Sign>) {
        if let Some(sign) = sign {
            self.traffic().heard(way, sign, self.source.now());
        }
    }
}

/// Room for one request that can move money. Asked for before its intent is written down, held until it is answered.
#[must_use = "room that is not held is given to the next"]
pub struct Room {
    /// Given back when the room is.
    _place: Option<OwnedSemaphorePermit>,
    trial: Option<(u64, Arc<Shared>)>,
}

impl Room {
    /// Room on a line without limits.
    pub const fn unlimited() -> Self {
        Self { _place: None, trial: None }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some((trial, shared)) = self.trial.take() {
            let now = shared.source.now();
            shared.traffic().abandon(trial, now);
        }
    }
}

/// The line.
pub struct Throttle {
    line: Arc<dyn Payoneer>,
    shared: Arc<Shared>,
    money: Lane,
    status: Lane,
    other: Lane,
}

impl Throttle {
    /// That line, held back by these limits.
    pub fn new(line: Arc<dyn Payoneer>, source: Arc<dyn Source>, limits: Limits) -> Self {
        Self {
            line,
            shared: Arc::new(Shared { traffic: Mutex::new(Traffic::new(limits)), source }),
            money: Lane::new("money", MONEY_PLACES, MONEY_QUEUE),
            status: Lane::new("status", STATUS_PLACES, QUERY_QUEUE),
            other: Lane::new("other", OTHER_PLACES, QUERY_QUEUE),
        }
    }

    async fn admit_now(&self) -> Result<Room, Turned> {
        let closed = self.shared.traffic().closed(self.shared.source.now());
        if let Some(turned) = closed {
            return Err(turned);
        }
        let place = self.money.enter().await?;
        // Again, for much may have happened in the queue.
        let entry = self.shared.traffic().admit(self.shared.source.now())?;
        let Entry::Trial(trial) = entry else { return Ok(Room { _place: Some(place), trial: None }) };
        let room = Room { _place: Some(place), trial: Some((trial, Arc::clone(&self.shared))) };
        // The trial begins with a question, so that a Payoneer who is still away costs no unknown charge.
        match sign_of_query(&self.echo().await) {
            Some(Sign::Well) => Ok(room),
            Some(Sign::Ill | Sign::TooMany(_)) | None => {
                let closed = self.shared.traffic().closed(self.shared.source.now());
                Err(closed.unwrap_or(FULL))
            }
        }
    }

    async fn ask<T>(&self, lane: &Lane, question: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let _place = lane.enter().await.map_err(held)?;
        self.shared.traffic().may_ask(self.shared.source.now()).map_err(held)?;
        let answer = question.await;
        self.shared.heard(Way::Query, sign_of_query(&answer));
        answer
    }
}

fn held(turned: Turned) -> Error {
    let seconds = u64::try_from(whole_seconds(turned.retry_after)).unwrap_or(1);
    Error::Held { reason: turned.to_string(), retry_after_seconds: seconds }
}

/// In whole seconds, at least one, rounded up: who comes back then is not turned away for a fraction.
pub fn whole_seconds(span: Span) -> i64 {
    span.micros().saturating_add(999_999).div_euclid(1_000_000).max(1)
}

fn span(seconds: u64) -> Span {
    // An hour is the longest that counts, so nothing is lost.
    Span::from_secs(i64::try_from(seconds.min(86_400)).unwrap_or(0))
}

/// What an answer to a query says about Payoneer's health; nothing where nothing was asked.
fn sign_of_query<T>(answer: &Result<T, Error>) -> Option<Sign> {
    let Err(error) = answer else { return Some(Sign::Well) };
    match error {
        Error::Held { .. } => None,
        Error::Transport { .. } => Some(Sign::Ill),
        _ => Some(sign_of(error.http_status().unwrap_or(0), error.retry_after_seconds())),
    }
}

/// What became of a money request, by the record of it; nothing where it could not even be written down.
fn sign_of_sent(sent: &Sent) -> Option<Sign> {
    let record: Exchange = serde_json::from_str(sent.exchange.as_deref()?).ok()?;
    match record.http_status {
        _ if record.fault.is_some() => Some(Sign::Ill),
        Some(status) => Some(sign_of(status, record.retry_after_seconds)),
        None => None,
    }
}

fn sign_of(status: u16, retry_after_seconds: Option<u64>) -> Sign {
    match status {
        429 => Sign::TooMany(retry_after_seconds.map(span)),
        500.. => Sign::Ill,
        _ => Sign::Well,
    }
}

impl Payoneer for Throttle {
    fn admit(&self) -> Answer<'_, Result<Room, Turned>> {
        Box::pin(self.admit_now())
    }

    fn closed(&self) -> Option<Turned> {
        self.shared.traffic().closed(self.shared.source.now())
    }

    fn loads(&self) -> Vec<Load> {
        [&self.money, &self.status, &self.other].map(Lane::load).to_vec()
    }

    fn charge_body(&self, charge: &Charge) -> Result<Vec<u8>, String> {
        self.line.charge_body(charge)
    }

    fn payout_body(&self, payout: &Payout) -> Result<Vec<u8>, String> {
        self.line.payout_body(payout)
    }

    fn cancel_body(&self) -> Vec<u8> {
        self.line.cancel_body()
    }

    fn send<'a>(&'a self, attempt: &'a Attempt, permit: SendPermit) -> Answer<'a, Sent> {
        Box::pin(async move {
            let sent = self.line.send(attempt, permit).await;
            self.shared.heard(Way::Money, sign_of_sent(&sent));
            sent
        })
    }

    fn charge<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<ChargeSeen, Error>> {
        Box::pin(self.ask(&self.status, self.line.charge(reference)))
    }

    fn payout<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<PayoutSeen, Error>> {
        Box::pin(self.ask(&self.status, self.line.payout(reference)))
    }

    fn payee<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<Observed, Error>> {
        Box::pin(self.ask(&self.other, self.line.payee(payee_id)))
    }

    fn link<'a>(&'a self, request: &'a LinkRequest) -> Answer<'a, Result<String, Error>> {
        Box::pin(self.ask(&self.other, self.line.link(request)))
    }

    fn release<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<(), Error>> {
        Box::pin(self.ask(&self.other, self.line.release(payee_id)))
    }

    fn balance(&self) -> Answer<'_, Result<Balance, Error>> {
        Box::pin(self.ask(&self.other, self.line.balance()))
    }

    fn echo(&self) -> Answer<'_, Result<(), Error>> {
        Box::pin(self.ask(&self.other, self.line.echo()))
    }
}
