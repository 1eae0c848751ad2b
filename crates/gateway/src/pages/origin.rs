//! Whether a form was sent from one of our own pages.
//!
//! A browser says so itself: `Sec-Fetch-Site` where the address is trustworthy (https or loopback), else `Origin`.
//! A request with neither comes from no current browser's form and is refused: nothing of ours sends one.

use axum::http::{HeaderMap, header};
use url::Url;

/// Whether the headers prove that the form is ours. `public_url` is the address that browsers know us by.
pub(super) fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").iter();
    match (sites.next(), sites.next()) {
        // `none`: the reader did it without any page, as by reloading.
        (Some(site), None) => site == "same-origin" || site == "none",
        (Some(_), Some(_)) => false,
        (None, _) => has_our_origin(headers, public_url),
    }
}

fn has_our_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next().and_then(|value| value.to_str().ok()), origins.next()) else {
        return false;
    };
    Url::parse(public_url).is_ok_and(|url| url.origin().ascii_serialization() == origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        is_ours(&map, "https://pay.shop.example/gate")
    }

    #[test]
    fn only_our_own_pages_may_send_forms() {
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("sec-fetch-site", "none")]));
        assert!(ours(&[("origin", "https://pay.shop.example")]));
        for headers in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://pay.shop.example")],
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://pay.shop.example.evil.example")],
            &[("origin", "http://pay.shop.example")],
            &[("origin", "https://pay.shop.example:8443")],
            &[("origin", "https://pay.shop.example"), ("origin", "https://evil.example")],
        ] {
            assert!(!ours(headers), "{headers:?}");
        }
    }
}
