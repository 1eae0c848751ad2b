//! HTTP Basic authentication of the imitated API.
//! Compares in constant time and logs nothing.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use data_encoding::BASE64;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::App;

/// Whether the request carries the program's username and API password.
pub(super) fn is_authorized(headers: &HeaderMap, app: &App) -> bool {
    let Some((user, password)) = credentials(headers) else { return false };
    let user = user.as_bytes().ct_eq(app.username().as_bytes());
    let password = password.as_bytes().ct_eq(app.access.api_password.expose_secret().as_bytes());
    (user & password).into()
}

/// The username that the request names, whether or not it is the program's.
pub(super) fn username(headers: &HeaderMap) -> Option<String> {
    credentials(headers).map(|(user, _)| user)
}

fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
