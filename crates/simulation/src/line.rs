//! The line to Payoneer in the simulation: the gateway's port over the sandbox's world, with everything that a network
//! can do. Bodies are made, answers classified and read by the product's own code.

use crate::plan::{DAY, SECOND};
use crate::plant::{self, Plant};
use crate::stage::{Parcel, Sender, Shared, Stage, sometimes};
use crate::trip;
use domain::attempt::{Attempt, Finding, Kind};
use domain::charge::Charge;
use domain::mandate::Observed;
use domain::payout::Payout;
use domain::{PayeeId, Reference};
use gateway::port::{Answer, Balance, ChargeSeen, LinkRequest, Payoneer, PayoutSeen, Sent, reading};
use payoneer::proof::{Answer as Proven, Call};
use payoneer::{Cause, ChargeReport, Error, Fault, PayeeReport, PayoutReport, Reply};
use store::SendPermit;

/// What every path begins with.
const BASE: &str = "/v2/programs/100012345";
/// How long the real line waits for an answer to a money request.
const PATIENCE: i64 = 30 * SECOND;

/// One node's line.
pub(crate) struct Line {
    pub(crate) stage: Shared,
    pub(crate) name: String,
}

fn html(status: u16) -> Reply {
    Reply { content_type: Some("text/html".to_owned()), ..Reply::json(status, "<html>trouble</html>") }
}

/// So many kinds of answers prove nothing.
pub(crate) const GARBAGE: usize = 9;

