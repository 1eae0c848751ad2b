//! Known bugs, put into the harness on purpose: each must be found, or the oracles do not bite.
//! They twist what the gateway is told, or do what a wrong gateway would do; the product has no switch for them.

use crate::stage::{Parcel, Sender, Shared, Stage};
use domain::attempt::{Evidence, Failure, Finding, Kind};
use domain::charge::Command;
use domain::event::Event;
use domain::program::Program;
use domain::{EventId, Time, attempt, job};
use gateway::port::{ChargeSeen, Sent};
use payoneer::{Fault, Reply};
use store::{Batch, Store};

/// A known bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// "Not found" is taken for "was never done".
    NotFoundIsDeclined,
    /// A lost connection is taken for "not sent".
    ResetIsNeverSent,
    /// No answer in time is taken for a refusal.
    DeadlineIsDeclined,
    /// 5xx is taken for a refusal.
    ServerErrorIsDeclined,
    /// 429 is taken for "not processed".
    RateLimitedIsNeverSent,
    /// Any 200 is taken for success.
    AnyOkIsSuccess,
    /// "Reference exists" is taken for success.
    DuplicateIsSuccess,
    /// An answer about another request is taken for ours.
    MismatchIsSuccess,
    /// After silence the charge is sent again under a new reference.
    UnknownIsSentAgain,
    /// After silence the payout is sent again under a new reference.
    PayoutIsSentAgain,
    /// A cancel without an answer is taken for refused.
    LostRefundIsDeclined,
    /// A charge that is still on its way is taken for called off.
    PendingIsCancelled,
    /// What a callback claims is believed.
    CallbackIsBelieved,
    /// The request leaves before the intent is written.
    SendBeforeCommit,
    /// The amount goes through a float with one digit too few.
    AmountIsRounded,
    /// The restart puts back what was being sent as if it had never been sent.
    BackToPlanned,
}

impl Plant {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::NotFoundIsDeclined,
        Self::ResetIsNeverSent,
        Self::DeadlineIsDeclined,
        Self::ServerErrorIsDeclined,
        Self::RateLimitedIsNeverSent,
        Self::AnyOkIsSuccess,
        Self::DuplicateIsSuccess,
        Self::MismatchIsSuccess,
        Self::UnknownIsSentAgain,
        Self::PayoutIsSentAgain,
        Self::LostRefundIsDeclined,
        Self::PendingIsCancelled,
        Self::CallbackIsBelieved,
        Self::SendBeforeCommit,
        Self::AmountIsRounded,
        Self::BackToPlanned,
    ];
}

fn declined() -> Finding {
    Finding::Declined(Evidence::Reply, Failure { code: "planted".to_owned(), ..Failure::default() })
}

fn says(finding: &Finding, word: &str) -> bool {
    matches!(finding, Finding::Unknown(doubt) if doubt.starts_with(word))
}

/// What a wrong classifier would make of the answer.
pub(crate) fn twist(plant: Option<Plant>, kind: Kind, arrived: &Result<Reply, Fault>, sent: &mut Sent) {
    let status = arrived.as_ref().map_or(0, |reply| reply.http_status);
    let success = || Finding::Succeeded(Evidence::Reply);
    let twisted = match plant {
        Some(Plant::ResetIsNeverSent) if matches!(arrived, Err(Fault::Interrupted)) => {
            Some(Finding::NeverSent("planted".to_owned()))
        }
        Some(Plant::DeadlineIsDeclined) if matches!(arrived, Err(Fault::Deadline)) => Some(declined()),
        Some(Plant::ServerErrorIsDeclined) if status >= 500 => Some(declined()),
        Some(Plant::RateLimitedIsNeverSent) if status == 429 => Some(Finding::NeverSent("planted".to_owned())),
        Some(Plant::AnyOkIsSuccess) if status == 200 => Some(success()),
        Some(Plant::DuplicateIsSuccess) if says(&sent.finding, "duplicate_reference") => Some(success()),
        Some(Plant::MismatchIsSuccess) if says(&sent.finding, "mismatch") => Some(success()),
        Some(Plant::LostRefundIsDeclined) if kind == Kind::Refund && says(&sent.finding, "") => Some(declined()),
        _ => None,
    };
    if let Some(finding) = twisted {
        sent.finding = finding;
    }
}

