//! How letters and text messages leave, from what is written.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::{HeaderName, Method};
use url::{Host, Url};

use super::limits::within;
use crate::base::secret::Secret;
use crate::config::problem::Problems;
use crate::config::secrets::{self, Environment};
use crate::config::sections::{MailSection, SmsFormatWord, SmsSection};
use crate::config::settings::{LettersSettings, MailWay, SmsSettings};
use crate::config::source::Place;
use crate::messages::carrier::CarrierSettings;
use crate::messages::gateway::{BodyFormat, GatewaySettings, check_body};
use crate::messages::smtp::{Security, SmtpSettings};
use crate::tls::Roots;

const WAYS: &str =
    "\"smtp://host:587\", \"smtps://host:465\", \"smtp+plain://127.0.0.1:25\" or \"folder:/path\"";

/// Shorter, and a relay that is down is asked without end; longer, and letters come late for nothing.
const FIRST_PAUSES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);

pub fn build(
    (mail, sms): (&MailSection, &SmsSection),
    public_host: &str,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<LettersSettings> {
    let way = way(mail, public_host, environment, problems);
    let gateway = gateway(sms, environment, problems);
    for number in [&mail.per_second, &mail.per_domain, &mail.at_once] {
        if number.value == 0 {
            problems.add(&number.place, "0 lets nothing through", "1 or more");
        }
    }
    if mail.deadline.is_zero() {
        problems.add(&mail.deadline.place, "nobody answers in no time", "\"30 s\"");
    }
    if !FIRST_PAUSES.contains(&mail.first_pause.value) {
        let found = "a letter is tried again after 1 second to 10 minutes";
        problems.add(&mail.first_pause.place, found, "\"1 min\"");
    }
    within(&mail.waiting, 10..=50_000, problems);
    within(&sms.a_month, 1..=10_000_000, problems);
    let whole = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Some(LettersSettings {
        way: way?,
        sms: gateway?,
        texts_a_month: sms.a_month.value,
        carrier: CarrierSettings {
            per_second: mail.per_second.value,
            per_domain: whole(mail.per_domain.value),
            at_once: whole(mail.at_once.value),
            keep: mail.keep.value,
            pauses: CarrierSettings::pauses_from(mail.first_pause.value),
            waiting: whole(mail.waiting.value),
            // Nobody else may take a letter while its post is still waited for.
            lease: mail.deadline.value.saturating_mul(2) + Duration::from_secs(60),
            ..CarrierSettings::default()
        },
    })
}

/// `Some(None)` when no way is written.
fn way(
    section: &MailSection,
    public_host: &str,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Option<MailWay>> {
    let password = secrets::read(
        &section.password_file,
        &section.password_env,
        environment,
        problems,
    )?;
    let Some(text) = &section.url.value else {
        return Some(None);
    };
    let place = &section.url.place;
    if let Some(folder) = text.strip_prefix("folder:").filter(|folder| !folder.is_empty()) {
        return Some(Some(MailWay::Folder(place.source.resolve(folder.as_ref()))));
    }
    let (security, host, port) = relay(text, place, problems)?;
    let user = user(section, password, problems)?;
    Some(Some(MailWay::Smtp(Box::new(SmtpSettings {
        host,
        port,
        security,
        user,
        hello: section
            .hello
            .value
            .clone()
            .unwrap_or_else(|| public_host.to_owned()),
        roots: match &section.ca_file.value {
            Some(path) => Roots::File(path.0.clone()),
            None => Roots::System,
        },
        deadline: section.deadline.value,
        kept: usize::try_from(section.at_once.value).unwrap_or(usize::MAX),
        idle: Duration::from_secs(60),
    }))))
}

fn relay(text: &str, place: &Place, problems: &mut Problems) -> Option<(Security, String, u16)> {
    let url = Url::parse(text).ok();
    let bare = |url: &Url| {
        url.path().trim_matches('/').is_empty() && url.query().is_none() && url.fragment().is_none()
    };
    if url
        .as_ref()
        .is_some_and(|url| url.password().is_some() || !url.username().is_empty())
    {
        problems.add(
            place,
            "user and password do not belong into this URL",
            "username = \"…\" and password_file = \"…\"",
        );
        return None;
    }
    let read = url.filter(bare).and_then(|url| {
        let (security, usual) = match url.scheme() {
            "smtp" => (Security::StartTls, 587),
            "smtps" => (Security::Implicit, 465),
            "smtp+plain" => (Security::Plain, 25),
            _ => return None,
        };
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some((security, host, url.port().unwrap_or(usual)))
    });
    let Some((security, host, port)) = read else {
        problems.add(place, "this is no way for letters", WAYS);
        return None;
    };
    if security == Security::Plain {
        if !is_loopback(&host) {
            problems.add(
                place,
                "letters hold links that open accounts: they would travel readable for everybody",
                "\"smtp://…\" or \"smtps://…\"; \"smtp+plain://\" for a relay on this machine",
            );
            return None;
        }
        problems.warn(
            place,
            "letters reach this relay without TLS",
            "\"smtp://…\" where it offers TLS",
        );
    }
    Some((security, host, port))
}

fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => host == "::1",
    }
}

