//! `mereau services test`: which registration an address belongs to and why, who may go there, and the
//! very answer that the application would get. Nobody is signed in anywhere, no password is tried.

use anyhow::bail;

use super::arguments::{AnswerWord, ServicesTestArguments};
use super::assemble::Assembled;
use super::assemble::rehearsal::{ask, rehearse, sign_in, ticket_of};
use super::findings::{Finding, Level};
use super::print::Screen;
use super::{Outcome, check, recovery, serve};
use crate::base::clock::Timestamp;
use crate::base::names::{RealmId, Username};
use crate::directory::{Found, Person};
use crate::flows::login::KnownService;
use crate::flows::validation::{Whom, release};
use crate::flows::{Catalogue, released};
use crate::protocol::service_url::ServiceUrl;
use crate::protocol::ticket_id::TicketId;
use crate::realms::Institution;
use crate::services::{Access, Registry, Service, missed};
use crate::tickets::AccountRecord;

/// Rules that are listed when none matches, or beside the one that does.
const LISTED: usize = 5;

pub fn test(arguments: &ServicesTestArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(loaded) = check::load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    let login = arguments.person.as_deref().map(recovery::login_of).transpose()?;
    let with_keys = loaded.settings.keys.is_some();
    serve::runtime()?.block_on(async {
        let server = rehearse(loaded.settings).await?;
        let catalogue = server.app.catalogue();
        let now = server.app.ports.clock.now();
        let (service, mut findings) = belongs(&catalogue.services, &arguments.url, now);
        let mut answers = Vec::new();
        if let (Some((service, url)), Some(login)) = (service, login) {
            let going = Going {
                server: &server,
                catalogue: &catalogue,
                known: KnownService { url, service },
                answer: arguments.answer,
                now,
            };
            if !with_keys && service.user == crate::services::UserRule::Opaque {
                findings.push(Finding::warn(
                    "keys",
                    "the server has none of its own, so opaque names are others each time",
                    "mereau keys new",
                ));
            }
            for institution in institutions(arguments, &catalogue, service)? {
                let (more, answer) = going.person(institution, &login).await?;
                findings.extend(more);
                answers.extend(answer);
            }
            findings = one_is_enough(findings);
        }
        for finding in &findings {
            screen.print(&finding.to_string());
        }
        for answer in answers {
            screen.print(&format!("\n{answer}"));
        }
        let worst = findings.iter().map(|finding| finding.level).max();
        Ok(match worst {
            Some(Level::Fail) => Outcome::Bad,
            _ => Outcome::Good,
        })
    })
}

