//! Known bugs, put into the harness on purpose: each must be found, or the oracles do not bite.
//! They twist what the gateway is told, or do what a wrong gateway would do; the product has no switch for them.

use crate::stage::{Parcel, Sender, Stage};
use domain::attempt::{Attempt, Evidence, Failure, Finding, Kind};
use domain::mandate::Observed;
use gateway::port::{ChargeSeen, PayoutSeen, PayoutStage, Sent};
use payoneer::{Fault, Reply};
use sandbox::world::FIRST_PAYEE;

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
    /// The end of a lease puts back what was being sent as if it had never been sent.
    LeaseEndIsNeverSent,
    /// What has long been unknown is called failed.
    UnknownFailsInTime,
    /// Silence about a charge is taken for success.
    SilentChargeIsTaken,
    /// Silence about a refund is taken for success.
    SilentRefundIsDone,
    /// Silence about a payout is taken for success.
    SilentPayoutIsTaken,
    /// A payout that is not found is taken for cancelled.
    PayoutNotFoundIsCancelled,
    /// A payout that is on its way is taken for paid.
    PayoutPendingIsPaid,
    /// A released payee is taken for active.
    ReleasedIsActive,
    /// A charge is put on the network twice.
    ChargeIsSentTwice,
    /// A refund is put on the network twice.
    RefundIsSentTwice,
    /// A payout is put on the network twice.
    PayoutIsSentTwice,
    /// The body names another payee than the one written down.
    WrongPayee,
    /// The reference on the wire is another than the one written down.
    ReferenceIsDrawnAnew,
    /// The payout leaves before its intent is written.
    PayoutBeforeCommit,
    /// Each request under a key makes a charge.
    KeyIsForgotten,
    /// A key is not compared with the body that came with it.
    BodyIsNotCompared,
    /// A reference that differs in case alone is taken for another.
    CaseMakesAnother,
    /// A purpose does not keep a second charge away.
    PurposeIsIgnored,
    /// After a commit without an answer the same is done again, as something new.
    CommitErrorIsSentAgain,
    /// The confirmation of a charge is forgotten.
    ConfirmIsForgotten,
    /// The question about an attempt is forgotten.
    ResolveIsForgotten,
    /// Nobody asks whether a payout was executed.
    PayoutIsNotWatched,
    /// A change's event is forgotten.
    EventIsForgotten,
    /// A change's event comes twice.
    EventComesTwice,
    /// A journal entry is forgotten.
    JournalIsForgotten,
    /// A journal entry comes twice.
    JournalComesTwice,
    /// A journal entry is wrong by a cent.
    JournalIsWrong,
    /// The journal confuses debit and credit.
    JournalIsBackwards,
    /// A late answer overwrites what settled the attempt.
    LateReplyOverFinal,
    /// Beside an undecided attempt there is another.
    SecondLiveAttempt,
    /// A password gets into the log.
    SecretIsLogged,
    /// A merchant waits longer than any bound.
    AnswerIsLate,
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
        Self::LeaseEndIsNeverSent,
        Self::UnknownFailsInTime,
        Self::SilentChargeIsTaken,
        Self::SilentRefundIsDone,
        Self::SilentPayoutIsTaken,
        Self::PayoutNotFoundIsCancelled,
        Self::PayoutPendingIsPaid,
        Self::ReleasedIsActive,
        Self::ChargeIsSentTwice,
        Self::RefundIsSentTwice,
        Self::PayoutIsSentTwice,
        Self::WrongPayee,
        Self::ReferenceIsDrawnAnew,
        Self::PayoutBeforeCommit,
        Self::KeyIsForgotten,
        Self::BodyIsNotCompared,
        Self::CaseMakesAnother,
        Self::PurposeIsIgnored,
        Self::CommitErrorIsSentAgain,
        Self::ConfirmIsForgotten,
        Self::ResolveIsForgotten,
        Self::PayoutIsNotWatched,
        Self::EventIsForgotten,
        Self::EventComesTwice,
        Self::JournalIsForgotten,
        Self::JournalComesTwice,
        Self::JournalIsWrong,
        Self::JournalIsBackwards,
        Self::LateReplyOverFinal,
        Self::SecondLiveAttempt,
        Self::SecretIsLogged,
        Self::AnswerIsLate,
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
        Some(Plant::SilentChargeIsTaken) if kind == Kind::Charge && says(&sent.finding, "") => Some(success()),
        Some(Plant::SilentRefundIsDone) if kind == Kind::Refund && says(&sent.finding, "") => Some(success()),
        Some(Plant::SilentPayoutIsTaken) if kind == Kind::Payout && says(&sent.finding, "") => Some(success()),
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
fn round(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body).into_owned();
    let Some(at) = text.find(r#""amount":""#) else { return text.into_bytes() };
    let Some(end) = text[at + 10..].find('"').map(|end| at + 10 + end) else { return text.into_bytes() };
    format!("{}0{}", &text[..end - 1], &text[end..]).into_bytes()
}

/// What a wrong sender would put on the wire.
pub(crate) fn body(plant: Option<Plant>, attempt: &Attempt, body: &[u8]) -> Vec<u8> {
    let text = || String::from_utf8_lossy(body).into_owned();
    let reference = attempt.reference.as_str();
    match plant {
        Some(Plant::AmountIsRounded) => round(body),
        Some(Plant::ReferenceIsDrawnAnew) => text().replace(reference, &format!("{reference}-new")).into_bytes(),
        Some(Plant::WrongPayee) => text().replace("payee-1", FIRST_PAYEE).into_bytes(),
        _ => body.to_vec(),
    }
}

/// Whether a wrong sender would put it on the wire twice.
pub(crate) fn is_sent_twice(plant: Option<Plant>, kind: Kind) -> bool {
    matches!(
        (plant, kind),
        (Some(Plant::ChargeIsSentTwice), Kind::Charge)
            | (Some(Plant::RefundIsSentTwice), Kind::Refund)
            | (Some(Plant::PayoutIsSentTwice), Kind::Payout)
    )
}

/// What a wrong reader would make of a payout's status.
pub(crate) fn twist_payout(plant: Option<Plant>, seen: &mut Result<PayoutSeen, payoneer::Error>) {
    let found = |stage| PayoutSeen::Found { stage, provider_payout_id: None, payee_id: None, money: None };
    match (plant, &*seen) {
        (Some(Plant::PayoutNotFoundIsCancelled), Ok(PayoutSeen::NotFound)) => *seen = Ok(found(PayoutStage::Cancelled)),
        (Some(Plant::PayoutPendingIsPaid), Ok(PayoutSeen::Found { stage, .. })) if *stage != PayoutStage::Cancelled => {
            *seen = Ok(found(PayoutStage::Paid));
        }
        _ => {}
    }
}

/// What a wrong reader would make of a payee's status.
pub(crate) fn twist_payee(plant: Option<Plant>, seen: &mut Result<Observed, payoneer::Error>) {
    if plant == Some(Plant::ReleasedIsActive) && matches!(seen, Ok(Observed::NotFound)) {
        *seen = Ok(Observed::Active);
    }
}