/// Answers that prove nothing.
fn garbage(kind: usize) -> Reply {
    match kind {
        0 => html(200),
        1 => html(502),
        2 => Reply::json(503, r#"{"audit_id":1,"code":10301,"description":"Insufficient funds"}"#),
        3 => Reply::json(429, r#"{"audit_id":1,"code":10301,"description":"Insufficient funds"}"#),
        4 => Reply::json(200, r#"{"audit_id":1,"code":0,"descr"#),
        5 => Reply::json(404, "{}"),
        6 => html(302),
        7 => Reply::json(401, "Unauthorized"),
        _ => Reply::json(400, r#"{"audit_id":1,"code":10999,"description":"Nobody knows this code"}"#),
    }
}

/// The ways to notice that something was lost.
pub(crate) const LOST: [Fault; 4] = [Fault::Interrupted, Fault::Deadline, Fault::Truncated, Fault::TooLarge];

fn lost(stage: &mut Stage) -> Fault {
    *stage.dice.pick(&LOST)
}

fn path_of(reference: &str) -> String {
    reference.replace('/', "%2F").replace(' ', "%20").replace('#', "%23").replace('?', "%3F")
}

/// What becomes of a money request.
struct Fate {
    /// When it arrives, from now; never, if it does not act and there is something to tell instead.
    arrives_in: i64,
    /// When its sender hears something, from now.
    heard_in: i64,
    instead: Option<Result<Reply, Fault>>,
    acts: bool,
}

/// A success that is about another request.
const SOMEBODY_ELSES: &str =
    r#"{"audit_id":7,"code":0,"description":"Success","client_reference_id":"somebody-elses"}"#;

/// What becomes of the one request that a sweep fails.
fn fate_of(send: trip::Send, plain: Fate) -> Fate {
    match send {
        trip::Send::NotConnected => plain,
        trip::Send::LostRequest(way) => Fate { instead: Some(Err(LOST[way])), acts: false, ..plain },
        trip::Send::LostReply(way) => Fate { instead: Some(Err(LOST[way])), ..plain },
        trip::Send::Late(seconds) => {
            Fate { arrives_in: seconds * SECOND, instead: Some(Err(Fault::Deadline)), ..plain }
        }
        trip::Send::GarbageBefore(kind) => Fate { instead: Some(Ok(garbage(kind))), acts: false, ..plain },
        trip::Send::GarbageAfter(kind) => Fate { instead: Some(Ok(garbage(kind))), ..plain },
        trip::Send::WrongReply(acts) => Fate { instead: Some(Ok(Reply::json(200, SOMEBODY_ELSES))), acts, ..plain },
    }
}

fn fate(stage: &mut Stage, tripped: Option<trip::Send>) -> Fate {
    let faults = stage.faults;
    let quick = if stage.dice.chance(50) { PATIENCE - SECOND } else { SECOND };
    let arrives_in = stage.dice.between(0, quick / 2);
    let heard_in = arrives_in + stage.dice.between(0, quick / 2);
    let plain = Fate { arrives_in, heard_in, instead: None, acts: true };
    if let Some(send) = tripped {
        fate_of(send, plain)
    } else if stage.dice.chance(faults.lost_request) {
        sometimes!(stage, "a request was lost");
        Fate { instead: Some(Err(lost(stage))), acts: false, ..plain }
    } else if stage.dice.chance(faults.lost_reply) {
        sometimes!(stage, "an answer was lost");
        Fate { instead: Some(Err(lost(stage))), ..plain }
    } else if stage.dice.chance(faults.delayed) {
        sometimes!(stage, "a request was delayed");
        let arrives_in =
            if stage.dice.chance(500) { stage.dice.between(0, 2 * DAY) } else { stage.dice.between(0, 300 * SECOND) };
        let fault = lost(stage);
        Fate { arrives_in, heard_in: heard_in.min(PATIENCE), instead: Some(Err(fault)), acts: true }
    } else if stage.dice.chance(faults.garbage_before) {
        sometimes!(stage, "garbage came instead of doing it");
        Fate { instead: Some(Ok(garbage(stage.dice.below(GARBAGE)))), acts: false, ..plain }
    } else if stage.dice.chance(faults.garbage_after) {
        sometimes!(stage, "garbage came after it was done");
        Fate { instead: Some(Ok(garbage(stage.dice.below(GARBAGE)))), ..plain }
    } else if stage.dice.chance(faults.wrong_reply) {
        sometimes!(stage, "an answer was about another request");
        let acts = stage.dice.chance(500);
        Fate { instead: Some(Ok(Reply::json(200, SOMEBODY_ELSES))), acts, ..plain }
    } else {
        plain
    }
}

impl Line {
    async fn send_now(&self, attempt: &Attempt, permit: SendPermit) -> Sent {
        let sendable = permit.open();
        let expected = reading::expected(attempt);
        let reference = path_of(attempt.reference.as_str());
        let (call, target) = match attempt.kind {
            Kind::Charge => (Call::CreateCharge, format!("{BASE}/charges")),
            Kind::Refund => (Call::CancelCharge, format!("{BASE}/charges/{reference}/cancel")),
            Kind::Payout => (Call::CreatePayout, format!("{BASE}/payouts")),
            Kind::PayoutCancel => (Call::CancelPayout, format!("{BASE}/payouts/{reference}/cancel")),
        };
        self.stage.nap_about(SECOND / 10).await;
        let (tripped, unreachable) = {
            let mut stage = self.stage.lock();
            let not_connected = stage.faults.not_connected;
            (stage.trip_send(), stage.dice.chance(not_connected))
        };
        if unreachable || tripped == Some(trip::Send::NotConnected) {
            self.stage.nap_about(5 * SECOND).await;
            let mut stage = self.stage.lock();
            sometimes!(stage, "there was no connection");
            stage.note(format_args!("{} {} of {}: no connection", self.name, attempt.kind, attempt.subject));
            return reading::sent(Proven::simulated(call, Err(Fault::NotConnected(Cause::ConnectRefused)), &expected));
        }
        let (id, wait) = self.post(attempt, sendable.body(), &target, tripped);
        self.stage.nap(wait.min(PATIENCE)).await;
        let mut stage = self.stage.lock();
        let arrived = stage.replies.remove(&id).unwrap_or(Err(Fault::Deadline));
        let mut sent = reading::sent(Proven::simulated(call, arrived.as_ref().map_err(|fault| *fault), &expected));
        plant::twist(stage.plant, attempt.kind, &arrived, &mut sent);
        match &sent.finding {
            Finding::Unknown(doubt) if doubt.starts_with("duplicate_reference") => {
                sometimes!(stage, "Payoneer knew the reference already");
            }
            Finding::Unknown(_) => sometimes!(stage, "an answer proved nothing"),
            Finding::Declined(..) if attempt.kind == Kind::Charge => sometimes!(stage, "Payoneer refused a charge"),
            Finding::Declined(..) => sometimes!(stage, "Payoneer refused something else than a charge"),
            _ => {}
        }
        let heard = arrived.as_ref().map_or_else(|f| f.name().to_owned(), |r| r.http_status.to_string());
        stage.note(format_args!(
            "{} {} of {}: heard {heard}, {:?}",
            self.name, attempt.kind, attempt.subject, sent.finding
        ));
        plant::send_again(&mut stage, &target, sendable.body(), &sender(attempt), &sent.finding);
        sent
    }

    /// Gives the request to the network: from here on it is on its way, whatever becomes of its sender.
    fn post(&self, attempt: &Attempt, body: &[u8], target: &str, tripped: Option<trip::Send>) -> (u64, i64) {
        let mut stage = self.stage.lock();
        let fate = fate(&mut stage, tripped);
        let id = stage.next_parcel();
        let (wire, twice) = (plant::body(stage.plant, attempt, body), plant::is_sent_twice(stage.plant, attempt.kind));
        stage
            .note(format_args!("{} sends {} of {} as {}", self.name, attempt.kind, attempt.subject, attempt.reference));
        let at = stage.now + fate.arrives_in;
        if let Some(instead) = &fate.instead {
            stage.replies.insert(id, instead.clone());
        }
        let Fate { heard_in, instead, acts, .. } = fate;
        let target = target.to_owned();
        let parcel = Parcel { id, target, body: wire, sender: sender(attempt), instead, acts };
        if twice {
            let id = stage.next_parcel();
            stage.post(at, Parcel { id, ..parcel.clone() });
        }
        stage.post(at, parcel);
        (id, heard_in)
    }

    /// What a gateway with that bug would do: the request leaves as soon as its body is made.
    fn leave_early(&self, bug: Plant, kind: Kind, subject: &str, reference: &Reference, body: &[u8]) {
        let mut stage = self.stage.lock();
        if stage.plant != Some(bug) {
            return;
        }
        let noun = if kind == Kind::Charge { "charges" } else { "payouts" };
        let (subject, reference) = (subject.to_owned(), reference.to_string());
        let sender = Sender { attempt: format!("early {subject}"), subject, kind, reference };
        let (id, target, now) = (stage.next_parcel(), format!("{BASE}/{noun}"), stage.now);
        stage.post(now, Parcel { id, target, body: body.to_vec(), sender, instead: None, acts: true });
    }

    /// A query, which may fail or show what was true a moment ago.
    async fn query(&self, target: String, absent: &'static str) -> Result<Reply, Error> {
        self.stage.nap_about(SECOND / 5).await;
        let answer = {
            let mut stage = self.stage.lock();
            let trouble = stage.faults.query;
            if let Some(query) = stage.trip_query() {
                match query {
                    trip::Query::Lost(way) => Err(LOST[way]),
                    trip::Query::Garbage(kind) => Ok(garbage(kind)),
                    trip::Query::NotFound => Ok(Reply::json(404, absent)),
                }
            } else if stage.dice.chance(trouble) {
                sometimes!(stage, "a query failed or lagged");
                match stage.dice.below(6) {
                    0 => Err(lost(&mut stage)),
                    1 => Ok(html(503)),
                    2 => Ok(Reply::json(404, "{}")),
                    3 => Ok(Reply::json(429, r#"{"audit_id":1,"code":429,"description":"Too many"}"#)),
                    _ => Ok(Reply::json(404, absent)),
                }
            } else {
                Ok(stage.ask("GET", &target, b"").0)
            }
        };
        let slow = if self.stage.lock().dice.chance(100) { 14 * SECOND } else { SECOND };
        self.stage.nap_about(slow).await;
        answer.map_err(|fault| Error::Transport { fault })
    }

    /// A call that changes something but moves no money.
    async fn change(&self, method: &str, target: &str, body: &[u8]) -> Result<Reply, Error> {
        self.stage.nap_about(SECOND / 5).await;
        let answer = {
            let mut stage = self.stage.lock();
            let trouble = stage.faults.query;
            if stage.dice.chance(trouble / 2) {
                Err(lost(&mut stage))
            } else {
                let (reply, _) = stage.ask(method, target, body);
                stage.note(format_args!("{} {method} {target}: {}", self.name, reply.http_status));
                if stage.dice.chance(trouble / 2) { Err(lost(&mut stage)) } else { Ok(reply) }
            }
        };
        self.stage.nap_about(SECOND).await;
        answer.map_err(|fault| Error::Transport { fault })
    }
}

fn sender(attempt: &Attempt) -> Sender {
    Sender {
        attempt: attempt.id.to_string(),
        subject: attempt.subject.clone(),
        kind: attempt.kind,
        reference: attempt.reference.to_string(),
    }
}

const NO_PAYMENT: &str = r#"{"audit_id":1,"code":10311,"description":"Cannot find it"}"#;
const NO_PAYEE: &str = r#"{"audit_id":1,"code":10005,"description":"Payee was not found"}"#;

impl Payoneer for Line {
    fn charge_body(&self, charge: &Charge) -> Result<Vec<u8>, String> {
        let body = reading::charge_body(charge)?;
        self.leave_early(Plant::SendBeforeCommit, Kind::Charge, charge.id.as_str(), &charge.reference, &body);
        Ok(body)
    }

    fn payout_body(&self, payout: &Payout) -> Result<Vec<u8>, String> {
        let body = reading::payout_body(payout)?;
        self.leave_early(Plant::PayoutBeforeCommit, Kind::Payout, payout.id.as_str(), &payout.reference, &body);
        Ok(body)
    }

    fn cancel_body(&self) -> Vec<u8> {
        payoneer::v2::CANCEL_BODY.to_vec()
    }

    fn send<'a>(&'a self, attempt: &'a Attempt, permit: SendPermit) -> Answer<'a, Sent> {
        Box::pin(self.send_now(attempt, permit))
    }

    fn charge<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<ChargeSeen, Error>> {
        Box::pin(async move {
            let target = format!("{BASE}/charges/{}/status", path_of(reference.as_str()));
            let answer = self.query(target, NO_PAYMENT).await;
            let mut seen = reading::charge(reference, answer.and_then(|reply| ChargeReport::from_reply(&reply)));
            let mut stage = self.stage.lock();
            plant::twist_charge(&stage, reference.as_str(), &mut seen);
            let on_its_way = |stage: &Stage| stage.network.values().any(|p| p.sender.reference == reference.as_str());
            match &seen {
                Ok(ChargeSeen::NotFound) if on_its_way(&stage) => {
                    sometimes!(stage, "a query found nothing while the request was on its way");
                }
                Ok(ChargeSeen::NotFound) => sometimes!(stage, "a query found no charge"),
                Ok(ChargeSeen::Other(_)) => sometimes!(stage, "a query found a charge that was not settled"),
                _ => {}
            }
            if seen == Ok(ChargeSeen::Transferred) {
                stage.confirmed.insert(reference.to_string());
            }
            stage.note(format_args!("{} looks at charge {reference}: {seen:?}", self.name));
            seen
        })
    }

    fn payout<'a>(&'a self, reference: &'a Reference) -> Answer<'a, Result<PayoutSeen, Error>> {
        Box::pin(async move {
            let target = format!("{BASE}/payouts/{}", path_of(reference.as_str()));
            let answer = self.query(target, NO_PAYMENT).await;
            let mut seen = reading::payout(answer.and_then(|reply| PayoutReport::from_reply(&reply)));
            plant::twist_payout(self.stage.lock().plant, &mut seen);
            self.stage.lock().note(format_args!("{} looks at payout {reference}: {seen:?}", self.name));
            seen
        })
    }

    fn payee<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<Observed, Error>> {
        Box::pin(async move {
            let answer = self.query(format!("{BASE}/payees/{payee_id}/status"), NO_PAYEE).await;
            let mut seen = reading::payee(answer.and_then(|reply| PayeeReport::from_reply(&reply)));
            plant::twist_payee(self.stage.lock().plant, &mut seen);
            self.stage.lock().note(format_args!("{} looks at payee {payee_id}: {seen:?}", self.name));
            seen
        })
    }

    fn link<'a>(&'a self, request: &'a LinkRequest) -> Answer<'a, Result<String, Error>> {
        Box::pin(async move {
            let session = &request.session;
            let body = format!(r#"{{"payee_id":"{}","client_session_id":"{session}"}}"#, request.payee_id);
            let target = format!("{BASE}/payees/registration-link");
            let reply = self.change("POST", &target, body.as_bytes()).await?;
            payoneer::Link::from_reply(&reply, "registration_link").map(|link| link.url)
        })
    }

    fn release<'a>(&'a self, payee_id: &'a PayeeId) -> Answer<'a, Result<(), Error>> {
        Box::pin(async move {
            let reply = self.change("DELETE", &format!("{BASE}/payees/{payee_id}"), b"").await?;
            // The envelope is the status report's without its word: a refusal reads as one, success lacks the field.
            match PayeeReport::from_reply(&reply) {
                Err(Error::Refused(problem)) => Err(Error::Refused(problem)),
                _ if reply.http_status == 200 => Ok(()),
                Err(error) => Err(error),
                Ok(_) => Ok(()),
            }
        })
    }

    fn balance(&self) -> Answer<'_, Result<Balance, Error>> {
        Box::pin(async move {
            let reply = self.query(format!("{BASE}/balance"), NO_PAYMENT).await?;
            reading::balance(&payoneer::Balance::from_reply(&reply)?)
        })
    }

    fn echo(&self) -> Answer<'_, Result<(), Error>> {
        Box::pin(async move { self.query(format!("{BASE}/echo"), NO_PAYMENT).await.map(|_| ()) })
    }
}
