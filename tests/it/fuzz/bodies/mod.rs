//! What each fuzz target does with its bytes: reads them as strangers might send them and fails where
//! a promise is broken. `fuzz/` drives these with libFuzzer, `tests/it` with the kept corpora.

mod browsers;
mod directory;
mod kept;
mod operators;
mod others;
mod written;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use mereau::base::clock::Timestamp;
use mereau::base::entropy::SeededEntropy;
use mereau::base::keys::KeyRing;
use mereau::base::names::RealmId;
use mereau::protocol::response::{Place, RESERVED_NAMES, Shape};
use mereau::protocol::saml::{self, SamlRequest};
use mereau::protocol::ticket_id::BUCKETS;
use mereau::protocol::{
    Endpoint, LoginRequest, LogoutRequest, Matching, Outcome, Params, ProxyRequest, ReleasedAttribute,
    ReleasedUser, ServiceUrl, Technical, TicketId, TicketKind, ValidationFailure, ValidationRequest,
    ValidationSuccess, Wire,
};
use mereau::services::{HostRule, KnownRealm, Registry, ServiceSettings, UrlPattern, UrlRule};
use quick_xml::events::Event;
use quick_xml::reader::Reader;

pub type Body = fn(&[u8]);

/// Each target by the name of its corpus.
pub const ALL: [(&str, Body); 21] = [
    ("service_matcher", service_matcher),
    ("query_parser", query_parser),
    ("form_decoder", browsers::form_decoder),
    ("cookies", browsers::cookies),
    ("sealed_state", kept::sealed_state),
    ("ticket_decoding", ticket_decoding),
    ("ticket_records", kept::ticket_records),
    ("ticket_layouts", kept::ticket_layouts),
    ("saml_reader", saml_reader),
    ("other_servers", others::other_servers),
    ("xml_writer", xml_writer),
    ("ldap_filter", directory::ldap_filter),
    ("ber_guard", directory::ber_guard),
    ("forwarded", browsers::forwarded),
    ("proxy_announcement", browsers::proxy_announcement),
    ("template", written::template),
    ("mail_headers", written::mail_headers),
    ("config_loader", operators::config_loader),
    ("captcha_answer", browsers::captcha_answer),
    ("membership_search", operators::membership_search),
    ("imported_patterns", imported_patterns),
];

const KINDS: [TicketKind; 5] = [
    TicketKind::Service,
    TicketKind::Proxy,
    TicketKind::TicketGranting,
    TicketKind::ProxyGranting,
    TicketKind::ProxyGrantingIou,
];

/// The parts between line feeds, as text; what is not text is nothing.
fn parts(data: &[u8]) -> impl Iterator<Item = &str> {
    data.split(|byte| *byte == b'\n')
        .map(|part| std::str::from_utf8(part).unwrap_or_default())
}

/// First line a rule, second line a URL: a browser goes where the rule says, the registry finds what
/// the rule matches, and the ticket's way there is the same service.
pub fn service_matcher(data: &[u8]) {
    let mut parts = parts(data);
    let rule = UrlRule::parse(parts.next().unwrap_or_default());
    let Ok(url) = ServiceUrl::parse(parts.next().unwrap_or_default()) else {
        return;
    };
    let ticket = TicketId::parse(TicketKind::Service, &format!("ST-{}", "a".repeat(29))).unwrap();
    let landed = url::Url::parse(&url.with_ticket(&ticket)).expect("what is accepted is a URL to browsers");
    assert!(landed.username().is_empty() && landed.password().is_none());
    let landed = ServiceUrl::parse(landed.as_str()).expect("and a service");
    assert!(landed.is_same_service(&url, Matching::Strict), "{}", url.as_str());
    assert_eq!(landed.host(), url.host());
    let Ok(rule) = rule else {
        return;
    };
    let matches = rule.matches(&url);
    if matches {
        match &rule.host {
            HostRule::Exactly(host) => assert_eq!(url.host(), host),
            HostRule::OneLabelBefore(suffix) | HostRule::LabelsBefore(suffix) => {
                assert!(url.host().ends_with(&format!(".{suffix}")), "{}", url.host());
            }
            HostRule::Any => assert!(rule.is_catch_all()),
        }
    }
    let again = UrlRule::parse(&rule.to_string()).expect("a rule is printed as one");
    assert_eq!(again.matches(&url), matches);
    let settings = ServiceSettings {
        urls: vec![rule.to_string()],
        ..ServiceSettings::default()
    };
    let found = registry(settings).map(|registry| registry.find(&url).is_some());
    assert!(
        found.is_none_or(|found| found == matches),
        "{rule} and {}",
        url.as_str()
    );
}