fn user(
    section: &MailSection,
    password: Option<Secret>,
    problems: &mut Problems,
) -> Option<Option<(String, Secret)>> {
    match (section.username.value.clone(), password) {
        (None, None) => Some(None),
        (Some(name), Some(password)) => Some(Some((name, password))),
        (Some(_), None) => {
            problems.add(
                &section.username.place,
                "this user has no password",
                "password_file = \"relay.password\", or password_env",
            );
            None
        }
        (None, Some(_)) => {
            let mend = "username = \"…\"";
            problems.add(&section.username.place, "there is a password, but no user", mend);
            None
        }
    }
}

fn method(section: &SmsSection, problems: &mut Problems) -> Option<Method> {
    match section.method.as_str() {
        "GET" => Some(Method::GET),
        "POST" => Some(Method::POST),
        "PUT" => Some(Method::PUT),
        _ => {
            let mend = "\"GET\", \"POST\" or \"PUT\"";
            problems.add(&section.method.place, "this method is not used here", mend);
            None
        }
    }
}

fn headers(section: &SmsSection, problems: &mut Problems) -> Vec<(HeaderName, String)> {
    let mut headers = Vec::new();
    for (name, value) in section.headers.iter() {
        match HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => headers.push((name, value.clone())),
            Err(_) => problems.add(
                &section.headers.place,
                "this is no name of a header",
                "\"Authorization\"",
            ),
        }
    }
    headers
}

/// `Some(None)` when there is no gateway.
fn gateway(
    section: &SmsSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Option<SmsSettings>> {
    let secret = secrets::read(&section.secret_file, &section.secret_env, environment, problems)?;
    let digits = |text: &str| (1..=3).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    if !digits(&section.country) {
        problems.add(
            &section.country.place,
            "this is no country code",
            "1 to 3 digits, as \"33\"",
        );
    }
    let Some(url) = &section.url.value else {
        return Some(None);
    };
    let parsed = Url::parse(url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(host) = parsed
        .as_ref()
        .and_then(Url::host_str)
        .filter(|host| !host.contains("%7B"))
    else {
        problems.add(
            &section.url.place,
            "this is no address of a gateway",
            "\"https://sms.example/send\"",
        );
        return None;
    };
    let method = method(section, problems)?;
    let headers = headers(section, problems);
    let format = match section.format.value {
        SmsFormatWord::Form => BodyFormat::Form,
        SmsFormatWord::Json => BodyFormat::Json,
    };
    if !check_body(&section.body, format) {
        problems.add(
            &section.body.place,
            "with its values this body is no JSON",
            "'{\"to\": \"{to}\", \"text\": \"{text}\"}'",
        );
        return None;
    }
    Some(Some(SmsSettings {
        host: host.to_owned(),
        roots: match &section.ca_file.value {
            Some(path) => Roots::File(path.0.clone()),
            None => Roots::System,
        },
        country: section.country.value.clone(),
        gateway: GatewaySettings {
            url: url.clone(),
            method,
            headers,
            body: section.body.value.clone(),
            format,
            secret,
        },
    }))
}
