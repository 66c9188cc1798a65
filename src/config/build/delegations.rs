//! Other servers that sign people in, from what realms write about them.

use std::collections::HashSet;

use url::{Host, Url};

use crate::base::names::RealmId;
use crate::config::files::Written;
use crate::config::problem::Problems;
use crate::config::sections::{
    DelegationSection, ForWhomWord, JoinSection, OnLogoutWord, PositionWord, RealmFile, UpstreamKind,
};
use crate::config::settings::UpstreamSettings;
use crate::config::source::At;
use crate::directory::EntryMapping;
use crate::realms::{Delegation, ForWhom, Institutions, Join, OnLogout, Position, Taken};
use crate::tls::Roots;
use crate::upstreams::cas::{CasSettings, CasVersion};

/// What pages say of each, and what is spoken to.
pub fn build(file: &RealmFile, problems: &mut Problems) -> (Vec<Delegation>, Vec<UpstreamSettings>) {
    let mut ids = HashSet::new();
    let mut both = (Vec::new(), Vec::new());
    for section in file.delegation.iter() {
        if !ids.insert(section.id.as_str()) {
            problems.add(
                &section.id.place,
                "another delegation of this realm has this id",
                "an id of its own for each",
            );
        }
        both.0.push(delegation(section, problems));
        both.1.push(upstream(section, problems));
    }
    both
}

/// Institutions that delegations name must exist and belong to the realm.
pub fn check_institutions(written: &Written, institutions: &Institutions, problems: &mut Problems) {
    for file in &written.realms {
        let (Some(content), Some(realm)) = (&file.content, RealmId::new(&file.name)) else {
            continue;
        };
        for section in content.delegation.iter() {
            for id in section.institutions.iter() {
                let of_realm = institutions
                    .named(id.as_str())
                    .is_some_and(|found| found.id == *id && found.realm == realm);
                if !of_realm {
                    let wrong = format!("this realm has no institution “{id}”");
                    let mend = "ids of institutions whose realm is this one; all of them without it";
                    problems.add(&section.institutions.place, wrong, mend);
                }
            }
        }
    }
}

fn delegation(section: &DelegationSection, problems: &mut Problems) -> Delegation {
    if section.name.is_empty() || section.name.all().any(|name| name.trim().is_empty()) {
        problems.add(
            &section.name.place,
            "this name is empty",
            "what people call this server",
        );
    }
    if section.join.is_empty() {
        problems.add(
            &section.join.place,
            "nobody can be found here without a join",
            "[{ theirs = \"user\", ours = \"uid\" }]",
        );
    }
    let attributes = section.attributes.iter();
    let taken = attributes.map(|(theirs, ours)| Taken {
        theirs: theirs.clone(),
        ours: ours.clone(),
    });
    for ours in section.attributes.values() {
        check_attribute(ours, &section.attributes, problems);
    }
    Delegation {
        upstream: section.id.value.clone(),
        name: section.name.value.clone(),
        audience: match section.audience.value {
            ForWhomWord::Families => ForWhom::Families,
            ForWhomWord::Staff => ForWhom::Staff,
            ForWhomWord::Everybody => ForWhom::Everybody,
        },
        position: match section.position.value {
            PositionWord::First => Position::First,
            PositionWord::After => Position::After,
            PositionWord::Only => Position::Only,
        },
        institutions: section.institutions.value.clone(),
        joins: section
            .join
            .iter()
            .map(|join| self::join(join, problems))
            .collect(),
        taken: taken.collect(),
        on_logout: match section.logout.value {
            OnLogoutWord::Offer => OnLogout::Offer,
            OnLogoutWord::Forward => OnLogout::Forward,
            OnLogoutWord::Nothing => OnLogout::Nothing,
        },
    }
}

fn join(section: &JoinSection, problems: &mut Problems) -> Join {
    if section.theirs.trim().is_empty() {
        problems.add(
            &section.theirs.place,
            "this names no attribute",
            "an attribute of the other server's answer, or \"user\"",
        );
    }
    check_attribute(&section.ours.value, &section.ours, problems);
    Join {
        theirs: section.theirs.value.clone(),
        ours: section.ours.value.clone(),
    }
}

/// `name` as the directory could have it, and no password.
fn check_attribute<T>(name: &str, written: &At<T>, problems: &mut Problems) {
    if EntryMapping::default().join_filter(name, "x").is_none() {
        let wrong = format!(
            "“{}” is not the name of an attribute that may be read",
            name.escape_debug()
        );
        problems.add(&written.place, wrong, "the name of an attribute, as \"uid\"");
    }
}

fn upstream(section: &DelegationSection, problems: &mut Problems) -> UpstreamSettings {
    check_url(&section.url, problems);
    UpstreamSettings {
        id: section.id.value.clone(),
        cas: CasSettings {
            url: section.url.value.clone(),
            version: match section.kind.value {
                UpstreamKind::Cas => CasVersion::Three,
                UpstreamKind::Cas2 => CasVersion::Two,
            },
            roots: match &section.ca_file.value {
                Some(path) => Roots::File(path.0.clone()),
                None => Roots::System,
            },
        },
    }
}

fn check_url(url: &At<Url>, problems: &mut Problems) {
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && url.has_host();
    let mend = "where the server is mounted, as \"https://cas.academie-valmore.example/cas\"";
    match url.scheme() {
        "https" if plain => {}
        "http" if plain && is_here(url) => problems.warn(
            &url.place,
            "tickets go over the network in clear",
            "https, as soon as this is more than a try",
        ),
        "http" if plain => problems.add(&url.place, "whoever is on the way can be anybody over http", mend),
        _ => problems.add(&url.place, "this is not the address of a server", mend),
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
