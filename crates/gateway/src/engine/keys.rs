//! API keys: what their text looks like, and which program one opens.
//! The secret part exists only in the text that is shown once; here it is compared by its hash.

use super::settlements::Operator;
use super::{Engine, Error, Page};
use crate::base32;
use crate::source::Source;
use domain::api_key::{ApiKey, Scope};
use domain::audit::Action;
use domain::id::ApiKeyId;
use domain::program::Program;
use domain::{Span, Time};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use store::Batch;
use subtle::ConstantTimeEq as _;

/// How often the time of last use is written.
const TOUCH_EVERY: Span = Span::from_secs(300);
/// How many of those writes wait at once; one beyond that is left to the key's next use.
pub(super) const TOUCHES: usize = 4;
/// Characters of the secret: 32 random bytes.
const SECRET_CHARS: usize = 52;
/// Characters of the checksum, by which a secret scanner or a typing error is told without asking the database.
const CHECKSUM_CHARS: usize = 7;

/// What a key is made with.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// After how long it opens nothing.
    pub expires_in: Option<Span>,
}

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
    pub async fn authenticate(self: &Arc<Self>, bearer: &str) -> Result<Option<(Program, ApiKey)>, Error> {
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
            self.touch(&key.id, now);
        }
        Ok(Some((line.program.clone(), key)))
    }

    /// Has it written down that the key was used; nobody waits for that, and nothing fails with it.
    fn touch(self: &Arc<Self>, id: &ApiKeyId, now: Time) {
        let Ok(permit) = Arc::clone(&self.touches).try_acquire_owned() else { return };
        let since = Time::from_micros(now.micros() - TOUCH_EVERY.micros() + 1);
        let (engine, write) = (Arc::clone(self), store::api_keys::touch(id, now, since));
        tokio::spawn(async move {
            if let Err(error) = engine.store.commit(Batch::new().with(write)).await {
                tracing::debug!(%error, "the use of a key was not written down");
            }
            drop(permit);
        });
    }

    /// A key not yet stored, and its text. Made with no other key, it goes back to itself.
    pub(crate) fn new_key(&self, program: &Program, new: NewKey, maker: Option<&ApiKeyId>) -> (ApiKey, SecretString) {
        let now = self.now();
        let id = ApiKeyId::new(now, self.source.randomness());
        let (text, hash) = issue(&id, program.environment.is_live(), self.source.as_ref());
        let NewKey { name, scopes, expires_in } = new;
        let origin = maker.unwrap_or(&id).clone();
        let expires_at = expires_in.map(|span| now + span);
        let program = program.id.clone();
        let (last_used_at, revoked_at) = (None, None);
        let key =
            ApiKey { id, program, name, scopes, hash, origin, created_at: now, expires_at, last_used_at, revoked_at };
        (key, text)
    }

    /// A new key of the program, in the name of an operator with a key; its text is returned once and stored nowhere.
    pub async fn create_key(
        &self,
        program: &Program,
        operator: &Operator,
        new: NewKey,
    ) -> Result<(ApiKey, SecretString), Error> {
        let (key, text) = self.new_key(program, new, Some(&operator.origin));
        let mut changes = self.changes(&program.id, key.created_at);
        changes.write(store::api_keys::insert(&key));
        let audited = (&operator.actor, None);
        changes.audit(Action::KeyCreated, key.id.as_str(), audited, (None, Some(key_told(&key))));
        self.store.commit(changes.finish()).await?;
        Ok((key, text))
    }

    /// One key.
    pub async fn api_key(&self, program: &Program, id: &ApiKeyId) -> Result<ApiKey, Error> {
        let key = self.store.read_one(store::api_keys::of_program_by_id(&program.id, id)).await?;
        key.ok_or(Error::NotFound { noun: "api key" })
    }

    /// Keys, newest first, closed ones too.
    pub async fn api_keys(&self, program: &Program, page: &Page) -> Result<Vec<ApiKey>, Error> {
        Ok(self.store.read(store::api_keys::page(&program.id, page)).await?)
    }

    /// Closes a key for ever, at once. One that is closed already stays as it is.
    pub async fn revoke_key(&self, program: &Program, operator: &Operator, id: &ApiKeyId) -> Result<ApiKey, Error> {
        self.decide(|| async {
            let key = self.api_key(program, id).await?;
            if key.revoked_at.is_some() {
                return Ok(None);
            }
            let now = self.now();
            let mut changes = self.changes(&program.id, now);
            changes.write(store::api_keys::revoke(id, now));
            let audited = (&operator.actor, None);
            changes.audit(Action::KeyRevoked, id.as_str(), audited, (Some(key_told(&key)), None));
            Ok(Some(changes.finish()))
        })
        .await?;
        self.api_key(program, id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SystemSource;
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
