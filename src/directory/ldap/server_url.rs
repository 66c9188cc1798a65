//! The address of one LDAP server and how the connection to it is protected.

use std::fmt;
use std::net::IpAddr;

use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use super::settings::LdapSettings;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte (`ldaps`).
    Tls,
    /// TLS after an agreement in clear, or no connection at all.
    StartTls,
    Clear,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    text: String,
    pub host: String,
    pub port: u16,
    pub protection: Protection,
    /// What its certificate must be issued to.
    pub name: ServerName<'static>,
}

impl ServerUrl {
    /// Reads `ldaps://host[:port]` or `ldap://host[:port]`; an error says what to write.
    pub fn parse(text: &str, settings: &LdapSettings) -> Result<ServerUrl, String> {
        let wrong = |what: &str| format!("“{text}”: {what}; write ldaps://ldap.example.org");
        let url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
        let (port, protection) = match url.scheme() {
            "ldaps" => (636, Protection::Tls),
            "ldap" if settings.starttls => (389, Protection::StartTls),
            "ldap" => (389, Protection::Clear),
            _ => return Err(wrong("only ldap:// and ldaps:// are spoken")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || !url.username().is_empty() {
            return Err(wrong("a server's address is scheme, host and port only"));
        }
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| wrong("it names no host"))?;
        if protection == Protection::Clear && !settings.allow_clear && !is_loopback(&host) {
            return Err(format!(
                "“{text}” would carry passwords in clear; write ldaps://, or starttls = true, or \
                 allow_clear = true if the network between is yours alone"
            ));
        }
        Ok(ServerUrl {
            text: text.trim_end_matches('/').to_owned(),
            port: url.port().unwrap_or(port),
            host,
            protection,
            name,
        })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, starttls: bool, allow_clear: bool) -> Result<ServerUrl, String> {
        let mut settings = LdapSettings::new(&[], "dc=x");
        (settings.starttls, settings.allow_clear) = (starttls, allow_clear);
        ServerUrl::parse(text, &settings)
    }

    #[test]
    fn addresses_are_read_with_their_protection() {
        let url = parse("ldaps://ldap.example.org/", false, false).unwrap();
        assert_eq!((url.port, url.protection), (636, Protection::Tls));
        assert_eq!(url.to_string(), "ldaps://ldap.example.org");
        let url = parse("ldap://ldap.example.org:3389", true, false).unwrap();
        assert_eq!((url.port, url.protection), (3389, Protection::StartTls));
        let url = parse("ldaps://[2001:db8::1]", false, false).unwrap();
        assert_eq!(url.host, "2001:db8::1");
        for local in ["ldap://localhost", "ldap://127.0.0.1:1389", "ldap://[::1]"] {
            assert_eq!(parse(local, false, false).unwrap().protection, Protection::Clear);
        }
    }

    #[test]
    fn passwords_in_clear_must_be_asked_for() {
        // T-52
        let refused = parse("ldap://ldap.example.org", false, false).unwrap_err();
        assert!(refused.contains("in clear"), "{refused}");
        assert!(parse("ldap://ldap.example.org", false, true).is_ok());
        for bad in [
            "ldap.example.org",
            "http://x",
            "ldapi:///",
            "ldaps://",
            "ldaps://x/dc=y",
            "ldaps://u@x",
        ] {
            assert!(parse(bad, false, true).is_err(), "{bad}");
        }
    }
}
