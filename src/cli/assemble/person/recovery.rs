//! Line 12: whether the person could get back in by themselves, and where letters would go. Addresses are
//! shown by their masks: these lines end up in mails.

use super::report::{Line, Topic};
use crate::base::names::{EmailAddress, PhoneNumber};
use crate::directory::Person;
use crate::flows::recovery::{Eligibility, Kind, RecoverySettings, Trust};

pub fn lines(about: &str, person: &Person, recovery: Option<&RecoverySettings>, sms: bool) -> Vec<Line> {
    let Some(recovery) = recovery else {
        return vec![Topic::Recovery.ok(
            about,
            "nobody recovers by themselves in this realm: it has no [recovery]",
        )];
    };
    let mut lines = vec![eligible(about, person, recovery)];
    let mut usable = 0;
    for one in &recovery.addresses {
        for text in person.attributes.texts(&one.attribute) {
            let (good, shown) = match one.kind {
                Kind::Mail => match EmailAddress::stored(text) {
                    Ok(address) => (true, address.masked()),
                    Err(flaw) => (false, format!("no address that can be written to ({flaw:?})")),
                },
                Kind::Sms => match PhoneNumber::stored(text, &recovery.country) {
                    Ok(number) => (true, number.masked()),
                    Err(flaw) => (false, format!("no number that can be sent to ({flaw:?})")),
                },
            };
            let fact = format!("{}: {shown}, {}", one.attribute, trust(one.trust));
            if !good {
                lines.push(Topic::Recovery.warn(about, fact, "mend the value in the entry"));
            } else if one.trust == Trust::Unvalidated {
                lines.push(Topic::Recovery.ok(about, format!("{fact}: no link goes there")));
            } else if one.kind == Kind::Sms && !sms {
                lines.push(Topic::Recovery.warn(
                    about,
                    format!("{fact}, and no text message leaves"),
                    "[sms] url in server.toml",
                ));
            } else {
                usable += 1;
                lines.push(Topic::Recovery.ok(about, fact));
            }
        }
    }
    if usable == 0 {
        let names: Vec<&str> = recovery
            .addresses
            .iter()
            .map(|one| one.attribute.as_str())
            .collect();
        let fact = format!(
            "no address or number that a link may go to in {}",
            names.join(", ")
        );
        let advice = "an address in the entry, or mereau recovery send --to, or --print-code";
        lines.push(Topic::Recovery.warn(about, fact, advice).because("NO_ADDRESS"));
    }
    lines
}

fn trust(trust: Trust) -> &'static str {
    match trust {
        Trust::Validated => "verified",
        Trust::Institution => "given by the institution",
        Trust::Unvalidated => "never verified",
    }
}

fn eligible(about: &str, person: &Person, recovery: &RecoverySettings) -> Line {
    let (reason, fact) = match Eligibility::of(person, recovery) {
        Eligibility::Yes => return Topic::Recovery.ok(about, "may be sent links"),
        Eligibility::NotActivated => ("NOT_ACTIVATED", "waits for its activation: a letter tells so"),
        Eligibility::Federated => ("FEDERATED", "the password is elsewhere: a letter tells where"),
        Eligibility::Refused => (
            "POLICY",
            "is sent no link: closed, protected, or with a second factor",
        ),
        Eligibility::Silent => ("TEMPORARY", "is sent nothing: a temporary account"),
    };
    Topic::Recovery
        .warn(about, fact, "the state of line 5; [recovery] of the realm")
        .because(reason)
}
