//! Which addresses a merchant may have us ask. Names are checked when they are resolved, by the resolver that the
//! connection itself uses: what was checked is what is connected to, however fast a name changes its mind.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use url::{Host, Url};

/// No more addresses of one name are looked at.
const ADDRESSES_MAX: usize = 16;

/// What holds for the addresses of webhook endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether private addresses and plain `http` are allowed: for a receiver beside the gateway, and for tests.
    pub allow_private: bool,
}

/// Why an address is none that may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither `https`, nor `http` where that is allowed.
    #[error("must begin with https://")]
    Scheme,
    /// It holds a user name or a password.
    #[error("must not hold a user name or password; use a header")]
    Credentials,
    /// There is no host in it.
    #[error("must name a host")]
    Host,
    /// It leads into a network that only we can reach.
    #[error("must not lead to a private, local or reserved address")]
    Private,
}

impl Rules {
    /// Refuses an address by what can be seen without asking anybody.
    pub fn check(self, url: &Url) -> Result<(), Refusal> {
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err(Refusal::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        match url.host() {
            None => Err(Refusal::Host),
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into()),
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into()),
            Some(Host::Domain(name)) if is_local_name(name) && !self.allow_private => Err(Refusal::Private),
            Some(Host::Domain(_)) => Ok(()),
        }
    }

    fn check_ip(self, ip: IpAddr) -> Result<(), Refusal> {
        if self.allow_private || is_public(ip) { Ok(()) } else { Err(Refusal::Private) }
    }
}

/// Names that no public server answers to (RFC 6761, RFC 6762).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    matches!(last, "localhost" | "local" | "internal" | "home" | "lan") || !name.contains('.')
}

/// Whether anybody on the internet could be meant by it.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// The networks of IANA's special-purpose registry, and one cloud's address of metadata outside of them.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let inside = |(net, bits): &(Ipv4Addr, u32)| {
        let shift = 32 - bits;
        ip.to_bits() >> shift == net.to_bits() >> shift
    };
    !SPECIAL_V4.iter().any(inside)
}

/// Only global unicast, and of that nothing that documents, tunnels or carries an IPv4 address inside.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let global = first & 0xe000 == 0x2000;
    let protocol = first == 0x2001 && second < 0x0200;
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    let six_to_four = first == 0x2002;
    global && !protocol && !documentation && !six_to_four
}

/// Where names are looked up.
pub trait Names: Send + Sync {
    /// The addresses of a name.
    fn look_up(&self, name: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, name: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).take(ADDRESSES_MAX).collect())
        })
    }
}

/// A resolver that gives away no address which may not be asked.
#[derive(Clone)]
pub(super) struct Guard {
    pub(super) rules: Rules,
    pub(super) names: Arc<dyn Names>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, found) = (self.rules, self.names.look_up(name.as_str()));
        Box::pin(async move {
            let found = found.await?;
            // One bad address among good ones is a trick: nothing is asked.
            for ip in &found {
                rules.check_ip(*ip)?;
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rules = Rules { allow_private: false };
    const LAX: Rules = Rules { allow_private: true };

    fn check(rules: Rules, text: &str) -> Result<(), Refusal> {
        rules.check(&Url::parse(text).unwrap())
    }

    #[test]
    fn only_public_addresses_are_asked() {
        for private in [
            "0.0.0.0",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860:4860::8888",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_address_is_judged_however_it_is_written() {
        for hidden in [
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[0:0:0:0:0:ffff:7f00:1]/",
            "https://169.254.169.254/latest",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://intranet/",
            "https://１２７.0.0.1/",
        ] {
            assert_eq!(check(STRICT, hidden), Err(Refusal::Private), "{hidden}");
            assert_eq!(check(LAX, hidden), Ok(()), "{hidden}");
        }
        assert_eq!(check(STRICT, "https://hooks.shop.example:8443/a?b=c"), Ok(()));
        assert_eq!(check(STRICT, "http://hooks.shop.example/"), Err(Refusal::Scheme));
        assert_eq!(check(LAX, "ftp://hooks.shop.example/"), Err(Refusal::Scheme));
        assert_eq!(check(LAX, "https://a:b@hooks.shop.example/"), Err(Refusal::Credentials));
    }

    struct Fixed(&'static [&'static str]);

    impl Names for Fixed {
        fn look_up(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
            let found = self.0.iter().map(|text| text.parse().unwrap()).collect();
            Box::pin(async move { Ok(found) })
        }
    }

    #[tokio::test]
    async fn one_private_address_among_public_ones_spoils_the_name() {
        let resolve =
            |found, rules| Guard { rules, names: Arc::new(Fixed(found)) }.resolve("a.example".parse().unwrap());
        assert_eq!(resolve(&["8.8.8.8", "1.1.1.1"], STRICT).await.unwrap().count(), 2);
        let error = resolve(&["8.8.8.8", "10.0.0.1"], STRICT).await.map(|_| ()).unwrap_err();
        assert_eq!(error.downcast_ref::<Refusal>(), Some(&Refusal::Private));
        assert_eq!(resolve(&["8.8.8.8", "10.0.0.1"], LAX).await.unwrap().count(), 2);
    }
}
