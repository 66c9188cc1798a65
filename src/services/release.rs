//! What a service learns about a person: the user name and the attributes of its registration, and
//! nothing else. Values come from the account record, where binary ones are already base64.

use data_encoding::{BASE32_NOPAD, BASE64};

use super::derived::{made_of, tells_establishment, values_of};
use super::service::{Service, UserCase, UserRule};
use super::styles::coded;
use crate::base::keys::{KeyRing, Purpose};
use crate::base::names::AccountId;
use crate::base::secret::Secret;
use crate::base::uai::Uai;
use crate::protocol::response::ReleasedUser;

/// What is known of a person whose user name is wanted.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    pub account: &'a AccountId,
    /// The canonical login, from the entry.
    pub login: &'a str,
    /// The scope of the person's realm.
    pub scope: Option<&'a str>,
    /// The institution under which the person signed in, and its UAI code.
    pub membership: Option<&'a str>,
    pub uai: Option<Uai>,
    pub attributes: &'a [(String, Vec<String>)],
    pub keys: &'a KeyRing,
    /// What the ticket is for: the URL as it asked for one, or a name.
    pub visited: &'a str,
}

/// Why there is no user name: the person is refused, never known by another name (CAS-248).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoUserName {
    #[error("the person has no value for {0}, the service's user name")]
    Missing(String),
    #[error("the person has several values for {0}, which must name one user")]
    Several(String),
    #[error("the realm has no scope")]
    NoScope,
    #[error("the user name holds characters that no client can be sent")]
    Unprintable,
}

impl Service {
    /// The name by which this service knows the person.
    pub fn user_for(&self, person: &Release<'_>) -> Result<ReleasedUser, NoUserName> {
        let name = match &self.user {
            UserRule::PlainLogin => person.login.to_owned(),
            UserRule::Scoped => format!("{}@{}", person.login, person.scope.ok_or(NoUserName::NoScope)?),
            UserRule::Attribute(name) => only_value(name, person)?,
            UserRule::Opaque => self.opaque_name(person),
            UserRule::Anonymous(None) => self.anonymous_name(person, person.login),
            UserRule::Anonymous(Some(name)) => self.anonymous_name(person, &only_value(name, person)?),
        };
        let name = match self.user_case {
            UserCase::AsIs => name,
            UserCase::Lower => name.to_lowercase(),
            UserCase::Upper => name.to_uppercase(),
        };
        ReleasedUser::new(&name).ok_or(NoUserName::Unprintable)
    }

    /// The attributes that go out, in the order of the registration, under the service's names,
    /// with their values in the directory's order (CAS-236), as many and in the words that it can
    /// read. What is not registered stays.
    pub fn release(&self, person: &Release<'_>) -> Vec<(String, Vec<String>)> {
        let released = self.released.iter().map(|released| {
            let mut values = values_of(&released.attribute, person);
            if let Some(only) = &released.only {
                values.retain(|value| only.matches(value));
            }
            let values = match self.value_codes.get(&released.sent_as) {
                Some(codes) => coded(values, codes),
                None => values,
            };
            (released.sent_as.clone(), self.several.of(values))
        });
        released
            .filter(|(_, values): &(String, Vec<String>)| !values.is_empty())
            .collect()
    }

    /// Whether the values of what is sent as `name` stand in one element.
    pub fn nests(&self, name: &str) -> bool {
        self.nested.iter().any(|nested| nested == name)
    }

    /// Every attribute this service's decisions and answers need, as configured.
    pub fn wanted_attributes(&self) -> impl Iterator<Item = &str> {
        let released = self.released.iter().map(|released| released.attribute.as_str());
        let named = released.chain(self.decided_by()).chain(self.user.made_of());
        named.flat_map(|name| std::iter::once(name).chain(made_of(name)))
    }

    /// Whether the code of the person's institution has a say in what goes out.
    pub fn tells_establishment(&self) -> bool {
        let by_name = self.user.made_of().is_some_and(tells_establishment);
        let mut released = self.released.iter();
        by_name || released.any(|released| tells_establishment(&released.attribute))
    }

    /// The persistent id of Shibboleth, as Apereo makes it: SHA-1 over the service, the person and a
    /// salt, so that an application that was registered there knows its people again. Weak by today's
    /// measure: the salt is all that hides the login.
    fn anonymous_name(&self, person: &Release<'_>, named: &str) -> String {
        let salt = self.user_salt.as_ref().map_or("", Secret::expose);
        let text = [without_session(person.visited).as_str(), named, salt].join("!");
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        BASE64.encode(digest.as_ref())
    }

