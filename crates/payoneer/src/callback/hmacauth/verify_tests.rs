//! Tests of the strict verifier, one for each of its rules.
//! The vectors themselves are beside the signer.

use proptest::prelude::*;

use super::super::vectors::{ALL, NONCE, SECRET};
use super::super::{APP_NAME_PRODUCTION, APP_NAME_SANDBOX};
use super::*;

const NOW: i64 = 1_700_000_000;
const URL: &str = "https://merchant.example/cb/1";

fn verifier() -> Verifier {
    Verifier::new(APP_NAME_SANDBOX, SecretString::from(SECRET))
}

fn sign(url: &str, body: &[u8], nonce: &str, timestamp: &str) -> String {
    let message = Message { app_name: APP_NAME_SANDBOX, method: Method::Post, url, body, nonce, timestamp };
    message.sign(&SecretString::from(SECRET))
}

fn post(header: &str) -> Result<Verified, Rejection> {
    verifier().verify("POST", URL, header.as_bytes(), b"{}", NOW)
}

fn good() -> String {
    sign(URL, b"{}", NONCE, "1700000000")
}

#[test]
fn published_vectors_verify_and_fail_when_anything_signed_is_touched() {
    for vector in ALL {
        let (method, header, body) = (vector.method.as_str(), vector.header(), vector.body.as_bytes());
        let verified = verifier().verify(method, vector.url, header.as_bytes(), body, NOW).unwrap();
        assert_eq!(verified.timestamp, NOW);
        assert_eq!(verified.nonce, NONCE);
        assert_eq!(verified.replay_key, <[u8; 32]>::from(Sha256::digest(vector.message().signed_string())));
        let elsewhere = format!("{}x", vector.url);
        assert_eq!(verifier().verify(method, &elsewhere, header.as_bytes(), body, NOW), Err(Rejection::Mismatch));
        let other = Verifier::new(APP_NAME_SANDBOX, SecretString::from("another secret"));
        assert_eq!(other.verify(method, vector.url, header.as_bytes(), body, NOW), Err(Rejection::Mismatch));
        if vector.method == Method::Post {
            assert_eq!(verifier().verify(method, vector.url, header.as_bytes(), b"{ }", NOW), Err(Rejection::Mismatch));
        }
    }
}

#[test]
fn only_post_and_bodiless_get() {
    for method in ["PUT", "PATCH", "DELETE", "HEAD", "post", "get", "", "POST "] {
        let answer = verifier().verify(method, URL, good().as_bytes(), b"{}", NOW);
        assert_eq!(answer, Err(Rejection::Method), "{method:?}");
    }
    let ipcn = &ALL[2];
    let answer = verifier().verify("GET", ipcn.url, ipcn.header().as_bytes(), b"{}", NOW);
    assert_eq!(answer, Err(Rejection::Method));
}

#[test]
fn a_body_that_may_be_cut_is_refused_before_it_is_digested() {
    let body = vec![b'x'; MAX_BODY_BYTES + 1];
    let header = sign(URL, &body, NONCE, "1700000000");
    assert_eq!(verifier().verify("POST", URL, header.as_bytes(), &body, NOW), Err(Rejection::BodyTooLarge));
    let body = &body[..MAX_BODY_BYTES];
    let header = sign(URL, body, NONCE, "1700000000");
    assert!(verifier().verify("POST", URL, header.as_bytes(), body, NOW).is_ok());
}

#[test]
fn the_app_name_must_be_this_environments() {
    let header = good();
    let production = Verifier::new(APP_NAME_PRODUCTION, SecretString::from(SECRET));
    assert_eq!(production.verify("POST", URL, header.as_bytes(), b"{}", NOW), Err(Rejection::AppName));
    assert_eq!(post(&header.replace("Webhook", "webhook")), Err(Rejection::AppName));
}

#[test]
fn the_timestamp_is_exactly_ten_digits_without_leading_zero() {
    for timestamp in [
        "+1700000000",
        "01700000000",
        "17000000000",
        "170000000",
        "0170000000",
        "1700000000 ",
        "-170000000",
        "",
        "1.70000000",
        "\u{661}700000000",
    ] {
        let header = sign(URL, b"{}", NONCE, timestamp);
        assert_eq!(post(&header), Err(Rejection::TimestampForm), "{timestamp:?}");
    }
}

