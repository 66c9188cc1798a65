//! Whose request it is when proxies stand in between. Only `X-Forwarded-For` from a listed proxy
//! is believed; `Forwarded`, `X-Real-IP`, `X-Forwarded-Host` and `-Proto` are read nowhere.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// The address that throttles and logs go by, IPv4 also where it came mapped into IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// The client behind `peer`, by the rightmost forwarded address that is no trusted proxy (T-15).
///
/// An entry that is no address gives the peer's own and calls `alarm`: whoever cannot be told apart is counted
/// together, never left uncounted.
pub fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet], alarm: impl FnOnce()) -> ClientAddress {
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return ClientAddress(peer);
    }
    let mut client = peer;
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for entry in value.as_bytes().rsplit(|byte| *byte == b',') {
            let Some(address) = parse(entry) else {
                tracing::warn!(%peer, "a trusted proxy forwarded an address that is none; using the proxy's own");
                alarm();
                return ClientAddress(peer);
            };
            client = address;
            if !is_trusted(&client) {
                return ClientAddress(client);
            }
        }
    }
    ClientAddress(client)
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:443`. A zone means
/// something on the machine that wrote it only: refused.
fn parse(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let with_port = || {
        let address: SocketAddr = text.parse().ok()?;
        (!text.contains('%')).then(|| address.ip())
    };
    bare.parse()
        .ok()
        .or_else(with_port)
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The address, and whether there was an alarm.
    fn resolved(peer: &str, forwarded: &[&str]) -> (String, bool) {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "2001:db8:1::/48".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        for name in ["forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto"] {
            headers.append(name, "203.0.113.66".parse().unwrap());
        }
        let mut alarmed = false;
        let client = resolve(peer.parse().unwrap(), &headers, &trusted, || alarmed = true);
        (client.0.to_string(), alarmed)
    }

    #[test]
    fn only_listed_proxies_are_believed_and_only_about_the_last_hop_before_them() {
        // T-15, T-16
        for (peer, forwarded, expected) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1, 10.2.3.4"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1", "10.2.3.4"], "198.51.100.1"),
            ("10.0.0.1", &["10.9.9.9, 10.2.3.4"], "10.9.9.9"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("2001:db8:1::5", &["2001:db8:2::7"], "2001:db8:2::7"),
            ("10.0.0.1", &["[2001:db8:2::7]:4711"], "2001:db8:2::7"),
            ("10.0.0.1", &["[2001:db8:2::7]"], "2001:db8:2::7"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
        ] {
            let (client, alarmed) = resolved(peer, forwarded);
            assert_eq!(
                (client.as_str(), alarmed),
                (expected, false),
                "{peer} {forwarded:?}"
            );
        }
    }

    #[test]
    fn what_is_no_address_gives_the_peer_and_never_nothing() {
        // T-15
        for forwarded in [
            "",
            "unknown",
            "198.51.100.1,",
            "198.51.100.1 10.0.0.1",
            "999.1.1.1",
            "fe80::1%eth0",
            "[fe80::1%2]:80",
            "_hidden",
            "localhost",
        ] {
            let (client, alarmed) = resolved("10.0.0.1", &[forwarded]);
            assert_eq!((client.as_str(), alarmed), ("10.0.0.1", true), "{forwarded:?}");
            let (client, alarmed) = resolved("192.0.2.9", &[forwarded]);
            assert_eq!(
                (client.as_str(), alarmed),
                ("192.0.2.9", false),
                "nobody asked a stranger"
            );
        }
        // Garbage to the left of the deciding entry is never reached.
        let (client, alarmed) = resolved("10.0.0.1", &["garbage, 198.51.100.1"]);
        assert_eq!((client.as_str(), alarmed), ("198.51.100.1", false));
    }
}
