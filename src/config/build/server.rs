//! Listening address, public URL and logs: what only fits together in some ways.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::config::problem::Problems;
use crate::config::secrets::{self, Readers};
use crate::config::sections::{CompatSection, ServerSection};
use crate::config::source::At;
use crate::tls::TlsSettings;

/// The public URL without a `/` at its end.
pub fn public_url(section: &ServerSection, problems: &mut Problems) -> Option<Url> {
    let At { value: url, place } = &section.public_url;
    let mend = "https, host and path only, as \"https://cas.example.org/cas\"";
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !plain || url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        problems.add(place, "this cannot be the public URL", mend);
        return None;
    }
    let odd = |c: char| !(c.is_ascii_alphanumeric() || "/-_.~".contains(c));
    if url.path().contains(odd) || url.path().contains("//") {
        problems.add(
            place,
            "the path of the public URL has characters that clients spell in several ways",
            mend,
        );
        return None;
    }
    if url.scheme() == "http" {
        if !is_loopback(url) {
            problems.add(
                place,
                "passwords and cookies would travel readable for everybody",
                mend,
            );
            return None;
        }
        problems.warn(
            place,
            "without https this server is good for trying things out only",
            mend,
        );
    }
    let mut url = url.clone();
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A network that holds nearly everybody would let everybody name their own address.
pub fn check_proxies(section: &ServerSection, problems: &mut Problems) {
    let too_wide = |net: &IpNet| net.prefix_len() < if net.addr().is_ipv4() { 8 } else { 16 };
    if section.trusted_proxies.iter().any(too_wide) {
        problems.add(
            &section.trusted_proxies.place,
            "this would believe nearly everybody about their own address",
            "the addresses of your proxies, such as [\"10.0.0.5\", \"10.1.0.0/16\"]",
        );
    }
    let local_only = section.listen.ip().is_loopback() && section.trusted_proxies.is_empty();
    if local_only && section.tls.is_none() && section.public_url.scheme() == "https" {
        problems.warn(
            &section.trusted_proxies.place,
            "a proxy does TLS here and is not listed: every person will seem to come from its address",
            "the proxy's address, such as [\"127.0.0.1\"]",
        );
    }
}

/// Who announces connections, where they must be announced.
pub fn announced_by(section: &ServerSection, problems: &mut Problems) -> Option<Vec<IpNet>> {
    let demanded = &section.proxy_protocol;
    if demanded.value && section.trusted_proxies.is_empty() {
        problems.add(
            &demanded.place,
            "nobody may announce connections, so all would be refused",
            "trusted_proxies = [\"10.0.0.5\"]: the addresses of the balancers; or proxy_protocol = false",
        );
    }
    demanded.value.then(|| section.trusted_proxies.value.clone())
}

/// Plain HTTP leaves this machine only through a proxy that is listed.
pub fn check_listen(section: &ServerSection, problems: &mut Problems) {
    let address: IpAddr = section.listen.ip();
    if section.tls.is_some() || address.is_loopback() || !section.trusted_proxies.is_empty() {
        return;
    }
    problems.add(
        &section.listen.place,
        "this address is reached from other machines, and nothing would encrypt what they send",
        "a loopback address, or [server.tls], or trusted_proxies that do TLS",
    );
}

/// The certificate's files; what is in them is checked where they are read.
pub fn tls(section: &ServerSection, problems: &mut Problems) -> Option<Option<TlsSettings>> {
    let Some(tls) = &section.tls.value else {
        return Some(None);
    };
    if !tls.certificate.0.is_file() {
        problems.add(
            &tls.certificate.place,
            "this file does not exist",
            "the path of the certificate chain, PEM",
        );
    }
    // Debian gives keys to the group ssl-cert.
    secrets::private_file(&tls.key.0, &tls.key.place, Readers::OwnerAndGroup, problems)?;
    Some(Some(TlsSettings {
        certificate: tls.certificate.0.clone(),
        key: tls.key.0.clone(),
    }))
}

pub fn status_throttled(section: &CompatSection, problems: &mut Problems) -> u16 {
    let status = &section.status_throttled;
    if !matches!(status.value, 429 | 423) {
        problems.add(
            &status.place,
            "this status would mean something else to clients",
            "429 or 423",
        );
    }
    status.value
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Levels, alone or for a module: `info,mereau::directory=debug`.
pub fn check_level(level: &At<String>, problems: &mut Problems) {
    let known = |directive: &str| {
        let word = directive.rsplit('=').next().unwrap_or_default();
        LEVELS.contains(&word.trim())
    };
    if !level.split(',').all(known) {
        problems.add(
            &level.place,
            "this is not a level, nor a list of levels for modules",
            "\"info\", or as \"info,mereau::directory=debug\"; levels: error, warn, info, debug, trace",
        );
    }
}
