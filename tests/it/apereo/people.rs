//! Three people of one university, and what a service is told of them: the same people as in
//! tests/fixtures/apereo/make.py.

use std::collections::BTreeMap;

use mereau::base::clock::Timestamp;
use mereau::base::entropy::SeededEntropy;
use mereau::base::keys::KeyRing;
use mereau::base::names::{AccountId, PersonKey, RealmId};
use mereau::protocol::service_url::ServiceUrl;
use mereau::services::{Access, KnownRealm, Registry, Release};

type Known = Vec<(String, Vec<String>)>;

/// What a person is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Denied,
    /// The user name, and attributes by name with their values in order.
    Told(String, BTreeMap<String, Vec<String>>),
}

pub fn realm() -> RealmId {
    RealmId::new("univ").unwrap()
}

pub fn known_realm() -> KnownRealm {
    let names = ["anne", "bruno", "chloe"].iter().flat_map(|login| known(login));
    let mut attributes: Vec<String> = names.map(|(name, _)| name).collect();
    attributes.sort();
    attributes.dedup();
    KnownRealm {
        id: realm(),
        has_scope: true,
        attributes,
        profile_attributes: Vec::new(),
    }
}

pub fn known(login: &str) -> Known {
    let text = match login {
        "anne" => {
            "uid=anne;mail=anne@univ-x.fr;displayName=Anne Martin;sn=Martin;givenName=Anne;\
             eduPersonAffiliation=student|member;eduPersonPrimaryAffiliation=student;supannEtuId=20210001;\
             supannEtablissement={UAI}0350936C;memberOf=cn=etudiants,ou=groups|cn=biblio,ou=groups;\
             supannEntiteAffectation=L3INFO"
        }
        "bruno" => {
            "uid=bruno;mail=Bruno.Le-Goff@univ-x.fr;displayName=Bruno Le Goff;sn=Le Goff;givenName=Bruno;\
             eduPersonAffiliation=employee|faculty|member;eduPersonPrimaryAffiliation=faculty;supannEmpId=4242;\
             supannEtablissement={UAI}0350936C|{UAI}0352440M;\
             memberOf=cn=enseignants,ou=groups|cn=biblio,ou=groups;supannEntiteAffectation=IUTR|L3INFO"
        }
        _ => {
            "uid=chloe;displayName=Chloé Petit;sn=Petit;givenName=Chloé;eduPersonAffiliation=affiliate;\
             eduPersonPrimaryAffiliation=affiliate;memberOf=cn=invites,ou=groups"
        }
    };
    attributes(text).into_iter().collect()
}

/// `name=value|value;name=value`.
pub fn attributes(text: &str) -> BTreeMap<String, Vec<String>> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, values)| (name.to_owned(), values.split('|').map(str::to_owned).collect()))
        .collect()
}

pub fn answer(registry: &Registry, url: &str, login: &str, now: jiff::Timestamp) -> Answer {
    let Some(parsed) = ServiceUrl::parse(url).ok() else {
        return Answer::Denied;
    };
    let Some(service) = registry.find(&parsed) else {
        return Answer::Denied;
    };
    let known = known(login);
    let now = Timestamp(u64::try_from(now.as_millisecond()).unwrap());
    if service.access(&realm(), &known, now) != Access::Granted {
        return Answer::Denied;
    }
    let account = AccountId {
        realm: realm(),
        person: PersonKey(login.into()),
    };
    let keys = KeyRing::ephemeral(&SeededEntropy::new(1));
    let release = Release {
        account: &account,
        login,
        scope: Some("univ-x.fr"),
        membership: None,
        uai: None,
        attributes: &known,
        keys: &keys,
        visited: url,
    };
    match service.user_for(&release) {
        Ok(user) => Answer::Told(
            user.as_str().to_owned(),
            service.release(&release).into_iter().collect(),
        ),
        Err(_) => Answer::Denied,
    }
}
