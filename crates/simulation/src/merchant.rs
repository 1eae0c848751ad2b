//! What merchants, payees and strangers do: each act is a future that a node runs, and that dies with its node.
//! What they are told is written down, because the answers are promises too.

use crate::plan::{Act, Order, Plan, SECOND};
use crate::plant::Plant;
use crate::stage::{Said, Shared, Told, sometimes};
use domain::program::Program;
use domain::words::Purpose;
use domain::{Currency, Description, IdempotencyKey, Money, PayeeId, Reference};
use gateway::engine::{
    Arrival, ChargeFilter, ChargeView, Engine, Error, Made, NewAuthorization, NewCharge, NewPayout, NewRefund, Page,
    Received,
};
use gateway::port::Contact;
use payoneer::callback::Event;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use store::Fault;

/// How often a merchant repeats a request that got no final answer.
const TRIES: usize = 3;

/// The longest that an answer may take, with a slow database and a slow Payoneer.
const ANSWER_MAX: i64 = 120 * SECOND;

/// A merchant at one node.
pub(crate) struct Merchant {
    pub(crate) engine: Arc<Engine>,
    pub(crate) program: Program,
    pub(crate) stage: Shared,
    pub(crate) plan: Arc<Plan>,
    pub(crate) node: String,
}

/// The n-th payee. The first is the sandbox's own.
pub(crate) fn payee(index: usize) -> String {
    if index == 0 { sandbox::world::FIRST_PAYEE.to_owned() } else { format!("payee-{index}") }
}

fn payee_id(index: usize) -> PayeeId {
    PayeeId::parse(&payee(index)).unwrap()
}

pub(crate) fn charge_key(order: &Order) -> String {
    format!("charge-{}", order.number)
}

pub(crate) fn payout_key(order: &Order) -> String {
    format!("payout-{}", order.number)
}

