//! Whose word on people a realm believes, from what its file says.

use http::{HeaderName, header};
use ipnet::IpNet;

use crate::base::secret::Secret;
use crate::config::problem::Problems;
use crate::config::secrets::{self, Environment};
use crate::config::sections::{MeansWord, RealmFile, TrustedHeaderSection};
use crate::config::source::At;
use crate::realms::{Means, TrustedHeader};

/// Characters of the secret, at least.
const SHORTEST: usize = 16;

/// `None` after adding a problem.
pub fn build(
    file: &RealmFile,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Option<TrustedHeader>> {
    let Some(section) = &file.trusted_header.value else {
        return Some(None);
    };
    let (named, secret_named) = (
        name(&section.header, problems),
        name(&section.secret_header, problems),
    );
    check(section, problems);
    let secret = secrets::read(&section.secret_file, &section.secret_env, environment, problems);
    let secret = secret?.filter(|secret| is_long(section, secret, problems));
    let trusted = TrustedHeader {
        header: named?,
        proxies: section.proxies.value.clone(),
        secret: secret.zip(secret_named).map(|(secret, name)| (name, secret)),
        suffix: section.suffix.value.clone(),
        name: section.name.value.clone(),
        means: match section.means.value {
            MeansWord::Unspecified => Means::Unspecified,
            MeansWord::Kerberos => Means::Kerberos,
            MeansWord::Certificate => Means::Certificate,
        },
    };
    Some(Some(trusted))
}

/// A name that says nothing else than who a person is.
fn name(written: &At<String>, problems: &mut Problems) -> Option<HeaderName> {
    let taken = [
        header::AUTHORIZATION,
        header::COOKIE,
        header::HOST,
        header::ORIGIN,
        header::REFERER,
        header::USER_AGENT,
        header::FORWARDED,
        HeaderName::from_static("x-forwarded-for"),
    ];
    let name = HeaderName::try_from(written.value.as_str()).ok();
    let name = name.filter(|name| !taken.contains(name));
    if name.is_none() {
        problems.add(
            &written.place,
            "this is no name of a header that a proxy could say it in",
            "a name of its own, as \"X-Remote-User\"",
        );
    }
    name
}

fn check(section: &TrustedHeaderSection, problems: &mut Problems) {
    let wide = |net: &IpNet| net.prefix_len() < if net.addr().is_ipv4() { 8 } else { 16 };
    if section.proxies.is_empty() || section.proxies.iter().any(wide) {
        problems.add(
            &section.proxies.place,
            "whoever is in this list can be anybody, so it must name your proxies and nobody else",
            "the addresses of your proxies, such as [\"10.0.0.5\"]",
        );
    }
    let secret = section.secret_file.is_some() || section.secret_env.is_some();
    if !secret && section.proxies.iter().any(|net| net.addr().is_loopback()) {
        problems.warn(
            &section.proxies.place,
            "every program on this machine can be anybody",
            "secret_file beside it, with a secret that only the proxy knows",
        );
    }
    if section.suffix.as_ref().is_some_and(String::is_empty) {
        problems.add(
            &section.suffix.place,
            "this suffix is empty",
            "what names end with, as \"@CAMPUS.EXAMPLE\"; or no suffix",
        );
    }
    if section.name.is_empty() || section.name.all().any(|name| name.trim().is_empty()) {
        problems.add(
            &section.name.place,
            "this name is empty",
            "what people call it, as “my Windows session”",
        );
    }
}

fn is_long(section: &TrustedHeaderSection, secret: &Secret, problems: &mut Problems) -> bool {
    let long = secret.expose().len() >= SHORTEST;
    let clean = secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if !(long && clean) {
        let place = match section.secret_file.value {
            Some(_) => &section.secret_file.place,
            None => &section.secret_env.place,
        };
        problems.add(
            place,
            "this secret could be guessed, or does not fit into a header",
            "at least 16 letters, digits and signs without blanks: openssl rand -hex 32",
        );
    }
    long && clean
}
