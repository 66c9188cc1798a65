//! Line 14: whether the person may go to an application, and what it would be told.

use super::report::{Line, Topic};
use crate::base::clock::Timestamp;
use crate::base::keys::KeyRing;
use crate::base::names::AccountId;
use crate::directory::Person;
use crate::flows::released;
use crate::protocol::service_url::ServiceUrl;
use crate::realms::{Institution, Realm};
use crate::services::{Access, Registry, Release, Service};

pub struct Going<'a> {
    pub about: &'a str,
    pub services: &'a Registry,
    pub realm: &'a Realm,
    pub institution: Option<&'a Institution>,
    pub account: &'a AccountId,
    pub person: &'a Person,
    pub keys: &'a KeyRing,
    /// What the realm reads of an entry.
    pub read: &'a [String],
    pub now: Timestamp,
}

pub fn lines(going: &Going<'_>, written: Option<&str>) -> Vec<Line> {
    let about = going.about;
    let Some(written) = written else {
        return vec![Topic::Service.ok(
            about,
            "none was named: --service URL tells whether they may go there",
        )];
    };
    let url = match ServiceUrl::parse(written) {
        Ok(url) => url,
        Err(flaw) => {
            let advice = "the whole address that the application sends as its service, decoded once";
            let fact = format!("{written:?} is no address of an application: {flaw}");
            return vec![Topic::Service.fail("SVC_UNKNOWN", about, fact, advice)];
        }
    };
    let Some(service) = going.services.find(&url) else {
        let near = going
            .services
            .nearest(&url)
            .map(|near| format!("; {near}"))
            .unwrap_or_default();
        let fact = format!("no registered service has this address{near}");
        return vec![Topic::Service.fail(
            "SVC_UNKNOWN",
            about,
            fact,
            "mereau services test URL tells which rules come near",
        )];
    };
    let record = released::record(going.services, going.person, going.now);
    let mut lines = vec![access(going, service, &record.attributes)];
    let release = Release {
        account: going.account,
        login: &going.person.login,
        scope: going.realm.scope.as_deref(),
        membership: going.institution.map(|one| one.id.as_str()),
        uai: going.institution.and_then(|one| one.uai.first().copied()),
        attributes: &record.attributes,
        keys: going.keys,
        visited: url.as_str(),
    };
    lines.extend(learns(going, service, &release));
    lines
}

fn access(going: &Going<'_>, service: &Service, attributes: &[(String, Vec<String>)]) -> Line {
    let about = format!("service {}", service.id);
    let forbidden = |fact: String, advice: &str| Topic::Service.fail("SVC_FORBIDDEN", &about, fact, advice);
    match service.access(&going.realm.id, attributes, going.now) {
        Access::Granted if service.sso_enabled => {
            Topic::Service.ok(&about, "registered, and they may go there")
        }
        Access::Granted => Topic::Service.ok(
            &about,
            "registered, and they may go there with the password each time",
        ),
        Access::Disabled => {
            Topic::Service.fail("SVC_CLOSED", &about, "disabled for everybody", "enabled = true")
        }
        Access::Closed => {
            let opens = service
                .window
                .opens
                .map(|at| format!(", opens {}", at.to_rfc3339()));
            let closes = service
                .window
                .closes
                .map(|at| format!(", closes {}", at.to_rfc3339()));
            let fact = format!(
                "closed now{}{}",
                opens.unwrap_or_default(),
                closes.unwrap_or_default()
            );
            Topic::Service.fail("SVC_CLOSED", &about, fact, "its opens and closes")
        }
        Access::OtherRealm => forbidden(format!("not open to realm {}", going.realm.id), "its “realms”"),
        Access::Rejected(name) => forbidden(
            format!("{name} has a value that is turned away"),
            "the entry, or “rejected_attributes”",
        ),
        Access::OtherProfile => {
            let wanted = service
                .profiles
                .iter()
                .flat_map(|rule| rule.wanted.iter().cloned());
            let wanted: Vec<String> = wanted.collect();
            forbidden(
                format!("for {} only", wanted.join(", ")),
                "the entry, or “profiles”",
            )
        }
        Access::Lacks(name) => forbidden(
            format!("{name} has no value that is wanted"),
            "the entry, or “required_attributes”",
        ),
    }
}

/// Names of what would be released, never values: the answer itself is `mereau services test`'s.
fn learns(going: &Going<'_>, service: &Service, release: &Release<'_>) -> Vec<Line> {
    let about = format!("service {}", service.id);
    let mut lines = Vec::new();
    if let Err(cause) = service.user_for(release) {
        let advice = "the entry, or another rule under “user”";
        lines.push(Topic::Service.fail("USER_NAME", &about, cause.to_string(), advice));
    }
    let sent = service.release(release);
    let names: Vec<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
    lines.push(Topic::Service.ok(
        &about,
        match names.is_empty() {
            true => "is told no attribute".to_owned(),
            false => format!("is told {}", names.join(", ")),
        },
    ));
    let missing = service
        .released
        .iter()
        .filter(|one| !names.contains(&one.sent_as.as_str()));
    for one in missing {
        let read = going
            .read
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&one.attribute));
        let advice = match read {
            true => "the entry has no value that may go out",
            false => "[people] attributes of the realm: it is not read, unless it is one of ours",
        };
        let fact = format!(
            "would be told {} ({}), and there is nothing to tell",
            one.sent_as, one.attribute
        );
        lines.push(Topic::Service.warn(&about, fact, advice).because("SVC_LACKS"));
    }
    lines
}
