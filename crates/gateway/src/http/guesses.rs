//! Failures of authentication, counted for each network within bounded memory: who guesses is slowed down, and whoever
//! has a good key never notices. Whether a key is good is the engine's business.

use domain::{Span, Time};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many failures a network may have at once.
const BURST: i64 = 30;
/// After how long one of them is forgiven.
const FORGIVEN_AFTER: Span = Span::from_secs(2);
/// How many networks are remembered; further ones share one account.
const NETWORKS_MAX: usize = 4_096;
/// How many keys of suspected networks are looked up at once.
const DOORS: usize = 2;

/// Where a connection comes from, as the socket says. A header of a proxy's is not asked: anybody can write one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

impl Peer {
    /// The network: an address, or for IPv6 the /64 of it, since a customer has a whole one.
    fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address @ IpAddr::V4(_) => address,
        }
    }
}

/// The failures of all networks.
pub(crate) struct Guesses {
    /// For each network the instant at which all its failures are forgiven.
    until: Mutex<HashMap<IpAddr, Time>>,
    doors: Semaphore,
}

/// What stands between a caller and the look at its key.
pub(super) enum Entrance<'a> {
    /// Nothing.
    Open,
    /// It comes from where too many failures came from, but there was a place in the queue.
    Narrow(#[expect(dead_code, reason = "held for as long as the look takes")] SemaphorePermit<'a>),
    /// There was none.
    Shut,
}

impl Guesses {
    pub(crate) fn new() -> Self {
        Self { until: Mutex::default(), doors: Semaphore::new(DOORS) }
    }

    /// How this caller may have its key looked at.
    pub(super) fn entrance(&self, peer: Option<Peer>, now: Time) -> Entrance<'_> {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = until.get(&account(&until, peer)).copied();
        drop(until);
        match standing {
            Some(until) if is_suspected(until, now) => {
                self.doors.try_acquire().map_or(Entrance::Shut, Entrance::Narrow)
            }
            _ => Entrance::Open,
        }
    }

    /// A key was not good.
    pub(super) fn failed(&self, peer: Option<Peer>, now: Time) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.len() >= NETWORKS_MAX {
            until.retain(|_, forgiven| *forgiven > now);
        }
        let account = account(&until, peer);
        let standing = until.entry(account).or_insert(now);
        let most = now + Span::from_micros(FORGIVEN_AFTER.micros() * BURST);
        *standing = ((*standing).max(now) + FORGIVEN_AFTER).min(most);
    }
}

/// Whose failures these are. Once there are too many networks, the new ones share one account.
fn account(until: &HashMap<IpAddr, Time>, peer: Option<Peer>) -> IpAddr {
    let shared = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    let network = peer.map_or(shared, Peer::network);
    if until.contains_key(&network) || until.len() < NETWORKS_MAX { network } else { shared }
}

/// Whether the burst is used up.
fn is_suspected(until: Time, now: Time) -> bool {
    until - now > Span::from_micros(FORGIVEN_AFTER.micros() * (BURST - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    #[expect(clippy::unnecessary_wraps, reason = "what the code is handed is an option")]
    fn peer(text: &str) -> Option<Peer> {
        Some(Peer(text.parse().unwrap()))
    }

    fn is_open(guesses: &Guesses, peer: Option<Peer>, now: Time) -> bool {
        matches!(guesses.entrance(peer, now), Entrance::Open)
    }

    #[test]
    fn who_guesses_meets_a_narrow_door_and_is_forgiven_in_time() {
        let guesses = Guesses::new();
        for _ in 0..BURST {
            assert!(is_open(&guesses, peer("192.0.2.1"), at(0)));
            guesses.failed(peer("192.0.2.1"), at(0));
        }
        let (one, two) = (guesses.entrance(peer("192.0.2.1"), at(0)), guesses.entrance(peer("192.0.2.1"), at(0)));
        assert!(matches!((&one, &two), (Entrance::Narrow(_), Entrance::Narrow(_))));
        assert!(matches!(guesses.entrance(peer("192.0.2.1"), at(0)), Entrance::Shut));
        assert!(is_open(&guesses, peer("192.0.2.2"), at(0)), "others are others");
        drop((one, two));
        assert!(matches!(guesses.entrance(peer("192.0.2.1"), at(0)), Entrance::Narrow(_)));
        assert!(is_open(&guesses, peer("192.0.2.1"), at(3)));
        for _ in 0..10 * BURST {
            guesses.failed(peer("192.0.2.1"), at(3));
        }
        assert!(is_open(&guesses, peer("192.0.2.1"), at(10)), "no list of sins is longer than the burst");
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_and_memory_is_bounded() {
        let guesses = Guesses::new();
        for host in 0..BURST {
            guesses.failed(peer(&format!("2001:db8::{host:x}")), at(0));
        }
        assert!(!is_open(&guesses, peer("2001:db8::ffff"), at(0)));
        assert!(is_open(&guesses, peer("2001:db8:0:1::1"), at(0)));
        assert!(is_open(&guesses, peer("::ffff:192.0.2.9"), at(0)));
        for n in 0..3 * u32::try_from(NETWORKS_MAX).unwrap() {
            guesses.failed(Some(Peer(IpAddr::V4(n.into()))), at(0));
        }
        let remembered = || guesses.until.lock().unwrap().len();
        assert!(remembered() <= NETWORKS_MAX + 1, "{}", remembered());
        assert!(!is_open(&guesses, peer("203.0.113.7"), at(0)), "the new ones share one account");
        guesses.failed(peer("203.0.113.7"), at(1_000));
        assert_eq!(remembered(), 1, "what is forgiven is forgotten");
    }
}
