//! Signatures: only who knows the secret is believed, and one changed byte is noticed.

use super::first_line;
use api::webhook::{Secret, sign, verify};
use payoneer::callback::hmacauth::{APP_NAME_SANDBOX, Message, Method, Verifier};
use payoneer::secrecy::SecretString;

const NOW: i64 = 1_700_000_000;
const URL: &str = "https://merchant.example/callbacks/approved";

/// An authorization header, a line feed, a method, a line feed, a body.
pub(super) fn hmacauth(data: &[u8]) {
    let (header, rest) = first_line(data);
    let (method, body) = first_line(rest);
    // The corpus knows no signature under this secret, and none can be guessed.
    let secret = SecretString::from("a secret that no input knows");
    let verifier = Verifier::new(APP_NAME_SANDBOX, secret.clone());
    let forged = verifier.verify(&method, URL, header.as_bytes(), body, NOW);
    assert!(forged.is_err(), "believed without the secret: {header:?}");

    // Signed with the secret, it is believed if and only if its parts have their form.
    let mut fields = header.rsplit(':');
    let (timestamp, nonce) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let message = Message { app_name: APP_NAME_SANDBOX, method: Method::Post, url: URL, body, nonce, timestamp };
    let signed = message.sign(&secret);
    let verified = verifier.verify("POST", URL, signed.as_bytes(), body, NOW);
    let is_time = timestamp.len() == 10
        && timestamp.bytes().all(|byte| byte.is_ascii_digit())
        && timestamp.parse::<i64>().is_ok_and(|at| (NOW - 300..=NOW + 300).contains(&at));
    let is_nonce = nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert_eq!(verified.is_ok(), is_time && is_nonce, "{signed:?}: {verified:?}");
    let Ok(verified) = verified else { return };
    assert_eq!((verified.nonce.as_str(), verified.timestamp.to_string().as_str()), (nonce, timestamp));

    // And any change to it is noticed.
    let mut other = body.to_vec();
    other.push(b' ');
    assert!(verifier.verify("POST", URL, signed.as_bytes(), &other, NOW).is_err(), "another body");
    assert!(verifier.verify("GET", URL, signed.as_bytes(), b"", NOW).is_err(), "another method");
    assert!(verifier.verify("POST", &URL.replace('b', "d"), signed.as_bytes(), body, NOW).is_err(), "another URL");
    let at = usize::from(body.first().copied().unwrap_or_default()) % signed.len();
    let mut changed = signed.clone().into_bytes();
    changed[at] ^= 1;
    let changed_verified = verifier.verify("POST", URL, &changed, body, NOW);
    assert!(changed_verified.is_err(), "byte {at} of {signed:?} changed");
}

/// The three headers, a line feed after each, and the body of an outgoing webhook.
pub(super) fn webhook_signature(data: &[u8]) {
    let (id, rest) = first_line(data);
    let (timestamp, rest) = first_line(rest);
    let (signatures, body) = first_line(rest);
    let secret = Secret::from_bytes(&[42; 32]).expect("a secret");
    let secrets = std::slice::from_ref(&secret);
    assert!(verify(secrets, &id, &timestamp, &signatures, body, NOW).is_err(), "believed without the secret");

    let good_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
    let signed = sign(secrets, &id, NOW, body);
    let now = NOW.to_string();
    assert_eq!(verify(secrets, &id, &now, &signed, body, NOW).is_ok(), good_id, "{id:?}");
    let beside = format!("{signatures} {signed}");
    let few = signatures.split(' ').count() < 16;
    assert_eq!(verify(secrets, &id, &now, &beside, body, NOW).is_ok(), good_id && few, "{beside:?}");
    let mut other = body.to_vec();
    other.push(0);
    assert!(verify(secrets, &id, &now, &signed, &other, NOW).is_err(), "another body");
    assert!(verify(secrets, &format!("{id}x"), &now, &signed, body, NOW).is_err(), "another id");
    assert!(verify(secrets, &id, &(NOW + 1).to_string(), &signed, body, NOW).is_err(), "another time");
    let read = Secret::parse(&id);
    assert!(read.is_err() || read.is_ok_and(|secret| secret.reveal() == id), "a secret has one spelling");
}
