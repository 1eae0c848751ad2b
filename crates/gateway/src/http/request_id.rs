//! The id by which one request is found again in every answer, log line and problem.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id taken from a caller.
const LEN_MAX: usize = 64;

/// The id of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// The caller's own id if it is harmless in logs and headers, else a fresh one.
    pub(crate) fn of(headers: &HeaderMap, fresh: impl FnOnce() -> String) -> Self {
        let own = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|text| is_harmless(text));
        Self(own.map_or_else(fresh, ToOwned::to_owned))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("-"))
    }
}

fn is_harmless(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=LEN_MAX).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(value: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
        RequestId::of(&headers, || "fresh".to_owned()).0
    }

    #[test]
    fn a_harmless_id_is_kept_and_any_other_replaced() {
        assert_eq!(id_for(b"Order-7_a"), "Order-7_a");
        assert_eq!(id_for(&[b'a'; 64]), "a".repeat(64));
        for bad in [&b""[..], b"a b", b"a\tb", b"<script>", "订单".as_bytes(), &[b'a'; 65], b"\xff"] {
            assert_eq!(id_for(bad), "fresh", "{bad:?}");
        }
        assert_eq!(RequestId::of(&HeaderMap::new(), || "fresh".to_owned()).as_str(), "fresh");
    }
}
