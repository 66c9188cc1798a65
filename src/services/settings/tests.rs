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
        attributes: ["uid", "mail", "user"].map(str::to_owned).into(),
        profile_attributes: vec!["eduPersonAffiliation".to_owned()],
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

pub fn fields(known: &[KnownRealm], change: impl FnOnce(&mut ServiceSettings)) -> Vec<&'static str> {
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

#[test]
fn what_a_new_rule_gets_wrong_is_told_under_its_own_field() {
    let wrong = |s: &mut ServiceSettings| {
        s.opens = Some("2027-09-08 18:00".into());
        s.closes = Some("soon".into());
        s.sso_max_age = Some(Duration::from_secs(59));
        s.sso_max_idle = Some(Duration::ZERO);
        s.required_any = true;
        s.rejected_attributes.insert(String::new(), Vec::new());
        s.attribute_values = Some("regex".into());
        s.profiles = vec![" ".into()];
        s.released_values.insert("mail".into(), ".*".into());
        s.user = Some("anonymous".into());
        s.user_case = Some("lower".into());
        s.proxy_ticket_lifetime = Some(Duration::ZERO);
        s.granting_ticket_lifetime = Some(Duration::from_secs(1));
        s.logout = Some(Vec::new().into());
    };
    let mut all = fields(&one_realm(), wrong);
    all.sort_unstable();
    let expected = [
        "attribute_values",
        "closes",
        "granting_ticket_lifetime",
        "logout",
        "opens",
        "profiles",
        "proxy_ticket_lifetime",
        "rejected_attributes",
        "released_values",
        "required_any",
        "sso_max_age",
        "sso_max_idle",
        "user",
        "user_case",
    ];
    assert_eq!(all, expected);
    let reversed = |s: &mut ServiceSettings| {
        s.opens = Some("2027-09-08T18:00:00Z".into());
        s.closes = Some("2027-09-08T18:00:00Z".into());
    };
    assert_eq!(fields(&one_realm(), reversed), ["closes"]);
    let untold = |s: &mut ServiceSettings| s.profiles = vec!["student".into()];
    let mut realm = one_realm();
    realm[0].profile_attributes.clear();
    assert_eq!(fields(&realm, untold), ["profiles"]);
    let salted = |s: &mut ServiceSettings| s.user_salt = Some(Secret::new("salt".into()));
    assert_eq!(fields(&one_realm(), salted), ["user_salt_file"]);
    let told = |s: &mut ServiceSettings| {
        s.logout = Some(vec!["service".to_owned(), "http://app.univ-x.fr/".to_owned()].into());
    };
    assert_eq!(fields(&one_realm(), told), ["logout", "logout"]);
}

#[test]
fn patterns_are_read_where_they_are_written_and_say_what_is_wrong() {
    let problem = |change: &dyn Fn(&mut ServiceSettings)| {
        let mut settings = settings();
        change(&mut settings);
        let problems = settings.check(&one_realm()).err().unwrap_or_default();
        problems.iter().map(ToString::to_string).collect::<Vec<String>>()
    };
    let required = problem(&|s| {
        s.attribute_values = Some("pattern".into());
        s.required_attributes
            .insert("memberOf".into(), vec!["cn=(".into(), ".*".into()]);
    });
    assert_eq!(
        required,
        [
            "required_attributes: “cn=(” is no pattern: unclosed group; write one that a whole value must match, as \"cn=moodle-.*\""
        ]
    );
    let released = problem(&|s| {
        s.attributes = vec!["mail".into()];
        s.released_values.insert("mail".into(), "(?!a).*".into());
    });
    assert!(
        matches!(&released[..], [one] if one.starts_with("released_values: “(?!a).*” is no pattern: look-around")),
        "{released:?}"
    );
    let plain = problem(&|s| {
        s.required_attributes
            .insert("memberOf".into(), vec!["cn=(".into()]);
    });
    assert!(plain.is_empty(), "a plain value may look like a broken pattern");
}

#[test]
fn everything_that_is_read_goes_out_but_for_words_of_the_protocol() {
    // CAS-241
    let mut two = realms(&["univ", "lycee"]);
    two[1].attributes = vec!["MAIL".into(), "ENTPersonLogin".into(), "a:b".into()];
    let everything = ServiceSettings {
        attributes: vec!["mail".into(), "a_b".into()],
        renamed_attributes: [("uid".to_owned(), vec!["login".to_owned(), "id".to_owned()].into())].into(),
        all_attributes: true,
        ..settings()
    };
    let service = everything
        .check(&two)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let sent: Vec<(&str, &str)> = service
        .released
        .iter()
        .map(|released| (released.attribute.as_str(), released.sent_as.as_str()))
        .collect();
    // Neither “user”, which the first realm reads, nor “a:b”, whose name in XML is taken.
    assert_eq!(
        sent,
        [
            ("mail", "mail"),
            ("a_b", "a_b"),
            ("uid", "login"),
            ("uid", "id"),
            ("uid", "uid"),
            ("ENTPersonLogin", "ENTPersonLogin"),
        ]
    );
}

#[test]
fn an_anonymous_name_of_a_login_needs_a_single_realm_too() {
    let anonymous = |rule: &'static str| {
        move |s: &mut ServiceSettings| {
            s.user = Some(rule.into());
            s.user_salt = Some(Secret::new("salt".into()));
        }
    };
    let two = realms(&["univ", "lycee"]);
    assert!(fields(&one_realm(), anonymous("anonymous")).is_empty());
    assert_eq!(fields(&two, anonymous("anonymous")), ["user"]);
    assert!(fields(&two, anonymous("anonymous:eduPersonUniqueId")).is_empty());
    assert_eq!(
        fields(&one_realm(), anonymous("anonymous:")),
        ["user", "user_salt_file"]
    );
}
