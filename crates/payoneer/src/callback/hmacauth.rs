//! `hmacauth`: the signature that Payoneer may put on its callbacks, made (for a sandbox) and verified strictly.
//! Clock, nonce and URL come from the caller; the URL must come from configuration, never from `Host` or `X-Forwarded-*`.
//!
//! ```text
//! Authorization: hmacauth <AppName>:<Signature>:<Nonce>:<Timestamp>
//! signature = base64( HMAC-SHA256( secret, AppName + METHOD + enc(url) + Timestamp + Nonce + digest ) )
//! digest    = base64( MD5( body ) ) for POST, nothing else
//! ```
//!
//! The signed string has no separators, so neighbouring fields can lend each other characters, and the URL is folded to lower
//! case with its query sorted. Each rule of [`Verifier::verify`] closes one of those doors, and [`check_urls`] the doors that
//! only the choice of callback URLs can close. MD5 is the scheme's: two colliding bodies share a signature. Hence even a
//! verified callback is only a hint to query.

mod verify;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

pub use verify::{NonceRule, Rejection, UrlProblem, Verified, Verifier, WINDOW_SECONDS, check_urls};

/// The application name that Payoneer's sandbox signs with.
pub const APP_NAME_SANDBOX: &str = "Webhook-IPCNSender-sandbox";
/// The application name that Payoneer's production signs with.
pub const APP_NAME_PRODUCTION: &str = "Webhook-IPCNSender-production";
/// A verifier digests no body larger than this. Read the whole body or refuse it: a truncated one must never be digested.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The two methods that are ever signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// An IPCN query; no body.
    Get,
    /// A webhook with a JSON body.
    Post,
}

impl Method {
    /// `GET` or `POST`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What is signed: everything but the secret.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// [`APP_NAME_SANDBOX`] or [`APP_NAME_PRODUCTION`].
    pub app_name: &'a str,
    /// The method.
    pub method: Method,
    /// The absolute URL, as configured; for an IPCN with its placeholders substituted.
    pub url: &'a str,
    /// The body's bytes (not signed with GET).
    pub body: &'a [u8],
    /// 32 hexadecimal digits.
    pub nonce: &'a str,
    /// Unix time in seconds, in decimal.
    pub timestamp: &'a str,
}

impl Message<'_> {
    /// The string that is signed.
    pub fn signed_string(&self) -> String {
        let digest = match self.method {
            Method::Post => BASE64.encode(&Md5::digest(self.body)),
            Method::Get => String::new(),
        };
        [self.app_name, self.method.as_str(), &encode_url(self.url), self.timestamp, self.nonce, &digest].concat()
    }

    /// The value of the `Authorization` header.
    pub fn sign(&self, secret: &SecretString) -> String {
        let signature = BASE64.encode(&mac(secret, &self.signed_string()).finalize().into_bytes());
        format!("hmacauth {}:{signature}:{}:{}", self.app_name, self.nonce, self.timestamp)
    }
}