fn money(cents: i64) -> Money {
    Money::from_minor(cents, Currency::parse("USD").unwrap())
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

fn fingerprint(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

fn new_charge(order: &Order, more_cents: i64) -> NewCharge {
    let cents = order.cents + more_cents;
    NewCharge {
        payee_id: payee_id(order.payee),
        money: money(cents),
        description: Description::parse("Simulated").unwrap(),
        client_reference_id: order.reference.as_deref().map(|text| Reference::parse(text).unwrap()),
        purpose: order.purpose.as_deref().map(|text| Purpose::parse(text).unwrap()),
        metadata: None,
        key: key(&charge_key(order)),
        fingerprint: fingerprint(&format!("{cents} {:?}", order.reference)),
    }
}

fn new_payout(order: &Order) -> NewPayout {
    NewPayout {
        payee_id: payee_id(order.payee),
        money: money(order.cents),
        description: Description::parse("Simulated").unwrap(),
        client_reference_id: order.reference.as_deref().map(|text| Reference::parse(text).unwrap()),
        key: key(&payout_key(order)),
        fingerprint: fingerprint("payout"),
    }
}

/// What an error promises.
fn promise(error: &Error) -> Said {
    match error {
        Error::Store(Fault::Unknown(_)) => Said::Unknown,
        Error::KeyInUse { .. } | Error::KeyReused | Error::ReferenceTaken { .. } | Error::PurposeBusy { .. } => {
            Said::Conflict
        }
        Error::RefundExists { .. } => Said::Conflict,
        Error::Unreachable { id, .. } => Said::Is(id.clone()),
        other => Said::NotDone(other.to_string()),
    }
}

fn is_worth_repeating(error: &Error) -> bool {
    matches!(
        error,
        Error::Store(_)
            | Error::KeyInUse { .. }
            | Error::Unreachable { .. }
            | Error::TurnedAway(_)
            | Error::Payoneer(_)
    )
}

impl Merchant {
    /// Does one act.
    pub(crate) async fn act(self, act: Act) {
        match act {
            Act::Charge { order, more_cents } => {
                let new = new_charge(&self.plan.charges[order], more_cents);
                self.charge(new).await;
            }
            Act::ChargeAgainUnderOtherKey { order } => {
                let mut new = new_charge(&self.plan.charges[order], 0);
                new.key = key(&format!("other-{order}"));
                let other = new.client_reference_id.as_ref().map(|r| r.as_str().to_uppercase());
                new.client_reference_id = other.map(|text| Reference::parse(&text).unwrap());
                self.charge(new).await;
            }
            Act::Refund { order, key } => self.refund(order, key).await,
            Act::CancelCharge { order } => {
                if let Some(id) = self.find(order).await {
                    let done = self.engine.cancel_charge(&self.program, &id).await;
                    self.note(format_args!("cancel {id}: {:?}", done.map(|view| view.charge.state)));
                }
            }
            Act::Read { order } => {
                if let Some(id) = self.find(order).await {
                    let name = charge_key(&self.plan.charges[order]);
                    let slot = self.open_diary(&name, None);
                    self.write_diary(slot, Said::Is(id.to_string()));
                }
            }
            Act::Payout { order } => self.payout(order).await,
            Act::CancelPayout { order } => self.cancel_payout(order).await,
            Act::Authorize { payee, consents_in } => self.authorize(payee, consents_in).await,
            Act::Revoke { payee } => {
                let done = self.engine.revoke_payee(&self.program, &payee_id(payee)).await;
                self.note(format_args!("revoke payee {payee}: {:?}", done.map(|m| m.state)));
            }
            Act::Refresh { payee } => {
                let done = self.engine.refresh_payee(&self.program, &payee_id(payee)).await;
                self.note(format_args!("refresh payee {payee}: {:?}", done.map(|m| m.state)));
            }
            Act::Forge { order, event } => self.forge(order, event).await,
            Act::Block { .. } | Act::Fund { .. } | Act::FailPayout { .. } | Act::Foreign { .. } => {}
        }
    }

    fn note(&self, what: impl std::fmt::Display) {
        self.stage.lock().note(format_args!("{} {what}", self.node));
    }

    /// Puts a slot for an answer into the diary, before anything is asked.
    fn open_diary(&self, key: &str, charge: Option<&NewCharge>) -> usize {
        let mut stage = self.stage.lock();
        stage.told.push(Told {
            key: key.to_owned(),
            cents: charge.map(|new| new.money.minor()),
            reference: charge.and_then(|new| Some(new.client_reference_id.as_ref()?.as_str().to_lowercase())),
            purpose: charge.and_then(|new| Some(new.purpose.as_ref()?.to_string())),
            said: Said::Nothing,
        });
        stage.told.len() - 1
    }

    fn write_diary(&self, slot: usize, said: Said) {
        let mut stage = self.stage.lock();
        if said == Said::Unknown {
            sometimes!(stage, "a merchant was told that it is not known");
        }
        stage.told[slot].said = said;
    }

    async fn charge(&self, new: NewCharge) {
        let mut asked = self.misread(new.clone());
        for _ in 0..TRIES {
            let slot = self.open_diary(new.key.as_str(), Some(&new));
            let asked_at = self.stage.lock().now;
            self.note(format_args!("asked to charge {} under {}", new.money.amount(), new.key));
            let answer = self.engine.create_charge(&self.program, asked.clone()).await;
            let said = answer.as_ref().map_or_else(promise, |made| Said::Is(made.resource.charge.id.to_string()));
            self.write_diary(slot, self.misspeak(said, &mut asked));
            self.meet(&answer);
            self.has_waited(asked_at).await;
            let shown = answer.as_ref().map(|made| (made.resource.charge.status(), made.replayed));
            self.note(format_args!("answers {}: {shown:?}", new.key));
            if !answer.is_err_and(|error| is_worth_repeating(&error)) {
                return;
            }
            self.stage.nap_about(90 * SECOND).await;
        }
    }

    /// What a gateway with a planted bug would make of a request.
    fn misread(&self, mut new: NewCharge) -> NewCharge {
        let stage = self.stage.lock();
        let number = stage.told.len();
        match stage.plant {
            Some(Plant::KeyIsForgotten) => new.key = key(&format!("{}-{number}", new.key)),
            Some(Plant::BodyIsNotCompared) => new.fingerprint = fingerprint("any"),
            Some(Plant::PurposeIsIgnored) => new.purpose = None,
            Some(Plant::CaseMakesAnother) => {
                let shouted = new.client_reference_id.as_ref().filter(|r| r.as_str().starts_with("ORDER"));
                if let Some(other) = shouted.map(|r| format!("{r}-2")) {
                    new.client_reference_id = Some(Reference::parse(&other).unwrap());
                }
            }
            Some(Plant::SecretIsLogged) => tracing::debug!(password = crate::scene::PASSWORD, "planted"),
            _ => {}
        }
        new
    }

    /// What a gateway with a planted bug would answer, and do next.
    fn misspeak(&self, said: Said, asked: &mut NewCharge) -> Said {
        let plant = self.stage.lock().plant;
        match (plant, said) {
            (Some(Plant::CommitErrorIsSentAgain), Said::Unknown) => {
                asked.key = key(&format!("{}-again", asked.key));
                Said::Unknown
            }
            (_, said) => said,
        }
    }

    /// O10: a merchant is answered within a bound, unless the whole node stood still.
    async fn has_waited(&self, since: i64) {
        if self.stage.lock().plant == Some(Plant::AnswerIsLate) {
            self.stage.nap(ANSWER_MAX + SECOND).await;
        }
        let mut stage = self.stage.lock();
        let waited = stage.now - since;
        if waited > ANSWER_MAX && self.plan.faults.pause == 0 {
            stage.break_promise("O10", &format!("a merchant waited {waited} us for an answer"));
        }
    }

    fn meet(&self, answer: &Result<Made<ChargeView>, Error>) {
        let situation = match answer {
            Ok(made) if made.replayed => "a charge was answered from memory",
            Ok(_) => "a charge was made",
            Err(Error::KeyInUse { .. }) => "a key was in use",
            Err(Error::KeyReused) => "a key came with another body",
            Err(Error::ReferenceTaken { .. }) => "a reference was taken",
            Err(Error::PurposeBusy { .. }) => "a purpose was busy",
            Err(Error::PayeeNotAuthorized { .. }) => "a payee had not authorised",
            Err(Error::Unreachable { .. }) => "a merchant was told that nothing was sent",
            Err(_) => "a charge was answered with another error",
        };
        sometimes!(self.stage.lock(), situation);
    }

    async fn find(&self, order: usize) -> Option<domain::ChargeId> {
        let filter = ChargeFilter {
            idempotency_key: Some(key(&charge_key(&self.plan.charges[order]))),
            ..ChargeFilter::default()
        };
        let page = Page { before: None, limit: 2 };
        let found = self.engine.charges(&self.program, &filter, &page).await.ok()?;
        found.into_iter().next().map(|charge| charge.id)
    }

    async fn refund(&self, order: usize, number: usize) {
        let Some(charge) = self.find(order).await else { return };
        let name = format!("refund-{order}-{number}");
        for _ in 0..TRIES {
            let slot = self.open_diary(&name, None);
            let new = NewRefund { charge: charge.clone(), key: key(&name), fingerprint: fingerprint("refund") };
            self.note(format_args!("asked to refund {charge} under {name}"));
            let answer = self.engine.create_refund(&self.program, new).await;
            let said = answer.as_ref().map_or_else(promise, |made| Said::Is(made.resource.id.to_string()));
            self.write_diary(slot, said);
            self.note(format_args!("answers {name}: {:?}", answer.as_ref().map(|made| made.resource.status())));
            if !answer.is_err_and(|error| is_worth_repeating(&error)) {
                return;
            }
            self.stage.nap_about(90 * SECOND).await;
        }
    }

    async fn payout(&self, order: usize) {
        let new = new_payout(&self.plan.payouts[order]);
        for _ in 0..TRIES {
            let slot = self.open_diary(new.key.as_str(), None);
            self.note(format_args!("asked to pay {} under {}", new.money.amount(), new.key));
            let answer = self.engine.create_payout(&self.program, new.clone()).await;
            let said = answer.as_ref().map_or_else(promise, |made| Said::Is(made.resource.id.to_string()));
            self.write_diary(slot, said);
            self.note(format_args!("answers {}: {:?}", new.key, answer.as_ref().map(|made| made.resource.status())));
            if !answer.is_err_and(|error| is_worth_repeating(&error)) {
                return;
            }
            self.stage.nap_about(90 * SECOND).await;
        }
    }

    async fn cancel_payout(&self, order: usize) {
        let page = Page { before: None, limit: 100 };
        let Ok(payouts) = self.engine.payouts(&self.program, &page).await else { return };
        let wanted = payout_key(&self.plan.payouts[order]);
        let Some(payout) = payouts.into_iter().find(|p| p.idempotency_key.as_str() == wanted) else { return };
        let done = self.engine.cancel_payout(&self.program, &payout.id).await;
        self.note(format_args!("cancel {}: {:?}", payout.id, done.map(|p| p.status())));
    }

    async fn authorize(&self, payee: usize, consents_in: Option<i64>) {
        let new = NewAuthorization {
            payee_id: payee_id(payee),
            return_url: Some("https://shop.example/back".to_owned()),
            language: None,
            existing_account: false,
            contact: Contact::default(),
        };
        let made = self.engine.authorize(&self.program, new).await;
        self.note(format_args!("authorize payee {payee}: {:?}", made.as_ref().map(|session| session.state)));
        if let Err(Error::Store(Fault::Duplicate(what) | Fault::Refused(what))) = &made {
            self.stage.lock().break_promise("answers", &format!("a session that is there was called an error: {what}"));
        }
        let (Ok(session), Some(delay)) = (made, consents_in) else { return };
        self.stage.nap(delay).await;
        let mut stage = self.stage.lock();
        let Some(token) = session.url.split("token=").nth(1).map(str::to_owned) else { return };
        let account = stage.world.account_by_email(&email(payee)).map(|account| account.id.clone()).unwrap();
        let done = stage.world.complete_link(&token, &account, None).map(|done| done.payee_status);
        stage.note(format_args!("payee {payee} consents: {done:?}"));
        sometimes!(stage, "a payee consented");
    }

    /// A stranger who has learnt the address claims something.
    async fn forge(&self, order: usize, event: usize) {
        let wanted = &self.plan.charges[order];
        let events: Vec<Event> = Event::all().collect();
        let reference = match &wanted.reference {
            Some(reference) => reference.clone(),
            None => match self.find(order).await {
                Some(id) => match self.engine.charge(&self.program, &id).await {
                    Ok(view) => view.charge.reference.to_string(),
                    Err(_) => return,
                },
                None => "nobody".to_owned(),
            },
        };
        let claim = events[event % events.len()].example_query();
        let claim = if event.is_multiple_of(2) { Event::ChargeReported.example_query() } else { claim };
        let mut claim = claim.replace("{{apuid}}", &payee(wanted.payee)).replace("{{IntPaymentId}}", &reference);
        claim.push_str("&code=0&status=Transferred");
        self.note(format_args!("a stranger claims {claim}"));
        sometimes!(self.stage.lock(), "a callback was forged");
        self.receive(None, &claim, b"").await;
    }

    /// A callback at the door; whether it was acknowledged.
    pub(crate) async fn receive(&self, event: Option<&str>, query: &str, body: &[u8]) -> bool {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let arrival = Arrival { method, event, query, body };
        let (program, token) = (self.program.id.as_str(), &self.program.callback_token);
        let received = self.engine.receive_callback(program, token, arrival).await;
        if self.stage.lock().plant == Some(Plant::CallbackIsBelieved) {
            let reference = payoneer::callback::ipcn::read_query(query).client_reference_id;
            self.stage.lock().believed.extend(reference.map(|text| text.to_lowercase()));
        }
        matches!(received, Ok(Received::Stored))
    }
}

/// The account that a payee logs in with.
pub(crate) fn email(index: usize) -> String {
    if index == 0 { sandbox::world::FIRST_EMAIL.to_owned() } else { format!("payee{index}@sandbox.example") }
}