/// The registration of an address, and everything worth saying about how it was found.
fn belongs<'a>(
    services: &'a Registry,
    written: &str,
    now: Timestamp,
) -> (Option<(&'a Service, ServiceUrl)>, Vec<Finding>) {
    if let Some(service) = services.by_name(written) {
        let fact = format!("{written} is one of its names, for proxy tickets alone");
        return (None, vec![Finding::ok(&about(service), fact)]);
    }
    let url = match ServiceUrl::parse(written) {
        Ok(url) => url,
        Err(flaw) => {
            let fact = format!("this is no address of an application: {flaw}");
            let advice = "the whole address that the application sends as its service, decoded once";
            return (None, vec![Finding::fail(written, fact, advice)]);
        }
    };
    let contest = services.contest(&url);
    let Some(winner) = contest.first() else {
        return (None, nobodys(services, &url));
    };
    let service = winner.service;
    let name = about(service);
    let mut findings = vec![Finding::ok(
        &name,
        format!("matches by {} ({})", winner.rule, winner.told()),
    )];
    for loser in contest.iter().skip(1).take(LISTED) {
        let fact = format!(
            "{} matches, too, and loses: {}",
            loser.rule,
            loser.loses_to(winner)
        );
        findings.push(Finding::ok(&about(loser.service), fact));
    }
    findings.extend(closed(service, now));
    (Some((service, url)), findings)
}

fn about(service: &Service) -> String {
    format!("service {}", service.id)
}

fn closed(service: &Service, now: Timestamp) -> Option<Finding> {
    let (fact, advice) = match service.window.opens {
        _ if service.is_open(now) => return None,
        _ if !service.enabled => ("it is disabled".to_owned(), "enabled = true"),
        Some(opens) if now < opens => (format!("it opens at {}", opens.to_rfc3339()), "another “opens”"),
        _ => {
            let closes = service
                .window
                .closes
                .map(Timestamp::to_rfc3339)
                .unwrap_or_default();
            (format!("it closed at {closes}"), "another “closes”")
        }
    };
    Some(Finding::fail(&about(service), fact, advice))
}

/// The rules that come nearest, and what they miss.
fn nobodys(services: &Registry, url: &ServiceUrl) -> Vec<Finding> {
    let mut findings = vec![Finding::fail(
        url.as_str(),
        "no registered service has this address",
        "a rule under “urls” of its file in services/",
    )];
    let rules = services.all().iter().flat_map(|service| {
        let rules = service.rules.iter();
        rules.map(move |rule| (service, rule, missed(rule, url)))
    });
    let mut near: Vec<_> = rules
        .filter(|(_, _, parts)| {
            parts
                .last()
                .is_some_and(|worst| *worst != crate::services::Part::Host)
        })
        .collect();
    near.sort_by_key(|(_, _, parts)| (parts.len(), parts.last().copied()));
    let told = near.iter().take(LISTED).map(|(service, rule, parts)| {
        let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        let fact = format!("{rule} would match, but for the {}", parts.join(" and the "));
        Finding::warn(&about(service), fact, "")
    });
    findings.extend(told);
    if findings.len() == 1
        && let Some(near) = services.nearest(url)
    {
        findings.push(Finding::warn("nearest", near.to_string(), ""));
    }
    findings
}

/// For which institutions somebody may go there: the one that was named, or one of each realm.
fn institutions<'a>(
    arguments: &ServicesTestArguments,
    catalogue: &'a Catalogue,
    service: &'a Service,
) -> anyhow::Result<Vec<&'a Institution>> {
    let all = &catalogue.institutions;
    if let Some(name) = &arguments.tenant {
        return match all.named(name) {
            Some(institution) => Ok(vec![institution]),
            None => bail!("there is no institution {name}"),
        };
    }
    let mut realms: Vec<&RealmId> = service.realms.iter().collect();
    if let Some(name) = &arguments.realm {
        let mut known: Vec<&RealmId> = catalogue.realms.keys().collect();
        known.sort();
        realms = known.iter().copied().filter(|id| id.as_str() == name).collect();
        if realms.is_empty() {
            let names: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
            bail!("there is no realm {name}; there are: {}", names.join(", "));
        }
    }
    let found = realms
        .iter()
        .filter_map(|realm| all.of_realm(realm).find(|one| one.is_usable()));
    let found: Vec<&Institution> = found.collect();
    if found.is_empty() {
        bail!("no institution is open whose people could go there");
    }
    Ok(found)
}

/// One way to a service.
struct Going<'a> {
    server: &'a Assembled,
    catalogue: &'a Catalogue,
    known: KnownService<'a>,
    answer: AnswerWord,
    now: Timestamp,
}

/// What nobody of this login in a realm is told as, until somebody is found in another.
const UNKNOWN: &str = "LOGIN_UNKNOWN";

