//! [`classify`]: what one answer (or the lack of one) proves about a request that can move money. Pure and total.
//! Nothing here sends, waits or retries; and nothing elsewhere in this crate draws such conclusions.
//!
//! The first row that fits decides. Whatever fits none is **unknown**: the effect may or may not have happened, and only a
//! status query (or Payoneer's people) can tell. "Known refusal" means [`Call::refusals`] of that call.
//!
//! | # | What came | Proof |
//! |---|---|---|
//! | 1 | no connection: name resolution, connect refused, failed or timed out, TLS handshake | `NeverSent` |
//! | 2 | any other fault: connection lost (before, while or after writing), deadline, body cut, reply too large | `Unknown(Transport)` |
//! | 3 | HTTP 3xx (never followed) | `Unknown(Redirect)` |
//! | 4 | HTTP 429, even with an envelope | `Unknown(RateLimited)` |
//! | 5 | HTTP 5xx, even with an envelope | `Unknown(ServerError)` |
//! | 6 | any other HTTP status than 200 and 4xx; 408 and 425 too | `Unknown(UnexpectedStatus)` |
//! | 7 | HTTP 401 without a JSON type or a whole envelope | `Unknown(Unauthorized)` |
//! | 8 | a content type that is not JSON, or none | `Unknown(ContentType)` |
//! | 9 | no envelope, or one without `audit_id` | `Unknown(NoEnvelope)` |
//! | 10 | code 10304 or 10704: the reference exists, so an earlier request *did* arrive | `Unknown(DuplicateReference)` |
//! | 11 | code 0 with HTTP 4xx | `Unknown(UnexpectedStatus)` |
//! | 12 | code 0 with HTTP 200; a reference, payee, amount or currency beside it differs from the request's, or a `status` word beside it does not go with success | `Unknown(Mismatch)` |
//! | 13 | code 0 with HTTP 200, otherwise | `Done` |
//! | 14 | a known refusal with HTTP 200 or 4xx | `Declined` |
//! | 15 | any other code with HTTP 401 | `Declined` |
//! | 16 | any other code | `Unknown(UnknownCode)` |
//!
//! Row 13: for v2, code 0 proves that Payoneer *took* the request. Whether the money has moved already is not public; the
//! status query tells. Row 14: Payoneer's errors were recorded with 400 and 404, yet some public clients read them from a 200;
//! the code decides. Row 15: authentication comes before processing, so Payoneer's own "no" to the credentials proves that
//! nothing was processed, whatever its code; the body of v2's 401 is not public, hence row 7 for everything that is not
//! Payoneer's envelope.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::code::Code;
use crate::envelope::{Envelope, NotAnEnvelope, Reply};
use crate::error::Problem;
use crate::exchange::{Cause, Exchange, Fault};

/// The kinds of request that can move money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Call {
    /// `POST charges`
    CreateCharge,
    /// `POST charges/{ref}/cancel`
    CancelCharge,
    /// `POST payouts`
    CreatePayout,
    /// `POST payouts/{ref}/cancel`
    CancelPayout,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::CreateCharge, Self::CancelCharge, Self::CreatePayout, Self::CancelPayout];

    /// The codes that are known to refuse this call with no effect. See [`Code`] for how certain each is.
    pub const fn refusals(self) -> &'static [Code] {
        match self {
            Self::CreateCharge => &[
                Code::PayeeNotFound,
                Code::PayeeInactive,
                Code::InsufficientBalance,
                Code::CurrencyInvalid,
                Code::AmountRefused,
                Code::PayeeNotAuthorized,
            ],
            Self::CancelCharge => &[
                Code::PayeeNotFound,
                Code::PayeeInactive,
                Code::InsufficientBalance,
                Code::PayoutNotFound,
                Code::PayeeNotAuthorized,
            ],
            Self::CreatePayout => &[
                Code::PayeeNotFound,
                Code::PayeeInactive,
                Code::PayoutMethodInvalid,
                Code::InsufficientBalance,
                Code::CurrencyInvalid,
                Code::CurrencyUnavailable,
                Code::AmountRefused,
            ],
            Self::CancelPayout => &[Code::PayeeNotFound, Code::PayeeInactive, Code::PayoutNotFound],
        }
    }

    /// The `status` words that may stand beside code 0. Public sources show none there; a surprising one is a doubt.
    const fn success_words(self) -> &'static [&'static str] {
        match self {
            Self::CreateCharge => &["transferred", "done", "pending"],
            Self::CreatePayout => &["pending", "funded", "transferred"],
            Self::CancelCharge | Self::CancelPayout => &["cancelled", "canceled", "refunded"],
        }
    }
}

