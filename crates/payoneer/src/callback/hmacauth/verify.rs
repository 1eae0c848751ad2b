//! The strict verifier: what a signed callback must look like before a single byte of it is used, even as a hint.
//! It reads no clock, holds no nonce store, and never learns the URL from the request.

use std::ops::RangeInclusive;

use data_encoding::BASE64;
use hmac::Mac;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::{MAX_BODY_BYTES, Message, Method, mac};

/// How far the timestamp may lie from the receiver's clock, in seconds, either way.
pub const WINDOW_SECONDS: i64 = 300;

/// Which nonces are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NonceRule {
    /// Exactly 32 hexadecimal digits, as in every public example.
    #[default]
    Hex32,
    /// Hexadecimal digits of any of these lengths; for the day Payoneer changes the length.
    Hex(RangeInclusive<usize>),
}

/// Verifies callbacks of one program in one environment.
#[derive(Debug)]
pub struct Verifier {
    app_name: String,
    secrets: Vec<SecretString>,
    nonce_rule: NonceRule,
}

/// A callback whose signature is right.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// SHA-256 of the signed string. Store it under a unique key: an equal one is the same callback again.
    pub replay_key: [u8; 32],
    /// The signed time, Unix seconds.
    pub timestamp: i64,
    /// The nonce, as sent.
    pub nonce: String,
    /// Which secret matched: 0 the current one, 1 the previous one (rotation is not finished on Payoneer's side).
    pub secret_index: usize,
}

/// Why a callback is not accepted. Do not tell the sender which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The method is neither POST nor GET, or a GET has a body.
    #[error("the method is not one that is signed")]
    Method,
    /// The body exceeds [`MAX_BODY_BYTES`].
    #[error("the body is too large")]
    BodyTooLarge,
    /// Not the scheme `hmacauth` and one blank.
    #[error("the scheme is not hmacauth")]
    Scheme,
    /// Not exactly four fields.
    #[error("there are not exactly four fields")]
    Fields,
    /// Another application name than this environment's.
    #[error("the application name is another one")]
    AppName,
    /// Not ten digits without a leading zero.
    #[error("the timestamp is not ten digits")]
    TimestampForm,
    /// More than [`WINDOW_SECONDS`] away from now.
    #[error("the timestamp is outside the window")]
    Expired,
    /// Not as the [`NonceRule`] says.
    #[error("the nonce has the wrong form")]
    NonceForm,
    /// Not canonical base64 of 32 bytes.
    #[error("the signature is not canonical base64 of 32 bytes")]
    SignatureForm,
    /// The signature does not match under any secret.
    #[error("the signature does not match")]
    Mismatch,
}

impl Verifier {
    /// A verifier for the application name of one environment, with the current secret.
    pub fn new(app_name: impl Into<String>, secret: SecretString) -> Self {
        Self { app_name: app_name.into(), secrets: vec![secret], nonce_rule: NonceRule::Hex32 }
    }

    /// Accepts the previous secret too, while it is being replaced.
    #[must_use]
    pub fn with_previous_secret(mut self, secret: SecretString) -> Self {
        self.secrets.truncate(1);
        self.secrets.push(secret);
        self
    }

    /// Accepts other nonces than 32 hexadecimal digits.
    #[must_use]
    pub fn with_nonce_rule(mut self, rule: NonceRule) -> Self {
        self.nonce_rule = rule;
        self
    }

    /// Checks one callback.
    ///
    /// `method` and `authorization` are as received. `url` is the **configured** absolute URL (for a GET, see
    /// [`super::url_with_query`]). `body` is the whole body. `now_unix_seconds` is the receiver's clock.
    pub fn verify(
        &self,
        method: &str,
        url: &str,
        authorization: &[u8],
        body: &[u8],
        now_unix_seconds: i64,
    ) -> Result<Verified, Rejection> {
        let method = match method {
            "POST" => Method::Post,
            "GET" if body.is_empty() => Method::Get,
            _ => return Err(Rejection::Method),
        };
        if body.len() > MAX_BODY_BYTES {
            return Err(Rejection::BodyTooLarge);
        }
        let header = Header::parse(authorization)?;
        if header.app_name != self.app_name {
            return Err(Rejection::AppName);
        }
        let timestamp = header.timestamp()?;
        header.check_nonce(&self.nonce_rule)?;
        let signature = header.signature()?;
        if timestamp.abs_diff(now_unix_seconds) > WINDOW_SECONDS.unsigned_abs() {
            return Err(Rejection::Expired);
        }
        let signed_string =
            Message { app_name: &self.app_name, method, url, body, nonce: header.nonce, timestamp: header.timestamp }
                .signed_string();
        let secret_index = self
            .secrets
            .iter()
            .position(|secret| mac(secret, &signed_string).verify_slice(&signature).is_ok())
            .ok_or(Rejection::Mismatch)?;
        Ok(Verified {
            replay_key: Sha256::digest(signed_string.as_bytes()).into(),
            timestamp,
            nonce: header.nonce.to_owned(),
            secret_index,
        })
    }
}

