//! What keeps foreign web pages away from the pages and the control API: checks of `Host`, `Origin` and `Sec-Fetch-Site`.
//! The imitated API needs none of this, for it has credentials.

use std::net::Ipv6Addr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use super::bodies::{self, Read};
use crate::App;
use crate::control::problem::Problem;
use crate::v2::MAX_BODY;

/// The one call that takes a large body.
const RESTORE: &str = "/_sandbox/restore";
/// The largest snapshot that can be restored over HTTP, in bytes.
const MOST_RESTORED: usize = 64 * 1024 * 1024;

/// Refuses requests that a foreign web page made a browser send.
pub(super) async fn browsers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !app.access.any_host && !is_own_host(headers, app.public_url()) {
        return (StatusCode::FORBIDDEN, "This name is not the sandbox's.\n").into_response();
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads && is_foreign(headers) {
        return (StatusCode::FORBIDDEN, "Another site's page may not do this.\n").into_response();
    }
    let (parts, body) = request.into_parts();
    let most = if parts.uri.path() == RESTORE { MOST_RESTORED } else { MAX_BODY };
    let body = match bodies::read(body, most).await {
        Read::Whole(bytes) => Body::from(bytes),
        Read::TooLarge => return Problem::too_large().into_response(),
        Read::Broken => return Problem::malformed("the body did not arrive").into_response(),
    };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    response.headers_mut().insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// Whether a browser says that a page of another origin caused the request. Programs send neither header.
pub(super) fn is_foreign(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return !matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let host = headers.get(HOST).and_then(|h| h.to_str().ok());
    let origin = origin.to_str().ok().and_then(|o| o.split_once("://")).map(|(_, authority)| authority);
    host.is_none() || origin != host
}

/// Whether `Host` is loopback's or the public address's: a foreign name that was pointed at this machine is neither.
fn is_own_host(headers: &HeaderMap, public_url: &str) -> bool {
    let Some(host) = headers.get(HOST).and_then(|h| h.to_str().ok()) else { return false };
    let Ok(url) = Url::parse(&format!("http://{host}/")) else { return false };
    let public = Url::parse(public_url).ok();
    let is_public = url.host().is_some() && url.host() == public.as_ref().and_then(Url::host);
    let is_local = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip == Ipv6Addr::LOCALHOST,
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    is_local || is_public
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs.map(|(k, v)| (axum::http::HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn foreign_pages_are_known() {
        let foreign = |pairs: &[_]| is_foreign(&headers(pairs));
        assert!(!foreign(&[("host", "127.0.0.1:1")]));
        assert!(!foreign(&[("host", "127.0.0.1:1"), ("origin", "http://127.0.0.1:1")]));
        assert!(!foreign(&[("sec-fetch-site", "same-origin")]));
        assert!(foreign(&[("sec-fetch-site", "same-site")]));
        assert!(foreign(&[("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("host", "127.0.0.1:1"), ("origin", "http://127.0.0.1:2")]));
        assert!(foreign(&[("host", "127.0.0.1:1"), ("origin", "null")]));
    }

    #[test]
    fn foreign_names_are_known() {
        let own = |host| is_own_host(&headers(&[("host", host)]), "https://sandbox.example");
        for host in ["127.0.0.1:8090", "localhost:8090", "[::1]:1", "a.localhost", "sandbox.example", "Sandbox.Example"]
        {
            assert!(own(host), "{host}");
        }
        for host in ["evil.example", "10.0.0.1", "localhost.evil.example", "", "a b"] {
            assert!(!own(host), "{host}");
        }
    }
}
