//! Realms from their files.

use super::{delegations, directory, pages, password, recovery, remember, trusted_header};
use crate::base::names::RealmId;
use crate::config::files::Named;
use crate::config::problem::Problems;
use crate::config::secrets::Environment;
use crate::config::sections::{
    AudienceWord, BannerSection, CaptchaSection, CaptchaWord, ConformityWord, ContactSection, GuideSection,
    LegalSection, LifetimesSection, RealmFile,
};
use crate::config::settings::{DirectorySettings, PasswordSettings, RealmSettings};
use crate::config::source::{At, Place};
use crate::directory::EntryMapping;
use crate::directory::filter::is_attribute_name;
use crate::directory::state::CHANGED;
use crate::flows;
use crate::flows::login::RememberMe;
use crate::flows::recovery::RecoverySettings;
use crate::realms::checks;
use crate::realms::{
    Audience, Banner, CaptchaMode, CaptchaRule, Conformity, Contact, Guide, LegalLinks, Lifetimes, Realm,
};

/// All realms, or `None` when one of them cannot be used.
pub fn build(
    files: &[Named<RealmFile>],
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Vec<RealmSettings>> {
    let read: Vec<Option<RealmSettings>> = files
        .iter()
        .map(|file| {
            let id = RealmId::new(&file.name);
            if id.is_none() {
                problems.add_file(
                    &file.path,
                    "the name of this file cannot be the name of a realm",
                    "a name of 1 to 40 of a-z, 0-9 and -, then .toml",
                );
            }
            realm(id?, file.content.as_ref()?, environment, problems)
        })
        .collect();
    read.into_iter().collect()
}

fn realm(
    id: RealmId,
    file: &RealmFile,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<RealmSettings> {
    if file.name.is_empty() || file.name.all().any(|name| name.trim().is_empty()) {
        problems.add(
            &file.name.place,
            "this name is empty",
            "what people call this realm",
        );
    }
    if file.languages.is_empty() {
        problems.add(
            &file.languages.place,
            "a realm speaks at least one language",
            "[\"fr\", \"en\"]",
        );
    }
    check_scope(&file.scope, problems);
    if let Some(zone) = &file.time_zone.value {
        pages::check_zone(zone, &file.time_zone.place, problems);
    }
    let recovery = recovery::build(&file.recovery, problems);
    let directory = directory::build(file, environment, problems);
    let mut password = password::build(&file.password, problems);
    let told_by = &file.people.profile_attributes;
    check_profiles(told_by, problems);
    let remember = remember::build(file, problems);
    let directory =
        directory.map(|directory| reading(directory, recovery.as_ref(), told_by, remember.as_ref()));
    let directory = directory.map(|directory| ageing(directory, &mut password, file, problems));
    let (delegations, upstreams) = delegations::build(file, problems);
    let trusted_header = trusted_header::build(file, environment, problems);
    Some(RealmSettings {
        directory: directory?,
        profile_attributes: file.people.profile_attributes.value.clone(),
        upstreams,
        password,
        recovery,
        remember,
        realm: Realm {
            id,
            name: file.name.value.clone(),
            scope: file.scope.value.clone(),
            languages: file.languages.value.clone(),
            lifetimes: lifetimes(&file.lifetimes, problems),
            captcha: captcha(&file.captcha),
            contact: contact(&file.contact, problems),
            legal: legal(&file.legal, problems),
            username_hint: file.username_hint.value.clone().unwrap_or_default(),
            theme: file.theme.value.clone(),
            banner: banner(&file.banner, problems),
            time_zone: file.time_zone.value.clone(),
            guides: file
                .guide
                .iter()
                .filter_map(|section| guide(section, problems))
                .collect(),
            delegations,
            trusted_header: trusted_header?,
        },
    })
}

fn check_profiles(told_by: &At<Vec<String>>, problems: &mut Problems) {
    for name in told_by.iter().filter(|name| !is_attribute_name(name)) {
        let wrong = format!("“{name}” is not the name of an attribute");
        problems.add(&told_by.place, wrong, "[\"eduPersonAffiliation\"]");
    }
}

/// The directory, whose people are read with what tells their profile, with what recovery and long
/// sessions look at and, where passwords are written, with what a new one must not be made of (SEC-72).
fn reading(
    mut directory: DirectorySettings,
    recovery: Option<&RecoverySettings>,
    profiles: &[String],
    remember: Option<&RememberMe>,
) -> DirectorySettings {
    let (mapping, written) = match &mut directory {
        DirectorySettings::Ldap(settings) => (&mut settings.mapping, settings.write.is_some()),
        DirectorySettings::Ldif {
            mapping, writable, ..
        } => (mapping.as_mut(), *writable),
    };
    let judged = flows::told_by().filter(|_| written).map(str::to_owned);
    let wanted = recovery.map(RecoverySettings::attributes).unwrap_or_default();
    let never = remember.iter().flat_map(|remember| &remember.never);
    let never = never.flat_map(|filter| filter.attributes());
    let wanted = wanted.into_iter().chain(judged).chain(never);
    read_too(mapping, wanted.chain(profiles.iter().cloned()));
    directory
}

/// The directory, whose people are read with when their passwords changed, where passwords have an age;
/// that needs somebody who can write another one (S5-09).
fn ageing(
    mut directory: DirectorySettings,
    password: &mut PasswordSettings,
    file: &RealmFile,
    problems: &mut Problems,
) -> DirectorySettings {
    if password.policy.max_age_days.is_none() {
        return directory;
    }
    let (mapping, writable) = match &mut directory {
        DirectorySettings::Ldap(settings) => {
            let write = settings.write.as_ref();
            password.policy.changed_attribute = write.map(|write| write.changed_attribute.clone());
            (&mut settings.mapping, settings.write.is_some())
        }
        DirectorySettings::Ldif {
            mapping, writable, ..
        } => (mapping.as_mut(), *writable),
    };
    let own = password.policy.changed_attribute.clone();
    read_too(mapping, own.into_iter().chain(CHANGED.map(str::to_owned)));
    if !writable {
        problems.warn(
            &file.password.max_age_days.place,
            "passwords never get too old here: this realm’s directory is not written, so that nobody could choose another",
            "[directory.write], or no max_age_days",
        );
    }
    directory
}

/// Reads these attributes, too, for ourselves alone.
fn read_too(mapping: &mut EntryMapping, names: impl IntoIterator<Item = String>) {
    for name in names {
        let is_it = |known: &String| known.eq_ignore_ascii_case(&name);
        if !mapping.attributes.iter().chain(&mapping.own).any(is_it) {
            mapping.own.push(name);
        }
    }
}

fn check_scope(scope: &At<Option<String>>, problems: &mut Problems) {
    let clean = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    if scope
        .value
        .as_ref()
        .is_some_and(|text| text.is_empty() || !text.chars().all(clean))
    {
        problems.add(
            &scope.place,
            "this is not a scope",
            "a domain name in small letters, as \"univ-valmore.example\"",
        );
    }
}

fn lifetimes(section: &LifetimesSection, problems: &mut Problems) -> Lifetimes {
    for span in [
        &section.idle,
        &section.longest,
        &section.service_ticket,
        &section.record,
    ] {
        if span.is_zero() {
            problems.add(
                &span.place,
                "nothing lives no time",
                "a span of time, as \"30 s\"",
            );
        }
    }
    if section.idle.value > section.longest.value {
        problems.add(
            &section.idle.place,
            "a session cannot be unused longer than it may live at all",
            "an idle time that is not above “longest”",
        );
    }
    if section.service_ticket.as_secs() > 300 {
        problems.warn(
            &section.service_ticket.place,
            "a ticket that waits this long can be stolen from a log or a history and used",
            "\"30 s\"; at most a few minutes",
        );
    }
    Lifetimes {
        idle: section.idle.value,
        longest: section.longest.value,
        service_ticket: section.service_ticket.value,
        record: section.record.value,
    }
}

fn captcha(section: &CaptchaSection) -> CaptchaRule {
    CaptchaRule {
        mode: match section.mode.value {
            CaptchaWord::Always => CaptchaMode::Always,
            CaptchaWord::Adaptive => CaptchaMode::Adaptive,
            CaptchaWord::Off => CaptchaMode::Off,
        },
        proof_of_work: section.proof_of_work.value,
    }
}

/// What people see of a contact.
pub fn contact(section: &ContactSection, problems: &mut Problems) -> Contact {
    if section
        .mail
        .value
        .as_ref()
        .is_some_and(|mail| !checks::is_mail(mail))
    {
        problems.add(
            &section.mail.place,
            "this is not an e-mail address",
            "\"assistance@univ-valmore.example\"",
        );
    }
    Contact {
        name: section.name.value.clone().unwrap_or_default(),
        mail: section.mail.value.clone(),
        phone: section.phone.value.clone(),
        url: link(&section.url, problems),
    }
}

/// What pages announce.
pub fn banner(section: &BannerSection, problems: &mut Problems) -> Option<Banner> {
    let (from, until) = (section.from.value, section.until.value);
    if !checks::in_order(from, until) {
        problems.add(
            &section.until.place,
            "this announcement ends before it begins",
            "a time after “from”",
        );
    }
    let text = section.text.value.clone()?;
    Some(Banner { text, from, until })
}

fn legal(section: &LegalSection, problems: &mut Problems) -> LegalLinks {
    LegalLinks {
        accessibility: link(&section.accessibility, problems),
        conformity: match section.conformity.value {
            ConformityWord::Full => Conformity::Full,
            ConformityWord::Partial => Conformity::Partial,
            ConformityWord::None => Conformity::None,
        },
        legal_notice: link(&section.legal_notice, problems),
        privacy: link(&section.privacy, problems),
        conformity_rate: rate(&section.conformity_rate, problems),
        gaps: section.gaps.value.clone().unwrap_or_default(),
        stated_on: section.stated_on.value,
    }
}

fn rate(rate: &At<Option<u32>>, problems: &mut Problems) -> Option<u8> {
    let percent = u8::try_from(rate.value?).ok().filter(|percent| *percent <= 100);
    if percent.is_none() {
        problems.add(&rate.place, "this is not a share in percent", "0 to 100");
    }
    percent
}

fn guide(section: &GuideSection, problems: &mut Problems) -> Option<Guide> {
    if section.name.is_empty() || section.name.all().any(|name| name.trim().is_empty()) {
        problems.add(&section.name.place, "this name is empty", "what the link says");
    }
    Some(Guide {
        audience: match section.audience.value {
            AudienceWord::Everybody => Audience::Everybody,
            AudienceWord::Pupils => Audience::Pupils,
            AudienceWord::Parents => Audience::Parents,
            AudienceWord::Students => Audience::Students,
            AudienceWord::Teachers => Audience::Teachers,
            AudienceWord::Staff => Audience::Staff,
        },
        name: section.name.value.clone(),
        url: web_address(&section.url.value, &section.url.place, problems)?,
    })
}

/// A link that pages show: http or https only.
fn link(link: &At<Option<String>>, problems: &mut Problems) -> Option<String> {
    web_address(link.value.as_ref()?, &link.place, problems)
}

fn web_address(text: &str, place: &Place, problems: &mut Problems) -> Option<String> {
    let shown = checks::link(text);
    if shown.is_none() {
        problems.add(place, "this is not a link that a page can show", "\"https://…\"");
    }
    shown
}