#[test]
fn digits_cannot_move_between_nonce_and_timestamp() {
    // Same signed string, hence same signature: (1700000000, 7abc..) and (17000000007, abc..).
    let nonce = &NONCE[1..];
    let longer = format!("7{nonce}");
    let header = sign(URL, b"{}", &longer, "1700000000");
    assert!(post(&header).is_ok());
    let moved = header.replace(&format!("{longer}:1700000000"), &format!("{nonce}:17000000007"));
    assert_eq!(post(&moved), Err(Rejection::TimestampForm));
    let back = sign(URL, b"{}", nonce, "1700000000");
    assert_eq!(post(&back), Err(Rejection::NonceForm));
}

#[test]
fn digits_cannot_move_between_path_and_timestamp() {
    // `/cb/10` + `1700000000` is `/cb/1` + `01700000000`.
    let header = sign("https://merchant.example/cb/10", b"{}", NONCE, "1700000000");
    let moved = header.replace(":1700000000", ":01700000000");
    assert_eq!(post(&moved), Err(Rejection::TimestampForm));
    assert_eq!(post(&header), Err(Rejection::Mismatch));
}

#[test]
fn the_nonce_is_32_hex_unless_configured() {
    for nonce in ["", "abc", &NONCE[1..], &format!("{NONCE}0"), &NONCE.replace('f', "g"), &NONCE.replace('f', "é")] {
        assert_eq!(post(&sign(URL, b"{}", nonce, "1700000000")), Err(Rejection::NonceForm), "{nonce}");
    }
    let relaxed = verifier().with_nonce_rule(NonceRule::Hex(8..=40));
    let header = sign(URL, b"{}", "0123456789abcdef", "1700000000");
    assert!(relaxed.verify("POST", URL, header.as_bytes(), b"{}", NOW).is_ok());
    let header = sign(URL, b"{}", "0123456", "1700000000");
    assert_eq!(relaxed.verify("POST", URL, header.as_bytes(), b"{}", NOW), Err(Rejection::NonceForm));
}

#[test]
fn the_signature_is_canonical_base64_of_32_bytes() {
    let header = good();
    let signature = header.split(':').nth(1).unwrap().to_owned();
    assert!(signature.ends_with('='));
    // The last character before the padding carries two unused bits; a lax decoder ignores them.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = signature.as_bytes()[42];
    let index = alphabet.bytes().position(|letter| letter == last).unwrap();
    let sibling = char::from(alphabet.as_bytes()[index + 1]);
    for forged in [
        format!("{}{sibling}=", &signature[..42]),
        signature.trim_end_matches('=').to_owned(),
        signature.replace('=', "=="),
        format!("{signature}A"),
        signature.replace('=', "-"),
        BASE64.encode(&[0; 31]),
        BASE64.encode(&[0; 33]),
        String::new(),
    ] {
        assert_eq!(post(&header.replace(&signature, &forged)), Err(Rejection::SignatureForm), "{forged}");
    }
    assert_eq!(post(&header.replace(&signature, &BASE64.encode(&[0; 32]))), Err(Rejection::Mismatch));
}

#[test]
fn exactly_four_fields_after_the_scheme() {
    let header = good();
    assert!(post(&header).is_ok());
    assert!(post(&header.replace("hmacauth", "HmacAuth")).is_ok());
    assert_eq!(post(&format!("{header}:")), Err(Rejection::Fields));
    assert_eq!(post(&format!("{header}:x")), Err(Rejection::Fields));
    assert_eq!(post("hmacauth a:b:c"), Err(Rejection::Fields));
    assert_eq!(post("hmacauth "), Err(Rejection::Fields));
    assert_eq!(post(&header.replace("hmacauth ", "hmacauth  ")), Err(Rejection::AppName));
    for other in ["", "hmacauth", "Basic YTpi", "hmacauth\tx:a:b:c"] {
        assert_eq!(post(other), Err(Rejection::Scheme), "{other}");
    }
    assert_eq!(verifier().verify("POST", URL, b"hmacauth \xff", b"{}", NOW), Err(Rejection::Scheme));
}

