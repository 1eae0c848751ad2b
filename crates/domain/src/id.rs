//! Ids of our own things: a prefix that names the kind, then 26 letters that sort by time of creation.
//! Where the time and the random bytes come from is the caller's business.

use crate::Time;
use core::fmt;
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

/// Crockford's alphabet in lower case, whose order is the order of the bytes, so that ids sort as they were made.
static CROCKFORD: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification.encoding().ok()
});

/// Random bytes that an id is made of, drawn by the caller.
pub type Randomness = [u8; 10];

/// 48 bits of milliseconds since 1970 and 80 random bits, as 26 lower-case characters.
pub fn sortable(now: Time, randomness: Randomness) -> String {
    let millis = (now.micros() / 1_000).to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&millis[2..]);
    bytes[6..].copy_from_slice(&randomness);
    CROCKFORD.as_ref().map_or_else(String::new, |encoding| encoding.encode(&bytes))
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id of this instant.
            pub fn new(now: Time, randomness: Randomness) -> Self {
                Self(format!("{}{}", $prefix, sortable(now, randomness)))
            }

            /// Takes a text that has the form of this kind of id; it need not name anything that exists.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?;
                let fits = rest.len() == 26 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
                fits.then(|| Self(text.to_owned()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::NotAWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text).ok_or($crate::NotAWord(stringify!($name)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// A merchant's account with Payoneer, as this gateway knows it.
    ProgramId = "prg_";
    /// An API key (not the secret in it).
    ApiKeyId = "key_";
    /// One trip of a payee to Payoneer's hosted page.
    AuthorizationSessionId = "as_";
    /// A payee's standing permission.
    MandateId = "mdt_";
    /// One hosted checkout.
    CheckoutSessionId = "cs_";
    /// A charge.
    ChargeId = "ch_";
    /// A refund.
    RefundId = "rf_";
    /// A payout.
    PayoutId = "po_";
    /// One trip of a charge, refund or payout to Payoneer.
    AttemptId = "at_";
    /// A notification from Payoneer.
    CallbackId = "cb_";
    /// An immutable fact of ours.
    EventId = "evt_";
    /// Where a merchant wants events.
    WebhookEndpointId = "we_";
    /// A line of the journal.
    JournalEntryId = "jn_";
    /// An administrative change.
    AuditEntryId = "aud_";
    /// What operators said about something unknown.
    SettlementId = "stl_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_come_back_from_text() {
        let early = ChargeId::new(Time::from_micros(1_700_000_000_000_000), [255; 10]);
        let late = ChargeId::new(Time::from_micros(1_700_000_000_001_000), [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_str().len(), "ch_".len() + 26);
        assert_eq!(ChargeId::parse(early.as_str()), Some(early.clone()));
        assert_eq!(RefundId::parse(early.as_str()), None);
        assert_eq!(ChargeId::parse("ch_../../etc/passwd0000000000"), None);
    }
}
