//! The client itself: how a request is made and an answer read. The routes are in the files of their nouns.

use crate::Error;
use api::{List, Problem};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;
use url::Url;

/// How long a call may take: longer than a gateway waits for Payoneer.
const PATIENCE: Duration = Duration::from_secs(90);

/// A merchant's hand on one gateway, for one API key. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    authorization: HeaderValue,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// What a request with an `Idempotency-Key` came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made<T> {
    /// The resource as it is now.
    pub resource: T,
    /// Whether it is known what became of the money (HTTP 201 or 200, not 202).
    pub is_definite: bool,
    /// Whether an earlier request with the same key made it.
    pub is_replay: bool,
}

/// The body of a request that has nothing to say.
#[derive(Serialize)]
pub(crate) struct Nothing {}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// How many, 1 to 100; the gateway's default if not given.
    pub limit: Option<u8>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Page {
    pub(crate) fn params(&self) -> Vec<(&'static str, String)> {
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        limit.into_iter().chain(self.cursor.clone().map(|cursor| ("cursor", cursor))).collect()
    }

    /// The same page, of what a person must look at.
    pub(crate) fn parked(&self) -> Vec<(&'static str, String)> {
        let mut params = self.params();
        params.push(("needs_attention", "true".to_owned()));
        params
    }
}

impl Client {
    /// A client of the gateway at this address, such as `http://127.0.0.1:8080`.
    #[expect(clippy::needless_pass_by_value, reason = "the key is handed over, so that no copy need be kept")]
    pub fn new(base_url: &str, api_key: SecretString) -> Result<Self, Error> {
        let argument = |what: String| Error::Argument(what);
        let mut base = Url::parse(base_url).map_err(|e| argument(format!("the gateway's address: {e}")))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(argument("the gateway's address must begin with http:// or https://".to_owned()));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let authorization = HeaderValue::try_from(format!("Bearer {}", api_key.expose_secret()));
        let mut authorization = authorization.map_err(|_| argument("the API key holds odd characters".to_owned()))?;
        authorization.set_sensitive(true);
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { http, base, authorization })
    }

    /// An address below the gateway's own. Each segment is escaped, so that an id can never name another route.
    fn address(&self, segments: &[&str], params: &[(&'static str, String)]) -> Result<Url, Error> {
        let mut url = self.base.clone();
        if let Some(dots) = segments.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
            return Err(Error::Argument(format!("{dots:?} cannot be part of an address")));
        }
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(segments),
            Err(()) => return Err(Error::Argument("the gateway's address cannot have a path".to_owned())),
        };
        if !params.is_empty() {
            url.query_pairs_mut().extend_pairs(params);
        }
        Ok(url)
    }

    fn request(
        &self,
        method: Method,
        segments: &[&str],
        params: &[(&'static str, String)],
    ) -> Result<RequestBuilder, Error> {
        let url = self.address(segments, params)?;
        Ok(self.http.request(method, url).header(AUTHORIZATION, self.authorization.clone()))
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, Error> {
        read(self.request(Method::GET, segments, &[])?.send().await?).await
    }

    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        params: &[(&'static str, String)],
    ) -> Result<List<T>, Error> {
        read(self.request(Method::GET, segments, params)?.send().await?).await
    }

    /// A POST that cannot move money.
    pub(crate) async fn post<T: DeserializeOwned>(&self, segments: &[&str], body: &impl Serialize) -> Result<T, Error> {
        let request = with_json(self.request(Method::POST, segments, &[])?, body)?;
        read(request.send().await?).await
    }

    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let request = with_json(self.request(Method::PATCH, segments, &[])?, body)?;
        read(request.send().await?).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(&self, segments: &[&str]) -> Result<T, Error> {
        read(self.request(Method::DELETE, segments, &[])?.send().await?).await
    }

    /// A POST that can.
    pub(crate) async fn post_once<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        key: &str,
        body: &impl Serialize,
    ) -> Result<Made<T>, Error> {
        let key = HeaderValue::try_from(key)
            .map_err(|_| Error::Argument("the idempotency key holds odd characters".to_owned()))?;
        let request = with_json(self.request(Method::POST, segments, &[])?, body)?;
        let response = request.header("idempotency-key", key).send().await?;
        let is_definite = response.status() != reqwest::StatusCode::ACCEPTED;
        let is_replay = response.headers().contains_key("idempotent-replayed");
        Ok(Made { resource: read(response).await?, is_definite, is_replay })
    }
}

fn with_json(request: RequestBuilder, body: &impl Serialize) -> Result<RequestBuilder, Error> {
    let body = serde_json::to_vec(body).map_err(|e| Error::Argument(e.to_string()))?;
    Ok(request.header(CONTENT_TYPE, "application/json").body(body))
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Error> {
    let status = response.status();
    let body = response.bytes().await?;
    let unexpected = |e: serde_json::Error| Error::Unexpected { status: status.as_u16(), reason: e.to_string() };
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(unexpected);
    }
    let problem: Problem = serde_json::from_slice(&body).map_err(unexpected)?;
    Err(Error::Problem(Box::new(problem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: &str) -> Client {
        Client::new(base, SecretString::from("tg_test_canary")).unwrap()
    }

    #[test]
    fn the_key_is_never_shown() {
        let shown = format!("{:?}", client("http://127.0.0.1:8080"));
        assert!(!shown.contains("canary") && shown.contains("127.0.0.1"), "{shown}");
        let request = client("http://127.0.0.1:8080").request(Method::GET, &["v1"], &[]).unwrap();
        assert!(!format!("{request:?}").contains("canary"));
    }

    #[test]
    fn an_id_cannot_name_another_route() {
        let gateway = client("https://pay.shop.example/gate");
        let address = |id| gateway.address(&["v1", "payees", id], &[]).map(String::from);
        assert_eq!(address("a@b?c\"d").unwrap(), "https://pay.shop.example/gate/v1/payees/a@b%3Fc%22d");
        assert_eq!(address("../charges").unwrap(), "https://pay.shop.example/gate/v1/payees/..%2Fcharges");
        for dots in ["..", ".", ""] {
            assert!(address(dots).is_err(), "{dots:?}");
        }
        let params = [("payee_id", "a&b=c".to_owned())];
        assert_eq!(gateway.address(&["v1"], &params).unwrap().query(), Some("payee_id=a%26b%3Dc"));
    }

    #[test]
    fn what_cannot_be_sent_is_told_at_once() {
        let refused = |base: &str, key: &str| Client::new(base, SecretString::from(key)).is_err();
        assert!(refused("127.0.0.1:8080", "k") && refused("file:///etc", "k") && refused("http://a.example", "k\n"));
    }
}
