//! Single definitions: what of each policy is carried, what closes a service, what only deserves a
//! look.

use std::fs;

use mereau::services::ServiceSettings;
use mereau::services::apereo::{Imported, Weight, to_toml};
use tempfile::TempDir;

use super::import;

const S: &str = "org.apereo.cas.services.";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A definition with these fields beside class, address, name and number.
fn with(fields: &str) -> Imported {
    let text = format!(
        "{{\n@class: {S}CasRegisteredService\nserviceId: \"^https://app\\\\.univ-x\\\\.fr/.*\"\nname: app\nid: 7\n{fields}\n}}"
    );
    import(folder(&[("app-7.json", &text)]).path())
}

fn settings(imported: &Imported) -> &ServiceSettings {
    assert_eq!(imported.services.len(), 1, "{:?}", imported.remarks);
    &imported.services[0].settings
}

fn told(imported: &Imported, weight: Weight) -> Vec<String> {
    let remarks = imported.remarks.iter().filter(|remark| remark.weight == weight);
    remarks.map(ToString::to_string).collect()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one policy after the other")]
fn every_policy_that_has_a_counterpart_is_carried() {
    // CAS-249
    let imported = with(&format!(
        "logoutType: NONE
         responseType: HEADER
         redirectUrl: https://portail.univ-x.fr/retour
         evaluationOrder: 30
         accessStrategy: {{ @class: {S}DefaultRegisteredServiceAccessStrategy
           ssoEnabled: false
           unauthorizedRedirectUrl: https://www.univ-x.fr/non
           rejectedAttributes: {{ etat: [ '^ferme$' ] }}
           }}
         usernameAttributeProvider: {{ @class: {S}PrincipalAttributeRegisteredServiceUsernameProvider
           usernameAttribute: mail
           canonicalizationMode: LOWER
           }}
         serviceTicketExpirationPolicy: {{ @class: {S}DefaultRegisteredServiceServiceTicketExpirationPolicy
           numberOfUses: 1
           timeToLive: PT15S
           }}
         proxyTicketExpirationPolicy: {{ @class: {S}DefaultRegisteredServiceProxyTicketExpirationPolicy
           timeToLive: 20
           }}
         proxyGrantingTicketExpirationPolicy: {{ @class: {S}DefaultRegisteredServiceProxyGrantingTicketExpirationPolicy
           maxTimeToLiveInSeconds: 120
           }}
         singleSignOnParticipationPolicy: {{ @class: {S}ChainingRegisteredServiceSingleSignOnParticipationPolicy
           policies: [ 'java.util.ArrayList'
             [ {{ @class: {S}LastUsedTimeRegisteredServiceSingleSignOnParticipationPolicy
                 timeUnit: MINUTES
                 timeValue: 5
           }} ] ] }}
         proxyPolicy: {{ @class: {S}RegexMatchingRegisteredServiceProxyPolicy
           pattern: ^https://portail\\.univ-x\\.fr/pgt
           }}"
    ));
    let settings = settings(&imported);
    assert!(told(&imported, Weight::Closed).is_empty() && told(&imported, Weight::LeftOut).is_empty());
    assert_eq!(settings.id, "app-7");
    assert_eq!(settings.urls, ["https://app.univ-x.fr/**"]);
    assert!(settings.enabled && !settings.sso_enabled);
    assert_eq!(settings.user.as_deref(), Some("attribute:mail"));
    assert_eq!(settings.user_case.as_deref(), Some("lower"));
    assert_eq!(settings.response.as_deref(), Some("header"));
    assert_eq!(
        settings.logout.as_ref().map(|logout| logout.0.clone()),
        Some(vec!["off".into()])
    );
    assert_eq!(
        settings.redirect_url.as_deref(),
        Some("https://portail.univ-x.fr/retour")
    );
    assert_eq!(
        settings.unauthorized_redirect_url.as_deref(),
        Some("https://www.univ-x.fr/non")
    );
    assert_eq!(settings.rejected_attributes["etat"], ["^ferme$"]);
    let seconds = [
        settings.ticket_lifetime,
        settings.proxy_ticket_lifetime,
        settings.granting_ticket_lifetime,
        settings.sso_max_idle,
    ]
    .map(|span| span.map(|span| span.as_secs()));
    assert_eq!(seconds, [Some(15), Some(20), Some(120), Some(300)]);
    let service = settings.check(&[]).unwrap();
    let takes =
        |url: &str| service.takes_callback(&mereau::protocol::service_url::ServiceUrl::parse(url).unwrap());
    assert!(takes("https://portail.univ-x.fr/pgtCallback?x") && !takes("https://portail.univ-x.fr/"));
    assert!(!takes("https://portail.univ-x.fr.evil.com/pgt") && !takes("http://portail.univ-x.fr/pgt"));
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table of what is closed")]
fn a_restriction_that_cannot_be_carried_closes_the_service() {
    // CAS-249
    for (fields, line) in [
        (
            format!("accessStrategy: {{@class: \"{S}GroovyRegisteredServiceAccessStrategy\"}}"),
            6,
        ),
        (
            format!(
                "\naccessStrategy: {{@class: \"{S}RemoteEndpointServiceAccessStrategy\", endpointUrl: \"https://x.fr\"}}"
            ),
            7,
        ),
        (
            "accessStrategy: {@class: \"fr.x.MaisonAccessStrategy\"}".into(),
            6,
        ),
        (
            "accessStrategy: {requiredAttributes: {a: [\"(?!b).*\"]}}".into(),
            6,
        ),
        (
            "accessStrategy: {requiredAttributes: {a: [\"groovy { return ['x'] }\"]}}".into(),
            6,
        ),
        (
            "accessStrategy: {rejectedAttributes: {a: [\"1\"], b: [\"2\"]}}".into(),
            6,
        ),
        (
            "accessStrategy: {activationCriteria: {@class: \"x.y.GroovyCriteria\", script: \"s\"}}".into(),
            6,
        ),
        (
            format!(
                "accessStrategy: {{@class: \"{S}TimeBasedRegisteredServiceAccessStrategy\", endingDateTime: \"bientôt\"}}"
            ),
            6,
        ),
        ("expirationPolicy: {expirationDate: \"jamais\"}".into(), 6),
        (
            format!("attributeReleasePolicy: {{@class: \"{S}ReturnRestfulAttributeReleasePolicy\"}}"),
            6,
        ),
        (
            format!(
                "attributeReleasePolicy: {{@class: \"{S}ScriptedRegisteredServiceAttributeReleasePolicy\"}}"
            ),
            6,
        ),
        (
            format!(
                "attributeReleasePolicy: {{@class: \"{S}ReturnAllAttributeReleasePolicy\", excludedAttributes: [\"mail\"]}}"
            ),
            6,
        ),
        (
            "attributeReleasePolicy: {consentPolicy: {status: \"TRUE\"}}".into(),
            6,
        ),
        (
            format!(
                "attributeReleasePolicy: {{attributeFilter: {{@class: \"{S}support.RegisteredServiceScriptedAttributeFilter\"}}}}"
            ),
            6,
        ),
        (
            format!("usernameAttributeProvider: {{@class: \"{S}GroovyRegisteredServiceUsernameProvider\"}}"),
            6,
        ),
        (
            format!(
                "usernameAttributeProvider: {{@class: \"{S}AnonymousRegisteredServiceUsernameAttributeProvider\"}}"
            ),
            6,
        ),
        ("usernameAttributeProvider: {encryptUsername: true}".into(), 6),
        (
            "multifactorPolicy: {multifactorAuthenticationProviders: [\"mfa-webauthn\"]}".into(),
            6,
        ),
        (
            "authenticationPolicy: {excludedAuthenticationHandlers: [\"Etudiants\"]}".into(),
            6,
        ),
        ("environments: [\"production\"]".into(), 6),
        (
            format!("matchingStrategy: {{@class: \"{S}GroovyMatchingStrategy\"}}"),
            3,
        ),
    ] {
        let imported = with(&fields);
        let closed = told(&imported, Weight::Closed);
        assert!(!settings(&imported).enabled, "{fields}: {:?}", imported.remarks);
        assert!(
            closed
                .iter()
                .any(|told| told.starts_with(&format!("app-7.json:{line}: "))),
            "{fields}: {closed:?}"
        );
        // Its addresses stay its own, so that no wider service gives tickets for them.
        assert_eq!(settings(&imported).urls, ["https://app.univ-x.fr/**"], "{fields}");
    }
}

#[test]
fn a_field_that_cannot_be_carried_is_told_and_closes_nothing() {
    // CAS-249
    for field in [
        "theme: bleu",
        "champ: 1",
        "supportedProtocols: [\"CAS30\"]",
        "logoutType: FRONT_CHANNEL",
        "logoutUrl: \"javascript:x\"",
        "redirectUrl: \"//x\"",
        "publicKey: {location: \"file:x\"}",
        "acceptableUsagePolicy: {text: \"La charte\"}",
        "properties: {p: {values: [\"v\"]}}",
        "proxyPolicy: {@class: \"x.y.RestfulRegisteredServiceProxyPolicy\", endpoint: \"https://x\"}",
        "ticketGrantingTicketExpirationPolicy: {maxTimeToLiveInSeconds: 60}",
        "serviceTicketExpirationPolicy: {numberOfUses: 2, timeToLive: 900}",
        "attributeReleasePolicy: {authorizedToReleaseCredentialPassword: true}",
        "attributeReleasePolicy: {allowedAttributes: [\"groovy { x }\", \"user\", \"mail\"]}",
    ] {
        let imported = with(field);
        assert!(settings(&imported).enabled, "{field}: {:?}", imported.remarks);
        assert!(
            !told(&imported, Weight::LeftOut).is_empty(),
            "{field}: {:?}",
            imported.remarks
        );
        assert!(imported.loses());
    }
    assert!(!with("description: rien").loses());
}

#[test]
fn addresses_that_let_strangers_in_are_told_loudly() {
    // CAS-252, CAS-253
    for (id, told_of) in [
        ("^(https|imaps)://.*", "catch-all"),
        ("^https?://.*", "catch-all"),
        (".*", "catch-all"),
        ("^https://app.univ-x.fr/.*", "unescaped dot"),
        (r"^https://app\\.univ-x\\.fr.*", "unanchored"),
        (r"https://.*univ-x\\.fr/.*", "evil-univ.fr"),
        (r".*\\.univ-x\\.fr/.*", "neither http nor https"),
    ] {
        let text = format!(
            "{{\"@class\": \"{S}RegexRegisteredService\",\n\n\"serviceId\": \"{id}\", \"name\": \"x\", \"id\": 1}}"
        );
        let imported = import(folder(&[("x-1.json", &text)]).path());
        let looks = told(&imported, Weight::Look);
        assert!(
            looks
                .iter()
                .any(|look| look.starts_with("x-1.json:3: serviceId: ") && look.contains(told_of)),
            "{id}: {looks:?}"
        );
        assert!(settings(&imported).check(&[]).is_ok());
    }
}

#[test]
fn one_number_for_two_definitions_closes_the_second() {
    // CAS-251
    let one = |name: &str, id: u32| {
        format!(
            "{{\"@class\": \"{S}CasRegisteredService\", \"serviceId\": \"^https://{name}\\\\.x\\\\.fr/.*\", \"name\": \"{name}\", \"id\": {id}}}"
        )
    };
    let imported = import(
        folder(&[
            ("a-5.json", &one("a", 5)),
            ("b-5.json", &one("b", 5)),
            ("c-6.json", &one("c", 6)),
        ])
        .path(),
    );
    let closed: Vec<&str> = imported
        .services
        .iter()
        .filter(|service| !service.settings.enabled)
        .map(|service| service.settings.id.as_str())
        .collect();
    assert_eq!(closed, ["b-5"]);
    assert_eq!(told(&imported, Weight::Closed).len(), 1);
}

#[test]
fn services_are_asked_in_apereos_order() {
    // CAS-257
    let definition = |order: i32, name: &str, id: u32, path: &str| {
        format!(
            "{{\"@class\": \"{S}CasRegisteredService\", \"serviceId\": \"^https://x\\\\.fr/{path}.*\", \"name\": \"{name}\", \"id\": {id}, \"evaluationOrder\": {order}}}"
        )
    };
    let imported = import(
        folder(&[
            ("f1-1.json", &definition(10, "z", 1, "")),
            ("f2-2.json", &definition(-1, "y", 2, "")),
            ("f3-3.json", &definition(0, "beta", 3, "")),
            ("f4-4.json", &definition(0, "Alpha", 4, "")),
            ("f5-5.json", &definition(0, "alpha", 5, "a")),
            ("f6-6.json", &definition(0, "ALPHA", 6, "a")),
        ])
        .path(),
    );
    let order: Vec<&str> = imported
        .services
        .iter()
        .map(|service| service.settings.id.as_str())
        .collect();
    // Order, name in small letters, serviceId, id: ".*" comes before "a.*".
    assert_eq!(order, ["y-2", "alpha-4", "alpha-5", "alpha-6", "beta-3", "z-1"]);
    let numbers: Vec<Option<i32>> = imported
        .services
        .iter()
        .map(|service| service.settings.order)
        .collect();
    assert_eq!(numbers, (1..=6).map(Some).collect::<Vec<_>>());
}

#[test]
fn comments_in_written_files_cannot_become_settings() {
    let imported = with("description: \"x\\nenabled = false\\r\\u0007\"\naccessStrategy: {enabled: true}");
    let text = to_toml(&imported.services[0], imported.remarks.iter(), None);
    assert!(!text.lines().any(|line| line.starts_with("enabled")), "{text}");
    assert!(text.parse::<toml::Table>().is_ok(), "{text}");
}
