//! Reading the query part and the path: every parameter by name, none twice, none that is not known.

use super::answer;
use super::problem::Refused;
use crate::app::App;
use api::{Code, Problem};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use std::sync::Arc;

/// The longest query part looked at.
const LEN_MAX: usize = 8 * 1_024;

/// The parameters of a query part, taken one by one.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    pub(super) fn parse(query: &str) -> Result<Self, Refused> {
        if query.len() > LEN_MAX {
            return Err(Problem::new(Code::BadRequest, "the query part is too long").into());
        }
        let mut params: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if params.iter().any(|(known, _)| *known == name) {
                return Err(Refused::field(format!("?{name}"), "the parameter is given twice"));
            }
            params.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(params))
    }

    /// The parameter with this name, if given; it is then no longer there.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// As [`Self::take`], read by a function that answers `None` for what it cannot read.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        form: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refused> {
        let Some(text) = self.take(name) else { return Ok(None) };
        read(&text).map(Some).ok_or_else(|| Refused::field(format!("?{name}"), format!("must be {form}")))
    }

    /// Refuses what nobody took: a mistyped filter must not be a list of everything.
    pub(super) fn finish(self) -> Result<(), Refused> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::new(Code::UnknownField, "there is no such parameter")
                .with_field(format!("?{name}"))
                .into()),
        }
    }
}

impl FromRequestParts<Arc<App>> for Params {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Refused> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

/// Reads a filter that can only be switched on.
pub(super) fn only_true(text: &str) -> Option<()> {
    (text == "true").then_some(())
}

/// The one variable segment of a path, percent-decoded.
pub(crate) struct Segment(pub(crate) String);

impl FromRequestParts<Arc<App>> for Segment {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let segments = Segments::from_request_parts(parts, app).await?;
        segments.0.into_iter().next().map(Self).ok_or_else(|| Refused::internal("a route without its segment"))
    }
}

/// The variable segments of a path in their order, percent-decoded.
pub(super) struct Segments(pub(super) Vec<String>);

impl FromRequestParts<Arc<App>> for Segments {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        // What is not UTF-8 after decoding can name nothing of ours.
        let Ok(params) = RawPathParams::from_request_parts(parts, app).await else {
            return Err(answer::not_found().await);
        };
        Ok(Self(params.iter().map(|(_, value)| value.to_owned()).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_once_and_by_name() {
        let mut params = Params::parse("limit=5&status=succeeded&payee_id=a%40b").unwrap();
        assert_eq!(params.take("payee_id").as_deref(), Some("a@b"));
        assert_eq!(params.take("payee_id"), None);
        assert_eq!(params.read("limit", "a number", |t| t.parse::<u8>().ok()).unwrap(), Some(5));
        let problem = *params.finish().unwrap_err().problem;
        assert_eq!((problem.code, problem.field.as_deref()), (Code::UnknownField, Some("?status")));
    }

    #[test]
    fn what_cannot_be_read_names_the_parameter() {
        let field = |refused: Refused| refused.problem.field;
        let mut params = Params::parse("limit=many").unwrap();
        let unread = params.read("limit", "a number", |t| t.parse::<u8>().ok()).unwrap_err();
        assert_eq!(field(unread).as_deref(), Some("?limit"));
        assert_eq!(field(Params::parse("a=1&a=2").unwrap_err()).as_deref(), Some("?a"));
        assert!(Params::parse(&"x".repeat(LEN_MAX + 1)).is_err());
        assert!(Params::parse("").unwrap().finish().is_ok());
    }
}