impl Going<'_> {
    /// What there is to say of somebody of an institution, and the answer that the service gets.
    async fn person(
        &self,
        institution: &Institution,
        login: &Username,
    ) -> anyhow::Result<(Vec<Finding>, Option<String>)> {
        let realm = &institution.realm;
        let about = format!("realm {realm}");
        let person = match self.catalogue.directory(realm)?.find(login).await {
            Ok(Found::One(person)) => *person,
            Ok(Found::Nobody) => {
                let fact = format!("{UNKNOWN}: no entry has this login");
                let advice = "mereau doctor person tells more";
                return Ok((vec![Finding::fail(&about, fact, advice)], None));
            }
            Ok(Found::Ambiguous(_)) => {
                let fact = "LOGIN_AMBIGUOUS: several entries have this login";
                let advice = "mereau doctor person tells which";
                return Ok((vec![Finding::fail(&about, fact, advice)], None));
            }
            Err(error) => {
                let fact = format!("DIR_DOWN: {error}");
                return Ok((
                    vec![Finding::fail(&about, fact, "mereau doctor tells more")],
                    None,
                ));
            }
        };
        let mut findings = vec![self.access(&about, institution, &person)];
        if !person.state.may_sign_in {
            let fact = format!("{} may not sign in", person.login);
            findings.push(Finding::fail(
                &about,
                fact,
                "mereau doctor person tells by which rule",
            ));
        }
        if findings.iter().any(|finding| finding.level == Level::Fail) {
            return Ok((findings, None));
        }
        let opened = sign_in(
            self.server,
            self.catalogue,
            institution,
            &person,
            self.known.clone(),
        )
        .await?;
        let record = self.record(&person);
        findings.extend(self.learns(&Whom {
            session: &opened.session,
            record: Some(&record),
            visited: self.known.url.as_str(),
        }));
        let Some(ticket) = ticket_of(&opened) else {
            bail!("the server gives no ticket");
        };
        let answer = self.answered(&ticket).await?;
        Ok((findings, Some(answer)))
    }

    fn record(&self, person: &Person) -> AccountRecord {
        released::record(&self.catalogue.services, person, self.now)
    }

    fn access(&self, about: &str, institution: &Institution, person: &Person) -> Finding {
        let service = self.known.service;
        let attributes = self.record(person).attributes;
        let who = format!("{} of {}", person.login, institution.id);
        let (why, advice) = match service.access(&institution.realm, &attributes, self.now) {
            Access::Granted if service.sso_enabled => {
                return Finding::ok(about, format!("{who} may go there"));
            }
            Access::Granted => {
                let fact = format!("{who} may go there and is asked for the password each time");
                return Finding::ok(about, fact);
            }
            Access::Disabled | Access::Closed => ("it is closed to everybody".to_owned(), "see above"),
            Access::OtherRealm => (
                "it is not open to this realm".to_owned(),
                "another realm, or “realms”",
            ),
            Access::Rejected(name) => (
                format!("{name} is {}, which is turned away", held(&attributes, &name)),
                "the entry, or “rejected_attributes”",
            ),
            Access::OtherProfile => (
                format!("it is for {} only", profiles(service)),
                "the entry, or “profiles”",
            ),
            Access::Lacks(name) => (
                format!("{name} is {}, which is not enough", held(&attributes, &name)),
                "the entry, or “required_attributes”",
            ),
        };
        Finding::fail(about, format!("{who} may not go there: {why}"), advice)
    }

    /// Name and attributes, as they are before they are written for the wire.
    fn learns(&self, whom: &Whom<'_>) -> Vec<Finding> {
        let service = self.known.service;
        let name = about(service);
        let release = release(&self.server.app.ports, self.catalogue, service, *whom);
        let mut findings = vec![match service.user_for(&release) {
            Ok(user) => Finding::ok(&name, format!("knows the person as {}", user.as_str())),
            Err(cause) => Finding::fail(
                &name,
                format!("USER_NAME: {cause}"),
                "the entry, or another rule under “user”; until then nobody is let in by this name",
            ),
        }];
        let learnt = service.release(&release).into_iter();
        findings.extend(learnt.map(|(attribute, values)| {
            Finding::ok(&name, format!("learns {attribute} = {}", values.join(" | ")))
        }));
        findings
    }

    async fn answered(&self, ticket: &TicketId) -> anyhow::Result<String> {
        let service = encoded(self.known.url.as_str());
        let ticket = ticket.expose();
        let asked = format!("service={service}&ticket={ticket}");
        let (path, body) = match self.answer {
            AnswerWord::Xml => (format!("/p3/serviceValidate?{asked}"), None),
            AnswerWord::Json => (format!("/p3/serviceValidate?format=JSON&{asked}"), None),
            AnswerWord::V2 => (format!("/serviceValidate?{asked}"), None),
            AnswerWord::V1 => (format!("/validate?{asked}"), None),
            AnswerWord::Saml => (format!("/samlValidate?TARGET={service}"), Some(saml(ticket))),
        };
        let endpoint = path.split('?').next().unwrap_or_default();
        let answer = ask(self.server, &path, body).await?;
        Ok(format!("{endpoint} answers:\n{}", answer.trim_end()))
    }
}

fn profiles(service: &Service) -> String {
    let wanted = service.profiles.iter().flat_map(|rule| rule.wanted.iter());
    wanted.cloned().collect::<Vec<_>>().join(", ")
}

/// Values of an attribute in words.
fn held(attributes: &[(String, Vec<String>)], name: &str) -> String {
    let named = attributes
        .iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name));
    let values: Vec<&str> = named.flat_map(|(_, values)| values).map(String::as_str).collect();
    match values[..] {
        [] => "not there".to_owned(),
        _ => values.join(" | "),
    }
}

fn saml(ticket: &str) -> String {
    format!(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body>\
         <samlp:Request xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" MinorVersion=\"1\" \
         RequestID=\"_test\"><samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact></samlp:Request>\
         </SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Where somebody was found in one realm, it does not matter that others do not know the login.
fn one_is_enough(findings: Vec<Finding>) -> Vec<Finding> {
    let unknown = |finding: &Finding| finding.fact.starts_with(UNKNOWN);
    let of_realms = || {
        findings
            .iter()
            .filter(|finding| finding.about.starts_with("realm "))
    };
    if of_realms().all(unknown) {
        return findings;
    }
    findings.into_iter().filter(|finding| !unknown(finding)).collect()
}