/// The header's four fields, split but not yet trusted.
struct Header<'a> {
    app_name: &'a str,
    signature: &'a str,
    nonce: &'a str,
    timestamp: &'a str,
}

impl<'a> Header<'a> {
    fn parse(header: &'a [u8]) -> Result<Self, Rejection> {
        let header = std::str::from_utf8(header).map_err(|_| Rejection::Scheme)?;
        let (scheme, credentials) = header.split_once(' ').ok_or(Rejection::Scheme)?;
        if !scheme.eq_ignore_ascii_case("hmacauth") {
            return Err(Rejection::Scheme);
        }
        let mut fields = credentials.split(':');
        match (fields.next(), fields.next(), fields.next(), fields.next(), fields.next()) {
            (Some(app_name), Some(signature), Some(nonce), Some(timestamp), None) => {
                Ok(Self { app_name, signature, nonce, timestamp })
            }
            _ => Err(Rejection::Fields),
        }
    }

    /// Exactly ten digits, the first not zero: `"+1734567890"` and `"01734567890"` parse as numbers too, and would let the
    /// path or the nonce lend or borrow a digit.
    fn timestamp(&self) -> Result<i64, Rejection> {
        let bytes = self.timestamp.as_bytes();
        if bytes.len() != 10 || bytes[0] == b'0' || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(Rejection::TimestampForm);
        }
        self.timestamp.parse().map_err(|_| Rejection::TimestampForm)
    }

    fn check_nonce(&self, rule: &NonceRule) -> Result<(), Rejection> {
        let length = self.nonce.len();
        let allowed = match rule {
            NonceRule::Hex32 => length == 32,
            NonceRule::Hex(lengths) => lengths.contains(&length),
        };
        if allowed && self.nonce.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(())
        } else {
            Err(Rejection::NonceForm)
        }
    }

    fn signature(&self) -> Result<[u8; 32], Rejection> {
        // `BASE64` refuses missing padding and non-zero trailing bits, so each signature has one spelling only.
        let bytes = BASE64.decode(self.signature.as_bytes()).map_err(|_| Rejection::SignatureForm)?;
        bytes.try_into().map_err(|_| Rejection::SignatureForm)
    }
}

/// Why a set of callback URLs is not safe to be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlProblem {
    /// The path has a letter in upper case: the signature does not tell it from the lower one.
    #[error("the path of {0} is not in lower case")]
    UpperCase(String),
    /// It has a `*`, of which public sources disagree how it is encoded.
    #[error("{0} has a *")]
    Asterisk(String),
    /// It is another one plus digits, so that a digit of the timestamp could move into the path.
    #[error("{1} is {0} plus digits")]
    Digits(String, String),
}

/// Checks the callback URLs of a program: paths in lower case, no `*`, and none of them another one plus digits.
pub fn check_urls(urls: &[&str]) -> Result<(), UrlProblem> {
    for url in urls {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let path = path.split_once("://").map_or(path, |(_, rest)| rest).split_once('/').map_or("", |(_, path)| path);
        if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(UrlProblem::UpperCase((*url).to_owned()));
        }
        if url.contains('*') {
            return Err(UrlProblem::Asterisk((*url).to_owned()));
        }
        for other in urls {
            let surplus = url.to_ascii_lowercase().strip_prefix(&other.to_ascii_lowercase()).map(str::to_owned);
            if surplus.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())) {
                return Err(UrlProblem::Digits((*other).to_owned(), (*url).to_owned()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
