//! The signature of outgoing webhooks, as the Standard Webhooks specification has it: HMAC-SHA256 over
//! `id.timestamp.body`. Pure: no clock, no network; used by the gateway to sign and by merchants to verify.

use core::fmt;
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far a webhook's timestamp may be from the receiver's clock, in seconds.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The header that names the message; the same for every try.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of the try, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with one or more signatures.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// What every secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// The only version of the symmetric signature.
const VERSION: &str = "v1,";
/// How many signatures are looked at: enough for any rotation, and no work for a flood.
const SIGNATURES_MAX: usize = 16;

/// The secret of one webhook endpoint. Never shown by `Debug`.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

/// Why a text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It does not begin with `whsec_`.
    #[error("a webhook secret begins with whsec_")]
    Prefix,
    /// What follows is not base64.
    #[error("a webhook secret is base64 after whsec_")]
    Base64,
    /// Fewer than 24 or more than 64 bytes.
    #[error("a webhook secret has 24 to 64 bytes")]
    Length,
}

impl Secret {
    /// Takes random bytes, 24 to 64 of them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SecretError> {
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes.to_vec())) } else { Err(SecretError::Length) }
    }

    /// Reads `whsec_...`.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.strip_prefix(SECRET_PREFIX).ok_or(SecretError::Prefix)?;
        let secret = Self::from_bytes(&BASE64.decode(encoded.as_bytes()).map_err(|_| SecretError::Base64)?)?;
        // Padding in the middle decodes as well; a secret has one spelling.
        if secret.reveal() == text { Ok(secret) } else { Err(SecretError::Base64) }
    }

    /// Writes `whsec_...`, to be shown to the merchant once.
    pub fn reveal(&self) -> String {
        format!("{SECRET_PREFIX}{}", BASE64.encode(&self.0))
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Some(mac)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The value of `webhook-signature` for this body: one signature for each secret, so that a receiver which knows
/// either accepts it during a rotation. `timestamp` is in seconds since 1970.
pub fn sign(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let signatures = secrets.iter().filter_map(|secret| secret.mac(id, &timestamp, body));
    let texts: Vec<_> =
        signatures.map(|mac| format!("{VERSION}{}", BASE64.encode(&mac.finalize().into_bytes()))).collect();
    texts.join(" ")
}

/// Why a webhook is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// `webhook-id` is empty or holds a character that no id has.
    #[error("the webhook-id header is not acceptable")]
    Id,
    /// `webhook-timestamp` is not a number of seconds.
    #[error("the webhook-timestamp header is not a number of seconds")]
    Timestamp,
    /// Signed too long ago: perhaps a replay.
    #[error("the webhook was signed more than five minutes ago")]
    TooOld,
    /// Signed in the future: perhaps a wrong clock.
    #[error("the webhook was signed more than five minutes ahead of this clock")]
    TooNew,
    /// No signature fits.
    #[error("no signature fits")]
    Signature,
}

