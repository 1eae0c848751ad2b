//! `/docs`: the OpenAPI document as a page that needs no script and no network. What is said of each route is the
//! document's, in English; our own words around it exist in both languages.

mod markdown;
mod view;
mod words;

use super::assets;
use super::visit::{Visit, in_language};
use crate::app::App;
use crate::http::{Refused, document};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, LazyLock};
use view::Reference;
use words::Words;

const PATH: &str = "/docs";

static REFERENCE: LazyLock<Reference> = LazyLock::new(|| Reference::of(&document()));

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs<'a> {
    words: &'static Words,
    other: &'static Words,
    switch: String,
    style: &'static str,
    mark: &'static str,
    /// Where the examples are sent to.
    base: &'a str,
    reference: &'static Reference,
}

/// `GET /docs`
pub(crate) async fn show(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Refused> {
    let language = visit.language(None);
    let page = Docs {
        words: Words::of(language),
        other: Words::of(language.other()),
        switch: in_language(PATH, language.other()),
        style: assets::docs_style(),
        mark: assets::mark(),
        base: app.engine.public_url(),
        reference: &REFERENCE,
    };
    let html = page.render().map_err(|error| Refused::internal(error.to_string()))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(super::page::POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Some(cookie) = visit.cookie(app.engine.public_url().starts_with("https://")) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    Ok((headers, html).into_response())
}
