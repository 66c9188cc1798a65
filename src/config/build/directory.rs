//! A realm's directory: how to reach it, what its entries mean, and what state they are in.

use crate::base::secret::Secret;
use crate::config::problem::{Problems, apart};
use crate::config::secrets::{self, Environment};
use crate::config::sections::{
    AllowWord, DirectorySection, LdapSection, PeopleSection, PresetWord, RealmFile, RuleSection, ScopeWord,
    SelectionWord, StandingWord, StatesSection,
};
use crate::config::settings::DirectorySettings;
use crate::config::source::{At, Place};
use crate::directory::ldap::{LdapLimits, LdapSettings, Scope, SearchBase, Selection, ServiceAccount};
use crate::directory::state::{Allow, Preset, StateRule, StateRules};
use crate::directory::{EntryMapping, Filter, SettingProblem, Standing, USUAL_ATTRIBUTES};
use crate::tls::Roots;

pub fn build(
    file: &RealmFile,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<DirectorySettings> {
    let mapping = mapping(&file.people, &file.states, problems);
    match &file.directory.value {
        DirectorySection::Ldap(section) => {
            let account = account(section, environment, problems);
            let write = section.write.value.as_ref();
            let built = write.map(|write| super::directory_write::build(write, environment, problems));
            let mut settings = ldap(section, mapping?, account?);
            settings.write = built.flatten();
            for problem in settings.problems() {
                let of_write = problem.key.strip_prefix("write.");
                let of_write = of_write.and_then(|key| write?.place_of(key));
                let place = of_write
                    .or_else(|| section.place_of(problem.key))
                    .or_else(|| file.people.place_of(problem.key));
                tell(&problem, place.unwrap_or(&file.directory.place), problems);
            }
            Some(DirectorySettings::Ldap(Box::new(settings)))
        }
        DirectorySection::Ldif(section) => {
            let mapping = mapping?;
            for problem in mapping.problems() {
                let place = file.people.place_of(problem.key);
                tell(&problem, place.unwrap_or(&file.people.place), problems);
            }
            if !section.file.0.is_file() {
                problems.add(
                    &section.file.place,
                    "this file of people does not exist",
                    "the path of an LDIF file",
                );
            }
            Some(DirectorySettings::Ldif {
                file: section.file.0.clone(),
                mapping: Box::new(mapping),
                writable: section.writable.value,
            })
        }
    }
}

/// What the directory's module finds wrong, with what to write apart.
fn tell(problem: &SettingProblem, place: &Place, problems: &mut Problems) {
    let (wrong, mend) = apart(&problem.problem);
    problems.add(place, wrong, mend);
}

fn mapping(people: &PeopleSection, states: &StatesSection, problems: &mut Problems) -> Option<EntryMapping> {
    let user_filter = match &people.user_filter.value {
        None => Some(None),
        Some(text) => match Filter::parse(text) {
            Ok(filter) => Some(Some(filter)),
            Err(flaw) => {
                problems.add(
                    &people.user_filter.place,
                    format!("this is not a filter: {flaw}"),
                    "a filter, as \"(objectClass=inetOrgPerson)\"",
                );
                None
            }
        },
    };
    let state_rules = state_rules(states, problems);
    let attributes = people.attributes.value.clone();
    Some(EntryMapping {
        login_attributes: people.login_attributes.value.clone(),
        subject_attribute: people.subject_attribute.value.clone(),
        attributes: attributes.unwrap_or_else(|| USUAL_ATTRIBUTES.map(str::to_owned).to_vec()),
        own: Vec::new(),
        user_filter: user_filter?,
        state_rules: state_rules?,
    })
}

fn state_rules(states: &StatesSection, problems: &mut Problems) -> Option<StateRules> {
    let rules: Vec<Option<StateRule>> = states
        .rule
        .iter()
        .map(|rule| state_rule(rule, problems))
        .collect();
    let presets: Vec<Preset> = states.presets.iter().map(|word| preset(*word)).collect();
    let rules = rules.into_iter().collect::<Option<Vec<StateRule>>>()?;
    Some(StateRules::new(rules).with_presets(&presets))
}

fn state_rule(rule: &RuleSection, problems: &mut Problems) -> Option<StateRule> {
    match StateRule::new(&rule.when, standing(rule.then.value), rule.allow.map(allow)) {
        Ok(read) => Some(read.saying(rule.message.value.clone())),
        Err(flaw) => {
            problems.add(
                &rule.when.place,
                format!("this is not a condition: {flaw}"),
                "a filter, as \"(employeeType=left)\", or dates, as \"time(leftAt) + 30d < now\", joined by “and”",
            );
            None
        }
    }
}

/// `Some(None)`: searches are anonymous.
fn account(
    section: &LdapSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Option<ServiceAccount>> {
    let (file, variable) = (&section.bind_password_file, &section.bind_password_env);
    let password: Option<Secret> = secrets::read(file, variable, environment, problems)?;
    match (&section.bind_dn.value, password) {
        (None, None) => Some(None),
        (Some(dn), Some(password)) => Some(Some(ServiceAccount {
            dn: dn.clone(),
            password,
        })),
        (Some(_), None) => {
            problems.add(
                &section.bind_dn.place,
                "this account has no password: many servers would take it for an anonymous bind",
                "bind_password_file or bind_password_env beside it; or no bind_dn, to be anonymous",
            );
            None
        }
        (None, Some(_)) => {
            let at = if file.is_some() {
                &file.place
            } else {
                &variable.place
            };
            problems.add(at, "this password is nobody's", "bind_dn beside it");
            None
        }
    }
}

fn ldap(section: &LdapSection, mapping: EntryMapping, account: Option<ServiceAccount>) -> LdapSettings {
    let scope = match section.scope.value {
        ScopeWord::Base => Scope::Base,
        ScopeWord::One => Scope::One,
        ScopeWord::Subtree => Scope::Subtree,
    };
    let bases = section.base_dns.iter().map(|dn| SearchBase {
        dn: dn.clone(),
        scope,
    });
    LdapSettings {
        urls: section.urls.value.clone(),
        selection: match section.selection.value {
            SelectionWord::Order => Selection::Order,
            SelectionWord::Random => Selection::Random,
            SelectionWord::RoundTrip => Selection::RoundTrip,
        },
        starttls: section.starttls.value,
        allow_clear: section.allow_clear.value,
        roots: match &section.ca_file.value {
            Some(path) => Roots::File(path.0.clone()),
            None => Roots::System,
        },
        account,
        bases: bases.collect(),
        mapping,
        decoy_dn: section.decoy_dn.value.clone(),
        lock_after: section.lock_after.value,
        limits: limits(section),
        write: None,
    }
}

fn limits(section: &LdapSection) -> LdapLimits {
    let number = |number: &At<u32>| usize::try_from(number.value).unwrap_or(usize::MAX);
    LdapLimits {
        connect: section.connect_timeout.value,
        operation: section.op_timeout.value,
        next_server_after: section.next_server_after.value,
        queue: section.queue_timeout.value,
        queue_length: number(&section.queue_length),
        search_connections: number(&section.search_connections),
        searches_per_connection: number(&section.searches_per_connection),
        bind_connections: number(&section.bind_connections),
        idle: section.idle.value,
        max_age: section.max_age.value,
        health_every: section.health_every.value,
        first_ejection: section.first_ejection.value,
        longest_ejection: section.longest_ejection.value,
        failures: section.failures.value,
    }
}

fn preset(word: PresetWord) -> Preset {
    match word {
        PresetWord::Supann => Preset::Supann,
        PresetWord::Ad => Preset::Ad,
        PresetWord::OpenldapPpolicy => Preset::OpenldapPpolicy,
        PresetWord::Shadow => Preset::Shadow,
        PresetWord::Ds389 => Preset::Ds389,
        PresetWord::Entcore => Preset::Entcore,
    }
}

fn standing(word: StandingWord) -> Standing {
    match word {
        StandingWord::Active => Standing::Active,
        StandingWord::Announced => Standing::Announced,
        StandingWord::Grace => Standing::Grace,
        StandingWord::Inactive => Standing::Inactive,
        StandingWord::Suspended => Standing::Suspended,
        StandingWord::Locked => Standing::Locked,
        StandingWord::MustChange => Standing::MustChange,
        StandingWord::Expired => Standing::Expired,
        StandingWord::NotActivated => Standing::NotActivated,
    }
}

fn allow(word: AllowWord) -> Allow {
    match word {
        AllowWord::Login => Allow::Login,
        AllowWord::Recover => Allow::Recover,
        AllowWord::None => Allow::None,
    }
}
