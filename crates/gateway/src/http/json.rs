//! The extractor of JSON bodies: the right media type, a strict text, then a type, and an error that names the field.
//! Whether a well-typed value makes sense is `fields`' business.

use super::body;
use super::problem::Refused;
use super::strict::{self, Flaw};
use crate::app::App;
use api::{Code, Problem};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A body that is there and read.
pub(super) struct Json<T>(pub(super) T);

/// The body of a request that has nothing to say: none at all, or `{}`.
pub(super) struct Nothing;

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Refused> {
        must_be_json(request.headers())?;
        let bytes = body::read(request.into_body(), body::API_MAX).await?;
        parse(&bytes).map(Self)
    }
}

impl FromRequest<Arc<App>> for Nothing {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, body::API_MAX).await?;
        if bytes.is_empty() {
            return Ok(Self);
        }
        must_be_json(&parts.headers)?;
        parse::<api::CreateRefund>(&bytes).map(|api::CreateRefund {}| Self)
    }
}

/// `application/json`, in UTF-8 and not compressed.
fn must_be_json(headers: &HeaderMap) -> Result<(), Refused> {
    let unsupported = |detail: &str| Err(Refused::from(Problem::new(Code::UnsupportedMediaType, detail)));
    if headers.contains_key(header::CONTENT_ENCODING) {
        return unsupported("send the body without Content-Encoding");
    }
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return unsupported("send Content-Type: application/json");
    };
    let mut parts = value.split(';').map(str::trim);
    if !parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json")) {
        return unsupported("send Content-Type: application/json");
    }
    let charset = parts.filter_map(|part| part.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    if charset.is_some_and(|(_, set)| !set.trim_matches('"').eq_ignore_ascii_case("utf-8")) {
        return unsupported("send the body in UTF-8");
    }
    Ok(())
}

/// Reads a whole body.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let text = strict::check(bytes).map_err(of_flaw)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| of_mismatch(&error))
}

fn of_flaw(flaw: Flaw) -> Refused {
    match flaw {
        Flaw::Twice(field) => Refused::field(field, "the field is given twice"),
        flaw => Problem::new(Code::InvalidJson, flaw.to_string()).into(),
    }
}

/// The text is good JSON but not of the type: which field, and why.
fn of_mismatch(error: &serde_path_to_error::Error<serde_json::Error>) -> Refused {
    let path = error.path().to_string();
    let reason = without_place(&error.inner().to_string());
    let named =
        |prefix: &str| reason.strip_prefix(prefix).and_then(|rest| rest.split('`').next()).map(ToOwned::to_owned);
    if let Some(name) = named("missing field `") {
        let field = join(&path, &name);
        return Problem::new(Code::MissingField, format!("{field} must be given")).with_field(field).into();
    }
    if let Some(name) = named("unknown field `") {
        // The path ends in the unknown name already where the library has seen it.
        let field = if path == name || path.ends_with(&format!(".{name}")) { path } else { join(&path, &name) };
        return Problem::new(Code::UnknownField, reason).with_field(field).into();
    }
    Refused::field(path, reason)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() || path == "." { name.to_owned() } else { format!("{path}.{name}") }
}

/// Lines and columns help nobody whose body was made by a program.
fn without_place(text: &str) -> String {
    text.rsplit_once(" at line ").map_or(text, |(reason, _)| reason).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{CreateAuthorizationSession, CreateCharge};
    use axum::http::HeaderValue;

    const GOOD: &str = r#"{"payee_id":"ID123","amount":"1.2","currency":"USD","description":"d"}"#;

    fn refused<T: DeserializeOwned>(text: &str) -> (Code, Option<String>, String) {
        let problem = *parse::<T>(text.as_bytes()).map(|_| ()).unwrap_err().problem;
        (problem.code, problem.field, problem.detail)
    }

    #[test]
    fn the_wrong_field_is_named() {
        assert_eq!(parse::<CreateCharge>(GOOD.as_bytes()).unwrap().amount.as_str(), "1.2");
        for (from, to, code, field) in [
            (r#""1.2""#, "1.2", Code::InvalidField, "amount"),
            (r#""1.2""#, "12", Code::InvalidField, "amount"),
            (r#""1.2""#, "1e999", Code::InvalidField, "amount"),
            (r#""1.2""#, "null", Code::InvalidField, "amount"),
            (r#""ID123""#, "123", Code::InvalidField, "payee_id"),
            (r#""ID123""#, r#"["ID123"]"#, Code::InvalidField, "payee_id"),
            (r#""USD""#, r#""\ud800""#, Code::InvalidField, "currency"),
            (r#","description":"d""#, "", Code::MissingField, "description"),
            ("description", "descripton", Code::UnknownField, "descripton"),
            (r#""d""#, r#""d","metadata":{"a":1}"#, Code::InvalidField, "metadata.a"),
            (r#""d""#, r#""d","metadata":[]"#, Code::InvalidField, "metadata"),
            (r#""d""#, r#""d","amount":"9""#, Code::InvalidField, "amount"),
        ] {
            let body = GOOD.replace(from, to);
            let (got, named, detail) = refused::<CreateCharge>(&body);
            assert_eq!((got, named.as_deref()), (code, Some(field)), "{body}: {detail}");
            assert!(!detail.contains("line 1"), "{detail}");
        }
    }

    #[test]
    fn a_number_as_amount_is_told_to_be_text() {
        for number in ["1.2", "1", "-1"] {
            let (_, _, detail) = refused::<CreateCharge>(&GOOD.replace(r#""1.2""#, number));
            assert!(detail.contains("decimal text in quotes"), "{detail}");
        }
    }

    #[test]
    fn fields_of_nested_objects_have_their_path() {
        let with = |contact: &str| {
            refused::<CreateAuthorizationSession>(&format!(r#"{{"payee_id":"p","contact":{contact}}}"#))
        };
        assert_eq!(with(r#"{"email":5}"#).1.as_deref(), Some("contact.email"));
        let (code, field, _) = with(r#"{"mail":"x"}"#);
        assert_eq!((code, field.as_deref()), (Code::UnknownField, Some("contact.mail")));
        assert_eq!(with("[]").1.as_deref(), Some("contact"));
        let (code, field, detail) = refused::<CreateAuthorizationSession>(r#"{"payee_id":"p","language":"fr"}"#);
        assert_eq!((code, field.as_deref()), (Code::InvalidField, Some("language")));
        assert!(detail.contains("`en` or `zh`"), "{detail}");
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for text in ["", "[]", "null", "{", "\"x\""] {
            assert_eq!(refused::<CreateCharge>(text).0, Code::InvalidJson, "{text}");
        }
    }

    #[test]
    fn only_plain_utf_8_json_is_taken() {
        let check = |name: header::HeaderName, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(name, HeaderValue::from_static(value));
            must_be_json(&headers).is_ok()
        };
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(check(header::CONTENT_TYPE, good), "{good}");
        }
        for bad in ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "", "json"] {
            assert!(!check(header::CONTENT_TYPE, bad), "{bad}");
        }
        assert!(!check(header::CONTENT_ENCODING, "gzip"));
        assert!(must_be_json(&HeaderMap::new()).is_err());
    }
}
