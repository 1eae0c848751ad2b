//! Reading bodies and queries of the control API, and paging its lists.
//! Strict: unknown fields are refused by the types that are read.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::problem::Problem;
use crate::world::{Amount, Currency};

/// A JSON body; an empty one counts as `{}`.
pub(super) struct Input<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|e| broken(&e))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::malformed("the body is not UTF-8"))?;
        let text = if text.trim().is_empty() { "{}" } else { text };
        serde_json::from_str(text).map(Self).map_err(|e| match e.classify() {
            serde_json::error::Category::Data => Problem::invalid(named(&e.to_string()), e.to_string()),
            _ => Problem::malformed(format!("the body is not JSON: {e}")),
        })
    }
}

fn broken(rejection: &BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        _ => Problem::malformed(rejection.body_text()),
    }
}

/// The field that the reader's words name, such as ``missing field `amount` ``.
fn named(words: &str) -> Option<&str> {
    let (_, rest) = words.split_once("field `")?;
    rest.split_once('`').map(|(field, _)| field)
}

/// A query.
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(params)| Self(params)).map_err(|e| {
            let words = e.body_text();
            Problem::invalid(named(&words), words.clone())
        })
    }
}

/// How much of a list is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<usize>,
    after: Option<String>,
    pub(super) payee_id: Option<String>,
}

/// A part of a list.
#[derive(Debug, Serialize)]
pub(super) struct List<T> {
    data: Vec<T>,
    /// What to give as `after` to go on; nothing at the end.
    next: Option<String>,
}

impl Page {
    /// The first rows whose key comes after the wanted one, 100 when nothing is said and 1000 at most.
    pub(super) fn of<T, K: Ord + ToString>(
        &self,
        rows: impl Iterator<Item = T>,
        key: impl Fn(&T) -> K,
        parse: impl Fn(&str) -> Option<K>,
    ) -> Result<List<T>, Problem> {
        let after = match self.after.as_deref().map(parse) {
            Some(None) => return Err(Problem::invalid(Some("after"), "after is not what a list gave as next")),
            Some(Some(after)) => Some(after),
            None => None,
        };
        let limit = self.limit.unwrap_or(100);
        if !(1..=1_000).contains(&limit) {
            return Err(Problem::invalid(Some("limit"), "limit must be 1 to 1000"));
        }
        let mut data: Vec<T> =
            rows.filter(|row| after.as_ref().is_none_or(|after| key(row) > *after)).take(limit + 1).collect();
        let more = data.len() > limit;
        data.truncate(limit);
        let next = data.last().filter(|_| more).map(|row| key(row).to_string());
        Ok(List { data, next })
    }

    /// Whether a row of this payee is wanted.
    pub(super) fn wants(&self, payee_id: &str) -> bool {
        self.payee_id.as_ref().is_none_or(|wanted| wanted == payee_id)
    }
}

/// An amount and its currency, USD when nothing is said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Money {
    pub(super) amount: Amount,
    #[serde(default = "dollars")]
    pub(super) currency: Currency,
}

fn dollars() -> Currency {
    Currency::USD
}

/// Nothing at all: the body of calls that take none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<T> List<T> {
    /// The same list of something made of each row.
    pub(super) fn map<U>(self, make: impl FnMut(T) -> U) -> List<U> {
        List { data: self.data.into_iter().map(make).collect(), next: self.next }
    }
}
