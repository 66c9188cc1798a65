//! Where a call may go. Names are resolved here and the addresses judged here; the caller connects
//! to those very addresses, so a second answer of the DNS changes nothing (CAS-167, T-40).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use url::{Host, Url};

use super::OutgoingError;

/// A destination inside the network that may be called all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// A host by its exact name, whatever it resolves to.
    Host(String),
    /// Any address of a network, whatever its name.
    Network(IpNet),
}

/// The text is neither a host name nor a network like `10.1.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a host name, an address, or a network like 10.1.0.0/16")]
pub struct InvalidAllowed;

impl FromStr for Allowed {
    type Err = InvalidAllowed;

    fn from_str(text: &str) -> Result<Allowed, InvalidAllowed> {
        if let Ok(network) = text.parse() {
            return Ok(Allowed::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Allowed::Network(IpNet::from(address)));
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) => Ok(Allowed::Host(name)),
            _ => Err(InvalidAllowed),
        }
    }
}

/// Host, port and scheme of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination {
    /// As in the URL, an IPv6 address in brackets.
    pub name: String,
    pub host: Host<String>,
    pub port: u16,
    pub tls: bool,
}

impl Destination {
    pub(super) fn of(url: &Url) -> Result<Destination, OutgoingError> {
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(OutgoingError::NotCallable),
        };
        let host = url.host().map(|host| host.to_owned());
        let (Some(host), Some(port)) = (host, url.port_or_known_default()) else {
            return Err(OutgoingError::NotCallable);
        };
        if !url.username().is_empty() || url.password().is_some() || port == 0 {
            return Err(OutgoingError::NotCallable);
        }
        Ok(Destination {
            name: host.to_string(),
            host,
            port,
            tls,
        })
    }

    pub(super) fn late(&self) -> OutgoingError {
        OutgoingError::Late {
            host: self.name.clone(),
        }
    }

    pub(super) async fn resolve(&self) -> Result<Vec<SocketAddr>, OutgoingError> {
        let name = match &self.host {
            Host::Ipv4(address) => return Ok(vec![SocketAddr::from((*address, self.port))]),
            Host::Ipv6(address) => return Ok(vec![SocketAddr::from((*address, self.port))]),
            Host::Domain(name) => name,
        };
        let found = tokio::net::lookup_host((name.as_str(), self.port)).await;
        let found: Vec<_> = found.map(Iterator::collect).unwrap_or_default();
        if found.is_empty() {
            return Err(OutgoingError::Unresolvable { host: name.clone() });
        }
        Ok(found)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

/// Whether `address`, found for `host`, is out of bounds.
pub(super) fn forbidden(host: &str, address: IpAddr, allowed: &[Allowed]) -> bool {
    let listed = allowed.iter().any(|allowed| match allowed {
        Allowed::Host(name) => name.eq_ignore_ascii_case(host),
        Allowed::Network(network) => network.contains(&address),
    });
    !listed && !is_public(address)
}

/// Whether an address belongs to the public internet (IANA special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        // This network, private, loopback; multicast, reserved, broadcast.
        (0 | 10 | 127 | 224.., _, _) => false,
        // Carrier-grade NAT, link-local, private, benchmarks.
        (100, 64..=127, _) | (169, 254, _) | (172, 16..=31, _) | (192, 168, _) | (198, 18 | 19, _) => false,
        // Protocol assignments, documentation, 6to4 relays.
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) => false,
        _ => true,
    }
}

/// Only global unicast, and of that nothing that holds an IPv4 address in it: mapped, NAT64, 6to4
/// and Teredo forms would lead around the rules for IPv4.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocol assignments with Teredo, documentation, 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] => false,
        [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_forbidden(address: &str) -> bool {
        forbidden("app.univ.fr", address.parse().unwrap(), &[])
    }

    #[test]
    fn nothing_inside_the_network_is_called_however_it_is_written() {
        // CAS-167, T-40
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(is_forbidden(address), "{address}");
        }
        for address in [
            "8.8.8.8",
            "100.128.0.1",
            "172.32.0.1",
            "193.48.1.1",
            "2001:660:3003::1",
            "2a01:e0a::1",
        ] {
            assert!(!is_forbidden(address), "{address}");
        }
    }

    #[test]
    fn what_is_listed_may_be_called_and_only_that() {
        // CAS-167, T-40
        let allowed = ["intra.univ.fr", "10.1.0.0/16", "192.168.7.7"].map(|text| text.parse().unwrap());
        let refused = |host: &str, address: &str| forbidden(host, address.parse().unwrap(), &allowed);
        assert!(!refused("intra.univ.fr", "10.9.9.9"));
        assert!(!refused("INTRA.univ.fr", "127.0.0.1"));
        assert!(refused("x.intra.univ.fr", "10.9.9.9"));
        assert!(!refused("app.univ.fr", "10.1.2.3"));
        assert!(!refused("app.univ.fr", "192.168.7.7"));
        assert!(refused("app.univ.fr", "192.168.7.8"));
        assert!(refused("app.univ.fr", "::ffff:10.1.2.3"));
        assert_eq!("10.1.0.0/99".parse::<Allowed>(), Err(InvalidAllowed));
    }

    #[tokio::test]
    async fn a_number_in_disguise_is_judged_as_the_address_it_is() {
        // CAS-167, T-40
        for text in [
            "http://0x7f.1/",
            "http://2130706433/",
            "http://127.1/",
            "http://[::ffff:7f00:1]/",
        ] {
            let destination = Destination::of(&Url::parse(text).unwrap()).unwrap();
            let addresses = destination.resolve().await.unwrap();
            assert!(
                addresses
                    .iter()
                    .all(|found| forbidden(&destination.name, found.ip(), &[])),
                "{text}"
            );
        }
    }

    #[test]
    fn only_plain_web_addresses_are_callable() {
        for text in [
            "ftp://a.fr/",
            "https://user@a.fr/",
            "https://u:p@a.fr/",
            "data:,x",
            "http://a.fr:0/",
        ] {
            let url = Url::parse(text).unwrap();
            assert!(
                matches!(Destination::of(&url), Err(OutgoingError::NotCallable)),
                "{text}"
            );
        }
        let destination = Destination::of(&Url::parse("https://a.fr:8443/x?y").unwrap()).unwrap();
        assert_eq!(
            (destination.to_string().as_str(), destination.tls),
            ("a.fr:8443", true)
        );
    }
}
