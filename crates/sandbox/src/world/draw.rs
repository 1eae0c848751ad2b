//! The sandbox's only randomness: draws keyed by what they are for and how many came before.
//! Nothing here may ask the operating system; the same seed gives the same draws for ever.

use std::collections::BTreeMap;

use data_encoding::{HEXLOWER, HEXUPPER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A seeded source of ids, tokens and nonces.
///
/// A draw depends on the seed, its purpose and its number within that purpose, never on the order between purposes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Draw {
    seed: u64,
    counts: BTreeMap<String, u64>,
}

impl Draw {
    /// A fresh source.
    #[must_use]
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counts: BTreeMap::new() }
    }

    /// The seed that this source was made from.
    #[must_use]
    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    fn next(&mut self, purpose: &str) -> [u8; 32] {
        self.next_with(purpose, 0)
    }

    fn next_with(&mut self, purpose: &str, extra: i64) -> [u8; 32] {
        let count = self.counts.entry(purpose.to_owned()).or_insert(0);
        *count += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(count.to_be_bytes());
        hash.update(extra.to_be_bytes());
        hash.update(purpose.as_bytes());
        hash.finalize().into()
    }

    fn number(&mut self, purpose: &str) -> u64 {
        let bytes = self.next(purpose);
        bytes.iter().take(8).fold(0, |n, b| (n << 8) | u64::from(*b))
    }

    /// How many draws were made for `purpose`.
    #[must_use]
    pub(crate) fn count(&self, purpose: &str) -> u64 {
        self.counts.get(purpose).copied().unwrap_or(0)
    }

    /// A number from `low` up to but not including `high`.
    pub(crate) fn between(&mut self, purpose: &str, low: u64, high: u64) -> u64 {
        low + self.number(purpose) % high.saturating_sub(low).max(1)
    }

    /// 32 lower-case hexadecimal digits.
    pub(crate) fn hex32(&mut self, purpose: &str) -> String {
        HEXLOWER.encode(self.next(purpose).get(..16).unwrap_or_default())
    }

    /// 32 lower-case hexadecimal digits that also depend on the second, so that a world begun anew does not repeat them.
    pub(crate) fn nonce(&mut self, unix_seconds: i64) -> String {
        HEXLOWER.encode(self.next_with("nonce", unix_seconds).get(..16).unwrap_or_default())
    }

    /// The token of a hosted page: 32 lower-case and then 10 upper-case hexadecimal digits.
    pub(crate) fn page_token(&mut self) -> String {
        let bytes = self.next("page token");
        let (head, tail) = bytes.split_at(16);
        HEXLOWER.encode(head) + &HEXUPPER.encode(tail.get(..5).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_does_not_depend_on_other_purposes() {
        let (mut a, mut b) = (Draw::new(7), Draw::new(7));
        let _ = b.hex32("something else");
        assert_eq!(a.page_token(), b.page_token());
        assert_ne!(a.page_token(), Draw::new(8).page_token());
    }

    #[test]
    fn page_tokens_have_payoneers_shape() {
        let token = Draw::new(1).page_token();
        let (head, tail) = token.split_at(32);
        assert_eq!(tail.len(), 10);
        assert!(head.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        assert!(tail.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')));
    }
}
