//! Who a connection is really from, where a proxy says so before the first byte of it: PROXY protocol,
//! version 2, binary (proxy-protocol.txt of HAProxy, §2.2). Version 1 and connections without are refused
//! where it is demanded; where it is not, its bytes are no request and no handshake (T-16).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncReadExt};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// Addresses and what may follow them; proxies send a few hundred bytes.
const MOST: usize = 2048;

/// Why a connection is not served.
#[derive(Debug, thiserror::Error)]
pub enum Unannounced {
    #[error("it comes from none of trusted_proxies")]
    Stranger,
    #[error("it does not begin with PROXY protocol version 2")]
    NotAnnounced,
    #[error("what it begins with is malformed")]
    Malformed,
    #[error(transparent)]
    Broken(#[from] io::Error),
}

/// Whether `peer` is one of `proxies`.
pub(super) fn may_announce(peer: IpAddr, proxies: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    proxies.iter().any(|net| net.contains(&peer))
}

/// Takes the announcement off the beginning of `stream`: whose connection it is. `peer` itself where the
/// proxy speaks for itself, as for a look at the server's health, or names no address of the network:
/// whoever cannot be told apart is counted together.
pub async fn read<S>(stream: &mut S, peer: SocketAddr) -> Result<SocketAddr, Unannounced>
where
    S: AsyncRead + Unpin,
{
    let mut head = [0; 16];
    // Byte by byte what it may be: who waits for an answer to other bytes is not kept waiting.
    stream.read_exact(&mut head[..1]).await?;
    if head[0] != SIGNATURE[0] {
        return Err(Unannounced::NotAnnounced);
    }
    stream.read_exact(&mut head[1..]).await?;
    let [.., version, family, high, low] = head;
    if !head.starts_with(&SIGNATURE) || version >> 4 != 2 {
        return Err(Unannounced::NotAnnounced);
    }
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > MOST {
        return Err(Unannounced::Malformed);
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    match version & 0xf {
        0 => Ok(peer),
        1 => source(family, &rest, peer).ok_or(Unannounced::Malformed),
        _ => Err(Unannounced::Malformed),
    }
}

/// `None` when there are fewer bytes than the family has.
fn source(family: u8, rest: &[u8], peer: SocketAddr) -> Option<SocketAddr> {
    match family {
        // TCP over IPv4: source, destination, their ports.
        0x11 => {
            let (addresses, _) = rest.split_first_chunk::<12>()?;
            let [a, b, c, d, _, _, _, _, high, low, ..] = *addresses;
            Some(SocketAddr::from((
                Ipv4Addr::new(a, b, c, d),
                u16::from_be_bytes([high, low]),
            )))
        }
        // TCP over IPv6.
        0x21 => {
            let (addresses, _) = rest.split_first_chunk::<36>()?;
            let (source, _) = addresses.split_first_chunk::<16>()?;
            let [high, low] = [*addresses.get(32)?, *addresses.get(33)?];
            let address = IpAddr::V6(Ipv6Addr::from(*source)).to_canonical();
            Some(SocketAddr::new(address, u16::from_be_bytes([high, low])))
        }
        _ => Some(peer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "10.0.0.9:5000";

    async fn heard(bytes: &[u8]) -> Result<(String, Vec<u8>), Unannounced> {
        let mut stream = bytes;
        let from = read(&mut stream, PEER.parse().unwrap()).await?;
        Ok((from.to_string(), stream.to_vec()))
    }

    fn announced(version: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[version, family], &length, rest].concat()
    }

    #[tokio::test]
    async fn the_source_is_taken_and_what_follows_is_left() {
        // T-16
        let v4 = [203, 0, 113, 7, 10, 0, 0, 1, 0x1f, 0x90, 1, 0xbb];
        let told = |bytes: Vec<u8>| async move { heard(&[&bytes[..], b"GET"].concat()).await.unwrap() };
        assert_eq!(
            told(announced(0x21, 0x11, &v4)).await,
            ("203.0.113.7:8080".into(), b"GET".to_vec())
        );
        let with_more = [&v4[..], &[0x04, 0, 3, 1, 2, 3]].concat();
        assert_eq!(
            told(announced(0x21, 0x11, &with_more)).await.0,
            "203.0.113.7:8080"
        );
        let mut v6 = [0; 36];
        v6[..4].copy_from_slice(&[0x20, 1, 0xd, 0xb8]);
        v6[15] = 5;
        v6[33] = 80;
        assert_eq!(told(announced(0x21, 0x21, &v6)).await.0, "[2001:db8::5]:80");
        // The proxy for itself, an address that is none, a socket of its machine.
        for (version, family) in [(0x20, 0x11), (0x20, 0), (0x21, 0), (0x21, 0x31)] {
            assert_eq!(told(announced(version, family, &[0; 216])).await.0, PEER);
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        // T-16
        let mut other = announced(0x21, 0x11, &[0; 12]);
        other[4] = 1;
        for bytes in [
            b"PROXY TCP4 203.0.113.7 10.0.0.1 8080 443\r\n".to_vec(),
            b"GET / HTTP/1.1\r\nHost: h\r\n\r\n".to_vec(),
            b"\x16\x03\x01".to_vec(),
            b"\r\n\r\nGET / HTTP/1.1\r\n\r\n".to_vec(),
            other,
            announced(0x11, 0x11, &[0; 12]),
            announced(0x22, 0x11, &[0; 12]),
            announced(0x21, 0x11, &[0; 11]),
            announced(0x21, 0x21, &[0; 35]),
            announced(0x21, 0x11, &[0; MOST + 1]),
            announced(0x21, 0x11, &[0; 12])[..20].to_vec(),
            Vec::new(),
        ] {
            assert!(heard(&bytes).await.is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn only_a_listed_proxy_may_announce() {
        // T-16
        let proxies = ["10.0.0.0/24".parse().unwrap()];
        for (peer, may) in [
            ("10.0.0.9", true),
            ("::ffff:10.0.0.9", true),
            ("10.0.1.9", false),
            ("::1", false),
        ] {
            assert_eq!(may_announce(peer.parse().unwrap(), &proxies), may, "{peer}");
        }
    }
}
