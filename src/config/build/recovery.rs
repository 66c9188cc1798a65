//! How people of a realm get back in, from its `[recovery]`.

use ipnet::IpNet;

use super::limits::within;
use crate::base::names::EmailAddress;
use crate::config::problem::Problems;
use crate::config::sections::{
    AddressSection, AskWord, ReachWord, RecoverySection, SenderSection, TrustWord,
};
use crate::config::source::At;
use crate::directory::Filter;
use crate::flows::recovery::{
    AskFor, Eligible, Elsewhere, Kind, NetworkBudget, RecoveryAddress, RecoverySettings, SenderSettings,
    Trust,
};
use crate::realms::checks;
use crate::tickets::{LONGEST_LIFE, MintBudget, SHORTEST_LIFE};

/// `None` where nobody recovers by himself.
pub fn build(section: &RecoverySection, problems: &mut Problems) -> Option<RecoverySettings> {
    let addresses = addresses(section, problems);
    let eligible = eligible(section, problems);
    if addresses.is_empty() {
        return None;
    }
    let sender = sender(&section.sender, problems)?;
    lifetime(section, problems);
    limits(section, problems);
    Some(RecoverySettings {
        ask: match section.ask.value {
            AskWord::IdentifierOrEmail => AskFor::IdentifierOrEmail,
            AskWord::Identifier => AskFor::Identifier,
            AskWord::Email => AskFor::Email,
            AskWord::Both => AskFor::Both,
        },
        lifetime: section.lifetime.value.clamp(SHORTEST_LIFE, LONGEST_LIFE),
        budget: MintBudget {
            live: section.live_links.value.clamp(1, MintBudget::MAIL.live),
            hour: section.letters_an_hour.value,
            day: section.letters_a_day.value,
            ..MintBudget::MAIL
        },
        sms_budget: MintBudget {
            hour: section.texts_an_hour.value,
            day: section.texts_a_day.value,
            ..MintBudget::SMS
        },
        network: NetworkBudget {
            an_hour: section.forms_an_hour.value,
            schools: section.school_networks.value.clone(),
            factor: section.school_factor.value,
            ..NetworkBudget::default()
        },
        requests_an_hour: section.requests_an_hour.value,
        eligible,
        activation: link(&section.activation, problems),
        country: section.country.value.clone(),
        ..RecoverySettings::new(addresses, sender)
    })
}

/// SEC-61
fn limits(section: &RecoverySection, problems: &mut Problems) {
    within(&section.forms_an_hour, 1..=1_000_000, problems);
    within(&section.school_factor, 1..=1000, problems);
    within(&section.requests_an_hour, 1..=10_000_000, problems);
    for number in [
        &section.letters_an_hour,
        &section.letters_a_day,
        &section.texts_an_hour,
        &section.texts_a_day,
    ] {
        within(number, 1..=100, problems);
    }
    let too_wide = |net: &IpNet| net.prefix_len() < if net.addr().is_ipv4() { 8 } else { 16 };
    if section.school_networks.iter().any(too_wide) {
        problems.add(
            &section.school_networks.place,
            "this would take nearly everybody for a school",
            "the networks of your schools, as [\"198.51.100.0/24\"]",
        );
    }
}

/// SEC-14: what is out of bounds is brought back with a warning.
fn lifetime(section: &RecoverySection, problems: &mut Problems) {
    let life = section.lifetime.value;
    if life != life.clamp(SHORTEST_LIFE, LONGEST_LIFE) {
        problems.warn(
            &section.lifetime.place,
            "a link lives from 5 minutes to 24 hours; the nearest of the two is used",
            "\"24 h\"",
        );
    }
}

fn addresses(section: &RecoverySection, problems: &mut Problems) -> Vec<RecoveryAddress> {
    let proved = section
        .addresses
        .iter()
        .any(|one| one.trust.value == TrustWord::Validated);
    let one = |address: &AddressSection| {
        if address.trust.value == TrustWord::Institution && !proved {
            problems.warn(
                &address.attribute.place,
                "a mailbox of the institution may open with the very password that is lost: its owner would never see the link",
                "an address of the person, with trust = \"validated\", before it",
            );
        }
        RecoveryAddress {
            attribute: address.attribute.value.clone(),
            trust: match address.trust.value {
                TrustWord::Validated => Trust::Validated,
                TrustWord::Institution => Trust::Institution,
                TrustWord::Unvalidated => Trust::Unvalidated,
            },
            kind: match address.kind.value {
                ReachWord::Mail => Kind::Mail,
                ReachWord::Sms => Kind::Sms,
            },
        }
    };
    section.addresses.iter().map(one).collect()
}

fn eligible(section: &RecoverySection, problems: &mut Problems) -> Eligible {
    let places = section.federated_at.iter().map(|place| Elsewhere {
        name: place.name.value.clone(),
        url: place.url.value.clone(),
    });
    let federated_at: Vec<Elsewhere> = places.collect();
    for place in section.federated_at.iter() {
        if checks::link(&place.url.value).is_none() {
            problems.add(
                &place.url.place,
                "this is not a link that a letter can show",
                "\"https://…\"",
            );
        }
    }
    Eligible {
        protected: filter(&section.protected, problems),
        second_factor: filter(&section.second_factor, problems),
        temporary: filter(&section.temporary, problems),
        federated: filter(&section.federated, problems),
        federated_at,
    }
}

fn filter(written: &At<Option<String>>, problems: &mut Problems) -> Option<Filter> {
    match Filter::parse(written.value.as_ref()?) {
        Ok(filter) => Some(filter),
        Err(flaw) => {
            problems.add(
                &written.place,
                format!("this is not a filter: {flaw}"),
                "a filter, as \"(employeeType=left)\"",
            );
            None
        }
    }
}

fn sender(section: &SenderSection, problems: &mut Problems) -> Option<SenderSettings> {
    let mut address = |written: &At<Option<String>>| {
        let text = written.value.as_ref()?;
        let read = EmailAddress::stored(text).ok();
        if read.is_none() {
            problems.add(
                &written.place,
                "this is not an e-mail address",
                "\"ne-pas-repondre@univ-valmore.example\"",
            );
        }
        read
    };
    let reply_to = address(&section.reply_to);
    let from = address(&section.address);
    if section.address.is_none() {
        problems.add(
            &section.address.place,
            "letters need an address that they come from",
            "address = \"ne-pas-repondre@univ-valmore.example\"",
        );
    }
    Some(SenderSettings {
        name: section.name.value.clone().unwrap_or_default(),
        address: from?,
        reply_to,
        brand: section.brand.value.clone(),
        signature: section.signature.value.clone(),
    })
}

fn link(written: &At<Option<String>>, problems: &mut Problems) -> Option<String> {
    let shown = checks::link(written.value.as_ref()?);
    if shown.is_none() {
        problems.add(
            &written.place,
            "this is not a link that a letter can show",
            "\"https://…\"",
        );
    }
    shown
}
