//! A proxy's word on who sits at the browser (CAS-30): a header that Apache or nginx sets once it has
//! checked a Kerberos ticket or a certificate. Whose word counts and what it must look like stands here;
//! what becomes of the person is decided elsewhere.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use subtle::ConstantTimeEq;

use crate::base::secret::Secret;
use crate::base::texts::Texts;

/// Bytes of a name, at most.
const LONGEST: usize = 256;

/// Off unless a realm has one.
#[derive(Clone)]
pub struct TrustedHeader {
    pub header: HeaderName,
    /// Whoever connects from elsewhere is not believed, whatever it forwards.
    pub proxies: Vec<IpNet>,
    /// Another header and what it must hold, so that no other program on a proxy's machine is believed.
    pub secret: Option<(HeaderName, Secret)>,
    /// What every name ends with and the login does not: `@CAMPUS.EXAMPLE`. Names that do not end so are
    /// of other people.
    pub suffix: Option<String>,
    /// What people call this way: « votre session Windows ».
    pub name: Texts,
    pub means: Means,
}

/// By what the proxy knows people, as SAML 1.1 says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Means {
    #[default]
    Unspecified,
    Kerberos,
    /// Of the browser, over TLS.
    Certificate,
}

/// What a request says of its person.
#[derive(Debug, PartialEq, Eq)]
pub enum Word<'a> {
    Nothing,
    /// Never empty, without the suffix.
    Person(&'a str),
    /// A proxy that is believed sent what names nobody; the reason for the log.
    Hostile(&'static str),
}

impl TrustedHeader {
    /// Reads the word of `peer`, the other end of the connection.
    pub fn read<'a>(&self, peer: IpAddr, headers: &'a HeaderMap) -> Word<'a> {
        let mut values = headers.get_all(&self.header).iter();
        let Some(first) = values.next() else {
            return Word::Nothing;
        };
        if !self.is_believed(peer, headers) {
            return Word::Nothing;
        }
        match values.next() {
            Some(_) => Word::Hostile("HEADER_TWICE"),
            None => self.person(first),
        }
    }

    fn is_believed(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let peer = peer.to_canonical();
        let listed = self.proxies.iter().any(|net| net.contains(&peer));
        let proven = match &self.secret {
            None => true,
            Some((name, secret)) => holds(headers, name, secret),
        };
        if !(listed && proven) {
            let reason = if listed {
                "HEADER_SECRET"
            } else {
                "HEADER_STRANGER"
            };
            tracing::info!(%peer, reason, "a header that names a person was not believed");
        }
        listed && proven
    }

    fn person<'a>(&self, value: &'a HeaderValue) -> Word<'a> {
        let Ok(text) = std::str::from_utf8(value.as_bytes()) else {
            return Word::Hostile("HEADER_UNREADABLE");
        };
        // Apache writes “(null)” where it knows nobody.
        if text.is_empty() || text == "(null)" {
            return Word::Nothing;
        }
        // Proxies join two headers of one name by a comma.
        let clean = |c: char| !c.is_control() && !c.is_whitespace() && c != ',';
        if text.len() > LONGEST || !text.chars().all(clean) {
            return Word::Hostile("HEADER_UNREADABLE");
        }
        let bare = match &self.suffix {
            None => Some(text),
            Some(suffix) => text.strip_suffix(suffix.as_str()),
        };
        match bare {
            None | Some("") => Word::Hostile("HEADER_FOREIGN"),
            Some(login) => Word::Person(login),
        }
    }
}

fn holds(headers: &HeaderMap, name: &HeaderName, secret: &Secret) -> bool {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    bool::from(value.as_bytes().ct_eq(secret.expose().as_bytes()))
}

/// Without the secret.
impl std::fmt::Debug for TrustedHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TrustedHeader")
            .field("header", &self.header)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}

impl PartialEq for TrustedHeader {
    fn eq(&self, other: &TrustedHeader) -> bool {
        let secrets = (&self.secret, &other.secret);
        let same_secret = match secrets {
            (None, None) => true,
            (Some((name, one)), Some((other, two))) => name == other && one.expose() == two.expose(),
            _ => false,
        };
        same_secret
            && self.header == other.header
            && self.proxies == other.proxies
            && self.suffix == other.suffix
            && self.name == other.name
            && self.means == other.means
    }
}