/// Verifies a webhook by its three headers and the exact bytes of its body, in constant time.
///
/// `now` is the receiver's clock in seconds since 1970. Any of the secrets may fit, as during a rotation. Whoever
/// acts on a webhook should also remember its id: delivery is at least once.
pub fn verify(
    secrets: &[Secret],
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: i64,
) -> Result<(), VerifyError> {
    // A point in the id could move the border between id and timestamp.
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
        return Err(VerifyError::Id);
    }
    if timestamp.is_empty() || timestamp.len() > 12 || !timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(VerifyError::Timestamp);
    }
    let signed_at: i64 = timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    if now.saturating_sub(signed_at) > TOLERANCE_SECONDS {
        return Err(VerifyError::TooOld);
    }
    if signed_at.saturating_sub(now) > TOLERANCE_SECONDS {
        return Err(VerifyError::TooNew);
    }
    let given = signatures.split(' ').take(SIGNATURES_MAX).filter_map(|text| text.strip_prefix(VERSION));
    for signature in given.filter_map(|text| BASE64.decode(text.as_bytes()).ok()) {
        for mac in secrets.iter().filter_map(|secret| secret.mac(id, timestamp, body)) {
            if mac.verify_slice(&signature).is_ok() {
                return Ok(());
            }
        }
    }
    Err(VerifyError::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The vector that the specification's reference libraries share; openssl gives the same signature.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secret() -> Secret {
        Secret::parse(SECRET).unwrap()
    }

    fn other() -> Secret {
        Secret::from_bytes(&[7; 32]).unwrap()
    }

    #[test]
    fn the_published_vector_is_signed_and_verified() {
        assert_eq!(sign(&[secret()], ID, AT, BODY), SIGNATURE);
        assert_eq!(verify(&[secret()], ID, &AT.to_string(), SIGNATURE, BODY, AT), Ok(()));
        assert_eq!(secret().reveal(), SECRET);
    }

    #[test]
    fn one_changed_byte_anywhere_is_noticed() {
        let at = AT.to_string();
        let fits = |id: &str, at: &str, signature: &str, body: &[u8]| verify(&[secret()], id, at, signature, body, AT);
        assert_eq!(fits("msg_p5jXN8AQM9LWM0D4loKWxJel", &at, SIGNATURE, BODY), Err(VerifyError::Signature));
        assert_eq!(fits(ID, "1614265331", SIGNATURE, BODY), Err(VerifyError::Signature));
        assert_eq!(fits(ID, &at, SIGNATURE, br#"{"test": 2432232315}"#), Err(VerifyError::Signature));
        assert_eq!(fits(ID, &at, &SIGNATURE.replace("g0h", "g1h"), BODY), Err(VerifyError::Signature));
        assert_eq!(verify(&[other()], ID, &at, SIGNATURE, BODY, AT), Err(VerifyError::Signature));
        for none in ["", "v1,", "v1", &SIGNATURE[3..], "v1a,AAAA", "v2,g0hM9SsE", "v1,=", "v1,g0hM9SsE+OTPJTGt/tmIKg=="]
        {
            assert_eq!(fits(ID, &at, none, BODY), Err(VerifyError::Signature), "{none:?}");
        }
    }

    #[test]
    fn the_tolerance_is_five_minutes_both_ways() {
        let at = AT.to_string();
        let check = |now| verify(&[secret()], ID, &at, SIGNATURE, BODY, now);
        assert_eq!(check(AT + 300), Ok(()));
        assert_eq!(check(AT - 300), Ok(()));
        assert_eq!(check(AT + 301), Err(VerifyError::TooOld));
        assert_eq!(check(AT - 301), Err(VerifyError::TooNew));
    }

    #[test]
    fn both_secrets_of_a_rotation_are_good_on_either_side() {
        let at = AT.to_string();
        let signatures = sign(&[other(), secret()], ID, AT, BODY);
        assert_eq!(signatures.split(' ').count(), 2);
        assert_eq!(verify(&[secret()], ID, &at, &signatures, BODY, AT), Ok(()));
        assert_eq!(verify(&[other()], ID, &at, &signatures, BODY, AT), Ok(()));
        assert_eq!(verify(&[other(), secret()], ID, &at, SIGNATURE, BODY, AT), Ok(()));
        assert_eq!(verify(&[secret()], ID, &at, &format!("v1a,c2ln {SIGNATURE}"), BODY, AT), Ok(()));
    }

    #[test]
    fn malformed_headers_are_refused_before_any_work() {
        for at in ["", "-1", "+1614265330", " 1614265330", "1614265330.5", "1e9", "99999999999999999999"] {
            assert_eq!(verify(&[secret()], ID, at, SIGNATURE, BODY, AT), Err(VerifyError::Timestamp), "{at:?}");
        }
        for id in ["", "msg.1", "msg 1", "msg\n"] {
            assert_eq!(verify(&[secret()], id, "1614265330", SIGNATURE, BODY, AT), Err(VerifyError::Id), "{id:?}");
        }
    }

    #[test]
    fn a_secret_is_never_printed_and_has_its_form() {
        assert_eq!(format!("{:?}", secret()), "Secret(..)");
        assert_eq!(Secret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap_err(), SecretError::Prefix);
        assert_eq!(Secret::parse("whsec_!!").unwrap_err(), SecretError::Base64);
        assert_eq!(Secret::parse("whsec_c2hvcnQ=").unwrap_err(), SecretError::Length);
    }
}
