//! Bytes as lower-case base32 without padding: for tokens, references and API keys, none of which may depend on case.

use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

static LOWER: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    specification.encoding().ok()
});

/// The text of these bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    LOWER.as_ref().map_or_else(String::new, |encoding| encoding.encode(bytes))
}
