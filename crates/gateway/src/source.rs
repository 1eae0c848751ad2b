//! Where time and randomness come from. The one file of the gateway that reads the clock or draws random bytes;
//! everything else is handed a [`Source`], so that a simulation can hand it one that replays from a seed.

use domain::Time;
use domain::id::Randomness;
use std::time::{SystemTime, UNIX_EPOCH};

/// Time and randomness.
pub trait Source: Send + Sync {
    /// Now.
    fn now(&self) -> Time;

    /// Fills the buffer with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);

    /// The random part of an id.
    fn randomness(&self) -> Randomness {
        let mut bytes = Randomness::default();
        self.fill(&mut bytes);
        bytes
    }

    /// 26 unguessable lower-case characters (128 bits), for addresses.
    fn token(&self) -> String {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        crate::base32::encode(&bytes)
    }
}

/// The machine's clock and random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemSource;

impl Source for SystemSource {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no secret can be made, and a guessable one is worse than a dead process.
        if getrandom::fill(buffer).is_err() {
            std::process::abort();
        }
    }
}
