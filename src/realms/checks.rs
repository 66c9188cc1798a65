//! What can be wrong with what is written of an institution, whatever file it is written in. Whether
//! names are used twice is for the whole list to say.

use jiff::civil::DateTime;

use super::departement::Departement;
use super::institution::{Coordinates, Institution};
use crate::base::uai::Uai;

/// Something wrong with one key, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub key: &'static str,
    pub wrong: String,
    pub mend: String,
}

impl Flaw {
    pub fn new(key: &'static str, wrong: impl Into<String>, mend: impl Into<String>) -> Flaw {
        Flaw {
            key,
            wrong: wrong.into(),
            mend: mend.into(),
        }
    }
}

/// Everything that forbids using `institution` as it is.
pub fn flaws(institution: &Institution) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let name = &institution.name;
    if name.is_empty() || name.all().any(|name| name.trim().is_empty()) {
        flaws.push(Flaw::new("name", "this name is empty", "what people call it"));
    }
    let siret = institution.siret.as_deref();
    if siret.is_some_and(|siret| siret.len() != 14 || !siret.bytes().all(|byte| byte.is_ascii_digit())) {
        let mend = "14 digits, as \"21990001500018\"";
        flaws.push(Flaw::new("siret", "this is not a SIRET number", mend));
    }
    for host in institution.hosts.iter().filter(|host| !is_host_rule(host)) {
        flaws.push(Flaw::new(
            "hosts",
            format!("“{}” is not a host name", host.escape_debug()),
            "names only, as [\"cas.college-rosa-parks.example\"]",
        ));
    }
    let domains = institution.mail_domains.iter();
    for domain in domains.filter(|domain| !is_host(domain) || !domain.contains('.')) {
        flaws.push(Flaw::new(
            "mail_domains",
            format!("“{}” is not the domain of an address", domain.escape_debug()),
            "what follows the @, as [\"college-rosa-parks.example\"]",
        ));
    }
    flaws
}

/// What deserves a second look and forbids nothing.
pub fn doubts(institution: &Institution) -> Vec<Flaw> {
    let wrong_keys = institution.uai.iter().filter(|code| !code.has_right_key());
    let doubts = wrong_keys.map(|code| {
        Flaw::new(
            "uai",
            format!("the key letter of {code} is not the one its digits call for"),
            format!(
                "{} at the end if its digits are right; or leave it as it is",
                code.right_key()
            ),
        )
    });
    doubts.collect()
}

/// The département that is written, or that the codes or the postcode tell.
pub fn departement(
    written: Option<&str>,
    uai: &[Uai],
    postcode: Option<&str>,
) -> Result<Option<Departement>, Flaw> {
    let Some(written) = written else {
        return Ok(Departement::told_by(uai, postcode));
    };
    Departement::new(written).map(Some).ok_or_else(|| {
        Flaw::new(
            "departement",
            "there is no département of this code",
            "a code, as \"35\", \"2A\" or \"974\"",
        )
    })
}

/// A place of which both or none of the angles are known.
pub fn coordinates(latitude: Option<f64>, longitude: Option<f64>) -> Result<Option<Coordinates>, Flaw> {
    match (latitude, longitude) {
        (None, None) => Ok(None),
        (Some(latitude), Some(longitude)) => {
            Coordinates::new(latitude, longitude).map(Some).ok_or_else(|| {
                let mend = "a latitude of -90 to 90 and a longitude of -180 to 180";
                Flaw::new("latitude", "there is no such place on the globe", mend)
            })
        }
        _ => Err(Flaw::new(
            "latitude",
            "a place needs both latitude and longitude",
            "latitude = 48.1173 and longitude = -1.6778, or neither",
        )),
    }
}

/// A day and a time of that day, as `2027-03-12 18:30`.
pub fn moment(text: &str) -> Option<DateTime> {
    text.parse().ok().filter(|_| text.contains(':'))
}

/// Whether what begins and ends then has any time between.
pub fn in_order(from: Option<DateTime>, until: Option<DateTime>) -> bool {
    from.zip(until).is_none_or(|(from, until)| from < until)
}

/// Whether `text` has the form of an e-mail address.
pub fn is_mail(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !host.contains('@'))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// A link that pages may show: http or https only.
pub fn link(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn is_host_rule(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    is_host(name) && !name.contains('*')
}

fn is_host(name: &str) -> bool {
    url::Host::parse(name).is_ok() && !name.contains(':')
}