/// A registry of one service, whatever its URLs let in.
fn registry(settings: ServiceSettings) -> Option<Registry> {
    let settings = ServiceSettings {
        id: "app".to_owned(),
        catch_all: true,
        ..settings
    };
    let realm = KnownRealm {
        id: RealmId::new("univ")?,
        has_scope: true,
        attributes: Vec::new(),
        profile_attributes: Vec::new(),
    };
    Registry::new(vec![settings.check(&[realm]).ok()?]).ok()
}

/// First line a pattern as Apereo has them, second line a URL: rules that are said to be the same are,
/// and the registry finds what the pattern matches.
pub fn imported_patterns(data: &[u8]) {
    let mut parts = parts(data);
    let Ok(pattern) = UrlPattern::parse(parts.next().unwrap_or_default()) else {
        return;
    };
    let Ok(url) = ServiceUrl::parse(parts.next().unwrap_or_default()) else {
        return;
    };
    let matches = pattern.matches(&url);
    if let Some(rules) = pattern.as_rules() {
        let by_rules = rules.iter().any(|rule| rule.matches(&url));
        assert_eq!(by_rules, matches, "{} and {}", pattern.as_str(), url.as_str());
    }
    let settings = ServiceSettings {
        patterns: vec![pattern.as_str().to_owned()],
        ..ServiceSettings::default()
    };
    let found = registry(settings).map(|registry| registry.find(&url).is_some());
    assert!(
        found.is_none_or(|found| found == matches),
        "{} and {}",
        pattern.as_str(),
        url.as_str()
    );
}

/// First line a query, second a form: values are those that other software reads, none is made up, and
/// every request is read or refused.
pub fn query_parser(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let (query, form) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let params = Params::of_query_and_form(query, form);
    let others = |name: &str| {
        let both = [query, form].into_iter().flat_map(url::form_urlencoded::parse);
        let named = both.filter(|(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.into_owned()).next()
    };
    for name in ["service", "ticket", "pgtUrl", "TARGET", "renew"] {
        let Ok(first) = params.first(name) else {
            continue;
        };
        // In an address, spaces and what is not UTF-8 stay escaped; others write the space, and a sign
        // for what is not UTF-8.
        let plain = |text: String| text.replace("%20", " ");
        let (ours, theirs) = (first.map(str::to_owned).map(plain), others(name).map(plain));
        if !theirs.as_ref().is_some_and(|value| value.contains('\u{fffd}')) {
            assert_eq!(ours, theirs, "{name}");
        }
        assert!(!first.unwrap_or_default().contains('\0'));
        if let Ok(Some(only)) = params.only(name) {
            assert_eq!(first, Some(only));
            assert_eq!(params.agreed(name), Ok(Some(only)));
        }
    }
    let _ = LoginRequest::read(&params);
    let _ = LogoutRequest::read(&params);
    let _ = ProxyRequest::read(&params);
    for endpoint in [
        Endpoint::Validate,
        Endpoint::ServiceValidate,
        Endpoint::P3ProxyValidate,
    ] {
        if let Ok(request) = ValidationRequest::read(&params, endpoint) {
            is_ticket(&request.ticket);
        }
    }
}

/// A body of `/samlValidate`: read whole or refused; what is taken out of it can be repeated in XML.
pub fn saml_reader(data: &[u8]) {
    let params = Params::of_query(b"TARGET=https%3A%2F%2Fapp.univ-x.fr%2F");
    let Ok(request) = SamlRequest::read(&params, data) else {
        return;
    };
    is_ticket(&request.ticket);
    assert!(data.len() <= saml::LONGEST_REQUEST);
    let id = request.id.unwrap_or_default();
    assert!(
        id.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)),
        "{id}"
    );
}

fn is_ticket(ticket: &TicketId) {
    let text = ticket.expose();
    assert!(text.starts_with(ticket.kind().prefix()) && text.len() == ticket.kind().length());
    assert!(
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    );
}