/// What the request said, to be compared with what the answer says. An answer need not repeat any of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// `client_reference_id`
    pub reference: String,
    /// `payee_id`
    pub payee_id: Option<String>,
    /// `amount`
    pub amount: Option<Amount>,
    /// `currency`
    pub currency: Option<String>,
}

impl Expected {
    /// Only the reference is known.
    pub fn reference(reference: impl Into<String>) -> Self {
        Self { reference: reference.into(), payee_id: None, amount: None, currency: None }
    }

    /// The first field that an envelope repeats differently.
    pub fn contradiction(&self, envelope: &Envelope) -> Option<&'static str> {
        let differs = |name: &'static str, expected: Option<&str>| match (envelope.raw(name), expected) {
            (Some(_), Some(expected)) if envelope.text(name).as_deref() != Some(expected) => Some(name),
            _ => None,
        };
        let amount = || match (envelope.amount("amount"), self.amount) {
            (Err(_), Some(_)) => Some("amount"),
            (Ok(Some(amount)), Some(expected)) if amount != expected => Some("amount"),
            _ => None,
        };
        differs("client_reference_id", Some(&self.reference))
            .or_else(|| differs("payee_id", self.payee_id.as_deref()))
            .or_else(amount)
            .or_else(|| differs("currency", self.currency.as_deref()))
    }
}

/// What an answer proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof<T = Receipt> {
    /// Payoneer took the request.
    Done(T),
    /// Payoneer refused it; it certainly has no effect.
    Declined(Problem),
    /// Not one byte was sent; it certainly has no effect.
    NeverSent(Cause),
    /// It may or may not have an effect. Never send another reference for it; query.
    Unknown(Doubt),
}

impl<T> Proof<T> {
    /// The same proof of another thing done.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Proof<U> {
        match self {
            Self::Done(done) => Proof::Done(convert(done)),
            Self::Declined(problem) => Proof::Declined(problem),
            Self::NeverSent(cause) => Proof::NeverSent(cause),
            Self::Unknown(doubt) => Proof::Unknown(doubt),
        }
    }
}

/// Payoneer's word that it took a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Receipt {
    /// Payoneer's number of the request.
    pub audit_id: i64,
    /// Payoneer's number of the payout, where it gave one. For charges none is public.
    pub payout_id: Option<String>,
    /// A `status` word beside the envelope, as sent. For charges none is public.
    pub status: Option<String>,
}

/// Why nothing is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// There is no whole reply.
    Transport(Fault),
    /// A redirect. Payoneer is not known to send any: look at the base URL and at what stands between.
    Redirect,
    /// HTTP 429; whether it is told before or after processing is not public.
    RateLimited,
    /// HTTP 5xx.
    ServerError,
    /// An HTTP status that Payoneer is not known to use, or one that contradicts the code.
    UnexpectedStatus,
    /// HTTP 401 that is not in Payoneer's form.
    Unauthorized,
    /// The body does not claim to be JSON.
    ContentType,
    /// The body is not Payoneer's envelope. `None`: it is one but for the missing `audit_id`.
    NoEnvelope(Option<NotAnEnvelope>),
    /// The reference was used before: an earlier request arrived. Query it and compare amount and payee.
    DuplicateReference(Problem),
    /// A refusal with a code that is not known to refuse this call.
    UnknownCode(Problem),
    /// A success that is not about this request; names the field that differs. Tell a human.
    Mismatch(&'static str),
}

impl Doubt {
    /// Its name in `snake_case`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Transport(fault) => fault.name(),
            Self::Redirect => "redirect",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::UnexpectedStatus => "unexpected_status",
            Self::Unauthorized => "unauthorized",
            Self::ContentType => "content_type",
            Self::NoEnvelope(_) => "no_envelope",
            Self::DuplicateReference(_) => "duplicate_reference",
            Self::UnknownCode(_) => "unknown_code",
            Self::Mismatch(_) => "mismatch",
        }
    }

    /// What Payoneer said, if it spoke.
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::DuplicateReference(problem) | Self::UnknownCode(problem) => Some(problem),
            _ => None,
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(fault) => fault.fmt(f),
            Self::Redirect => f.write_str("the reply is a redirect"),
            Self::RateLimited => f.write_str("the reply is 429"),
            Self::ServerError => f.write_str("the reply is a server error"),
            Self::UnexpectedStatus => {
                f.write_str("the reply's HTTP status is not one that Payoneer is known to use so")
            }
            Self::Unauthorized => f.write_str("the reply is 401, but not in Payoneer's form"),
            Self::ContentType => f.write_str("the reply does not claim to be JSON"),
            Self::NoEnvelope(Some(reason)) => write!(f, "the reply is not Payoneer's envelope: {reason}"),
            Self::NoEnvelope(None) => f.write_str("the reply is not Payoneer's envelope: no audit_id"),
            Self::DuplicateReference(problem) => write!(f, "the reference exists already: {problem}"),
            Self::UnknownCode(problem) => write!(f, "the code is not known to refuse this call: {problem}"),
            Self::Mismatch(field) => write!(f, "the reply's {field} does not match the request"),
        }
    }
}