/// The URL that Payoneer signed for an IPCN query: scheme, host and path from the configured URL, the query as received.
pub fn url_with_query(configured: &str, raw_query: Option<&str>) -> String {
    let base = configured.split(['?', '#']).next().unwrap_or_default();
    match raw_query {
        Some(query) => format!("{base}?{query}"),
        None => base.to_owned(),
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn mac(secret: &SecretString, signed_string: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("any length is a key");
    mac.update(signed_string.as_bytes());
    mac
}

/// Lower case, the query's raw pairs sorted by byte, then form-encoded in lower case.
fn encode_url(url: &str) -> String {
    let lower = url.to_ascii_lowercase();
    let normal = match lower.split_once('?') {
        Some((path, query)) => {
            let mut pairs: Vec<&str> = query.split('&').collect();
            pairs.sort_unstable();
            format!("{path}?{}", pairs.join("&"))
        }
        None => lower,
    };
    let mut encoded = String::with_capacity(normal.len() * 2);
    for byte in normal.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                encoded.push('%');
                encoded.push(char::from(HEX[usize::from(byte >> 4)]));
                encoded.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    encoded
}

#[cfg(test)]
pub(crate) mod vectors {
    //! The four published vectors.

    use super::{APP_NAME_SANDBOX, Message, Method};

    pub(crate) const SECRET: &str = "sandbox-demo-hmac-secret-0001";
    pub(crate) const NONCE: &str = "0123456789abcdef0123456789abcdef";
    pub(crate) const TIMESTAMP: &str = "1700000000";

    pub(crate) struct Vector {
        pub(crate) method: Method,
        pub(crate) url: &'static str,
        pub(crate) body: &'static str,
        pub(crate) encoded_url: &'static str,
        pub(crate) digest: &'static str,
        pub(crate) signature: &'static str,
    }

    impl Vector {
        pub(crate) fn message(&self) -> Message<'static> {
            Message {
                app_name: APP_NAME_SANDBOX,
                method: self.method,
                url: self.url,
                body: self.body.as_bytes(),
                nonce: NONCE,
                timestamp: TIMESTAMP,
            }
        }

        pub(crate) fn header(&self) -> String {
            format!("hmacauth {APP_NAME_SANDBOX}:{}:{NONCE}:{TIMESTAMP}", self.signature)
        }
    }

    pub(crate) const ALL: [Vector; 4] = [
        Vector {
            method: Method::Post,
            url: "https://Merchant.example/hooks/payoneer/Approved",
            body: r#"{"Payee Id":"payee-42","Payoneer Id":"5510700","Session Id":"sess-1"}"#,
            encoded_url: "https%3a%2f%2fmerchant.example%2fhooks%2fpayoneer%2fapproved",
            digest: "5u+f8XXgscSi0q5+wJIFrA==",
            signature: "E9uSmYpldZNqSCBwNR7vCVMeZ85kaVexr2MwtmYuD/o=",
        },
        Vector {
            method: Method::Post,
            url: "https://merchant.example/hooks/payoneer?type=cancel&env=Sandbox",
            body: r#"{"Payee Id":"payee-42","IntPaymentId":"pay-7","Reason Code":"10009","Reason Description":"Action+cannot+be+performed+because+payee+is+inactive","Payment Amount":"25.00","Canceled Payment Date":"2022-01-17T20%3a03%3a05Z"}"#,
            encoded_url: "https%3a%2f%2fmerchant.example%2fhooks%2fpayoneer%3fenv%3dsandbox%26type%3dcancel",
            digest: "kplEasyHv1dQM3OkbslEWA==",
            signature: "WeoFCH/IWOxAZzlbyWawPC8oZ+BXzZWWKd5vRFk6ZVU=",
        },
        Vector {
            method: Method::Get,
            url: "https://merchant.example/ipcn?APPROVED=true&payeeid=payee-42&sessionid=sess-1&Payoneerid=5510700",
            body: "",
            encoded_url: "https%3a%2f%2fmerchant.example%2fipcn%3fapproved%3dtrue%26payeeid%3dpayee-42%26payoneerid%3d5510700%26sessionid%3dsess-1",
            digest: "",
            signature: "xGIf6tDTiXVHcUUct7rOJjIfIubRvl+IezcmnCAlIp4=",
        },
        Vector {
            method: Method::Post,
            url: "https://merchant.example:8443/Hooks/?b=2&A=x%20Y&a=W&flag",
            body: "{}",
            encoded_url: "https%3a%2f%2fmerchant.example%3a8443%2fhooks%2f%3fa%3dw%26a%3dx%2520y%26b%3d2%26flag",
            digest: "mZFLkyvTelC5g8XnyQrpOw==",
            signature: "WT890UaXsXPYsEYb3ZVKGxW8asOdJWQl7pZry3S1XJU=",
        },
    ];
}

#[cfg(test)]
mod tests {
    use super::vectors::{ALL, NONCE, SECRET, TIMESTAMP};
    use super::*;

    #[test]
    fn published_vectors() {
        for vector in ALL {
            let message = vector.message();
            assert_eq!(encode_url(vector.url), vector.encoded_url);
            assert_eq!(
                message.signed_string(),
                [APP_NAME_SANDBOX, vector.method.as_str(), vector.encoded_url, TIMESTAMP, NONCE, vector.digest]
                    .concat()
            );
            assert_eq!(message.sign(&SecretString::from(SECRET)), vector.header());
        }
    }

    #[test]
    fn characters_outside_the_kept_set_are_escaped() {
        assert_eq!(encode_url("A-Z_09.~* é"), "a-z_09.%7e%2a+%c3%a9");
    }

    #[test]
    fn a_received_query_replaces_the_configured_one() {
        assert_eq!(url_with_query("https://m.example/cb?a={{apuid}}", Some("a=1")), "https://m.example/cb?a=1");
        assert_eq!(url_with_query("https://m.example/cb?a={{apuid}}", None), "https://m.example/cb");
        assert_eq!(url_with_query("https://m.example/cb", Some("")), "https://m.example/cb?");
    }
}
