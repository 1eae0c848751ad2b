//! The version of the API, a day, that a caller names in `Tollgate-Version`. What is promised under one version is in
//! `docs/api.md`; today there is one, so nothing is translated here.

use super::problem::Refused;
use api::{Code, Problem};
use axum::http::{HeaderMap, HeaderName};

/// The header, in and out.
pub(super) const HEADER: HeaderName = HeaderName::from_static("tollgate-version");

/// Every version that this gateway speaks, the newest last.
pub(super) const VERSIONS: &[&str] = &[NEWEST];

/// The version of who names none.
pub(super) const NEWEST: &str = "2026-11-25";

/// The version to answer in: the one that is asked for, the newest where none is.
pub(super) fn of(headers: &HeaderMap) -> Result<&'static str, Refused> {
    let mut values = headers.get_all(&HEADER).iter();
    let Some(value) = values.next() else { return Ok(NEWEST) };
    let known = VERSIONS.iter().copied().find(|version| value == version);
    if let (Some(version), None) = (known, values.next()) {
        return Ok(version);
    }
    let detail = format!("Tollgate-Version is one of {}", VERSIONS.join(", "));
    Err(Problem::new(Code::VersionUnknown, detail).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asked(values: &[&'static str]) -> Result<&'static str, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, HeaderValue::from_static(value));
        }
        of(&headers).map_err(|refused| refused.problem.code)
    }

    #[test]
    fn only_a_known_version_is_spoken() {
        assert_eq!(asked(&[]), Ok(NEWEST));
        assert_eq!(asked(&[NEWEST]), Ok(NEWEST));
        for bad in [&["2026-11-24"][..], &[""], &["latest"], &[NEWEST, NEWEST], &["2026-11-25 "]] {
            assert_eq!(asked(bad), Err(Code::VersionUnknown), "{bad:?}");
        }
    }
}