/// The proof and the record that it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<T = Receipt> {
    /// What is proven.
    pub proof: Proof<T>,
    /// What came back.
    pub exchange: Exchange,
}

impl Answer {
    /// Classifies what came back.
    pub fn new(call: Call, arrived: Result<&Reply, Fault>, expected: &Expected, exchange: Exchange) -> Self {
        Self { proof: classify(call, arrived, expected), exchange }
    }

    /// Classifies without a connection, keeping the plain record; for simulations.
    pub fn simulated(call: Call, arrived: Result<&Reply, Fault>, expected: &Expected) -> Self {
        let exchange = arrived.map_or_else(Exchange::of_fault, Exchange::of_reply);
        Self::new(call, arrived, expected, exchange)
    }
}

/// What an answer proves; see the table above.
pub fn classify(call: Call, arrived: Result<&Reply, Fault>, expected: &Expected) -> Proof {
    let reply = match arrived {
        Ok(reply) => reply,
        Err(Fault::NotConnected(cause)) => return Proof::NeverSent(cause),
        Err(fault) => return Proof::Unknown(Doubt::Transport(fault)),
    };
    match reply.http_status {
        300..=399 => return Proof::Unknown(Doubt::Redirect),
        429 => return Proof::Unknown(Doubt::RateLimited),
        500..=599 => return Proof::Unknown(Doubt::ServerError),
        408 | 425 => return Proof::Unknown(Doubt::UnexpectedStatus),
        200 | 400..=499 => {}
        _ => return Proof::Unknown(Doubt::UnexpectedStatus),
    }
    match whole_envelope(reply) {
        Ok((envelope, audit_id)) => judge(call, reply, &envelope, audit_id, expected),
        Err(_) if reply.http_status == 401 => Proof::Unknown(Doubt::Unauthorized),
        Err(doubt) => Proof::Unknown(doubt),
    }
}

/// Rows 8 and 9.
fn whole_envelope(reply: &Reply) -> Result<(Envelope, i64), Doubt> {
    if !reply.content_type.as_deref().is_some_and(is_json) {
        return Err(Doubt::ContentType);
    }
    let envelope = Envelope::parse(&reply.body).map_err(|reason| Doubt::NoEnvelope(Some(reason)))?;
    let audit_id = envelope.audit_id.ok_or(Doubt::NoEnvelope(None))?;
    Ok((envelope, audit_id))
}

/// Rows 10 to 16; the HTTP status is 200 or 4xx here.
fn judge(call: Call, reply: &Reply, envelope: &Envelope, audit_id: i64, expected: &Expected) -> Proof {
    let problem = || Problem::new(reply, envelope);
    match (envelope.code, reply.http_status) {
        (code, _) if code.is_duplicate_reference() => Proof::Unknown(Doubt::DuplicateReference(problem())),
        (Code::Success, 200) => match contradiction(call, envelope, expected) {
            Some(field) => Proof::Unknown(Doubt::Mismatch(field)),
            None => Proof::Done(Receipt {
                audit_id,
                payout_id: envelope.text("payout_id"),
                status: envelope.text("status"),
            }),
        },
        (Code::Success, _) => Proof::Unknown(Doubt::UnexpectedStatus),
        (code, _) if call.refusals().contains(&code) => Proof::Declined(problem()),
        (_, 401) => Proof::Declined(problem()),
        _ => Proof::Unknown(Doubt::UnknownCode(problem())),
    }
}

/// Row 12.
fn contradiction(call: Call, envelope: &Envelope, expected: &Expected) -> Option<&'static str> {
    let status_fits = envelope.raw("status").is_none()
        || envelope
            .text("status")
            .is_some_and(|word| call.success_words().iter().any(|known| known.eq_ignore_ascii_case(word.trim())));
    expected.contradiction(envelope).or(if status_fits { None } else { Some("status") })
}

/// `application/json`, `text/json` or `application/...+json`, with or without parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(essence.as_str(), "application/json" | "text/json")
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