impl Eq for TrustedHeader {}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(secret: Option<&str>, suffix: Option<&str>) -> TrustedHeader {
        TrustedHeader {
            header: HeaderName::from_static("x-remote-user"),
            proxies: vec!["192.0.2.80/32".parse().unwrap(), "2001:db8::/64".parse().unwrap()],
            secret: secret.map(|text| {
                let name = HeaderName::from_static("x-proxy-secret");
                (name, Secret::new(text.to_owned()))
            }),
            suffix: suffix.map(str::to_owned),
            name: Texts::same("Kerberos"),
            means: Means::Kerberos,
        }
    }

    fn headers(pairs: &[(&str, &[u8])]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = HeaderName::try_from(*name).unwrap();
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    const PROXY: &str = "192.0.2.80";

    fn read<'a>(trusted: &TrustedHeader, peer: &str, headers: &'a HeaderMap) -> Word<'a> {
        trusted.read(peer.parse().unwrap(), headers)
    }

    #[test]
    fn only_the_word_of_a_listed_proxy_counts() {
        // CAS-30
        let said = headers(&[
            ("x-remote-user", b"camille.dupont"),
            ("x-forwarded-for", b"192.0.2.80"),
        ]);
        let trusted = trusted(None, None);
        for peer in [PROXY, "::ffff:192.0.2.80", "2001:db8::7"] {
            assert_eq!(
                read(&trusted, peer, &said),
                Word::Person("camille.dupont"),
                "{peer}"
            );
        }
        for peer in ["192.0.2.81", "127.0.0.1", "::1", "2001:db8:0:1::7"] {
            assert_eq!(read(&trusted, peer, &said), Word::Nothing, "{peer}");
        }
        assert_eq!(read(&trusted, PROXY, &HeaderMap::new()), Word::Nothing);
    }

    #[test]
    fn with_a_secret_it_counts_beside_the_secret_alone() {
        // CAS-30
        let trusted = trusted(Some("vieux-marronnier-42"), None);
        let name: (&str, &[u8]) = ("x-remote-user", b"camille.dupont");
        for (secrets, counts) in [
            (&[b"vieux-marronnier-42".as_slice()][..], true),
            (&[], false),
            (&[b""], false),
            (&[b"vieux-marronnier-4"], false),
            (&[b"vieux-marronnier-422"], false),
            (&[b"vieux-marronnier-42", b"vieux-marronnier-42"], false),
        ] {
            let mut pairs = vec![name];
            pairs.extend(secrets.iter().map(|value| ("x-proxy-secret", *value)));
            let said = headers(&pairs);
            let word = read(&trusted, PROXY, &said);
            assert_eq!(word == Word::Person("camille.dupont"), counts, "{pairs:?}");
            assert_eq!(word == Word::Nothing, !counts);
        }
    }

    #[test]
    fn what_names_nobody_lets_nobody_in() {
        // CAS-30
        let trusted = trusted(None, None);
        for nobody in [b"".as_slice(), b"(null)"] {
            let said = headers(&[("x-remote-user", nobody)]);
            assert_eq!(read(&trusted, PROXY, &said), Word::Nothing);
        }
        let long = [b'a'; 257];
        for hostile in [
            b"camille.dupont, admin".as_slice(),
            b"camille.dupont,admin",
            b"camille dupont",
            b"camille\tdupont",
            b"camille\xe9",
            "camille\u{2028}dupont".as_bytes(),
            "camille\u{85}".as_bytes(),
            &long,
        ] {
            let said = headers(&[("x-remote-user", hostile)]);
            let word = read(&trusted, PROXY, &said);
            assert_eq!(word, Word::Hostile("HEADER_UNREADABLE"), "{hostile:?}");
        }
        let twice = headers(&[("x-remote-user", b"camille.dupont"), ("X-Remote-User", b"admin")]);
        assert_eq!(read(&trusted, PROXY, &twice), Word::Hostile("HEADER_TWICE"));
        let accents = headers(&[("x-remote-user", "élise".as_bytes())]);
        assert_eq!(read(&trusted, PROXY, &accents), Word::Person("élise"));
    }

    #[test]
    fn people_of_another_kerberos_realm_are_nobody_here() {
        // CAS-30
        let trusted = trusted(None, Some("@CAMPUS.EXAMPLE"));
        for (said, word) in [
            ("camille.dupont@CAMPUS.EXAMPLE", Word::Person("camille.dupont")),
            ("camille.dupont@OTHER.EXAMPLE", Word::Hostile("HEADER_FOREIGN")),
            ("camille.dupont", Word::Hostile("HEADER_FOREIGN")),
            ("@CAMPUS.EXAMPLE", Word::Hostile("HEADER_FOREIGN")),
        ] {
            let said = headers(&[("x-remote-user", said.as_bytes())]);
            assert_eq!(read(&trusted, PROXY, &said), word);
        }
    }
}
