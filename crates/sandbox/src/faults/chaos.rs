//! Seeded chaos: whether a call meets a fault depends on the seed and on the call, never on time or thread.
//! Profiles are data, in `profiles.rs`.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::profiles::PROFILES;
use super::subject::Subject;

/// How often a fault happens to some operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chance {
    /// The operations; none: all.
    pub operations: &'static [&'static str],
    /// In how many of a thousand calls.
    pub per_mille: u16,
    /// What goes wrong.
    pub fault: Fault,
}

/// A named mixture of chances.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// What it is like.
    pub says: &'static str,
    /// Its chances; of those that fit a call at most one happens.
    pub chances: &'static [Chance],
}

impl Profile {
    /// This profile as chaos under a seed, in a namespace; none for the one without chances.
    #[must_use]
    pub fn chaos(&self, seed: u64, namespace: &str) -> Option<Chaos> {
        let chaos = Chaos { profile: self.name.to_owned(), seed, namespace: namespace.to_owned() };
        (!self.chances.is_empty()).then_some(chaos)
    }

    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|p| p.name == name)
    }
}

/// Chaos in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chaos {
    /// The profile's name; one that is not known does nothing.
    pub profile: String,
    /// The seed of all choices.
    pub seed: u64,
    /// The namespace, which is part of every choice; empty for the sandbox's own world.
    #[serde(default)]
    pub namespace: String,
}

impl Chaos {
    /// What happens to the call of that ordinal within its operation and subject.
    #[must_use]
    pub fn draw(&self, subject: &Subject, ordinal: u64) -> Option<Fault> {
        let mut left = self.number(subject, ordinal) % 1_000;
        let fitting = Profile::named(&self.profile)?.chances.iter();
        for chance in fitting.filter(|c| c.operations.is_empty() || c.operations.contains(&subject.operation.as_str()))
        {
            match left.checked_sub(u64::from(chance.per_mille)) {
                Some(rest) => left = rest,
                None => return Some(chance.fault.clone()),
            }
        }
        None
    }

    fn number(&self, subject: &Subject, ordinal: u64) -> u64 {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(ordinal.to_be_bytes());
        // Each text ends with a byte that no text holds.
        for text in [&self.namespace, &subject.operation, &subject.key()] {
            hash.update(text.as_bytes());
            hash.update([0xff]);
        }
        let bytes: [u8; 32] = hash.finalize().into();
        bytes.iter().take(8).fold(0, |n, b| (n << 8) | u64::from(*b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(n: u32) -> Subject {
        let reference = Some(format!("r{n}"));
        Subject { operation: "create_charge".to_owned(), reference, ..Subject::default() }
    }

    fn draws(seed: u64, profile: &str, namespace: &str) -> Vec<Option<Fault>> {
        let chaos = Chaos { profile: profile.to_owned(), seed, namespace: namespace.to_owned() };
        (0..2_000).map(|n| chaos.draw(&subject(n / 2), u64::from(n % 2) + 1)).collect()
    }

    #[test]
    fn choices_follow_from_seed_namespace_and_call() {
        assert_eq!(draws(7, "hostile", ""), draws(7, "hostile", ""));
        assert_ne!(draws(7, "hostile", ""), draws(8, "hostile", ""));
        assert_ne!(draws(7, "hostile", ""), draws(7, "hostile", "a"));
    }

    #[test]
    fn every_chance_of_every_profile_is_valid_and_happens() {
        for profile in PROFILES {
            let drawn = draws(1, profile.name, "");
            for chance in profile.chances {
                chance.fault.check().unwrap();
                let fits = chance.operations.is_empty() || chance.operations.contains(&"create_charge");
                assert_eq!(fits, drawn.contains(&Some(chance.fault.clone())), "{}: {:?}", profile.name, chance.fault);
            }
            let sum: u16 = profile.chances.iter().map(|c| c.per_mille).sum();
            assert!(sum < 1_000, "{} leaves nothing alone", profile.name);
        }
    }
}