    /// 160 bits and more that stay the same as long as the oldest key of the ring is kept.
    fn opaque_name(&self, person: &Release<'_>) -> String {
        let parts = [
            self.id.as_str(),
            person.account.realm.as_str(),
            &person.account.person.0,
        ];
        let name = person.keys.pseudonym(Purpose::Opaque, &parts.map(str::as_bytes));
        BASE32_NOPAD.encode(&name).to_ascii_lowercase()
    }
}

impl UserRule {
    /// The attribute that the name is made of.
    fn made_of(&self) -> Option<&str> {
        match self {
            UserRule::Attribute(name) | UserRule::Anonymous(Some(name)) => Some(name),
            UserRule::PlainLogin | UserRule::Scoped | UserRule::Opaque | UserRule::Anonymous(None) => None,
        }
    }
}

/// A URL as Apereo names its service: without what Java's containers add to paths.
fn without_session(url: &str) -> String {
    let Some((before, rest)) = url.split_once(";jsession") else {
        return url.to_owned();
    };
    match rest.split_once('?') {
        Some((_, query)) if !before.contains('?') => format!("{before}?{query}"),
        _ => before.to_owned(),
    }
}

/// Values that are worth sending (CAS-242).
pub(super) fn values<'a>(
    name: &str,
    attributes: &'a [(String, Vec<String>)],
) -> impl Iterator<Item = &'a String> {
    let named = attributes
        .iter()
        .filter(move |(known, _)| known.eq_ignore_ascii_case(name));
    named
        .flat_map(|(_, values)| values)
        .filter(|value| !value.trim().is_empty())
}