/// What a wrong reader would make of a charge's status.
pub(crate) fn twist_charge(stage: &Stage, reference: &str, seen: &mut Result<ChargeSeen, payoneer::Error>) {
    match stage.plant {
        Some(Plant::NotFoundIsDeclined) if matches!(seen, Ok(ChargeSeen::NotFound)) => {
            *seen = Ok(ChargeSeen::Cancelled);
        }
        Some(Plant::PendingIsCancelled) if matches!(seen, Ok(ChargeSeen::Other(_))) => {
            *seen = Ok(ChargeSeen::Cancelled);
        }
        Some(Plant::CallbackIsBelieved) if stage.believed.contains(&reference.to_lowercase()) => {
            *seen = Ok(ChargeSeen::Transferred);
        }
        _ => {}
    }
}

/// What a wrong sender would do after silence: the same again under another reference.
pub(crate) fn send_again(stage: &mut Stage, target: &str, body: &[u8], sender: &Sender, finding: &Finding) {
    let again = match stage.plant {
        Some(Plant::UnknownIsSentAgain) => sender.kind == Kind::Charge,
        Some(Plant::PayoutIsSentAgain) => sender.kind == Kind::Payout,
        _ => false,
    };
    if !again || !matches!(finding, Finding::Unknown(_)) {
        return;
    }
    let other = format!("{}-again", sender.reference);
    let body = String::from_utf8_lossy(body).replace(&sender.reference, &other).into_bytes();
    let sender = Sender { reference: other, attempt: format!("{}-again", sender.attempt), ..sender.clone() };
    let parcel = Parcel { id: stage.next_parcel(), target: target.to_owned(), body, sender, instead: None, acts: true };
    let now = stage.now;
    stage.post(now, parcel);
}

/// What a wrong body would say: the amount without its last digit.
pub(crate) fn round(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    let Some(at) = text.find(r#""amount":""#) else { return text.into_bytes() };
    let Some(end) = text[at + 10..].find('"').map(|end| at + 10 + end) else { return text.into_bytes() };
    format!("{}0{}", &text[..end - 1], &text[end..]).into_bytes()
}

/// What a wrong restart would do: whatever was being sent counts as never sent.
pub(crate) async fn back_to_planned(store: &Store, program: &Program, stage: &Shared) {
    let filter = store::charges::Filter::default();
    let page = store::cells::Page { before: None, limit: 1_000 };
    let now = Time::from_micros(stage.lock().now);
    for charge in store.read(store::charges::page(&program.id, &filter, &page)).await.unwrap() {
        let attempts = store.read(store::attempts::of_subject(charge.id.as_str())).await.unwrap();
        let Some(before) = attempts.into_iter().find(|a| a.state == attempt::State::Sending) else { continue };
        let finding = Finding::NeverSent("planted".to_owned());
        let after = before.learn(&finding, now).unwrap();
        let decision = charge.decide(&Command::Learn(finding), Some(&after), now).unwrap();
        let number = stage.lock().next_parcel();
        let mut random = [0; 10];
        random[..8].copy_from_slice(&number.to_be_bytes());
        let event = Event {
            id: EventId::new(now, random),
            program: program.id.clone(),
            kind: decision.event.unwrap(),
            subject: charge.id.to_string(),
            data: "{}".to_owned(),
            created_at: now,
        };
        let batch = Batch::new()
            .with(store::attempts::update(&after, &before))
            .with(store::charges::update(&decision.next))
            .with(store::events::insert(&event))
            .with(store::jobs::withdraw(job::Kind::Resolve, after.id.as_str()));
        store.commit(batch).await.unwrap();
    }
}