#[test]
fn the_window_is_five_minutes_either_way() {
    let header = good();
    for (offset, inside) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
        let answer = verifier().verify("POST", URL, header.as_bytes(), b"{}", NOW + offset);
        assert_eq!(answer.is_ok(), inside, "{offset}");
    }
    for now in [i64::MIN, i64::MAX] {
        assert_eq!(verifier().verify("POST", URL, header.as_bytes(), b"{}", now), Err(Rejection::Expired));
    }
}

#[test]
fn two_secrets_during_rotation() {
    let header = good();
    let rotating = Verifier::new(APP_NAME_SANDBOX, SecretString::from("the new one"))
        .with_previous_secret(SecretString::from(SECRET));
    assert_eq!(
        rotating.verify("POST", URL, header.as_bytes(), b"{}", NOW).map(|verified| verified.secret_index),
        Ok(1)
    );
    assert_eq!(post(&header).map(|verified| verified.secret_index), Ok(0));
    let rotated = rotating.with_previous_secret(SecretString::from("yet another"));
    assert_eq!(rotated.verify("POST", URL, header.as_bytes(), b"{}", NOW), Err(Rejection::Mismatch));
}

#[test]
fn a_replay_has_the_same_key_even_when_case_or_order_differ() {
    let url = "https://merchant.example/cb/abc?a=1&b=2";
    let header = sign(url, b"{}", NONCE, "1700000000");
    let key = |url: &str| verifier().verify("POST", url, header.as_bytes(), b"{}", NOW).unwrap().replay_key;
    assert_eq!(key(url), key("https://merchant.example/cb/AbC?b=2&a=1"));
}

#[test]
fn urls_are_checked_for_what_the_signature_cannot_tell_apart() {
    let check = |urls: &[&str]| check_urls(urls).is_ok();
    assert!(check(&["https://M.example/cb/aa/approved?APPROVED=true", "https://m.example/cb/bb/approved"]));
    assert!(!check(&["https://m.example/cb/Aa"]));
    assert!(!check(&["https://m.example/cb/a*"]));
    assert!(!check(&["https://m.example/cb/1", "https://m.example/cb/10"]));
    assert!(!check(&["https://m.example/cb/10", "https://m.example/cb/1"]));
    assert!(check(&["https://m.example/cb/1", "https://m.example/cb/1"]));
    assert!(check(&["https://m.example/cb/1", "https://m.example/cb/1x"]));
}

#[test]
fn secrets_do_not_show() {
    assert!(!format!("{:?}", verifier()).contains(SECRET));
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_one_flipped_bit_does_not(
        body in proptest::collection::vec(any::<u8>(), 0..200),
        path in "/[a-z0-9/%._-]{0,40}(\\?[A-Za-z0-9=&%]{0,40})?",
        nonce in "[0-9a-fA-F]{32}",
        time in 1_000_000_000_i64..=9_999_999_999,
        skew in -300_i64..=300,
        flip in any::<(usize, u8)>(),
    ) {
        let url = format!("https://merchant.example{path}");
        let header = sign(&url, &body, &nonce, &time.to_string());
        let verify = |body: &[u8], header: &[u8]| verifier().verify("POST", &url, header, body, time + skew);
        prop_assert!(verify(&body, header.as_bytes()).is_ok());
        let bit = 1 << (flip.1 % 8);
        if !body.is_empty() {
            let mut touched = body.clone();
            touched[flip.0 % body.len()] ^= bit;
            prop_assert_eq!(verify(&touched, header.as_bytes()), Err(Rejection::Mismatch));
        }
        // The scheme alone may change its letters' case.
        let mut touched = header.into_bytes();
        let at = 9 + flip.0 % (touched.len() - 9);
        touched[at] ^= bit;
        prop_assert!(verify(&body, &touched).is_err());
    }

    #[test]
    fn no_header_panics(header in proptest::collection::vec(any::<u8>(), 0..200), method in "GET|POST|\\PC{0,5}", url in "\\PC{0,60}") {
        prop_assert!(verifier().verify(&method, &url, &header, b"", NOW).is_err());
    }
}
