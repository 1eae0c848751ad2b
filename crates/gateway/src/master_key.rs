//! The key that everything secret in the database hangs on: seals credentials, derives references.
//! It lives outside the database, so that a stolen or restored database holds neither.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use domain::{IdempotencyKey, ProgramId, Reference};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

use crate::base32;
use crate::source::Source;

const NONCE_BYTES: usize = 24;
/// The first byte of a sealed blob: which way it was sealed, so that another way can come later.
const SEALED_V1: u8 = 1;

/// 32 bytes that are never shown.
#[derive(Clone)]
pub struct MasterKey {
    sealing: Zeroizing<[u8; 32]>,
    references: Zeroizing<[u8; 32]>,
}

/// A sealed blob that does not open: another key, another row, or damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored secret cannot be opened: wrong master key, or the row was tampered with")]
pub(crate) struct CannotOpen;

impl MasterKey {
    /// Derives one key per purpose from the 32 bytes, which are then wiped.
    pub fn new(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self { sealing: derive(&bytes, b"tollgate seal v1"), references: derive(&bytes, b"tollgate reference v1") }
    }

    /// Encrypts a secret so that it opens only in the place named by `context` (table, row, column).
    pub(crate) fn seal(&self, context: &str, secret: &[u8], source: &dyn Source) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        source.fill(&mut nonce);
        let cipher = XChaCha20Poly1305::new(&Key::from(*self.sealing));
        let payload = Payload { msg: secret, aad: context.as_bytes() };
        // Encrypting a short text in memory cannot fail; an empty blob would not open, so nothing leaks either way.
        let text = cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        [[SEALED_V1].as_slice(), &nonce, &text].concat()
    }

    /// Opens what [`Self::seal`] made for the same context.
    pub(crate) fn open(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (head, rest) = sealed.split_first().ok_or(CannotOpen)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(CannotOpen)?;
        if *head != SEALED_V1 {
            return Err(CannotOpen);
        }
        let cipher = XChaCha20Poly1305::new(&Key::from(*self.sealing));
        let payload = Payload { msg: text, aad: context.as_bytes() };
        cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| CannotOpen)
    }

    /// The reference of a request that names none: always the same for the same key, so that a request repeated
    /// after the database lost it meets the same reference at Payoneer.
    pub(crate) fn reference(&self, operation: &str, program: &ProgramId, key: &IdempotencyKey) -> Option<Reference> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(self.references.as_slice()).ok()?;
        for field in [operation, program.as_str(), key.as_str()] {
            mac.update(&u64::try_from(field.len()).ok()?.to_be_bytes());
            mac.update(field.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        Reference::parse(base32::encode(&digest).get(..26)?).ok()
    }
}

fn derive(master: &[u8; 32], purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    if let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(master) {
        mac.update(purpose);
        key.copy_from_slice(&mac.finalize().into_bytes());
    }
    key
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SystemSource;
    use domain::Time;

    #[test]
    fn a_secret_opens_only_in_its_own_place_and_with_its_own_key() {
        let key = MasterKey::new([7; 32]);
        let sealed = key.seal("program/prg_1/password", b"secret", &SystemSource);
        assert_eq!(key.open("program/prg_1/password", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(key.open("program/prg_2/password", &sealed), Err(CannotOpen));
        assert_eq!(MasterKey::new([8; 32]).open("program/prg_1/password", &sealed), Err(CannotOpen));
        for cut in 0..sealed.len() {
            assert_eq!(key.open("program/prg_1/password", &sealed[..cut]), Err(CannotOpen));
        }
        assert!(!sealed.windows(6).any(|w| w == b"secret"));
        assert_ne!(sealed, key.seal("program/prg_1/password", b"secret", &SystemSource));
    }

    #[test]
    fn a_reference_is_derived_not_drawn() {
        let program = ProgramId::new(Time::from_micros(1), [1; 10]);
        let key = |text| IdempotencyKey::parse(text).unwrap();
        let master = MasterKey::new([7; 32]);
        let first = master.reference("charge", &program, &key("a")).unwrap();
        assert_eq!(Some(&first), master.reference("charge", &program, &key("a")).as_ref());
        assert_eq!(first.as_str().len(), 26);
        assert_ne!(Some(&first), master.reference("charge", &program, &key("b")).as_ref());
        assert_ne!(Some(&first), master.reference("payout", &program, &key("a")).as_ref());
        assert_ne!(Some(&first), MasterKey::new([8; 32]).reference("charge", &program, &key("a")).as_ref());
    }
}
