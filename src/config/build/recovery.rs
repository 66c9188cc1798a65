//! How people of a realm get back in, from its `[recovery]`.

use ipnet::IpNet;

use super::limits::within;
use crate::base::names::EmailAddress;
use crate::config::problem::Problems;
use crate::config::sections::{
    AddressSection, AskWord, KnownBySection, KnownWord, ReachWord, RecoverySection, SenderSection,
    SharedWord, TrustWord, WhoSection,
};
use crate::config::source::At;
use crate::directory::Filter;
use crate::flows::recovery::{
    AskFor, Eligible, Elsewhere, Kind, Known, KnownBy, NetworkBudget, RecoveryAddress, RecoverySettings,
    SenderSettings, SharedMailbox, Trust, WhoSettings,
};
use crate::realms::{Letterhead, Texts, checks};
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
        known_by: section.known_by.iter().map(known_by).collect(),
        shared: match section.shared_mailbox.value {
            SharedWord::List => SharedMailbox::List,
            SharedWord::AskUsername => SharedMailbox::AskUsername,
        },
        who: section
            .who
            .value
            .as_ref()
            .and_then(|who| self::who(who, problems)),
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

fn known_by(section: &KnownBySection) -> KnownBy {
    KnownBy {
        attribute: section.attribute.value.clone(),
        kind: match section.kind.value {
            KnownWord::Text => Known::Text,
            KnownWord::Mail => Known::Mail,
            KnownWord::Phone => Known::Phone,
        },
    }
}

/// A name and a birth date alone are known to too many: each of the three is wanted.
fn who(section: &WhoSection, problems: &mut Problems) -> Option<WhoSettings> {
    for (names, example) in [
        (&section.names, "[\"sn\"]"),
        (&section.births, "[\"schacDateOfBirth\"]"),
        (&section.numbers, "[\"supannCodeINE\"]"),
    ] {
        if names.is_empty() {
            problems.add(
                &names.place,
                "nobody is found without an attribute here: name, birth date and number must all fit",
                example,
            );
        }
    }
    let settings = WhoSettings {
        names: section.names.value.clone(),
        births: section.births.value.clone(),
        numbers: section.numbers.value.clone(),
    };
    let whole = [&settings.names, &settings.births, &settings.numbers];
    whole.iter().all(|names| !names.is_empty()).then_some(settings)
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
    let reached =
        |one: &AddressSection| one.kind.value == ReachWord::Mail && one.trust.value != TrustWord::Unvalidated;
    if let Some(first) = section.addresses.iter().next()
        && !section.addresses.iter().any(reached)
    {
        problems.warn(
            &first.attribute.place,
            "none of the addresses is a mailbox that anybody vouches for: no link ever goes out, and the form is not shown",
            "an attribute with kind = \"mail\" and trust = \"validated\" or \"institution\"",
        );
    }
    let one = |address: &AddressSection| {
        if address.trust.value == TrustWord::Institution && !proved {
            problems.warn(
                &address.attribute.place,
                "a mailbox of the institution may open with the very password that is lost: its owner would never see the link",
                "an address of the person, with trust = \"validated\", before it; or trust = \"validated\" here, if these \
                 are private addresses that the institution collected and stands for",
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
    let letterhead = letterhead(section, problems).unwrap_or_default();
    if section.address.is_none() {
        problems.add(
            &section.address.place,
            "letters need an address that they come from",
            "address = \"ne-pas-repondre@univ-valmore.example\"",
        );
    }
    Some(SenderSettings {
        address: letterhead.address.clone()?,
        letterhead,
    })
}

/// What letters say of who writes; `None` when nothing is written.
pub fn letterhead(section: &SenderSection, problems: &mut Problems) -> Option<Letterhead> {
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
    let (from, reply_to) = (address(&section.address), address(&section.reply_to));
    let head = Letterhead {
        name: one_line(&section.name, problems),
        address: from,
        reply_to,
        brand: one_line(&section.brand, problems),
        subject: one_line(&section.subject, problems),
        username_subject: one_line(&section.username_subject, problems),
        signature: one_line(&section.signature, problems),
    };
    (head != Letterhead::default()).then_some(head)
}

/// These texts stand in headers: one that ends a line is refused here, and made harmless again where it
/// is sent (SEC-39).
fn one_line(written: &At<Option<Texts>>, problems: &mut Problems) -> Option<Texts> {
    let texts = written.value.clone()?;
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let whole = |text: &str| !text.trim().is_empty() && !text.chars().any(breaks);
    if !texts.all().all(whole) {
        problems.add(
            &written.place,
            "this text is empty, or more than one line",
            "one line of text, or nothing",
        );
    }
    Some(texts)
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
