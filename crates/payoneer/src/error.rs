//! The errors of queries, and [`Problem`], Payoneer's own refusal.
//! Requests that can move money have no error: see [`crate::proof::Proof`].

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::envelope::{BadField, Envelope, NotAnEnvelope, Reply};
use crate::exchange::{Fault, excerpt};

/// A refusal in Payoneer's own words: an envelope with another code than 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("Payoneer refused with code {code}: {description}")]
pub struct Problem {
    /// The HTTP status it came with. Decide by the code, not by this.
    pub http_status: u16,
    /// The code.
    pub code: Code,
    /// The code in words, as Payoneer put it.
    pub description: String,
    /// Payoneer's advice, if it gave any.
    pub hint: Option<String>,
    /// Payoneer's number of this request, for its support.
    pub audit_id: Option<i64>,
    /// How many seconds to wait, if the reply said so.
    pub retry_after_seconds: Option<u64>,
}

impl Problem {
    pub(crate) fn new(reply: &Reply, envelope: &Envelope) -> Self {
        Self {
            http_status: reply.http_status,
            code: envelope.code,
            description: envelope.description.clone(),
            hint: envelope.hint.clone(),
            audit_id: envelope.audit_id,
            retry_after_seconds: reply.retry_after_seconds,
        }
    }
}

/// Why a query gave no answer. None of these says anything about money.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Payoneer answered, and refused.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// There is no whole answer.
    #[error("no whole answer came: {fault}")]
    Transport {
        /// What happened, at the last try.
        fault: Fault,
    },
    /// There is an answer, but not one that Payoneer is known to give.
    #[error("an answer with HTTP status {http_status} was not understood: {oddity}")]
    Unexpected {
        /// The HTTP status.
        http_status: u16,
        /// What is odd about it.
        oddity: Oddity,
        /// How many seconds to wait, if the reply said so.
        retry_after_seconds: Option<u64>,
        /// The beginning of the body, at most 4 KiB.
        excerpt: String,
    },
    /// Nothing was asked: limits of the caller's own, put before this client, held the query back.
    #[error("not asked: {reason}")]
    Held {
        /// Why, in words for people.
        reason: String,
        /// How many seconds to wait.
        retry_after_seconds: u64,
    },
}

/// What is odd about an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Oddity {
    /// No envelope.
    #[error("{0}")]
    NoEnvelope(NotAnEnvelope),
    /// 404 with an empty body or an empty object. Payoneer's hosts do that at times; it does not mean "absent".
    #[error("404 without content, which does not mean absent")]
    EmptyNotFound,
    /// An address elsewhere. It is never followed.
    #[error("a redirect")]
    Redirect,
    /// Code 0 with an HTTP status that is no success.
    #[error("success and failure in one")]
    Contradiction,
    /// A field is missing or not of its type.
    #[error("{0}")]
    Field(BadField),
}

impl Error {
    /// Payoneer's code, if it refused.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Transport { .. } | Self::Unexpected { .. } | Self::Held { .. } => None,
        }
    }

    /// How many seconds to wait before the next query, where that is known.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Self::Refused(problem) => problem.retry_after_seconds,
            Self::Unexpected { retry_after_seconds, .. } => *retry_after_seconds,
            Self::Held { retry_after_seconds, .. } => Some(*retry_after_seconds),
            Self::Transport { .. } => None,
        }
    }

    /// The HTTP status, if there was an answer.
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused(problem) => Some(problem.http_status),
            Self::Unexpected { http_status, .. } => Some(*http_status),
            Self::Transport { .. } | Self::Held { .. } => None,
        }
    }

    /// Whether the credentials were refused (HTTP 401, whatever its body: v2's is not public).
    pub fn is_unauthorized(&self) -> bool {
        self.http_status() == Some(401)
    }

    pub(crate) fn unexpected(reply: &Reply, oddity: Oddity) -> Self {
        Self::Unexpected {
            http_status: reply.http_status,
            oddity,
            retry_after_seconds: reply.retry_after_seconds,
            excerpt: excerpt(&reply.body),
        }
    }
}

/// Reads the answer to a query: its envelope if it is a success, else why not.
pub(crate) fn success(reply: &Reply) -> Result<Envelope, Error> {
    let unexpected = |oddity| Err(Error::unexpected(reply, oddity));
    if (300..400).contains(&reply.http_status) {
        return unexpected(Oddity::Redirect);
    }
    if is_empty_not_found(reply) {
        return unexpected(Oddity::EmptyNotFound);
    }
    match Envelope::parse(&reply.body) {
        Err(reason) => unexpected(Oddity::NoEnvelope(reason)),
        Ok(envelope) if envelope.code != Code::Success => Err(Error::Refused(Problem::new(reply, &envelope))),
        Ok(envelope) if (200..300).contains(&reply.http_status) => Ok(envelope),
        Ok(_) => unexpected(Oddity::Contradiction),
    }
}

/// 404 with nothing or `{}`.
pub(crate) fn is_empty_not_found(reply: &Reply) -> bool {
    let content: Vec<u8> = reply.body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(3).collect();
    reply.http_status == 404 && matches!(content.as_slice(), b"" | b"{}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSAL: &str = r#"{"audit_id":1,"code":10005,"description":"Payee was not found","hint":"h"}"#;

    #[test]
    fn the_envelope_decides_on_every_status() {
        for status in [200, 400, 401, 404, 429, 500, 503] {
            let Err(Error::Refused(problem)) = success(&Reply::json(status, REFUSAL)) else { panic!("{status}") };
            assert_eq!((problem.http_status, problem.code, problem.audit_id), (status, Code::PayeeNotFound, Some(1)));
            assert_eq!(problem.hint.as_deref(), Some("h"));
        }
        assert!(success(&Reply::json(302, REFUSAL)).is_err_and(|error| error.code().is_none()));
    }

    #[test]
    fn answers_that_are_not_understood() {
        let oddity = |status, body: &'static str| match success(&Reply::json(status, body)) {
            Err(Error::Unexpected { oddity, http_status, .. }) if http_status == status => oddity,
            other => panic!("{other:?}"),
        };
        for body in ["", "{}", " { } \n"] {
            assert_eq!(oddity(404, body), Oddity::EmptyNotFound);
        }
        assert_eq!(oddity(400, "{}"), Oddity::NoEnvelope(NotAnEnvelope::NoCode));
        assert_eq!(oddity(502, "<html>"), Oddity::NoEnvelope(NotAnEnvelope::NotAnObject));
        assert_eq!(oddity(500, r#"{"code":0,"description":"Success"}"#), Oddity::Contradiction);
        assert_eq!(oddity(307, r#"{"code":0,"description":"Success"}"#), Oddity::Redirect);
        assert!(success(&Reply::json(200, r#"{"code":0,"description":"Success"}"#)).is_ok());
    }

    #[test]
    fn wrong_credentials_are_told_by_the_status() {
        assert!(success(&Reply::json(401, "")).is_err_and(|error| error.is_unauthorized()));
        assert!(success(&Reply::json(401, REFUSAL)).is_err_and(|error| error.is_unauthorized()));
        assert!(success(&Reply::json(403, REFUSAL)).is_err_and(|error| !error.is_unauthorized()));
    }
}
