//! API keys: what their text looks like, and which program one opens.
//! The secret part exists only in the text that is shown once; here it is compared by its hash.

use super::{Engine, Error};
use crate::base32;
use crate::source::Source;
use domain::Span;
use domain::api_key::ApiKey;
use domain::id::ApiKeyId;
use domain::program::Program;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::fmt;
use store::Batch;
use subtle::ConstantTimeEq as _;

/// How often the time of last use is written.
const TOUCH_EVERY: Span = Span::from_secs(60);
/// Characters of the secret: 32 random bytes.
const SECRET_CHARS: usize = 52;
/// Characters of the checksum, by which a secret scanner or a typing error is told without asking the database.
const CHECKSUM_CHARS: usize = 7;

/// A key's text, taken apart: `tg_test_<id>_<secret><checksum>`.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    live: bool,
    id: ApiKeyId,
    hash: Vec<u8>,
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyText").field("id", &self.id).finish_non_exhaustive()
    }
}

impl KeyText {
    /// Takes a key's text apart; nothing if it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let (live, rest) = match (text.strip_prefix("tg_live_"), text.strip_prefix("tg_test_")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return None,
        };
        let (id, secret) = rest.split_once('_')?;
        let id = ApiKeyId::parse(&format!("{}{id}", ApiKeyId::PREFIX))?;
        let body = text.get(..text.len().checked_sub(CHECKSUM_CHARS)?)?;
        let fits = secret.len() == SECRET_CHARS + CHECKSUM_CHARS && text.ends_with(&checksum(body));
        fits.then(|| Self { live, id, hash: hash(text) })
    }
}

/// A new key's text, to be shown once, and what is stored of it.
pub fn issue(id: &ApiKeyId, live: bool, source: &dyn Source) -> (SecretString, Vec<u8>) {
    let mut secret = [0; 32];
    source.fill(&mut secret);
    let mode = if live { "live" } else { "test" };
    let id = id.as_str().trim_start_matches(ApiKeyId::PREFIX);
    let body = format!("tg_{mode}_{id}_{}", base32::encode(&secret));
    let text = format!("{body}{}", checksum(&body));
    let hash = hash(&text);
    (SecretString::from(text), hash)
}

/// What the audit log tells of a key.
pub(crate) fn key_told(key: &ApiKey) -> serde_json::Value {
    serde_json::json!({
        "name": key.name, "origin": key.origin.as_str(),
        "scopes": key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "expires_at": key.expires_at.map(|at| at.to_string()),
    })
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

fn checksum(body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    base32::encode(&digest[..4])
}

impl Engine {
    /// The program and the key that a bearer text opens; nothing if it opens none.
    pub async fn authenticate(&self, bearer: &str) -> Result<Option<(Program, ApiKey)>, Error> {
        let Some(text) = KeyText::parse(bearer) else { return Ok(None) };
        let Some(key) = self.store.read_one(store::api_keys::by_id(&text.id)).await? else { return Ok(None) };
        let now = self.now();
        if !bool::from(key.hash.ct_eq(&text.hash)) || !key.is_valid(now) {
            return Ok(None);
        }
        let line = self.line(&key.program).await?;
        // A test key can never reach real money, nor a live key be taken for a test key.
        if line.program.environment.is_live() != text.live {
            return Ok(None);
        }
        if key.last_used_at.is_none_or(|at| now - at >= TOUCH_EVERY) {
            self.store.commit(Batch::new().with(store::api_keys::touch(&key.id, now))).await?;
        }
        Ok(Some((line.program.clone(), key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SystemSource;
    use domain::Time;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_key_is_recognised_and_every_changed_letter_is_not() {
        let id = ApiKeyId::new(Time::from_micros(1), [7; 10]);
        let (text, hash) = issue(&id, false, &SystemSource);
        let text = text.expose_secret();
        let parsed = KeyText::parse(text).unwrap();
        assert_eq!((&parsed.id, parsed.live, &parsed.hash), (&id, false, &hash));
        for at in 0..text.len() {
            let mut other = text.to_owned();
            let letter = if &text[at..=at] == "b" { "c" } else { "b" };
            other.replace_range(at..=at, letter);
            assert_eq!(KeyText::parse(&other), None, "{at}");
        }
        assert_eq!(KeyText::parse(""), None);
        assert_eq!(KeyText::parse("tg_test_"), None);
    }
}
