//! What every page is wrapped in: language, texts, the style sheet's address, and the headers of an HTML answer.
//! Which page is shown is decided elsewhere.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::assets;
use super::lang::Lang;
use super::texts::{Texts, texts};

/// What the layout of every page needs.
#[derive(Clone, Copy)]
pub(super) struct Shell {
    /// The page's language.
    pub(super) lang: Lang,
    /// Its texts.
    pub(super) t: &'static Texts,
    /// Fingerprint of the style sheet.
    pub(super) style: &'static str,
}

impl Shell {
    /// The wrapping in one language.
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang, t: texts(lang), style: assets::style_print() }
    }
}

/// No script, nothing from elsewhere, no frame around it. Forms go back to the sandbox alone: browsers apply
/// `form-action` to redirects after a form too, so the way back to the merchant is a page and not a redirect.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// An HTML answer with the headers every page carries.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];
            (status, kind, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Sends the browser to another page of the sandbox by GET.
pub(super) fn see_other(path: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(path) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// Adds the protective headers, whatever the answer; pages hold personal data, so nothing may keep a copy.
pub(super) fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // `no-referrer` would make browsers send `Origin: null` with our own forms; see `guard`.
        (header::REFERRER_POLICY, "same-origin"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
