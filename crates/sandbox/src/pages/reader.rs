//! Who reads a page of the back office or the start page: the language, kept in a cookie, and the address asked for.
//! Also posted forms, read tolerantly. Nothing is judged here.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use url::form_urlencoded;

use super::lang::Lang;

const COOKIE: &str = "sandbox_lang";
/// Most fields of a form or an address that are looked at.
const MOST_FIELDS: usize = 200;

/// The reader of one page.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    /// The language to answer in.
    pub(super) lang: Lang,
    path: String,
    query: Vec<(String, String)>,
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let lang = wished(&query).or_else(|| kept(&parts.headers)).or_else(|| accepted(&parts.headers));
        // A form is answered at the same path by GET, so its links may lead there.
        Ok(Self { lang: lang.unwrap_or(Lang::En), path: parts.uri.path().to_owned(), query })
    }
}

impl Reader {
    /// A parameter of the address, empty if it is not there.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// This page's address with one parameter changed and passing notices left out.
    pub(super) fn address_with(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, old) in self.query.iter().filter(|(key, _)| matches!(key.as_str(), "q" | "page") && key != name) {
            query.append_pair(key, old);
        }
        query.append_pair(name, value);
        format!("{}?{}", self.path, query.finish())
    }
}

/// Keeps a language that was asked for by `?lang=` for later pages.
pub(super) async fn remember(request: Request, next: Next) -> Response {
    let wish = match *request.method() {
        Method::GET => wished(&pairs(request.uri().query().unwrap_or_default().as_bytes())),
        _ => None,
    };
    let mut response = next.run(request).await;
    if let Some(lang) = wish {
        let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", lang.tag());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

fn wished(query: &[(String, String)]) -> Option<Lang> {
    query.iter().find(|(key, _)| key == "lang").and_then(|(_, value)| Lang::from_tag(value))
}

fn kept(headers: &HeaderMap) -> Option<Lang> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    cookies.find(|(name, _)| *name == COOKIE).and_then(|(_, value)| Lang::from_tag(value))
}

fn accepted(headers: &HeaderMap) -> Option<Lang> {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(Lang::from_accept_language)
}

/// A posted form.
#[derive(Debug)]
pub(super) struct Posted(Vec<(String, String)>);

impl Posted {
    /// Reads a form's bytes.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(pairs(body))
    }

    /// A field without white space around it, empty if it was not sent.
    pub(super) fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(encoded).take(MOST_FIELDS);
    pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}
