//! Sound and unsound settings, and the services that other tests build on.

use super::super::service::UserRule;
use super::*;

pub fn one_realm() -> Vec<KnownRealm> {
    realms(&["univ"])
}

pub fn realms(names: &[&str]) -> Vec<KnownRealm> {
    let known = names.iter().map(|name| KnownRealm {
        id: RealmId::new(name).expect("a slug"),
        has_scope: *name != "scopeless",
    });
    known.collect()
}

pub fn settings() -> ServiceSettings {
    ServiceSettings {
        id: "app".into(),
        urls: vec!["https://app.univ-x.fr/**".into()],
        ..ServiceSettings::default()
    }
}

/// A sound service of one realm, but for `change`.
pub fn service(change: impl FnOnce(&mut ServiceSettings)) -> Service {
    let mut settings = settings();
    change(&mut settings);
    settings
        .check(&one_realm())
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn fields(known: &[KnownRealm], change: impl FnOnce(&mut ServiceSettings)) -> Vec<&'static str> {
    let mut settings = settings();
    change(&mut settings);
    let problems = settings.check(known).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.field).collect()
}

#[test]
fn a_plain_user_name_needs_a_single_realm() {
    let two = realms(&["univ", "lycee"]);
    let plain = |settings: &mut ServiceSettings| settings.user = Some("plain".into());
    assert_eq!(fields(&two, plain), ["user"]);
    assert!(fields(&one_realm(), plain).is_empty());
    let shared = settings().check(&two).expect("scoped by default");
    assert_eq!((shared.user, shared.realms.len()), (UserRule::Scoped, 2));
    let bound = |settings: &mut ServiceSettings| {
        settings.user = Some("plain".into());
        settings.realms = vec!["lycee".into(), "lycee".into()];
    };
    assert!(fields(&two, bound).is_empty());
    let scoped = |settings: &mut ServiceSettings| settings.user = Some("scoped".into());
    assert_eq!(fields(&realms(&["scopeless"]), scoped), ["user"]);
}

#[test]
fn names_of_the_protocol_and_names_that_meet_are_refused() {
    // CAS-240, CAS-241
    for name in crate::protocol::response::RESERVED_NAMES {
        assert_eq!(
            fields(&one_realm(), |s| s.attributes = vec![name.into()]),
            ["attributes"],
            "{name}"
        );
        let renamed = |s: &mut ServiceSettings| {
            s.renamed_attributes.insert("uid".into(), name.into());
        };
        assert_eq!(fields(&one_realm(), renamed), ["renamed_attributes"], "{name}");
    }
    let meeting = |s: &mut ServiceSettings| s.attributes = vec!["a:b".into(), "a_b".into()];
    assert_eq!(fields(&one_realm(), meeting), ["attributes"]);
    let mended = |s: &mut ServiceSettings| {
        s.renamed_attributes.insert("user".into(), "person".into());
    };
    assert!(fields(&one_realm(), mended).is_empty());
}

#[test]
fn a_rule_for_any_host_must_be_meant() {
    // CAS-313
    let any = |s: &mut ServiceSettings| s.urls = vec!["https://**/**".into()];
    assert_eq!(fields(&one_realm(), any), ["urls"]);
    let meant = |s: &mut ServiceSettings| {
        s.urls = vec!["https://**/**".into()];
        s.catch_all = true;
    };
    assert!(fields(&one_realm(), meant).is_empty());
}

#[test]
fn all_problems_come_at_once_with_their_fields() {
    let wrong = |s: &mut ServiceSettings| {
        s.id = "No Slug".into();
        s.urls = vec!["app.univ-x.fr".into()];
        s.realms = vec!["nowhere".into()];
    };
    assert_eq!(fields(&one_realm(), wrong), ["id", "urls", "realms"]);
    let wrong = |s: &mut ServiceSettings| {
        s.urls.clear();
        s.required_attributes.insert(" ".into(), Vec::new());
        s.attributes = vec![String::new()];
        s.user = Some("attribute:".into());
        s.user_case = Some("title".into());
        s.ticket_lifetime = Some(Duration::from_secs(301));
        s.logout = Some("javascript:x".into());
        s.logout_by = Some("both".into());
        s.unauthorized_redirect_url = Some("//evil.com".into());
        s.matching = Some("regex".into());
        s.proxy_callbacks = vec!["portal".into()];
        s.proxied_names = vec!["HTTPS://app.univ-x.fr/".into(), "a b".into()];
    };
    let mut all = fields(&one_realm(), wrong);
    all.sort_unstable();
    let mut expected = [
        "required_attributes",
        "attributes",
        "user",
        "user_case",
        "ticket_lifetime",
        "logout",
        "logout_by",
        "unauthorized_redirect_url",
        "matching",
        "proxy_callbacks",
        "proxied_names",
        "proxied_names",
    ];
    expected.sort_unstable();
    assert_eq!(all, expected);
}

#[test]
fn an_https_service_is_not_told_over_http() {
    // CAS-202
    let clear = |s: &mut ServiceSettings| s.logout = Some("http://app.univ-x.fr/slo".into());
    assert_eq!(fields(&one_realm(), clear), ["logout"]);
}

#[test]
fn callbacks_are_https_on_known_hosts_and_without_any_nobody_proxies() {
    // CAS-162, CAS-163
    for wrong in [
        "http://app.univ-x.fr/**",
        "http(s)://app.univ-x.fr/**",
        "https://**/**",
        "https://*.fr/**",
        "app.univ-x.fr",
    ] {
        let callbacks = |s: &mut ServiceSettings| {
            s.proxy_callbacks = vec![wrong.into()];
            s.catch_all = true;
        };
        assert_eq!(fields(&one_realm(), callbacks), ["proxy_callbacks"], "{wrong}");
    }
    assert!(service(|_| {}).proxy_callbacks.is_empty());
}

#[test]
fn a_service_may_be_known_by_a_name_that_is_no_web_address() {
    // CAS-99
    let mail = service(|s| {
        s.urls.clear();
        s.proxied_names = vec!["imap://mail.univ-x.fr".into()];
    });
    assert_eq!(mail.proxied_names, ["imap://mail.univ-x.fr"]);
    assert_eq!(fields(&one_realm(), |s| s.urls.clear()), ["urls"]);
    for wrong in [
        "",
        "https://app.univ-x.fr/",
        "HTTP:x",
        "imap://mail univ",
        "imap://é",
    ] {
        let named = |s: &mut ServiceSettings| s.proxied_names = vec![wrong.into()];
        assert_eq!(fields(&one_realm(), named), ["proxied_names"], "{wrong}");
    }
}