/// Lines: shape, user, a name, its value, another name, its value, the reference of a failure. Whatever
/// they are, the answers are sound, in ASCII, and name the user first and once.
pub fn xml_writer(data: &[u8]) {
    let mut parts = parts(data);
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let shape = next();
    let user = ReleasedUser::new(&next()).or(ReleasedUser::new("anne")).unwrap();
    let attributes: Vec<ReleasedAttribute> = (0..2)
        .map(|_| ReleasedAttribute {
            name: next(),
            values: vec![next(), "x".to_owned()],
            nested: shape.contains('n'),
        })
        .collect();
    let reference = next();
    let place = match shape.bytes().next() {
        Some(b'f') => Place::Flat,
        Some(b'u') => Place::UserAttributes,
        _ => Place::Attributes,
    };
    let technical = (!shape.contains('b')).then_some(Technical {
        authenticated_at: Timestamp(1_795_000_000_000),
        remembered: false,
        from_new_login: true,
    });
    let outcome = Outcome::Success(Box::new(ValidationSuccess {
        user: user.clone(),
        attributes,
        technical,
        proxy_granting_ticket: None,
        proxies: vec![reference.clone()],
        shape: Shape {
            place,
            json_scalars: shape.contains('s'),
        },
    }));
    let elements = elements(&outcome.write(Wire::Xml).body);
    assert_eq!(elements[2], (3, "cas:user".to_owned(), user.as_str().to_owned()));
    let own = |name: &str| elements.iter().filter(|(_, known, _)| known == name).count();
    assert_eq!((own("cas:user"), own("cas:authenticationSuccess")), (1, 1));
    assert_eq!(
        own("cas:authenticationFailure") + own("cas:proxyGrantingTicket"),
        0
    );
    for name in RESERVED_NAMES {
        assert!(own(&format!("cas:{name}")) <= 1, "{name}");
    }
    let json: serde_json::Value = serde_json::from_str(&outcome.write(Wire::Json).body).expect("JSON");
    assert_eq!(
        json["serviceResponse"]["authenticationSuccess"]["user"],
        user.as_str()
    );
    assert_eq!(outcome.write(Wire::Plain).body.lines().count(), 2);
    let failure = Outcome::Failure {
        failure: ValidationFailure::InvalidTicket,
        reference,
    };
    let names: BTreeSet<String> = self::elements(&failure.write(Wire::Xml).body)
        .into_iter()
        .map(|(_, name, _)| name)
        .collect();
    let expected = ["cas:authenticationFailure", "cas:serviceResponse"];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
}

/// Depth, name and text of every element, in order. Fails on what no answer may hold.
pub fn elements(xml: &str) -> Vec<(usize, String, String)> {
    assert!(
        xml.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "one line of ASCII"
    );
    let mut reader = Reader::from_str(xml);
    let (mut found, mut open) = (Vec::<(usize, String, String)>::new(), Vec::new());
    loop {
        let text = match reader.read_event().expect("well-formed") {
            Event::Start(start) => {
                open.push(found.len());
                let name = start.name().0.to_owned();
                found.push((open.len(), name, String::new()));
                continue;
            }
            Event::End(_) => {
                open.pop().expect("an open element");
                continue;
            }
            Event::Text(text) => text.to_string(),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().expect("a number") {
                Some(c) => c.to_string(),
                None => match &*reference {
                    "amp" => "&".to_owned(),
                    "lt" => "<".to_owned(),
                    "gt" => ">".to_owned(),
                    "quot" => "\"".to_owned(),
                    "apos" => "'".to_owned(),
                    other => panic!("unknown entity {other}"),
                },
            },
            Event::Eof => break,
            other => panic!("an answer holds {other:?}"),
        };
        let at = *open.last().expect("text in an element");
        found[at].2.push_str(&text);
    }
    assert!(open.is_empty());
    found
}

/// A text as a ticket of each kind: at most one takes it, as it is; its bucket is one, its name in logs
/// tells nothing of it.
pub fn ticket_decoding(data: &[u8]) {
    static KEYS: OnceLock<KeyRing> = OnceLock::new();
    let keys = KEYS.get_or_init(|| KeyRing::ephemeral(&SeededEntropy::new(1)));
    let text = std::str::from_utf8(data).unwrap_or_default();
    let read: Vec<TicketId> = KINDS
        .iter()
        .filter_map(|kind| TicketId::parse(*kind, text))
        .collect();
    assert!(read.len() <= 1);
    for ticket in &read {
        is_ticket(ticket);
        assert_eq!(ticket.expose(), text);
        assert!(ticket.bucket(keys).number() < BUCKETS);
        let name = ticket.log_name();
        let body = text.trim_start_matches(ticket.kind().prefix());
        assert!(!name.contains(body) && name.len() == ticket.kind().prefix().len() + 8);
        let longer = [text, "a"].concat();
        assert!(KINDS.iter().all(|kind| TicketId::parse(*kind, &longer).is_none()));
        let blank = [" ", text].concat();
        assert!(KINDS.iter().all(|kind| TicketId::parse(*kind, &blank).is_none()));
    }
}