fn only_value(name: &str, person: &Release<'_>) -> Result<String, NoUserName> {
    let mut values = values_of(name, person).into_iter();
    match (values.next(), values.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(NoUserName::Missing(name.to_owned())),
        (Some(_), Some(_)) => Err(NoUserName::Several(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::ServiceSettings;
    use super::super::settings::tests::service;
    use super::*;
    use crate::base::entropy::SeededEntropy;
    use crate::base::names::{PersonKey, RealmId};

    fn attributes(all: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let owned = all.iter().map(|(name, values)| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            ((*name).to_owned(), values)
        });
        owned.collect()
    }

    struct Person {
        account: AccountId,
        keys: KeyRing,
    }

    fn person(realm: &str, key: &str) -> Person {
        let realm = RealmId::new(realm).expect("a slug");
        Person {
            account: AccountId {
                realm,
                person: PersonKey(key.into()),
            },
            keys: KeyRing::ephemeral(&SeededEntropy::new(1)),
        }
    }

    impl Person {
        fn known<'a>(&'a self, login: &'a str, attributes: &'a [(String, Vec<String>)]) -> Release<'a> {
            Release {
                account: &self.account,
                login,
                scope: Some("univ-x.fr"),
                membership: Some("annexe"),
                uai: Uai::new("0751717J"),
                attributes,
                keys: &self.keys,
                visited: "https://app.univ-x.fr/in?a=b",
            }
        }
    }

    fn user_rule(rule: &str) -> impl FnOnce(&mut ServiceSettings) {
        move |settings| settings.user = Some(rule.to_owned())
    }

    fn named(service: &Service, release: &Release<'_>) -> Result<String, NoUserName> {
        service.user_for(release).map(|user| user.as_str().to_owned())
    }

    #[test]
    fn the_user_name_follows_the_services_rule() {
        // CAS-248
        let anne = person("univ", "k1");
        let has_mail = attributes(&[("MAIL", &["Anne@x.fr"])]);
        let release = anne.known("anne", &has_mail);
        for (rule, name) in [
            ("plain", "anne"),
            ("scoped", "anne@univ-x.fr"),
            ("attribute:mail", "Anne@x.fr"),
        ] {
            assert_eq!(
                named(&service(user_rule(rule)), &release),
                Ok(name.to_owned()),
                "{rule}"
            );
        }
        let lower = service(|settings| {
            settings.user = Some("attribute:mail".into());
            settings.user_case = Some("lower".into());
        });
        assert_eq!(named(&lower, &release), Ok("anne@x.fr".into()));
    }

    #[test]
    fn a_missing_or_unclear_user_name_refuses_and_never_falls_back() {
        // CAS-248, CAS-130
        let anne = person("univ", "k1");
        let by_mail = service(user_rule("attribute:mail"));
        for (values, refusal) in [
            (&[][..], NoUserName::Missing("mail".into())),
            (&["", " "], NoUserName::Missing("mail".into())),
            (&["a@x", "b@x"], NoUserName::Several("mail".into())),
            (&["a\nb"], NoUserName::Unprintable),
            (&["a\0"], NoUserName::Unprintable),
        ] {
            let has = attributes(&[("mail", values), ("uid", &["anne"])]);
            assert_eq!(named(&by_mail, &anne.known("anne", &has)), Err(refusal));
        }
        let scoped = service(user_rule("scoped"));
        let without_scope = Release {
            scope: None,
            ..anne.known("anne", &[])
        };
        assert_eq!(named(&scoped, &without_scope), Err(NoUserName::NoScope));
    }

    #[test]
    fn an_opaque_name_is_one_for_service_and_person_and_another_elsewhere() {
        // CAS-248
        let opaque = service(user_rule("opaque"));
        let other_service = service(|settings| {
            settings.id = "other".into();
            settings.user = Some("opaque".into());
        });
        let anne = person("univ", "k1");
        let name = named(&opaque, &anne.known("anne", &[])).expect("a name");
        assert_eq!(named(&opaque, &anne.known("renamed", &[])), Ok(name.clone()));
        assert!(name.len() == 52 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert_ne!(named(&other_service, &anne.known("anne", &[])), Ok(name.clone()));
        assert_ne!(
            named(&opaque, &person("univ", "k2").known("anne", &[])),
            Ok(name.clone())
        );
        assert_ne!(
            named(&opaque, &person("lycee", "k1").known("anne", &[])),
            Ok(name)
        );
    }

    #[test]
    fn what_is_registered_goes_out_in_order_and_nothing_else() {
        // CAS-236, CAS-239, CAS-242, CAS-244
        let anne = person("univ", "k1");
        let moodle = service(|settings| {
            settings.attributes = vec!["sn".into(), "mail".into(), "absent".into(), "memberOf".into()];
            settings
                .renamed_attributes
                .insert("supannEtuId".into(), "studentNumber".into());
        });
        let has = attributes(&[
            ("Mail", &["b@x", "", "a@x"]),
            ("sn", &["Martin"]),
            ("supannEtuId", &["42"]),
            ("memberOf", &["cn=a\\,b,dc=x"]),
            ("userPassword", &["secret"]),
            ("absent", &[" "]),
        ]);
        assert_eq!(
            moodle.release(&anne.known("anne", &has)),
            attributes(&[
                ("sn", &["Martin"]),
                ("mail", &["b@x", "a@x"]),
                ("memberOf", &["cn=a\\,b,dc=x"]),
                ("studentNumber", &["42"]),
            ])
        );
        assert!(service(|_| {}).release(&anne.known("anne", &has)).is_empty());
    }

    #[test]
    fn one_attribute_goes_out_under_several_names_and_with_the_values_that_match() {
        // CAS-236
        let anne = person("univ", "k1");
        let moodle = service(|settings| {
            settings.attributes = vec!["mail".into(), "memberOf".into()];
            settings.renamed_attributes.insert(
                "supannEtuId".into(),
                vec!["id".to_owned(), "number".to_owned()].into(),
            );
            settings
                .released_values
                .insert("MEMBEROF".into(), "cn=moodle-.*".into());
            settings.released_values.insert("*".into(), "[^@]*|.*@x".into());
        });
        let has = attributes(&[
            ("mail", &["a@y", "b@x"]),
            ("memberOf", &["cn=admins", "cn=moodle-a", "cn=moodle-b@y"]),
            ("supannEtuId", &["42"]),
        ]);
        assert_eq!(
            moodle.release(&anne.known("anne", &has)),
            attributes(&[
                ("mail", &["b@x"]),
                ("memberOf", &["cn=moodle-a", "cn=moodle-b@y"]),
                ("id", &["42"]),
                ("number", &["42"]),
            ])
        );
        let none = attributes(&[("mail", &["a@y"])]);
        assert!(moodle.release(&anne.known("anne", &none)).is_empty());
    }

    #[test]
    fn an_imported_service_knows_its_people_by_the_names_it_knew() {
        // CAS-248
        let anne = person("univ", "k1");
        let anonymous = |rule: &str| {
            service(|settings| {
                settings.user = Some(rule.into());
                settings.user_salt = Some(Secret::new("scottssalt".into()));
            })
        };
        let has = attributes(&[("supannEtuId", &["42"])]);
        let known = anne.known("anne", &has);
        // By another SHA-1: printf '%s' URL!anne!scottssalt | openssl sha1 -binary | base64
        let by_login = named(&anonymous("anonymous"), &known);
        assert_eq!(by_login, Ok("9lvudNergwpdk0HMGE4dhadsZnA=".into()));
        let by_number = named(&anonymous("anonymous:supannEtuId"), &known);
        assert_eq!(by_number, Ok("0u4GHwzMpec2awsRYTbeZhASL8g=".into()));
        for same in [
            "https://app.univ-x.fr/in;jsessionid=A1?a=b",
            "https://app.univ-x.fr/in?a=b;jsessionid=A1",
        ] {
            let known = Release {
                visited: same,
                ..known
            };
            assert_eq!(named(&anonymous("anonymous"), &known), by_login, "{same}");
        }
        let other = Release {
            visited: "https://app.univ-x.fr/",
            ..known
        };
        assert_ne!(named(&anonymous("anonymous"), &other), by_login);
        assert_eq!(
            named(&anonymous("anonymous:mail"), &known),
            Err(NoUserName::Missing("mail".into()))
        );
    }

    #[test]
    fn what_two_realms_must_not_share_goes_out_scoped() {
        // CAS-341, T-90
        let names = [
            "eduPersonPrincipalName",
            "eduPersonScopedAffiliation",
            "eduPersonUniqueId",
            "schacHomeOrganization",
            "supannEtablissement",
            "mereauRealm",
            "mereauMembership",
        ];
        let asking = service(|settings| settings.attributes = names.map(str::to_owned).into());
        assert!(
            asking
                .wanted_attributes()
                .any(|name| name == "eduPersonAffiliation")
        );
        let has = attributes(&[
            ("eduPersonAffiliation", &["student", "member"]),
            ("mereauRealm", &["another"]),
        ]);
        let anne = person("univ", "k1");
        let sent = asking.release(&anne.known("anne", &has));
        let of = |wanted: &str| -> Vec<String> {
            let found = sent.iter().find(|(name, _)| name == wanted);
            found.map(|(_, values)| values.clone()).unwrap_or_default()
        };
        assert_eq!(of("eduPersonPrincipalName"), ["anne@univ-x.fr"]);
        assert_eq!(
            of("eduPersonScopedAffiliation"),
            ["student@univ-x.fr", "member@univ-x.fr"]
        );
        assert_eq!(of("schacHomeOrganization"), ["univ-x.fr"]);
        assert_eq!(of("supannEtablissement"), ["{UAI}0751717J"]);
        assert_eq!(of("mereauRealm"), ["univ"]);
        assert_eq!(of("mereauMembership"), ["annexe"]);
        let unique = of("eduPersonUniqueId").remove(0);
        let (name, scope) = unique.split_once('@').expect("a scope");
        assert!(name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(scope, "univ-x.fr");
        let other = asking.release(&person("lycee", "k1").known("anne", &has));
        assert!(other.iter().all(|(_, values)| *values != [unique.clone()]));
    }

    #[test]
    fn what_the_directory_says_is_sent_scoped_where_it_is_bare() {
        let asking = service(|settings| {
            settings.attributes = vec!["eduPersonPrincipalName".into(), "supannEtablissement".into()];
        });
        let has = attributes(&[
            ("eduPersonPrincipalName", &["anne", "anne@elsewhere.fr"]),
            ("supannEtablissement", &["{UAI}0911028Y"]),
        ]);
        let anne = person("univ", "k1");
        let known = anne.known("anne", &has);
        assert_eq!(
            asking.release(&known),
            attributes(&[
                ("eduPersonPrincipalName", &["anne@univ-x.fr", "anne@elsewhere.fr"]),
                ("supannEtablissement", &["{UAI}0911028Y"]),
            ])
        );
        let without_scope = Release {
            scope: None,
            uai: None,
            ..known
        };
        assert_eq!(
            asking.release(&without_scope),
            attributes(&[
                ("eduPersonPrincipalName", &["anne@elsewhere.fr"]),
                ("supannEtablissement", &["{UAI}0911028Y"]),
            ])
        );
    }
}
