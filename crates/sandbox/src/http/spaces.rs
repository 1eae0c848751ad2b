//! The way to a namespace: what comes below `/ns/NAME` is served by that world, as if it stood alone at the root.
//! Worlds know nothing of it, so every address in their answers that begins at the root gets its prefix here.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;

use super::guard::is_foreign;
use crate::control::problem::Problem;
use crate::namespace::Namespaces;

/// All worlds, and the router of the sandbox's own one.
#[derive(Clone)]
pub(super) struct Spaces {
    namespaces: Arc<Namespaces>,
    root: Router,
}

impl Spaces {
    /// What serves all worlds.
    pub(super) fn router(namespaces: &Arc<Namespaces>, root: Router) -> Router {
        Router::new().fallback(dispatch).with_state(Self { namespaces: Arc::clone(namespaces), root })
    }
}

async fn dispatch(State(spaces): State<Spaces>, mut request: Request) -> Response {
    let Some((name, rest)) = split(request.uri()) else { return call(spaces.root, request).await };
    let router = match spaces.namespaces.router(&name) {
        Some(router) => router,
        // A page of another site must not fill the sandbox up.
        None if is_foreign(request.headers()) => return Problem::not_found("namespace").into_response(),
        None => {
            let opened = spaces.namespaces.open(&name, None);
            match opened.map(|_| spaces.namespaces.router(&name)) {
                Ok(Some(router)) => router,
                Ok(None) => return Problem::not_found("namespace").into_response(),
                Err(refusal) => return Problem::from(refusal).into_response(),
            }
        }
    };
    *request.uri_mut() = rest;
    prefixed(call(router, request).await, &format!("/ns/{name}")).await
}

async fn call(router: Router, request: Request) -> Response {
    // A router answers everything.
    match TowerToHyperService::new(router).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The name in `/ns/NAME/...`, and the address without it.
fn split(uri: &Uri) -> Option<(String, Uri)> {
    let target = uri.path_and_query()?.as_str().strip_prefix("/ns/")?;
    let end = target.find(['/', '?']).unwrap_or(target.len());
    let (name, rest) = target.split_at(end);
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    Some((name.to_owned(), rest.parse().ok()?))
}

async fn prefixed(mut response: Response, prefix: &str) -> Response {
    rewrite(response.headers_mut(), prefix);
    let kind = response.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // A page is one text in memory; reading it cannot fail.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let page = String::from_utf8_lossy(&bytes);
    // Whatever people typed has its quotation marks escaped, so that these are attributes of ours.
    let page = page.replace("=\"/", &format!("=\"{prefix}/"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(page))
}

/// Addresses in headers: where a redirect leads, and where a cookie belongs.
fn rewrite(headers: &mut HeaderMap, prefix: &str) {
    let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
    let location = location.filter(|to| to.starts_with('/')).map(|to| format!("{prefix}{to}"));
    if let Some(Ok(location)) = location.map(|to| HeaderValue::from_str(&to)) {
        headers.insert(header::LOCATION, location);
    }
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let moved = cookie.to_str().map(|text| text.replace("Path=/", &format!("Path={prefix}/")));
        let moved = moved.ok().and_then(|text| HeaderValue::from_str(&text).ok());
        headers.append(header::SET_COOKIE, moved.unwrap_or(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_the_rest_of_the_address() {
        let split = |text: &str| split(&text.parse().unwrap()).map(|(name, rest)| (name, rest.to_string()));
        let found = |name: &str, rest: &str| Some((name.to_owned(), rest.to_owned()));
        assert_eq!(split("/ns/a/v2/programs/1/echo?x=/y"), found("a", "/v2/programs/1/echo?x=/y"));
        assert_eq!(split("/ns/a//v2"), found("a", "//v2"));
        assert_eq!(split("/ns/a"), found("a", "/"));
        assert_eq!(split("/ns/a?lang=zh"), found("a", "/?lang=zh"));
        assert_eq!(split("/ns//x"), found("", "/x"));
        assert_eq!(split("/nsa/x"), None);
        assert_eq!(split("/v2/ns/a"), None);
    }
}
